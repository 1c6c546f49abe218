//! Makes archives, right ones and wrong ones, for tests and benchmarks. Shared by path.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each user takes what it needs, and none is a product"
)]

use std::io::Write;

pub const BLOCK: usize = 512;

/// How a name that may be long is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In the header alone, cut to 100 bytes.
    Plain,
    /// In a GNU long name in front.
    Gnu,
    /// In a pax header in front.
    Pax,
}

/// A tar file that grows.
#[derive(Debug, Clone, Default)]
pub struct Tar {
    pub bytes: Vec<u8>,
}

/// One header block with a right checksum.
pub fn header(name: &[u8], kind: u8, size: u64, link: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let put = |block: &mut [u8; BLOCK], at: usize, max: usize, text: &[u8]| {
        let length = text.len().min(max);
        block[at..at + length].copy_from_slice(&text[..length]);
    };
    put(&mut block, 0, 100, name);
    put(&mut block, 100, 8, b"0000644\0");
    put(&mut block, 108, 8, b"0000000\0");
    put(&mut block, 116, 8, b"0000000\0");
    put(&mut block, 124, 12, format!("{size:011o}\0").as_bytes());
    put(&mut block, 136, 12, b"00000000000\0");
    block[156] = kind;
    put(&mut block, 157, 100, link);
    put(&mut block, 257, 8, b"ustar\x0000");
    seal(&mut block);
    block
}

/// Writes the checksum.
pub fn seal(block: &mut [u8; BLOCK]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// One record of a pax header.
pub fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

impl Tar {
    pub fn new() -> Self {
        Self::default()
    }

    /// A block and padded data, as they are.
    pub fn raw(mut self, header: &[u8; BLOCK], data: &[u8]) -> Self {
        self.bytes.extend_from_slice(header);
        self.bytes.extend_from_slice(data);
        self.bytes.resize(self.bytes.len().next_multiple_of(BLOCK), 0);
        self
    }

    pub fn file(self, name: &str, data: &[u8]) -> Self {
        self.raw(&header(name.as_bytes(), b'0', data.len() as u64, b""), data)
    }

    pub fn folder(self, name: &str) -> Self {
        self.raw(&header(name.as_bytes(), b'5', 0, b""), b"")
    }

    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.raw(&header(name.as_bytes(), b'2', 0, target.as_bytes()), b"")
    }

    pub fn hardlink(self, name: &str, target: &str) -> Self {
        self.raw(&header(name.as_bytes(), b'1', 0, target.as_bytes()), b"")
    }

    pub fn special(self, name: &str, kind: u8) -> Self {
        self.raw(&header(name.as_bytes(), kind, 0, b""), b"")
    }

    pub fn pax(self, records: &[(&str, &[u8])]) -> Self {
        self.records(b'x', records)
    }

    pub fn records(self, kind: u8, records: &[(&str, &[u8])]) -> Self {
        let data: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value)).collect();
        self.raw(&header(b"pax", kind, data.len() as u64, b""), &data)
    }

    pub fn gnu_long(self, kind: u8, name: &str) -> Self {
        let data = [name.as_bytes(), b"\0"].concat();
        self.raw(&header(b"././@LongLink", kind, data.len() as u64, b""), &data)
    }

    /// An entry with its name and its link in one of the forms.
    pub fn entry(mut self, form: Form, name: &str, kind: u8, link: &str, data: &[u8]) -> Self {
        let (short, short_link) = match form {
            Form::Plain => (name, link),
            Form::Gnu => {
                self = self.gnu_long(b'L', name);
                if !link.is_empty() {
                    self = self.gnu_long(b'K', link);
                }
                ("short", "short")
            }
            Form::Pax => {
                let mut records = vec![("path", name.as_bytes())];
                if !link.is_empty() {
                    records.push(("linkpath", link.as_bytes()));
                }
                self = self.pax(&records);
                ("short", "short")
            }
        };
        self.raw(&header(short.as_bytes(), kind, data.len() as u64, short_link.as_bytes()), data)
    }

    /// The archive with its two blocks of zeros.
    pub fn end(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 2 * BLOCK, 0);
        self.bytes
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// As `xz` with this preset.
pub fn xz(bytes: &[u8], preset: u32) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(preset);
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// One entry of a zip, as both headers have it.
#[derive(Debug, Clone)]
pub struct ZipEntry {
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    pub size: u32,
    pub crc: u32,
    pub method: u16,
    pub flags: u16,
    /// What the central directory says instead, where that differs.
    pub central_name: Option<Vec<u8>>,
    pub central_flags: Option<u16>,
    pub central_crc: Option<u32>,
    /// Unix mode.
    pub mode: u32,
    /// Write the numbers as zip64 extra fields.
    pub wide: bool,
    /// Sizes behind the data.
    pub descriptor: bool,
}

