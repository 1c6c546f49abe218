//! Encodings that several rooms write: digests in hex, and paths in URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// The characters that are not escaped in a path: the unreserved ones of RFC 3986, and slashes.
const PATH: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// The sha256 of bytes, in hex.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// A path for a URL: everything but unreserved characters and slashes is escaped.
pub(crate) fn url_path(path: &str) -> String {
    utf8_percent_encode(path, &PATH).to_string()
}

/// The first digits of a commit or checksum, as messages show them.
#[must_use]
pub fn short(hex: &str) -> String {
    hex.chars().take(12).collect::<String>().replace('`', "'").escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_hex_and_paths_keep_their_slashes() {
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(url_path("a b/ü~-._%\n"), "a%20b/%C3%BC~-._%25%0A");
    }
}
