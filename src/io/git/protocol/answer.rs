//! The answer to a request for objects.

use super::packet::{Packet, PacketDecoder};
use super::{ProtocolError, Version, chomp, message};

/// The end of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// With a pack; its reader finds out whether that is whole.
    Pack,
    /// Without a byte: git's own server refuses in this way what it does not know or allow.
    Empty,
}

/// Reads the answer to a request for objects.
#[derive(Debug)]
pub struct AnswerDecoder {
    packets: PacketDecoder,
    version: Version,
    state: State,
    begun: bool,
    cut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a section.
    Header,
    /// Inside a section of which nothing is needed.
    Skipped,
    /// Inside the pack.
    Pack,
    Ended,
}

impl AnswerDecoder {
    /// A decoder for an answer in this version of the protocol.
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self { packets: PacketDecoder::default(), version, state: State::Header, begun: false, cut: false }
    }

    /// Takes the next bytes of the answer and appends the bytes of the pack that are in them to `pack`.
    ///
    /// # Errors
    /// Any [`ProtocolError`]; [`ProtocolError::Refused`] is the server's own word.
    pub fn push(&mut self, bytes: &[u8], pack: &mut Vec<u8>) -> Result<(), ProtocolError> {
        let Self { packets, version, state, begun, cut } = self;
        *begun |= !bytes.is_empty();
        packets.push(bytes, |packet| {
            let before_the_pack = matches!(state, State::Header | State::Skipped);
            *cut |= before_the_pack && matches!(packet, Packet::Line(line) if line.starts_with(b"shallow "));
            *state = match version {
                Version::Two => next_of_two(*state, packet, pack)?,
                Version::Zero => next_of_zero(*state, packet, pack)?,
            };
            Ok(())
        })
    }

    /// Returns whether the server said that history is cut off somewhere.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// Says how the answer ended.
    ///
    /// # Errors
    /// [`ProtocolError::Truncated`] for one without an end.
    pub fn finish(self) -> Result<Answer, ProtocolError> {
        match (self.state, self.begun) {
            (State::Ended, _) => Ok(Answer::Pack),
            (_, false) => Ok(Answer::Empty),
            (_, true) => Err(ProtocolError::Truncated),
        }
    }
}

fn next_of_two(state: State, packet: Packet<'_>, pack: &mut Vec<u8>) -> Result<State, ProtocolError> {
    match (state, packet) {
        (State::Header | State::Skipped, Packet::Line(line)) if line.starts_with(b"ERR ") => {
            Err(ProtocolError::Refused(message(&line[4..])))
        }
        (State::Header, Packet::Line(line)) => match chomp(line) {
            b"packfile" => Ok(State::Pack),
            b"acknowledgments" | b"shallow-info" | b"wanted-refs" => Ok(State::Skipped),
            _ => Err(ProtocolError::Unexpected("an unknown section")),
        },
        (State::Skipped, Packet::Line(_)) => Ok(State::Skipped),
        (State::Skipped, Packet::Delimiter) => Ok(State::Header),
        (State::Pack, Packet::Line(line)) => side_band(line, pack),
        // Over HTTP an end may follow the end.
        (State::Pack, Packet::Flush) | (State::Ended, Packet::End) => Ok(State::Ended),
        _ => Err(ProtocolError::Unexpected("a packet that is out of place")),
    }
}

fn next_of_zero(state: State, packet: Packet<'_>, pack: &mut Vec<u8>) -> Result<State, ProtocolError> {
    match (state, packet) {
        (State::Header, Packet::Line(line)) => {
            if let Some(why) = line.strip_prefix(b"ERR ") {
                return Err(ProtocolError::Refused(message(why)));
            }
            match chomp(line) {
                b"NAK" => Ok(State::Pack),
                line if line.starts_with(b"shallow ") || line.starts_with(b"unshallow ") => Ok(State::Header),
                _ => Err(ProtocolError::Unexpected("an unknown line")),
            }
        }
        // The end of the commits where history is cut off.
        (State::Header, Packet::Flush) => Ok(State::Header),
        (State::Pack, Packet::Line(line)) => side_band(line, pack),
        (State::Pack, Packet::Flush) => Ok(State::Ended),
        _ => Err(ProtocolError::Unexpected("a packet that is out of place")),
    }
}