impl ZipEntry {
    pub fn stored(name: &str, data: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        Self {
            name: name.as_bytes().to_vec(),
            data: data.to_vec(),
            size: u32::try_from(data.len()).unwrap(),
            crc: crc.sum(),
            method: 0,
            flags: if name.is_ascii() { 0 } else { 0x800 },
            central_name: None,
            central_flags: None,
            central_crc: None,
            mode: 0o100_644,
            wide: false,
            descriptor: false,
        }
    }

    pub fn deflated(name: &str, data: &[u8]) -> Self {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        Self { data: encoder.finish().unwrap(), method: 8, ..Self::stored(name, data) }
    }
}

/// The parts of a header that both have in common, from the version on.
fn common(entry: &ZipEntry, flags: u16, crc: u32, sizes: [u32; 2], name: usize, extra: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for number in [45, flags, entry.method, 0, 0x21] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for number in [crc, sizes[0], sizes[1]] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for number in [name, extra] {
        out.extend_from_slice(&u16::try_from(number).unwrap().to_le_bytes());
    }
    out
}

/// A whole zip.
pub fn zip(entries: &[ZipEntry]) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = u32::try_from(out.len()).unwrap();
        out.extend(local_part(entry));
        central.extend(central_part(entry, offset));
    }
    let start = out.len();
    out.extend_from_slice(&central);
    out.extend(end_record(entries.len(), central.len(), start));
    out
}

/// The zip64 extra field, if it is wanted.
fn wide(entry: &ZipEntry) -> Vec<u8> {
    let numbers = [u64::from(entry.size), entry.data.len() as u64].map(u64::to_le_bytes);
    let field = [&[1, 0, 16, 0], &numbers[0][..], &numbers[1]].concat();
    if entry.wide { field } else { Vec::new() }
}

fn sizes(entry: &ZipEntry) -> [u32; 2] {
    let packed = u32::try_from(entry.data.len()).unwrap();
    if entry.wide { [u32::MAX; 2] } else { [packed, entry.size] }
}

fn flags(entry: &ZipEntry) -> u16 {
    entry.flags | if entry.descriptor { 8 } else { 0 }
}

/// Local header, data, and the sizes behind it.
fn local_part(entry: &ZipEntry) -> Vec<u8> {
    let (crc, sizes, extra) = match entry.descriptor {
        true => (0, [0, 0], Vec::new()),
        false => (entry.crc, sizes(entry), wide(entry)),
    };
    let mut out = b"PK\x03\x04".to_vec();
    out.extend(common(entry, flags(entry), crc, sizes, entry.name.len(), extra.len()));
    out.extend([&entry.name, &extra, &entry.data].into_iter().flatten());
    if entry.descriptor {
        let packed = u32::try_from(entry.data.len()).unwrap();
        out.extend_from_slice(b"PK\x07\x08");
        out.extend([entry.crc, packed, entry.size].map(u32::to_le_bytes).as_flattened());
    }
    out
}

fn central_part(entry: &ZipEntry, offset: u32) -> Vec<u8> {
    let name = entry.central_name.as_ref().unwrap_or(&entry.name);
    let flags = entry.central_flags.unwrap_or(flags(entry));
    let crc = entry.central_crc.unwrap_or(entry.crc);
    let extra = wide(entry);
    let mut out = b"PK\x01\x02\x2d\x03".to_vec();
    out.extend(common(entry, flags, crc, sizes(entry), name.len(), extra.len()));
    // Comment length, disk and internal attributes.
    out.extend_from_slice(&[0; 6]);
    out.extend([entry.mode << 16, offset].map(u32::to_le_bytes).as_flattened());
    out.extend([name, &extra].into_iter().flatten());
    out
}

/// The end record of a zip without a comment.
pub fn end_record(entries: usize, size: usize, start: usize) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    let entries = u16::try_from(entries).unwrap().to_le_bytes();
    out.extend_from_slice(&entries);
    out.extend_from_slice(&entries);
    out.extend_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
    out.extend_from_slice(&u32::try_from(start).unwrap().to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}
