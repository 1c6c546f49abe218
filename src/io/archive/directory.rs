//! The central directory of a zip, found and read as Python's `zipfile` does.
//!
//! Field places are those of APPNOTE.TXT 6.3, sections 4.3.12 (central header), 4.3.14 to 4.3.16 (the three end
//! records). `zipfile` takes the last end record of the file, allows bytes in front of the archive, and does not
//! look at counts; here the counts must be right and nothing may follow the comment.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Take};

use super::ArchiveLimits;
use super::error::ArchiveError;
use super::source::Deadline;

const END: &[u8] = b"PK\x05\x06";
const END_SIZE: usize = 22;
const END64: &[u8] = b"PK\x06\x06";
const END64_SIZE: u64 = 56;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_SIZE: u64 = 20;
const CENTRAL: &[u8] = b"PK\x01\x02";
/// A comment's length has two bytes.
const COMMENT_MAX: u64 = 0xffff;
/// The newest version that Python unpacks (`MAX_EXTRACT_VERSION`).
const VERSION_MAX: u16 = 63;

/// Where the central directory is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Directory {
    pub(super) start: u64,
    size: u64,
    entries: u64,
    /// Bytes in front of the archive, which all offsets leave out.
    before: u64,
}

/// One entry of the central directory.
#[derive(Debug, Clone)]
pub(super) struct Central {
    /// UTF-8, translated from code page 437 where the entry does not claim UTF-8.
    pub(super) name: Vec<u8>,
    pub(super) raw_name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Of the local header, in the file.
    pub(super) offset: u64,
}

impl Directory {
    /// Finds the directory of a file of `size` bytes.
    pub(super) fn find(file: &mut (impl Read + Seek), size: u64) -> Result<Self, ArchiveError> {
        let tail = size.min(COMMENT_MAX + END_SIZE as u64);
        let bytes = read_at(file, size - tail, tail)?;
        let at = bytes
            .windows(END.len())
            .rposition(|window| window == END)
            .filter(|at| bytes.len() - at >= END_SIZE)
            .ok_or_else(|| damaged("it has no end record"))?;
        let end = &bytes[at..];
        if end.len() != END_SIZE + usize::from(u16_at(end, 20)) {
            return Err(damaged("bytes follow its comment"));
        }
        let place = size - tail + at as u64;
        let mut directory = Self {
            start: 0,
            size: u64::from(u32_at(end, 12)),
            entries: u64::from(u16_at(end, 10)),
            before: u64::from(u32_at(end, 16)),
        };
        if u16_at(end, 4) != 0 || u16_at(end, 6) != 0 || u16_at(end, 8) != u16_at(end, 10) {
            return Err(damaged("it spans several disks"));
        }
        let after = directory.zip64(file, place)?.unwrap_or(place);
        // `before` is still the directory's offset as the end record has it.
        let start = after.checked_sub(directory.size).ok_or_else(|| damaged("its directory is too large"))?;
        let before = start.checked_sub(directory.before);
        directory.before = before.ok_or_else(|| damaged("its directory's offset is wrong"))?;
        directory.start = start;
        Ok(directory)
    }

    /// Takes the numbers of the zip64 end record, if there is one; gives its place.
    fn zip64(&mut self, file: &mut (impl Read + Seek), end: u64) -> Result<Option<u64>, ArchiveError> {
        let Some(place) = end.checked_sub(LOCATOR_SIZE + END64_SIZE) else {
            return Ok(None);
        };
        let bytes = read_at(file, place, LOCATOR_SIZE + END64_SIZE)?;
        let (record, locator) = bytes.split_at(56);
        if !locator.starts_with(LOCATOR) {
            return Ok(None);
        }
        // `zipfile` ignores a record that is not directly in front of its locator; others follow the offset.
        if !record.starts_with(END64) || u32_at(locator, 16) > 1 || u32_at(locator, 4) != 0 {
            return Err(damaged("its zip64 end record is not where it belongs"));
        }
        if u32_at(record, 16) != 0 || u32_at(record, 20) != 0 || u64_at(record, 24) != u64_at(record, 32) {
            return Err(damaged("it spans several disks"));
        }
        self.entries = u64_at(record, 32);
        self.size = u64_at(record, 40);
        self.before = u64_at(record, 48);
        Ok(Some(place))
    }

