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

/// The header forms for a name that may be long.
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
