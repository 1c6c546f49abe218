//! Lists of refs, in both versions of the protocol.

use git2::Oid;

use super::packet::{Packet, PacketDecoder};
use super::{ProtocolError, chomp, message, object_id};

/// A ref as a server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRef {
    /// The full name.
    pub name: String,
    /// The object that it names.
    pub id: Oid,
    /// The object that an annotated tag leads to.
    pub peeled: Option<Oid>,
}

/// The server adds this to a tag's name in version 0 where it lists the object that the tag leads to.
const PEELED: &str = "^{}";

/// The branches and tags of a server, up to a number. Other refs and names that are not UTF-8 are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefList {
    /// The branches and tags in the order of the server.
    pub refs: Vec<ListedRef>,
    /// There are more than the limit; the rest is left out.
    pub overflowed: bool,
    /// The branch that `HEAD` means, without `refs/heads/`: the default branch, where `HEAD` was requested.
    pub head: Option<String>,
    /// The commit that `HEAD` leads to, where it was requested.
    pub head_id: Option<Oid>,
}

/// No file system holds a longer name as a file, give or take a few folders: such refs are left out.
pub(in crate::io::git) const NAME_BYTES: usize = 1024;

impl RefList {
    fn add(&mut self, name: &[u8], id: Oid, peeled: Option<Oid>, limit: usize) {
        if name.len() > NAME_BYTES {
            return;
        }
        let Some(name) = std::str::from_utf8(name).ok().filter(|name| is_branch_or_tag(name)) else { return };
        if self.refs.len() >= limit {
            self.overflowed = true;
            return;
        }
        self.refs.push(ListedRef { name: name.to_owned(), id, peeled });
    }

    /// Adds a line of version 0: an id and a name. A peeled tag follows its tag.
    pub(super) fn add_plain(&mut self, line: &[u8], limit: usize) {
        let Some((hex, name)) = split_at_space(line) else { return };
        let Some(id) = object_id(hex) else { return };
        match name.strip_suffix(PEELED.as_bytes()) {
            None => self.add(name, id, None, limit),
            Some(tag) => {
                let last = self.refs.last_mut().filter(|last| last.name.as_bytes() == tag);
                if let Some(last) = last {
                    last.peeled = Some(id);
                }
            }
        }
    }

    /// Adds a line of version 2: an id, a name and attributes.
    fn add_with_attributes(&mut self, line: &[u8], limit: usize) -> Result<(), ProtocolError> {
        let (hex, rest) = split_at_space(line).ok_or(ProtocolError::Unexpected("a ref without a name"))?;
        if hex == b"unborn" {
            return Ok(());
        }
        let id = object_id(hex).ok_or(ProtocolError::Unexpected("a ref without an id"))?;
        let mut parts = rest.split(|byte| *byte == b' ');
        let name = parts.next().unwrap_or_default();
        if name == b"HEAD" {
            let target = parts.find_map(|part| part.strip_prefix(b"symref-target:refs/heads/"));
            self.head_id = Some(id);
            self.head = target.and_then(|branch| std::str::from_utf8(branch).ok()).map(str::to_owned);
            return Ok(());
        }
        let peeled = parts.find_map(|part| object_id(part.strip_prefix(b"peeled:")?));
        self.add(name, id, peeled, limit);
        Ok(())
    }

    /// The ref of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&ListedRef> {
        self.refs.iter().find(|found| found.name == name)
    }
}

fn is_branch_or_tag(name: &str) -> bool {
    name.starts_with("refs/heads/") || name.starts_with("refs/tags/")
}

fn split_at_space(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = line.iter().position(|byte| *byte == b' ')?;
    Some((&line[..space], &line[space + 1..]))
}

/// Reads the answer to a request for refs (version 2).
#[derive(Debug)]
pub struct RefsDecoder {
    packets: PacketDecoder,
    list: RefList,
    limit: usize,
    ended: bool,
}

