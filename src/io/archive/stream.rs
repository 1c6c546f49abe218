//! The unpacked bytes of a compressed file: one stream after the other, within bounds.
//!
//! Which streams follow each other is Python's rule (`gzip`, `bz2`, `lzma` modules): a gzip member may be followed
//! by zeros and another member, and anything else is an error; a bzip2, xz or zstd stream may be followed by
//! another one, and anything else ends the data silently.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::mem;
use std::rc::Rc;

use super::ArchiveLimits;
use super::error::ArchiveError;
use super::source::{Deadline, Source};

/// The size of the output, in bytes, before the ratio counts: a small file of zeros is no bomb.
const RATIO_FLOOR: u64 = 16 << 20;

/// Opens the unpacked bytes of a tar file, from the file's start.
pub(super) fn open<R: Read>(
    file: R,
    limits: &ArchiveLimits,
    deadline: Deadline,
) -> Result<Bounded<Streams<R>>, ArchiveError> {
    let mut source = Source::new(file, deadline);
    let taken = source.taken();
    let codec = Codec::of(source.peek(MAGIC)?)?;
    let streams = Streams { codec, window: limits.window, started: false, state: State::Between(source) };
    Ok(Bounded { inner: streams, given: 0, taken, limits: limits.clone(), deadline })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    None,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// Bytes of the longest magic.
const MAGIC: usize = 6;
const XZ: &[u8] = b"\xfd7zXZ\0";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

impl Codec {
    /// By the first bytes, in the order in which `tarfile.open` tries. The two old LZMA forms are named so that
    /// the message helps.
    fn of(start: &[u8]) -> Result<Self, ArchiveError> {
        let refused = |what| Err(ArchiveError::unsupported(b".", what));
        match start {
            [] => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            [0x1f, 0x8b, ..] => Ok(Self::Gzip),
            [b'B', b'Z', b'h', ..] => Ok(Self::Bzip2),
            _ if start.starts_with(XZ) => Ok(Self::Xz),
            _ if Self::zstd(start) => Ok(Self::Zstd),
            _ if start.starts_with(b"LZIP") => refused("the file is compressed with lzip"),
            [0x5d, 0, 0, ..] => refused("the file is compressed with the old lzma format"),
            _ => Ok(Self::None),
        }
    }

    /// A zstd frame, or a frame to be skipped.
    fn zstd(start: &[u8]) -> bool {
        start.starts_with(ZSTD) || matches!(start, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
    }

    /// Returns whether another stream begins here.
    fn begins(self, start: &[u8]) -> bool {
        match self {
            Self::None => true,
            Self::Gzip => start.starts_with(b"\x1f\x8b"),
            Self::Bzip2 => start.starts_with(b"BZh"),
            Self::Xz => start.starts_with(XZ),
            Self::Zstd => Self::zstd(start),
        }
    }
}

/// All streams of the file, one after the other.
pub(super) struct Streams<R: Read> {
    codec: Codec,
    window: u64,
    started: bool,
    state: State<R>,
}

enum State<R: Read> {
    /// In front of a stream, or of the end.
    Between(Source<R>),
    Plain(Source<R>),
    Gzip(Box<flate2::bufread::GzDecoder<Source<R>>>),
    Bzip2(bzip2::bufread::BzDecoder<Source<R>>),
    Xz(Box<lzma_rust2::XzReader<Source<R>>>),
    Zstd(Box<Zstd<R>>),
    End,
}

type Zstd<R> = ruzstd::decoding::StreamingDecoder<Source<R>, ruzstd::decoding::FrameDecoder>;

impl<R: Read> Read for Streams<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.state {
                State::Between(_) => {
                    // An error leaves the end behind it: nothing more is read.
                    if let State::Between(source) = mem::replace(&mut self.state, State::End) {
                        self.state = self.begin(source)?;
                    }
                    continue;
                }
                State::Plain(source) => source.read(buffer)?,
                State::Gzip(decoder) => decoder.read(buffer)?,
                State::Bzip2(decoder) => decoder.read(buffer)?,
                State::Xz(decoder) => decoder.read(buffer)?,
                State::Zstd(decoder) => decoder.read(buffer)?,
                State::End => return Ok(0),
            };
            if read > 0 {
                return Ok(read);
            }
            self.state = match mem::replace(&mut self.state, State::End) {
                State::Gzip(decoder) => State::Between(decoder.into_inner()),
                State::Bzip2(decoder) => State::Between(decoder.into_inner()),
                State::Xz(decoder) => State::Between(decoder.into_inner()),
                State::Zstd(decoder) => State::Between(finished(*decoder)?),
                State::Between(_) | State::Plain(_) | State::End => State::End,
            };
        }
    }
}

