//! One tar header block of 512 bytes, read as Python's `tarfile.TarInfo.frombuf` reads it.
//!
//! The fields are those of POSIX ustar, at the same places in old (v7) and GNU headers. `tarfile` takes a header
//! that it cannot read for the end of the archive; here it is an error, because a reader that goes on would find
//! other files.

/// Bytes of a header and of a unit of data.
pub(super) const BLOCK: usize = 512;

/// The numbers that `tarfile` parses without using them here; a header in which one is malformed is no header.
const OTHER_NUMBERS: [(usize, usize); 6] = [(100, 108), (108, 116), (116, 124), (136, 148), (329, 337), (337, 345)];

/// The fields of one header block, before extension headers change them.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) name: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) size: u64,
    pub(super) kind: u8,
    /// For an old GNU sparse file: another block with its map follows.
    pub(super) sparse_goes_on: bool,
}

impl Header {
    /// Reads a block that is not all zeros. `first` is whether no extension header came before: only then is an
    /// old regular file with a trailing slash a folder.
    pub(super) fn parse(block: &[u8; BLOCK], first: bool) -> Result<Self, &'static str> {
        let sum = number(&block[148..156])?.ok_or("a negative checksum")?;
        if !checksums(block).contains(&i64::try_from(sum).unwrap_or(-1)) {
            return Err("the header's checksum is wrong");
        }
        for (from, to) in OTHER_NUMBERS {
            number(&block[from..to])?;
        }
        let size = number(&block[124..136])?.ok_or("a negative size")?;
        let mut kind = block[156];
        let mut name = text(&block[..100]).to_vec();
        if first && kind == 0 && name.ends_with(b"/") {
            kind = b'5';
        }
        if kind == b'5' {
            trim_slashes(&mut name);
        }
        let prefix = text(&block[345..500]);
        if !prefix.is_empty() && !b"LKS".contains(&kind) {
            name = [prefix, b"/", &name].concat();
        }
        let link = text(&block[157..257]).to_vec();
        Ok(Self { name, link, size, kind, sparse_goes_on: kind == b'S' && block[482] != 0 })
    }
}

/// Drops all trailing slashes.
pub(super) fn trim_slashes(name: &mut Vec<u8>) {
    while name.last() == Some(&b'/') {
        name.pop();
    }
}

/// The bytes before the first NUL.
pub(super) fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number field: octal digits, or base 256 after a first byte of 0x80 (positive) or 0xff (negative, `None`).
fn number(field: &[u8]) -> Result<Option<u64>, &'static str> {
    match field.first() {
        Some(0xff) => Ok(None),
        Some(0x80) => field[1..]
            .iter()
            .try_fold(0_u64, |sum, byte| sum.checked_mul(256)?.checked_add(u64::from(*byte)))
            .map(Some)
            .ok_or("a number is too large"),
        _ => {
            let digits = text(field).trim_ascii();
            digits
                .iter()
                .try_fold(0_u64, |sum, byte| {
                    let digit = matches!(byte, b'0'..=b'7').then(|| u64::from(byte - b'0'))?;
                    sum.checked_mul(8)?.checked_add(digit)
                })
                .map(Some)
                .ok_or("a number is malformed")
        }
    }
}

/// The sum of all bytes with the checksum itself as spaces: unsigned, and signed as some old writers had it.
fn checksums(block: &[u8; BLOCK]) -> [i64; 2] {
    let others = || block[..148].iter().chain(&block[156..]);
    let unsigned: i64 = others().map(|byte| i64::from(*byte)).sum();
    let signed: i64 = others().map(|byte| i64::from(byte.cast_signed())).sum();
    [unsigned + 256, signed + 256]
}
