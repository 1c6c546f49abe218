//! The greeting of a server: the version that it speaks, its abilities, and in version 0 its refs.

use super::packet::{Packet, PacketDecoder};
use super::refs::RefList;
use super::{ProtocolError, chomp, message};

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The first one, in which a server begins with all of its refs.
    Zero,
    /// The one in which a server begins with what it can do.
    Two,
}

/// The greeting of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// The version that it speaks.
    pub version: Version,
    /// It can leave objects out of a pack.
    pub filter: bool,
    /// It can cut history off.
    pub shallow: bool,
    /// It can list its refs on request (version 2).
    pub ls_refs: bool,
    /// It can send a pack in packets with messages beside it.
    pub side_band: bool,
    /// Its object ids are SHA-1.
    pub sha1: bool,
    /// It takes note of the kind of object ids (version 2). Servers fail at capabilities that they did not name.
    pub object_format: bool,
    /// It takes note of the client (version 2).
    pub agent: bool,
    /// Its refs (version 0).
    pub refs: RefList,
}

/// Reads a greeting over HTTP. A line that names the service may come before it.
#[derive(Debug)]
pub struct GreetingDecoder {
    packets: PacketDecoder,
    state: State,
    greeting: Greeting,
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    AfterService,
    FirstRef,
    Refs,
    Abilities,
    Ended,
}

impl Greeting {
    /// A server of this version that can do nothing more than it must.
    pub(super) fn of(version: Version) -> Self {
        Self {
            version,
            filter: false,
            shallow: false,
            ls_refs: false,
            side_band: false,
            sha1: true,
            object_format: false,
            agent: false,
            refs: RefList::default(),
        }
    }
}

impl GreetingDecoder {
    /// A decoder that keeps at most `limit` refs.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let greeting = Greeting::of(Version::Zero);
        Self { packets: PacketDecoder::default(), state: State::Start, greeting, limit }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// Any [`ProtocolError`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ProtocolError> {
        let Self { packets, state, greeting, limit } = self;
        packets.push(bytes, |packet| {
            *state = next(*state, packet, greeting, *limit)?;
            Ok(())
        })
    }

    /// The greeting.
    ///
    /// # Errors
    /// [`ProtocolError::Truncated`] for one without an end.
    pub fn finish(self) -> Result<Greeting, ProtocolError> {
        if self.state == State::Ended { Ok(self.greeting) } else { Err(ProtocolError::Truncated) }
    }
}

fn next(state: State, packet: Packet<'_>, greeting: &mut Greeting, limit: usize) -> Result<State, ProtocolError> {
    let line = match (packet, state) {
        (Packet::Line(line), _) => chomp(line),
        (Packet::Flush, State::AfterService) => return Ok(State::FirstRef),
        // A repository without refs may end at once.
        (Packet::Flush, State::FirstRef | State::Refs | State::Abilities) => return Ok(State::Ended),
        _ => return Err(ProtocolError::Unexpected("a packet that is out of place")),
    };
    if let Some(why) = line.strip_prefix(b"ERR ") {
        return Err(ProtocolError::Refused(message(why)));
    }
    match state {
        State::Start if line.starts_with(b"# service=") => Ok(State::AfterService),
        State::Start | State::FirstRef if line == b"version 2" => {
            greeting.version = Version::Two;
            greeting.side_band = true;
            Ok(State::Abilities)
        }
        // Version 1 is version 0 behind this line.
        State::Start | State::FirstRef if line == b"version 1" => Ok(State::FirstRef),
        State::Start | State::FirstRef => {
            let zero = line.iter().position(|byte| *byte == 0).ok_or(ProtocolError::Unexpected("no abilities"))?;
            let (first, abilities) = line.split_at(zero);
            abilities_of_version_zero(greeting, &abilities[1..]);
            // Ids of another length are those of another hash.
            greeting.sha1 &= first.iter().position(|byte| *byte == b' ') == Some(40);
            greeting.refs.add_plain(first, limit);
            Ok(State::Refs)
        }
        State::Refs => {
            greeting.refs.add_plain(line, limit);
            Ok(State::Refs)
        }
        State::Abilities => {
            ability_of_version_two(greeting, line);
            Ok(State::Abilities)
        }
        State::AfterService | State::Ended => Err(ProtocolError::Unexpected("a line that is out of place")),
    }
}

