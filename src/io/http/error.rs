//! What can go wrong with a request.

use std::fmt;

/// Why a request failed. URLs in it are without user information and query, so that no token is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// The URL is not one that can be fetched at all.
    BadUrl {
        /// The URL.
        url: String,
        /// What is wrong with it.
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
    },
    /// No connection, or a broken one.
    Network {
        /// The URL.
        url: String,
        /// What the system says.
        why: String,
    },
    /// The local writer failed while a download was written to it.
    Write {
        /// What the system says.
        why: String,
    },
}

impl HttpError {
    /// Whether the same request may well succeed a moment later.
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
            Self::Timeout { url, what } => write!(f, "{url} did not answer in time ({what})"),
            Self::Network { url, why } => write!(f, "cannot reach {url}: {why}"),
            Self::Write { why } => write!(f, "cannot write the download: {why}"),
        }
    }
}

impl std::error::Error for HttpError {}

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