impl RefsDecoder {
    /// A decoder that keeps at most `limit` refs.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { packets: PacketDecoder::default(), list: RefList::default(), limit, ended: false }
    }

    /// Takes the next bytes of the answer.
    ///
    /// # Errors
    /// Any [`ProtocolError`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ProtocolError> {
        let Self { packets, list, limit, ended } = self;
        packets.push(bytes, |packet| {
            if *ended {
                return Err(ProtocolError::Unexpected("something after its end"));
            }
            match packet {
                Packet::Line(line) => match line.strip_prefix(b"ERR ") {
                    Some(why) => Err(ProtocolError::Refused(message(why))),
                    None => list.add_with_attributes(chomp(line), *limit),
                },
                Packet::Flush => {
                    *ended = true;
                    Ok(())
                }
                Packet::Delimiter | Packet::End => Err(ProtocolError::Unexpected("a packet that is out of place")),
            }
        })
    }

    /// Returns whether more refs came than are kept: the rest of the answer need not be read.
    #[must_use]
    pub fn overflowed(&self) -> bool {
        self.list.overflowed
    }

    /// The refs.
    ///
    /// # Errors
    /// [`ProtocolError::Truncated`] for an answer without an end; an empty one is a refusal.
    pub fn finish(self) -> Result<RefList, ProtocolError> {
        match (self.ended || self.list.overflowed, self.packets.is_between() && self.list.refs.is_empty()) {
            (true, _) => Ok(self.list),
            (false, true) => Err(ProtocolError::Refused("its answer is empty".to_owned())),
            (false, false) => Err(ProtocolError::Truncated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pkt(text: &str) -> String {
        format!("{:04x}{text}", text.len() + 4)
    }

    fn listed(answer: &str, limit: usize) -> Result<RefList, ProtocolError> {
        let mut decoder = RefsDecoder::new(limit);
        decoder.push(answer.as_bytes())?;
        decoder.finish()
    }

    #[test]
    fn annotated_tags_come_with_what_they_lead_to() {
        let [a, b, c] = ["a", "b", "c"].map(|digit| digit.repeat(40));
        let answer = [
            pkt("unborn HEAD symref-target:refs/heads/main\n"),
            pkt(&format!("{a} HEAD symref-target:refs/heads/main\n")),
            pkt(&format!("{a} refs/heads/main\n")),
            pkt(&format!("{b} refs/tags/v1 peeled:{c}\n")),
            pkt(&format!("{b} refs/pull/1/head\n")),
            "0000".to_owned(),
        ];
        let list = listed(&answer.concat(), 9).unwrap();
        assert_eq!((list.refs.len(), list.head.as_deref()), (2, Some("main")));
        assert_eq!(list.head_id, object_id(a.as_bytes()));
        assert_eq!(list.named("refs/tags/v1").unwrap().peeled, object_id(c.as_bytes()));
        assert!(list.named("refs/heads/mai").is_none() && !list.overflowed);
    }

    #[test]
    fn one_ref_more_than_the_limit_overflows() {
        let line = |number: u8| pkt(&format!("{} refs/tags/v{number}\n", "a".repeat(40)));
        let answer = format!("{}{}{}", line(1), line(2), line(3));
        assert!(listed(&format!("{answer}0000"), 2).unwrap().overflowed);
        assert!(!listed(&format!("{answer}0000"), 3).unwrap().overflowed);
        assert!(listed(&answer, 2).unwrap().overflowed, "the rest need not be read");
    }

    #[test]
    fn half_a_list_and_no_list_are_errors() {
        let line = pkt(&format!("{} refs/tags/v1\n", "a".repeat(40)));
        assert_eq!(listed(&line, 9), Err(ProtocolError::Truncated));
        assert!(matches!(listed("", 9), Err(ProtocolError::Refused(_))));
        assert!(matches!(listed(&pkt("ERR no\n"), 9), Err(ProtocolError::Refused(why)) if why == "no"));
        assert!(listed(&pkt("nonsense\n"), 9).is_err());
        assert!(listed(&format!("0000{line}"), 9).is_err());
    }
}