    /// Calls `visit` with every entry, in order.
    pub(super) fn each<R: Read + Seek>(
        &self,
        file: &mut R,
        limits: &ArchiveLimits,
        deadline: Deadline,
        mut visit: impl FnMut(u64, Central) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        if self.entries > limits.entries {
            return Err(ArchiveError::limit("entries", limits.entries));
        }
        file.seek(SeekFrom::Start(self.start))?;
        let mut reader = BufReader::with_capacity(64 << 10, file).take(self.size);
        for index in 0..self.entries {
            if index % 256 == 0 {
                deadline.check()?;
            }
            visit(index, self.entry(&mut reader, limits)?)?;
        }
        if reader.fill_buf()?.is_empty() { Ok(()) } else { Err(damaged("its directory has more entries than it says")) }
    }

    fn entry<R: BufRead>(&self, reader: &mut Take<R>, limits: &ArchiveLimits) -> Result<Central, ArchiveError> {
        let mut fixed = [0; 46];
        reader.read_exact(&mut fixed)?;
        if !fixed.starts_with(CENTRAL) {
            return Err(damaged("an entry of its directory is none"));
        }
        let mut rest = [u16_at(&fixed, 28), u16_at(&fixed, 30), u16_at(&fixed, 32)].map(|n| vec![0; n.into()]);
        for part in &mut rest {
            reader.read_exact(part)?;
        }
        let [raw_name, extra, _comment] = rest;
        let flags = u16_at(&fixed, 8);
        let name = decode(&raw_name, flags)?;
        if name.len() > limits.path {
            return Err(ArchiveError::limit("bytes in a name", limits.path as u64));
        }
        if name.split(|byte| *byte == b'/').count() > limits.depth + 1 {
            return Err(ArchiveError::limit("folders in a name", limits.depth as u64));
        }
        if name.contains(&0) || u16_at(&fixed, 6) > VERSION_MAX {
            return Err(ArchiveError::corrupt(&name, "its name or its version is none"));
        }
        let mut central = Central {
            raw_name,
            flags,
            method: u16_at(&fixed, 10),
            crc: u32_at(&fixed, 16),
            packed: u64::from(u32_at(&fixed, 20)),
            size: u64::from(u32_at(&fixed, 24)),
            offset: u64::from(u32_at(&fixed, 42)),
            name,
        };
        zip64_extra(&extra, [&mut central.size, &mut central.packed, &mut central.offset])
            .ok_or_else(|| ArchiveError::corrupt(&central.name, "its extra field is malformed"))?;
        central.offset = central
            .offset
            .checked_add(self.before)
            .filter(|offset| *offset < self.start)
            .ok_or_else(|| ArchiveError::corrupt(&central.name, "it begins behind the directory"))?;
        Ok(central)
    }
}

/// Fills in the numbers that were too large for 32 bits (extra field 1), in their order. `None` if the field is
/// malformed, given twice, or lacks one of them.
pub(super) fn zip64_extra(mut extra: &[u8], numbers: [&mut u64; 3]) -> Option<()> {
    let mut wide: Option<&[u8]> = None;
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let (field, rest) = extra[4..].split_at_checked(length)?;
        if id == 1 && wide.replace(field).is_some() {
            return None;
        }
        extra = rest;
    }
    let mut wide = wide.unwrap_or_default();
    for number in numbers.into_iter().filter(|number| **number == u64::from(u32::MAX)) {
        let (value, rest) = wide.split_at_checked(8)?;
        *number = u64_at(value, 0);
        wide = rest;
    }
    Some(())
}

/// The name as Python decodes it: UTF-8 if flag 11 says so, else code page 437.
pub(super) fn decode(name: &[u8], flags: u16) -> Result<Vec<u8>, ArchiveError> {
    if flags & 0x800 != 0 {
        return match std::str::from_utf8(name) {
            Ok(_) => Ok(name.to_vec()),
            Err(_) => Err(ArchiveError::corrupt(name, "its name claims to be UTF-8")),
        };
    }
    let high = |byte: u8| CP437.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::REPLACEMENT_CHARACTER);
    let text: String = name.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { high(*byte) }).collect();
    Ok(text.into_bytes())
}

/// The upper half of code page 437, as Unicode maps it (`CP437.TXT`).
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

fn damaged(what: &str) -> ArchiveError {
    ArchiveError::corrupt(b"central directory", what)
}

fn read_at(file: &mut (impl Read + Seek), offset: u64, length: u64) -> Result<Vec<u8>, ArchiveError> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The two bytes at `at`; zero beyond the end.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes)
}

/// The four bytes at `at`; zero beyond the end.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}
