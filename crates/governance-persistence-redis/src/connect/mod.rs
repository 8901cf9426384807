//! Connecting: the connections, then whether the server and the user will do.

mod durability;
mod probe;
mod replicas;
mod server;

pub use durability::Durability;

use crate::RedisOptions;
use crate::error;
use crate::keys::Layout;
use crate::link::{Does, Link};
use governance_persistence::Result;

pub(crate) async fn connect(options: &RedisOptions) -> Result<(Link, Durability)> {
    options.check()?;
    let link = Link::open(options).await.map_err(|failure| error::of("connecting", failure, Does::Read))?;
    let checked = async {
        let durability = server::check(&link, options).await?;
        let layout = Layout::new(options.get_prefix());
        probe::check(&link, &layout).await?;
        if options.get_wait_replicas() > 0 {
            replicas::check(&link, &layout).await?;
        }
        Ok(durability)
    };
    match checked.await {
        Ok(durability) => {
            tracing::info!("{durability}");
            Ok((link, durability))
        }
        Err(error) => {
            link.close().await;
            Err(error)
        }
    }
}
