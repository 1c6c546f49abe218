//! The errors of a request.

use std::error::Error;
use std::{fmt, io};

use hyper_util::client::legacy;

use super::resolver::PrivateAddress;

/// Why a request failed. URLs in it are without user information and query, so that no token is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// The URL is not one that can be fetched at all.
    BadUrl {
        /// The URL.
        url: String,
        /// The problem with it.
        why: &'static str,
    },
    /// The URL, or the address behind it, may not be fetched.
    Refused {
        /// The URL.
        url: String,
        /// Which rule it breaks and what to do.
        why: String,
    },
    /// A redirect was not followed.
    Redirect {
        /// The URL that redirects.
        url: String,
        /// Why not.
        why: String,
    },
    /// The server answered with a status that is no success.
    Status {
        /// The URL.
        url: String,
        /// The status code.
        status: u16,
    },
    /// The answer is longer than the limit.
    TooLarge {
        /// The URL.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The server did not answer in time.
    Timeout {
        /// The URL.
        url: String,
        /// Which of the time limits passed.
        what: String,
        /// Whether the request may have arrived.
        sent: bool,
    },
    /// The host had all the time that a run has for it.
    HostTime {
        /// The host.
        host: String,
        /// That time.
        seconds: u64,
    },
    /// No connection, or a broken one.
    Network {
        /// The URL.
        url: String,
        /// The system's message.
        why: String,
        /// Whether the request may have arrived.
        sent: bool,
    },
    /// This machine cannot send anything.
    Setup {
        /// The missing part.
        why: String,
    },
}

impl HttpError {
    /// The error behind one of the exchange for `url`.
    pub(super) fn from_source(url: &str, error: &(dyn Error + 'static)) -> Self {
        let url = printable(url);
        let has = |wanted: fn(&(dyn Error + 'static)) -> bool| causes(error).any(wanted);
        if let Some(private) = causes(error).find_map(|cause| cause.downcast_ref::<PrivateAddress>()) {
            let why = format!("{private}; allow its host in the configuration to trust it");
            return Self::Refused { url, why };
        }
        let sent = !has(|cause| cause.downcast_ref().is_some_and(legacy::Error::is_connect));
        if has(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::TimedOut)) {
            let what = if sent { "read or write" } else { "connect" };
            return Self::Timeout { url, what: what.to_owned(), sent };
        }
        Self::Network { url, why: chain(error), sent }
    }

    /// The error of a request to `url` that took longer than the whole of it may.
    pub(super) fn out_of_time(url: &str) -> Self {
        Self::Timeout { url: printable(url), what: "total time".to_owned(), sent: true }
    }

    /// Returns whether the request certainly did not arrive.
    #[must_use]
    pub fn never_sent(&self) -> bool {
        match self {
            Self::BadUrl { .. } | Self::Refused { .. } | Self::Setup { .. } | Self::HostTime { .. } => true,
            Self::Network { sent, .. } | Self::Timeout { sent, .. } => !sent,
            _ => false,
        }
    }

    /// Returns whether the same request may well succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Network { .. } => true,
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadUrl { url, why } => write!(f, "cannot fetch {url}: {why}"),
            Self::Refused { url, why } => write!(f, "refused to fetch {url}: {why}"),
            Self::Redirect { url, why } => {
                write!(f, "{url} redirects, which was not followed: {why}")
            }
            Self::Status { url, status } => write!(f, "{url} answered with status {status}"),
            Self::TooLarge { url, limit } => write!(f, "{url} sent more than {limit} bytes"),
            Self::Timeout { url, what, .. } => write!(f, "{url} did not answer in time ({what})"),
            Self::HostTime { host, seconds } => {
                write!(
                    f,
                    "{host} had all the time that one host gets in a run, {seconds} seconds; run again for the rest"
                )
            }
            Self::Network { url, why, .. } => write!(f, "cannot reach {url}: {why}"),
            Self::Setup { why } => f.write_str(why),
        }
    }
}

impl Error for HttpError {}

/// An error and what caused it.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| cause(error)).take(16)
}

/// Returns the cause of an error. An I/O error names the cause of its cause for its own.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// An error and what caused it, as one text.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error).map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// `url` as it may be printed: without user information, query and fragment, in printable ASCII, and short.
pub(crate) fn printable(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or(url);
    let plain = match plain.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}{path}")
        }
        None => plain.to_owned(),
    };
    let mut text: String = plain.chars().map(|c| if c.is_ascii_graphic() { c } else { '?' }).take(300).collect();
    if text.len() < plain.len() && text.len() == 300 {
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_url_holds_no_secret() {
        assert_eq!(printable("https://user:token@host/a/b?sig=secret#x"), "https://host/a/b");
        assert_eq!(printable("https://host/a\n::error::b"), "https://host/a?::error::b");
    }
}