fn side_band(line: &[u8], pack: &mut Vec<u8>) -> Result<State, ProtocolError> {
    match line.split_first() {
        Some((1, data)) => pack.extend_from_slice(data),
        // Progress for people, and packets that keep the connection alive.
        Some((2, _)) | None => {}
        Some((3, why)) => return Err(ProtocolError::Aborted(message(why))),
        Some(_) => {
            let refused = line.strip_prefix(b"ERR ").map(message);
            return Err(refused.map_or(ProtocolError::Unexpected("an unknown side-band"), ProtocolError::Refused));
        }
    }
    Ok(State::Pack)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(version: Version, answer: &[u8]) -> Result<(Answer, Vec<u8>), ProtocolError> {
        let (mut decoder, mut pack) = (AnswerDecoder::new(version), Vec::new());
        decoder.push(answer, &mut pack)?;
        Ok((decoder.finish()?, pack))
    }

    fn pkt(content: &[u8]) -> Vec<u8> {
        let mut out = format!("{:04x}", content.len() + 4).into_bytes();
        out.extend_from_slice(content);
        out
    }

    fn shallow() -> Vec<u8> {
        pkt(format!("shallow {}", "a".repeat(40)).as_bytes())
    }

    #[test]
    fn the_pack_of_version_two_is_put_together() {
        let parts = [
            pkt(b"shallow-info\n"),
            shallow(),
            b"0001".to_vec(),
            pkt(b"packfile\n"),
            pkt(b"\x02progress"),
            pkt(b"\x01PA"),
            pkt(b""),
            pkt(b"\x01CK"),
            b"0000".to_vec(),
        ];
        assert_eq!(read(Version::Two, &parts.concat()), Ok((Answer::Pack, b"PACK".to_vec())));
        assert_eq!(read(Version::Two, &parts[..8].concat()), Err(ProtocolError::Truncated));
        for (from, cut) in [(0, true), (3, false)] {
            let mut decoder = AnswerDecoder::new(Version::Two);
            decoder.push(&parts[from..].concat(), &mut Vec::new()).unwrap();
            assert_eq!(decoder.is_cut(), cut);
        }
    }

    #[test]
    fn the_pack_of_version_zero_is_put_together() {
        let parts = [shallow(), b"0000".to_vec(), pkt(b"NAK\n"), pkt(b"\x01PACK"), b"0000".to_vec()];
        assert_eq!(read(Version::Zero, &parts.concat()), Ok((Answer::Pack, b"PACK".to_vec())));
        assert_eq!(read(Version::Zero, &parts[2..].concat()), Ok((Answer::Pack, b"PACK".to_vec())));
        assert_eq!(read(Version::Zero, &parts[..4].concat()), Err(ProtocolError::Truncated));
    }

    #[test]
    fn refusals_are_the_servers_own_words() {
        for version in [Version::Zero, Version::Two] {
            assert_eq!(read(version, b""), Ok((Answer::Empty, Vec::new())));
            let refused = read(version, &pkt(b"ERR upload-pack: not our ref x\n"));
            assert_eq!(refused, Err(ProtocolError::Refused("upload-pack: not our ref x".to_owned())));
        }
        let aborted = [pkt(b"packfile\n"), pkt(b"\x03out of\nmemory\n")].concat();
        assert_eq!(read(Version::Two, &aborted), Err(ProtocolError::Aborted("out of memory".to_owned())));
    }

    #[test]
    fn what_is_out_of_place_is_an_error() {
        for answer in [
            b"0000".to_vec(),
            b"0001".to_vec(),
            pkt(b"packfile-uris\n"),
            pkt(b"\x01PACK"),
            [pkt(b"packfile\n"), pkt(b"\x04x")].concat(),
            [pkt(b"packfile\n"), b"0001".to_vec()].concat(),
            [pkt(b"packfile\n"), b"0000".to_vec(), pkt(b"\x01x")].concat(),
        ] {
            let outcome = read(Version::Two, &answer);
            assert!(matches!(outcome, Err(ProtocolError::Unexpected(_))), "{answer:?}: {outcome:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = read(Version::Two, &bytes);
            let _ = read(Version::Zero, &bytes);
        }
    }
}
