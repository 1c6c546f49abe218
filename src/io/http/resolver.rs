//! Name resolution that never answers with an address inside the runner's network.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, io, vec};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;

use super::address::is_public;

/// Resolves names as the system does; with `public_only`, refuses a name with any address that is not public.
///
/// The connection is made to the very addresses that were checked, so a name that answers differently a moment later gains
/// nothing.
#[derive(Clone)]
pub(super) struct Resolver {
    system: GaiResolver,
    public_only: bool,
}

impl Resolver {
    pub(super) fn new(public_only: bool) -> Self {
        Self { system: GaiResolver::new(), public_only }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.as_str().to_owned();
        let (found, public_only) = (self.system.call(name), self.public_only);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = found.await?.collect();
            if public_only {
                addresses.iter().try_for_each(|address| refuse_private(&host, address.ip()))?;
            }
            Ok(addresses.into_iter())
        })
    }
}

/// Fails for an address of `host` that lies inside the network.
pub(super) fn refuse_private(host: &str, address: IpAddr) -> io::Result<()> {
    if is_public(address) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, PrivateAddress { host: host.to_owned() }))
}

/// A host with an address inside the runner's network.
#[derive(Debug)]
pub(super) struct PrivateAddress {
    host: String,
}

impl fmt::Display for PrivateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is an address inside the network", self.host)
    }
}

impl std::error::Error for PrivateAddress {}