impl<R: Read> Streams<R> {
    fn begin(&mut self, mut source: Source<R>) -> io::Result<State<R>> {
        let first = !mem::replace(&mut self.started, true);
        if self.codec == Codec::Gzip && !first {
            skip_zeros(&mut source)?;
        }
        let magic = source.peek(MAGIC)?;
        if magic.is_empty() {
            return Ok(State::End);
        }
        if !self.codec.begins(magic) {
            let strict = self.codec == Codec::Gzip;
            return if strict { Err(invalid("bytes after the gzip data")) } else { Ok(State::End) };
        }
        let frame = magic.starts_with(ZSTD);
        Ok(match self.codec {
            Codec::None => State::Plain(source),
            Codec::Gzip => State::Gzip(Box::new(flate2::bufread::GzDecoder::new(source))),
            Codec::Bzip2 => State::Bzip2(bzip2::bufread::BzDecoder::new(source)),
            Codec::Xz => {
                let kib = u32::try_from(self.window / 1024).unwrap_or(u32::MAX - 1);
                // The decoder's own tables come on top of the dictionary.
                let kib = kib.saturating_add(1024).min(u32::MAX - 1);
                State::Xz(Box::new(lzma_rust2::XzReader::new_mem_limit(source, false, kib)))
            }
            Codec::Zstd if frame => self.zstd(source)?,
            Codec::Zstd => skip_frame(source)?,
        })
    }

    fn zstd(&self, source: Source<R>) -> io::Result<State<R>> {
        Zstd::new_with_max_window_size(source, self.window)
            .map(|decoder| State::Zstd(Box::new(decoder)))
            .map_err(|error| invalid(&error.to_string()))
    }
}

/// Passes over a zstd frame that holds no data: magic, length in four bytes, bytes.
fn skip_frame<R: Read>(mut source: Source<R>) -> io::Result<State<R>> {
    let mut header = [0; 8];
    source.read_exact(&mut header)?;
    let [.., a, b, c, d] = header;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if io::copy(&mut source.by_ref().take(length), &mut io::sink())? != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(State::Between(source))
}

/// The source behind a zstd frame, after its checksum was compared: the decoder computes it only.
fn finished<R: Read>(frame: Zstd<R>) -> io::Result<Source<R>> {
    let (source, decoder) = frame.into_parts();
    let held = decoder.get_checksum_from_data();
    if held.is_some() && held != decoder.get_calculated_checksum() {
        return Err(invalid("a zstd frame's checksum is wrong"));
    }
    Ok(source)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

fn skip_zeros(source: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = source.fill_buf()?;
        let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
        let all = zeros == buffer.len();
        if zeros == 0 {
            return Ok(());
        }
        source.consume(zeros);
        if !all {
            return Ok(());
        }
    }
}

/// Counts what comes out and stops at the limits.
pub(super) struct Bounded<R> {
    inner: R,
    given: u64,
    taken: Rc<Cell<u64>>,
    limits: ArchiveLimits,
    deadline: Deadline,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.given += read as u64;
        let over = |what, limit| Err(io::Error::other(ArchiveError::limit(what, limit)));
        if self.given > self.limits.unpacked {
            return over("unpacked bytes", self.limits.unpacked);
        }
        if self.given > RATIO_FLOOR && self.given / self.taken.get().max(1) >= self.limits.ratio {
            return over("bytes for each packed byte", self.limits.ratio);
        }
        self.deadline.check()?;
        Ok(read)
    }
}
