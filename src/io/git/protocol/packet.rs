//! Packets: lines that begin with their length in four hex digits.

use super::ProtocolError;

/// One packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// A line, without its length.
    Line(&'a [u8]),
    /// `0000`: the end of a message.
    Flush,
    /// `0001`: the end of a section.
    Delimiter,
    /// `0002`: the end of an answer.
    End,
}

/// Splits a stream of bytes into packets. It keeps no more than one packet, which has at most 65,535 bytes.
#[derive(Debug, Default)]
pub struct PacketDecoder {
    pending: Vec<u8>,
}

impl PacketDecoder {
    /// Takes the next bytes and calls `each` with every packet that they complete.
    ///
    /// # Errors
    /// [`ProtocolError::Length`], and what `each` fails with. After an error, nothing more can be read.
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Packet<'_>) -> Result<(), ProtocolError>,
    ) -> Result<(), ProtocolError> {
        let mut rest = bytes;
        // A packet that began in an earlier piece is completed first; all others are read where they are.
        while !self.pending.is_empty() {
            let length = if self.pending.len() < 4 { 4 } else { whole_length(&self.pending)?.max(4) };
            let missing = length - self.pending.len();
            let (now, later) = rest.split_at(missing.min(rest.len()));
            self.pending.extend_from_slice(now);
            rest = later;
            if self.pending.len() < length {
                return Ok(());
            }
            if length > 4 || whole_length(&self.pending)? <= 4 {
                let whole = std::mem::take(&mut self.pending);
                each(packet(&whole)?)?;
            }
        }
        while rest.len() >= 4 {
            let length = whole_length(rest)?.max(4);
            let Some((whole, later)) = rest.split_at_checked(length) else { break };
            each(packet(whole)?)?;
            rest = later;
        }
        self.pending.extend_from_slice(rest);
        Ok(())
    }

    /// Returns whether the bytes so far end at the end of a packet.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.pending.is_empty()
    }
}

/// The number that a packet begins with: its whole length, or a special packet below 4.
fn whole_length(bytes: &[u8]) -> Result<usize, ProtocolError> {
    let digits = bytes.get(..4).ok_or(ProtocolError::Length)?;
    let mut length = 0;
    for digit in digits {
        let value = char::from(*digit).to_digit(16).ok_or(ProtocolError::Length)?;
        length = length * 16 + value as usize;
    }
    if length == 3 { Err(ProtocolError::Length) } else { Ok(length) }
}

fn packet(whole: &[u8]) -> Result<Packet<'_>, ProtocolError> {
    match whole_length(whole)? {
        0 => Ok(Packet::Flush),
        1 => Ok(Packet::Delimiter),
        2 => Ok(Packet::End),
        _ => Ok(Packet::Line(&whole[4..])),
    }
}

/// Appends a line to a request. Requests are made here and short.
pub(super) fn write_line(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(format!("{:04x}{text}\n", text.len() + 5).as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> (Vec<String>, Result<(), ProtocolError>) {
        let (mut decoder, mut seen) = (PacketDecoder::default(), Vec::new());
        for piece in pieces {
            let outcome = decoder.push(piece, |packet| {
                seen.push(match packet {
                    Packet::Line(line) => String::from_utf8_lossy(line).into_owned(),
                    other => format!("{other:?}"),
                });
                Ok(())
            });
            if outcome.is_err() {
                return (seen, outcome);
            }
        }
        (seen, if decoder.is_between() { Ok(()) } else { Err(ProtocolError::Truncated) })
    }

    #[test]
    fn packets_are_read_wherever_the_pieces_end() {
        let whole = b"0006a\n0000000a000bcd000100040002";
        let expected = ["a\n", "Flush", "000bcd", "Delimiter", "", "End"];
        for cut in 0..=whole.len() {
            let (seen, outcome) = read(&[&whole[..cut], &whole[cut..]]);
            assert_eq!((seen.as_slice(), outcome), (expected.map(str::to_owned).as_slice(), Ok(())), "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(read(&bytes).0, expected);
    }

    #[test]
    fn a_length_that_makes_no_sense_is_an_error() {
        for wrong in [b"0003".as_slice(), b"zzzz", b"-001", b"+00a", b"00 5", b"\xff\xff\xff\xff"] {
            assert_eq!(read(&[wrong]).1, Err(ProtocolError::Length), "{wrong:?}");
            assert_eq!(read(&[&wrong[..1], &wrong[1..]]).1, Err(ProtocolError::Length), "{wrong:?} in pieces");
        }
        assert_eq!(read(&[b"0009abc"]).1, Err(ProtocolError::Truncated));
    }

    #[test]
    fn a_written_line_is_read_back() {
        let mut out = Vec::new();
        write_line(&mut out, "done");
        assert_eq!(read(&[&out]).0, ["done\n"]);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in proptest::collection::vec(prop_oneof![Just(b'0'), any::<u8>()], 0..60), cut in 0..60_usize) {
            let cut = cut.min(bytes.len());
            prop_assert_eq!(read(&[&bytes]), read(&[&bytes[..cut], &bytes[cut..]]));
        }
    }
}
