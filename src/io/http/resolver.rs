//! Name resolution that never answers with an address inside the runner's network.

use std::{fmt, io};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::address::is_public;

/// Resolves names as the system does, and refuses a name with any address that is not public.
///
/// The connection is made to the very addresses that were checked, so a name that answers differently a moment later gains
/// nothing.
#[derive(Debug, Default)]
pub(super) struct PublicOnly {
    system: DefaultResolver,
}

impl Resolver for PublicOnly {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = self.system.resolve(uri, config, timeout)?;
        if is_the_proxy(uri, config) || addresses.iter().all(|address| is_public(address.ip())) {
            return Ok(addresses);
        }
        let refusal = PrivateAddress { host: uri.host().unwrap_or_default().to_owned() };
        Err(ureq::Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, refusal)))
    }
}

/// The proxy comes from the settings, not from a repository, and usually lives inside.
fn is_the_proxy(uri: &Uri, config: &Config) -> bool {
    config.proxy().is_some_and(|proxy| uri.host() == Some(proxy.host()) && uri.port_u16() == Some(proxy.port()))
}

/// A name that resolves to an address inside the runner's network.
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
