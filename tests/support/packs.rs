//! Packs of git, object by object: servers of tests send what no git would make.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

use std::io::Write as _;
use std::process::{Command, Stdio};

/// A pack of so many objects, without the sum at its end.
pub fn open(count: u32, objects: &[u8]) -> Vec<u8> {
    [b"PACK\0\0\0\x02".as_slice(), &count.to_be_bytes(), objects].concat()
}

/// A pack of so many objects, with its right sum.
pub fn pack(count: u32, objects: &[u8]) -> Vec<u8> {
    let content = open(count, objects);
    let sum = sha1(&content);
    [content, sum].concat()
}

/// The sum at the end of a pack, by the installed program.
fn sha1(bytes: &[u8]) -> Vec<u8> {
    let mut child = Command::new("sha1sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap().stdout;
    let hex = std::str::from_utf8(&output[..40]).unwrap();
    (0..20).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect()
}

/// The content of an object.
pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The head of an object: its kind and its size.
pub fn head(kind: u8, size: u64) -> Vec<u8> {
    let mut rest = size >> 4;
    let mut bytes = vec![kind << 4 | u8::try_from(size & 15).unwrap()];
    while rest > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(u8::try_from(rest & 0x7f).unwrap());
        rest >>= 7;
    }
    bytes
}

/// A number as deltas have them.
pub fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

/// How far back the object is that a delta begins with: groups of seven bits, each but the last one less by one.
pub fn offset(mut back: usize) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(back & 0x7f).unwrap()];
    back >>= 7;
    while back > 0 {
        back -= 1;
        bytes.insert(0, 0x80 | u8::try_from(back & 0x7f).unwrap());
        back >>= 7;
    }
    bytes
}
