//! Requests as bytes.

use git2::Oid;

use super::packet::write_line;
use super::{Greeting, Version};

/// Which objects a server leaves out of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Filter {
    /// All files and folders but the wanted ones and the root folders of wanted commits.
    RootTrees,
    /// All files and folders but the wanted ones.
    NoTrees,
    /// All files but the wanted ones.
    NoBlobs,
}

impl Filter {
    /// The filter as git spells it.
    #[must_use]
    pub fn spec(self) -> &'static str {
        match self {
            Self::RootTrees => "tree:1",
            Self::NoTrees => "tree:0",
            Self::NoBlobs => "blob:none",
        }
    }
}

/// A request for objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRequest<'a> {
    /// The ids of the objects. At least one.
    pub wants: &'a [Oid],
    /// The commits that the server leaves out with all of their history (version 2 only).
    pub haves: &'a [Oid],
    /// The number of commits of history that come with each wanted commit. Without it, the whole history does.
    pub depth: Option<u32>,
    /// The objects that are left out.
    pub filter: Option<Filter>,
}

/// The body of a request for objects to a server that greeted so. Nothing is negotiated: the server sends everything at once,
/// with complete deltas.
#[must_use]
pub fn fetch_request(greeting: &Greeting, request: &FetchRequest<'_>) -> Vec<u8> {
    let (mut out, version) = (Vec::new(), greeting.version);
    match version {
        Version::Two => {
            write_command(&mut out, "fetch", greeting);
            write_line(&mut out, "ofs-delta");
            write_line(&mut out, "no-progress");
        }
        Version::Zero => {}
    }
    for (number, id) in request.wants.iter().enumerate() {
        let mut line = format!("want {id}");
        if version == Version::Zero && number == 0 {
            line.push_str(" side-band-64k ofs-delta no-progress agent=cargo2-bot");
            line.push_str(if request.depth.is_some() { " shallow" } else { "" });
            line.push_str(if request.filter.is_some() { " filter" } else { "" });
        }
        write_line(&mut out, &line);
    }
    for id in request.haves.iter().filter(|_| version == Version::Two) {
        write_line(&mut out, &format!("have {id}"));
    }
    if let Some(depth) = request.depth {
        write_line(&mut out, &format!("deepen {depth}"));
    }
    if let Some(filter) = request.filter {
        write_line(&mut out, &format!("filter {}", filter.spec()));
    }
    if version == Version::Zero {
        out.extend_from_slice(b"0000");
    }
    write_line(&mut out, "done");
    if version == Version::Two {
        out.extend_from_slice(b"0000");
    }
    out
}

/// The body of a request of version 2 for the refs that begin with one of `prefixes`, annotated tags with what they name.
#[must_use]
pub fn refs_request(greeting: &Greeting, prefixes: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    write_command(&mut out, "ls-refs", greeting);
    write_line(&mut out, "peel");
    if prefixes.iter().any(|prefix| prefix == "HEAD") {
        write_line(&mut out, "symrefs");
    }
    for prefix in prefixes {
        write_line(&mut out, &format!("ref-prefix {prefix}"));
    }
    out.extend_from_slice(b"0000");
    out
}

/// The head of a request of version 2, with the capabilities that the server named.
fn write_command(out: &mut Vec<u8>, command: &str, greeting: &Greeting) {
    write_line(out, &format!("command={command}"));
    if greeting.agent {
        write_line(out, "agent=cargo2-bot");
    }
    if greeting.object_format {
        write_line(out, "object-format=sha1");
    }
    out.extend_from_slice(b"0001");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_version_two_ends_with_done() {
        let id = Oid::from_str(&"ab".repeat(20)).unwrap();
        let request = FetchRequest { wants: &[id], haves: &[], depth: Some(1), filter: Some(Filter::RootTrees) };
        let text = String::from_utf8(fetch_request(&Greeting::of(Version::Two), &request)).unwrap();
        assert!(text.starts_with("0012command=fetch\n0001000eofs-delta\n"), "{text}");
        let greeting = Greeting { agent: true, object_format: true, ..Greeting::of(Version::Two) };
        let text = String::from_utf8(fetch_request(&greeting, &request)).unwrap();
        let expected = format!(
            "0012command=fetch\n0015agent=cargo2-bot\n0017object-format=sha1\n0001000eofs-delta\n0010no-progress\n\
             0032want {id}\n000ddeepen 1\n0012filter tree:1\n0009done\n0000"
        );
        assert_eq!(text, expected);
        assert!(!text.contains("thin-pack") && !text.contains("have"));
        let request = FetchRequest { haves: &[id], depth: None, ..request };
        let text = String::from_utf8(fetch_request(&greeting, &request)).unwrap();
        assert!(text.contains(&format!("0032want {id}\n0032have {id}\n0012filter tree:1\n0009done\n0000")), "{text}");
    }

    #[test]
    fn version_zero_names_abilities_in_the_first_want() {
        let ids = [Oid::from_str(&"ab".repeat(20)).unwrap(), Oid::from_str(&"cd".repeat(20)).unwrap()];
        let request = FetchRequest { wants: &ids, haves: &[], depth: None, filter: None };
        let text = String::from_utf8(fetch_request(&Greeting::of(Version::Zero), &request)).unwrap();
        assert_eq!(text.matches("side-band-64k").count(), 1);
        assert!(text.ends_with(&format!("0032want {}\n00000009done\n", ids[1])), "{text}");
        assert!(!text.contains("filter") && !text.contains("shallow"));
    }
}
