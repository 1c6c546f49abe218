//! What a server says first: its refs and what it can do.

use git2::Oid;

use super::daemon::pkt_length;

/// The refs of a server, and those of its abilities that decide how to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Advertisement {
    refs: Vec<(String, Oid)>,
    /// A commit may be asked for by its id if a ref points at it.
    pub(super) tip_ids: bool,
    /// A commit may be asked for by its id if a ref leads to it.
    pub(super) reachable_ids: bool,
    /// History may be cut off.
    pub(super) shallow: bool,
}

impl Advertisement {
    /// Reads the refs that a server of protocol version 0 sends; over HTTP a line that names the service comes first.
    ///
    /// Lenient: what it cannot read it leaves out, since libgit2 reads the same bytes and objects to them.
    pub(super) fn parse(bytes: &[u8], over_http: bool) -> Self {
        let mut found = Self::default();
        let mut rest = bytes;
        let mut flushes = if over_http { 2 } else { 1 };
        while let Some((head, body)) = rest.split_at_checked(4) {
            match pkt_length(head) {
                Some(0) => {
                    flushes -= 1;
                    if flushes == 0 {
                        break;
                    }
                    rest = body;
                }
                Some(length @ 4..) if body.len() >= length - 4 => {
                    let (line, next) = body.split_at(length - 4);
                    found.line(line);
                    rest = next;
                }
                _ => break,
            }
        }
        found
    }

    fn line(&mut self, line: &[u8]) {
        let mut parts = line.splitn(2, |byte| *byte == 0);
        let reference = parts.next().unwrap_or_default();
        if let Some(abilities) = parts.next() {
            for ability in String::from_utf8_lossy(abilities).split_ascii_whitespace() {
                match ability {
                    "allow-tip-sha1-in-want" => self.tip_ids = true,
                    "allow-reachable-sha1-in-want" => self.reachable_ids = true,
                    "shallow" => self.shallow = true,
                    _ => {}
                }
            }
        }
        let Ok(text) = std::str::from_utf8(reference) else {
            return;
        };
        let Some((id, name)) = text.trim_end_matches('\n').split_once(' ') else {
            return;
        };
        if let (40, Ok(id)) = (id.len(), Oid::from_str(id)) {
            self.refs.push((name.to_owned(), id));
        }
    }

    /// Everything that it listed, in its order: peeled tags and `HEAD` as well.
    pub(super) fn refs(&self) -> &[(String, Oid)] {
        &self.refs
    }

    /// The branch or tag that points at `commit`, itself or as an annotated tag; `preferred` before any other.
    pub(super) fn ref_at(&self, commit: Oid, preferred: &[String]) -> Option<String> {
        let at = || {
            let names = self.refs.iter().filter(move |(_, id)| *id == commit);
            names.map(|(name, _)| name.strip_suffix("^{}").unwrap_or(name)).filter(|name| name.starts_with("refs/"))
        };
        at().find(|name| preferred.iter().any(|wanted| wanted == name)).or_else(|| at().next()).map(str::to_owned)
    }

    /// Whether the server has a ref of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.refs.iter().any(|(known, _)| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pkt(text: &str) -> String {
        format!("{:04x}{text}", text.len() + 4)
    }

    fn sample() -> Advertisement {
        let (a, b, c) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
        let text = [
            pkt("# service=git-upload-pack\n"),
            "0000".to_owned(),
            pkt(&format!("{a} HEAD\0multi_ack shallow allow-tip-sha1-in-want symref=HEAD:refs/heads/main\n")),
            pkt(&format!("{a} refs/heads/main\n")),
            pkt(&format!("{b} refs/tags/v1\n")),
            pkt(&format!("{c} refs/tags/v1^{{}}\n")),
            "0000".to_owned(),
            pkt(&format!("{c} refs/heads/after-the-end\n")),
        ];
        Advertisement::parse(text.concat().as_bytes(), true)
    }

    #[test]
    fn abilities_are_read_from_the_first_ref() {
        let sample = sample();
        assert!(sample.tip_ids && sample.shallow && !sample.reachable_ids);
    }

    #[test]
    fn a_commit_is_found_at_its_branch_and_behind_its_tag() {
        let sample = sample();
        let at = |c: &str| sample.ref_at(Oid::from_str(&c.repeat(40)).unwrap(), &[]);
        assert_eq!(at("a").as_deref(), Some("refs/heads/main"));
        assert_eq!(at("c").as_deref(), Some("refs/tags/v1"));
        assert_eq!(at("d"), None);
        assert!(sample.has("refs/tags/v1") && !sample.has("refs/heads/after-the-end"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = Advertisement::parse(&bytes, true);
        }
    }
}
