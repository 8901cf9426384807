//! Connecting: the connections, then whether the server and the user will do.

mod durability;
mod place;
mod probe;
mod replicas;
mod server;

pub use durability::Durability;

use crate::RedisOptions;
use crate::error;
use crate::keys::Layout;
use crate::link::{Does, Link};
use futures_util::future::{join_all, try_join_all};
use governance_persistence::{Error, Result};

pub(crate) async fn connect(options: &RedisOptions) -> Result<(Link, Durability)> {
    options.check()?;
    let options = options.clone();
    // What is written to try it is removed again, also when nobody waits any more.
    let connected = tokio::spawn(async move { open(&options).await }).await;
    connected
        .map_err(|error| Error::Backend { reason: "connecting: its task ended".into(), source: Some(error.into()) })?
}

async fn open(options: &RedisOptions) -> Result<(Link, Durability)> {
    let link = Link::open(options).await.map_err(|failure| error::of("connecting", failure, Does::Read))?;
    let checked = async {
        let layout = Layout::new(options.get_prefix());
        let places = place::places(&link, &layout).await?;
        let durability = server::check(&link, &places, options).await?;
        // Each to its end, where it removes its keys.
        let probed = join_all(places.iter().map(|place| probe::check(&link, &layout, &place.keys))).await;
        probed.into_iter().collect::<Result<()>>()?;
        if options.get_wait_replicas() > 0 {
            try_join_all(places.iter().map(|place| replicas::check(&link, place))).await?;
        }
        Ok(durability)
    };
    match checked.await {
        Ok(durability) => {
            tracing::info!("{durability}");
            if durability.maxmemory_policy.is_none() {
                tracing::warn!("{}", durability::UNKNOWN_POLICY);
            }
            Ok((link, durability))
        }
        Err(error) => {
            link.close().await;
            Err(error)
        }
    }
}
