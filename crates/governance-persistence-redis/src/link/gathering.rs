//! What is ready to be sent at one moment goes out together.
//!
//! The client library writes to its socket as soon as it finds that no more commands wait, and it looks when the first
//! one has come. Of many callers whom one packet of replies woke, each would have a write to the socket of its own, and
//! a server that syncs its file would sync for the first of them alone. So the first one waits until the others of
//! that moment have come, and then hands in what all of them have. Replies go to whoever waits for them.

use futures_util::future::BoxFuture;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What waits to be handed in.
pub(super) struct Gathering<T> {
    waiting: Mutex<Vec<Arc<Mutex<Order<T>>>>>,
}

/// A command, to be sent by the first poll of what waits for its reply.
struct Order<T> {
    /// None: nobody waits for it any more.
    reply: Option<BoxFuture<'static, T>>,
    /// Of who waits for it.
    waker: Waker,
    is_sent: bool,
    /// A reply that was there at once.
    early: Option<T>,
}

impl<T> Default for Gathering<T> {
    fn default() -> Self {
        Self { waiting: Mutex::default() }
    }
}

impl<T: Send> Gathering<T> {
    /// Has the command sent with all that are ready at this moment, and waits for its reply. Dropped before, it is
    /// not sent.
    pub(super) async fn send(&self, reply: BoxFuture<'static, T>) -> T {
        let waker = poll_fn(|context| Poll::Ready(context.waker().clone())).await;
        let order = Arc::new(Mutex::new(Order { reply: Some(reply), waker, is_sent: false, early: None }));
        let is_first = {
            let mut waiting = lock(&self.waiting);
            waiting.push(Arc::clone(&order));
            waiting.len() == 1
        };
        // Dropped in the other order: who is gone does not send, and does not keep the others waiting.
        let turn = is_first.then(|| Turn(self));
        let order = Given(order);
        if turn.is_some() {
            tokio::task::yield_now().await;
        }
        drop(turn);
        poll_fn(|context| order.poll(context)).await
    }

    fn hand_in(&self) {
        for order in std::mem::take(&mut *lock(&self.waiting)) {
            lock(&order).hand_in();
        }
    }
}

impl<T> Order<T> {
    fn hand_in(&mut self) {
        self.is_sent = true;
        let Some(reply) = &mut self.reply else { return };
        if let Poll::Ready(early) = reply.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            self.early = Some(early);
            self.waker.wake_by_ref();
        }
    }
}

/// Whoever has it hands in, also when it is dropped.
struct Turn<'a, T: Send>(&'a Gathering<T>);

impl<T: Send> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.0.hand_in();
    }
}

/// The side of who waits.
struct Given<T>(Arc<Mutex<Order<T>>>);

impl<T> Given<T> {
    fn poll(&self, context: &mut Context<'_>) -> Poll<T> {
        let mut order = lock(&self.0);
        if let Some(early) = order.early.take() {
            return Poll::Ready(early);
        }
        order.waker.clone_from(context.waker());
        let is_sent = order.is_sent;
        match &mut order.reply {
            Some(reply) if is_sent => reply.as_mut().poll(context),
            _ => Poll::Pending,
        }
    }
}

impl<T> Drop for Given<T> {
    fn drop(&mut self) {
        lock(&self.0).reply = None;
    }
}

/// Each change is made whole, so a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::oneshot;

    type Told = Arc<Mutex<Vec<&'static str>>>;

    /// Says when it is sent, and waits for its reply.
    fn command(told: &Told, name: &'static str) -> (oneshot::Sender<u32>, BoxFuture<'static, u32>) {
        let (answer, reply) = oneshot::channel();
        let told = Arc::clone(told);
        let sent = async move {
            lock(&told).push(name);
            reply.await.unwrap_or_default()
        };
        (answer, sent.boxed())
    }

    #[tokio::test]
    async fn what_is_ready_at_one_moment_is_sent_by_one() {
        // Given a caller who stands between two others
        let (gathering, told) = (Gathering::default(), Told::default());
        let between = async { lock(&told).push("between") };
        let (answers, commands): (Vec<_>, Vec<_>) =
            ["first", "second"].map(|name| command(&told, name)).into_iter().unzip();
        let mut commands = commands.into_iter();
        let mut send = || gathering.send(commands.next().expect("there are two")).boxed_local();
        let (first, second) = (send(), send());
        for (number, answer) in (1..).zip(answers) {
            answer.send(number).expect("somebody waits");
        }
        // When all come at one moment, then the first waits for the last
        let replies = join_all([first, between.map(|()| 0).boxed_local(), second]).await;
        assert_eq!(*lock(&told), ["between", "first", "second"]);
        // And each has its own reply
        assert_eq!(replies, [1, 0, 2]);
    }

    #[tokio::test]
    async fn who_is_dropped_keeps_nobody_waiting_and_is_not_sent() {
        let (gathering, told) = (Gathering::default(), Told::default());
        let (_gone, first) = command(&told, "first");
        let (answer, second) = command(&told, "second");
        let mut first = Box::pin(gathering.send(first));
        let mut second = Box::pin(gathering.send(second));
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        // When the first one, who was to hand in, is dropped before
        drop(first);
        // Then the other is sent, and alone
        assert_eq!(*lock(&told), ["second"]);
        answer.send(2).expect("somebody waits");
        assert_eq!(second.await, 2);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn many_at_once_all_have_their_replies() {
        let gathering: Arc<Gathering<usize>> = Arc::default();
        let sent = Arc::new(AtomicUsize::new(0));
        let tasks = (0..64).map(|task| {
            let (gathering, sent) = (Arc::clone(&gathering), Arc::clone(&sent));
            tokio::spawn(async move {
                for round in 0..200 {
                    let (sent, number) = (Arc::clone(&sent), task * 1_000 + round);
                    let reply = async move {
                        sent.fetch_add(1, Ordering::Relaxed);
                        if round % 3 > 0 {
                            tokio::task::yield_now().await;
                        }
                        number
                    };
                    assert_eq!(gathering.send(reply.boxed()).await, number);
                }
            })
        });
        for done in join_all(tasks).await {
            done.expect("no task panics");
        }
        assert_eq!(sent.load(Ordering::Relaxed), 64 * 200);
    }
}
