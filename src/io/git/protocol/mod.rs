//! Git's wire protocol as values: bytes in, values out. No input or output happens here.
//!
//! Version 2 (<https://git-scm.com/docs/protocol-v2>) and what a shallow fetch needs of version 0
//! (<https://git-scm.com/docs/gitprotocol-pack>). All decoders take their input in pieces of any size, so that an answer is never
//! held in memory as a whole.

mod answer;
mod greeting;
mod packet;
mod refs;
mod request;

pub use answer::{Answer, AnswerDecoder};
pub use greeting::{Greeting, GreetingDecoder, Version};
pub use packet::{Packet, PacketDecoder};
pub(super) use refs::NAME_BYTES;
pub use refs::{ListedRef, RefList, RefsDecoder};
pub use request::{FetchRequest, Filter, fetch_request, refs_request};

use std::fmt;

/// Why bytes are not what a git server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProtocolError {
    /// The length of a packet is no number, or one that is not allowed.
    Length,
    /// The answer ends in the middle.
    Truncated,
    /// Something is where it must not be.
    Unexpected(&'static str),
    /// The server says why it does not answer.
    Refused(String),
    /// The server breaks off in the middle of a pack and says why.
    Aborted(String),
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("the length of a packet makes no sense"),
            Self::Truncated => f.write_str("its answer ends in the middle"),
            Self::Unexpected(what) => write!(f, "its answer has {what}"),
            Self::Refused(why) => write!(f, "it refuses: {why}"),
            Self::Aborted(why) => write!(f, "it breaks off: {why}"),
        }
    }
}

impl std::error::Error for ProtocolError {}

/// A server's message in one line of bounded length.
fn message(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]);
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A line without the line feed at its end.
fn chomp(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

/// An object id in 40 hex digits.
fn object_id(hex: &[u8]) -> Option<git2::Oid> {
    let hex = std::str::from_utf8(hex).ok().filter(|hex| hex.len() == 40)?;
    git2::Oid::from_str(hex).ok()
}
