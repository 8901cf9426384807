//! Replies that get lost: the outcome is unknown, exactly when the commit may be there.

use crate::place::{Place, one_of_each};
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Expected, ExperimentKey, Outcome, PageSize, Sequence,
};
use governance_persistence_conformance::samples;
use governance_persistence_sql::{SqlBackplane, SqlOptions};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// How the statement begins that commits; a session's settings have the word too.
const COMMIT: &str = ";\nCOMMIT";
/// How the first of two texts begins.
const BEGIN: &str = "START TRANSACTION;\nSELECT id, tenant";

/// When a connection is cut, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// When the client sends this, before the server sees it.
    Before(&'static str),
    /// When the server has answered it, before the client sees that.
    After(&'static str),
}

type Armed = Arc<Mutex<Option<Cut>>>;

/// Stands between client and server, and can cut.
struct Proxy {
    port: u16,
    armed: Armed,
}

impl Proxy {
    async fn start(server: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (port, armed) = (listener.local_addr().unwrap().port(), Armed::default());
        let cuts = armed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(relay(client, server, cuts.clone()));
            }
        });
        Self { port, armed }
    }

    fn arm(&self, cut: Cut) {
        *self.armed.lock().unwrap() = Some(cut);
    }

    fn has_cut(&self) -> bool {
        self.armed.lock().unwrap().is_none()
    }
}

/// Both ways, until one of them ends or is cut. Then both sockets are closed.
async fn relay(client: TcpStream, server: TcpStream, armed: Armed) {
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let waits_for_answer = Mutex::new(false);
    tokio::select! {
        () = requests(from_client, to_server, &armed, &waits_for_answer) => {}
        () = answers(from_server, to_client, &waits_for_answer) => {}
    }
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, armed: &Armed, waits: &Mutex<bool>) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let sent = String::from_utf8_lossy(&buffer[..count]).into_owned();
        let cut = {
            let mut armed = armed.lock().unwrap();
            let hit = |cut: &mut Cut| match cut {
                Cut::Before(text) | Cut::After(text) => sent.contains(*text),
            };
            armed.take_if(hit)
        };
        match cut {
            Some(Cut::Before(_)) => return,
            Some(Cut::After(_)) => *waits.lock().unwrap() = true,
            None => {}
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, waits: &Mutex<bool>) {
    let mut buffer = vec![0; 1 << 20];
    let mut after = 0;
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if *waits.lock().unwrap() {
            // The answer to each statement is a packet of its own; the last one says that none follows.
            after += 1;
            if is_last(&buffer[..count]) {
                return;
            }
            assert!(after < 10_000, "the server does not come to an end");
            continue;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

/// Whether the last packet here ends a result, and no more results follow: it is without the flag 0x08.
fn is_last(mut packets: &[u8]) -> bool {
    let mut last = &packets[..0];
    while let [a, b, c, _, rest @ ..] = packets {
        let size = usize::from(*a) | usize::from(*b) << 8 | usize::from(*c) << 16;
        if rest.len() < size {
            return false;
        }
        (last, packets) = rest.split_at(size);
    }
    // 0, rows and last id of a byte each, status; or 0xfe, warnings of two bytes, status.
    matches!(last, [0 | 0xfe, _, _, status, ..] if status & 0x08 == 0)
}

async fn through_proxy(place: &Place) -> (Proxy, SqlBackplane) {
    place.connect().await.close().await.unwrap();
    let url = place.url();
    let (_, rest) = url.split_once('@').unwrap();
    let (server, _) = rest.split_once('/').unwrap();
    let proxy = Proxy::start(server.to_owned()).await;
    let url = url.replace(server, &format!("127.0.0.1:{}", proxy.port)) + "&ssl-mode=disabled";
    let options = SqlOptions::new(&url).unwrap().writers(1).unwrap();
    (proxy, SqlBackplane::connect(&options).await.unwrap())
}

/// A commit that expects a state which is not there.
async fn conflict(backplane: &SqlBackplane, key: &ExperimentKey) {
    let commit =
        Commit::builder(key, Expected::Match(CommitId::new().into())).record(samples::transition()).build().unwrap();
    assert!(backplane.commit(&commit).await.is_err_and(|error| error.is_conflict()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_reply_that_is_lost_when_the_same_commit_is_sent_again_then_it_is_there_once() {
    let Some(place) = Place::or_skip().await else { return };
    let (proxy, backplane) = through_proxy(&place).await;
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    for version in 2..=5 {
        // In one round trip, or after a conflict in two.
        if version % 2 == 0 {
            conflict(&backplane, &key).await;
        }
        let commit = one_of_each(&key, version);
        proxy.arm(Cut::After(COMMIT));
        let error = backplane.commit(&commit).await.unwrap_err();
        assert!(proxy.has_cut());
        assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
        let again = backplane.commit(&commit).await.unwrap();
        assert!(again.replayed, "the server had committed it");
        assert_eq!(again.sequence.get(), version);
    }
    let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap();
    assert_eq!(log.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_connection_that_is_cut_before_the_commit_then_nothing_is_applied() {
    let Some(place) = Place::or_skip().await else { return };
    let (proxy, backplane) = through_proxy(&place).await;
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    for version in 2..=4 {
        let commit = one_of_each(&key, version);
        for cut in [Cut::Before(BEGIN), Cut::After(BEGIN)] {
            conflict(&backplane, &key).await;
            proxy.arm(cut);
            let error = backplane.commit(&commit).await.unwrap_err();
            assert!(proxy.has_cut());
            assert_eq!(error.outcome(), Outcome::NotApplied, "{cut:?}: {error:?}");
        }
        // Sent, but the server never saw it; that we cannot know.
        for in_two in [true, false] {
            if in_two {
                conflict(&backplane, &key).await;
            }
            proxy.arm(Cut::Before(COMMIT));
            let error = backplane.commit(&commit).await.unwrap_err();
            assert!(proxy.has_cut());
            assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
        }
        let receipt = backplane.commit(&commit).await.unwrap();
        assert!(!receipt.replayed, "{receipt:?}");
        assert_eq!(receipt.sequence.get(), version);
    }
}