fn abilities_of_version_zero(greeting: &mut Greeting, abilities: &[u8]) {
    for ability in abilities.split(|byte| *byte == b' ') {
        match ability {
            b"filter" => greeting.filter = true,
            b"shallow" => greeting.shallow = true,
            b"side-band-64k" => greeting.side_band = true,
            _ => {
                if let Some(format) = ability.strip_prefix(b"object-format=") {
                    greeting.sha1 = format == b"sha1";
                }
            }
        }
    }
}

fn ability_of_version_two(greeting: &mut Greeting, line: &[u8]) {
    let name = line.split(|byte| *byte == b'=').next().unwrap_or_default();
    let values = line.get(name.len() + 1..).unwrap_or_default();
    match name {
        b"ls-refs" => greeting.ls_refs = true,
        b"agent" => greeting.agent = true,
        b"object-format" => (greeting.object_format, greeting.sha1) = (true, values == b"sha1"),
        b"fetch" => {
            for value in values.split(|byte| *byte == b' ') {
                greeting.shallow |= value == b"shallow";
                greeting.filter |= value == b"filter";
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pkt(text: &str) -> String {
        format!("{:04x}{text}", text.len() + 4)
    }

    fn greeting(text: &str) -> Result<Greeting, ProtocolError> {
        let mut decoder = GreetingDecoder::new(3);
        decoder.push(text.as_bytes())?;
        decoder.finish()
    }

    const SERVICE: &str = "001e# service=git-upload-pack\n0000";

    #[test]
    fn version_two_lists_abilities_with_and_without_the_service() {
        let abilities =
            "000eversion 2\n0012ls-refs=unborn\n001ffetch=shallow wait filter\n0017object-format=sha1\n0000"
                .replace("0012ls-refs", "0013ls-refs");
        let abilities =
            abilities.replace("001ffetch", &format!("{:04x}fetch", "fetch=shallow wait filter\n".len() + 4));
        for text in [abilities.clone(), format!("{SERVICE}{abilities}")] {
            let found = greeting(&text).unwrap();
            assert_eq!(found.version, Version::Two);
            assert!(found.filter && found.shallow && found.ls_refs && found.sha1 && found.object_format);
            assert!(!found.agent && found.refs.refs.is_empty());
        }
    }

    #[test]
    fn version_zero_lists_refs_and_peeled_tags() {
        let [a, b, c] = ["a", "b", "c"].map(|digit| digit.repeat(40));
        let text = [
            SERVICE.to_owned(),
            pkt(&format!("{a} HEAD\0multi_ack shallow side-band-64k filter object-format=sha1\n")),
            pkt(&format!("{a} refs/heads/main\n")),
            pkt(&format!("{b} refs/tags/v1\n")),
            pkt(&format!("{c} refs/tags/v1^{{}}\n")),
            "0000".to_owned(),
        ];
        let found = greeting(&text.concat()).unwrap();
        assert_eq!(found.version, Version::Zero);
        assert!(found.filter && found.shallow && found.side_band && found.sha1);
        assert_eq!(found.refs.refs.len(), 2);
        assert_eq!(found.refs.named("refs/tags/v1").unwrap().peeled.unwrap().to_string(), c);
    }

    #[test]
    fn another_hash_is_noticed_in_both_versions() {
        let new = format!("{}{}0000", pkt("version 2\n"), pkt("object-format=sha256\n"));
        assert!(!greeting(&new).unwrap().sha1);
        let old = |abilities: &str| format!("{SERVICE}{}0000", pkt(&format!("{} HEAD\0{abilities}\n", "a".repeat(64))));
        assert!(!greeting(&old("shallow")).unwrap().sha1);
        assert!(!greeting(&old("object-format=sha256")).unwrap().sha1);
    }

    #[test]
    fn nonsense_and_refusals_are_errors() {
        for text in ["", "0000", "0zzz", "<html>", &SERVICE[..20], SERVICE, "0009hello", "0008ERR "] {
            assert!(greeting(text).is_err(), "{text:?} passed");
        }
        assert_eq!(greeting("000eERR access"), Err(ProtocolError::Refused("access".to_owned())));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let mut decoder = GreetingDecoder::new(3);
            let _ = decoder.push(&bytes);
            let _ = decoder.finish();
        }
    }
}
