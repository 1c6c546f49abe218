//! What a pack would cost to index, read from the heads of its objects before the indexer sees them.
//!
//! libgit2 hashes whole objects while they come in, in little memory, whatever their size. For a delta it makes room for the
//! result and for what the delta is based on, as much as the pack says: a few kilobytes can ask for all memory there is. So the
//! sizes of deltas and of their bases are bounded here. The format is that of git's `gitformat-pack`.

use std::collections::HashSet;

use flate2::{Decompress, FlushDecompress, Status};

/// The limits of a pack.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackLimits {
    /// Bytes of a delta, of its result and of its base.
    pub(super) delta: u64,
    /// Bytes that all objects unpack to.
    pub(super) unpacked: u64,
}

/// Why a pack is not indexed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no pack.
    Malformed,
    /// It goes over a limit: which one.
    Limit(String),
}

/// The number of bytes before the first object: a name, a version and the number of objects.
const HEAD: usize = 12;

/// The two sizes at the beginning of a delta have at most ten bytes each.
const SIZES: usize = 20;

/// The longest size of an object's head that is read, in bits.
const LONGEST: u32 = 60;

/// The place in a pack.
#[derive(Debug)]
enum At {
    Head,
    /// The kind and the size of an object: the kind is known after the first byte.
    Object {
        kind: u8,
        size: u64,
        shift: u32,
    },
    /// The distance to the base of a delta.
    Distance {
        so_far: Option<u64>,
    },
    /// So many bytes of the base's id.
    Id {
        left: usize,
    },
    Content,
    /// All objects are read; a checksum follows.
    End,
}

/// The reader of a pack, piece by piece.
#[derive(Debug)]
pub(super) struct PackScan {
    limits: PackLimits,
    at: At,
    inflate: Decompress,
    /// Bytes of the pack that were read.
    read: u64,
    head: [u8; HEAD],
    objects: u32,
    /// Where the object begins.
    start: u64,
    is_delta: bool,
    /// Bytes of the current object that came out, and of all before.
    out: (u64, u64),
    /// The first bytes of a delta.
    sizes: Vec<u8>,
    /// Where the whole objects are that are too large to be a base.
    large: HashSet<u64>,
    /// Whether a delta names its base by its id: that may be any object.
    by_id: bool,
}

impl PackScan {
    pub(super) fn new(limits: PackLimits) -> Self {
        Self {
            limits,
            at: At::Head,
            inflate: Decompress::new(true),
            read: 0,
            head: [0; HEAD],
            objects: 0,
            start: 0,
            is_delta: false,
            out: (0, 0),
            sizes: Vec::with_capacity(SIZES),
            large: HashSet::new(),
            by_id: false,
        }
    }

    /// Reads the next piece.
    ///
    /// # Errors
    /// When the pack must not be indexed any further.
    pub(super) fn add(&mut self, mut piece: &[u8]) -> Result<(), Refusal> {
        while let Some((byte, rest)) = piece.split_first() {
            match self.at {
                At::Content => {
                    let used = self.content(piece)?;
                    self.read += used as u64;
                    piece = &piece[used..];
                    continue;
                }
                At::End => return Ok(()),
                At::Head => self.head_byte(*byte)?,
                At::Object { .. } => self.object_byte(*byte)?,
                At::Distance { .. } => self.distance_byte(*byte)?,
                At::Id { left } => self.at = if left > 1 { At::Id { left: left - 1 } } else { At::Content },
            }
            self.read += 1;
            piece = rest;
        }
        Ok(())
    }

    fn head_byte(&mut self, byte: u8) -> Result<(), Refusal> {
        let at = usize::try_from(self.read).map_err(|_| Refusal::Malformed)?;
        *self.head.get_mut(at).ok_or(Refusal::Malformed)? = byte;
        if at + 1 == HEAD {
            let [.., a, b, c, d] = self.head;
            self.objects = u32::from_be_bytes([a, b, c, d]);
            if !self.head.starts_with(b"PACK") {
                return Err(Refusal::Malformed);
            }
            self.next_object(HEAD as u64);
        }
        Ok(())
    }

    /// Goes on to the object at `start`, if there is one more.
    fn next_object(&mut self, start: u64) {
        self.start = start;
        self.at = match self.objects.checked_sub(1) {
            Some(left) => {
                self.objects = left;
                self.inflate.reset(true);
                self.sizes.clear();
                self.out = (0, self.out.0 + self.out.1);
                At::Object { kind: 0, size: 0, shift: 0 }
            }
            None => At::End,
        };
    }

    fn object_byte(&mut self, byte: u8) -> Result<(), Refusal> {
        let At::Object { mut kind, mut size, mut shift } = self.at else { return Ok(()) };
        if shift == 0 {
            (kind, size, shift) = ((byte >> 4) & 7, u64::from(byte & 15), 4);
        } else {
            size |= u64::from(byte & 127) << shift;
            shift += 7;
        }
        if shift > LONGEST {
            return Err(Refusal::Malformed);
        }
        if byte & 128 != 0 {
            self.at = At::Object { kind, size, shift };
            return Ok(());
        }
        self.is_delta = matches!(kind, 6 | 7);
        if self.is_delta {
            self.bounded(size)?;
        } else if size > self.limits.delta {
            self.large.insert(self.start);
        }
        self.at = match kind {
            1..=4 => At::Content,
            6 => At::Distance { so_far: None },
            7 => At::Id { left: 20 },
            _ => return Err(Refusal::Malformed),
        };
        self.by_id |= kind == 7;
        if self.by_id && !self.large.is_empty() { Err(self.large_base()) } else { Ok(()) }
    }

    fn distance_byte(&mut self, byte: u8) -> Result<(), Refusal> {
        let At::Distance { so_far } = self.at else { return Ok(()) };
        let before = so_far.map_or(0, |distance| (distance + 1) << 7);
        if before > u64::from(u32::MAX) << 7 {
            return Err(Refusal::Malformed);
        }
        let distance = before | u64::from(byte & 127);
        if byte & 128 != 0 {
            self.at = At::Distance { so_far: Some(distance) };
            return Ok(());
        }
        if self.start.checked_sub(distance).is_some_and(|base| self.large.contains(&base)) {
            return Err(self.large_base());
        }
        self.at = At::Content;
        Ok(())
    }

    /// Unpacks what it can of a piece. Returns how much of it was used.
    fn content(&mut self, piece: &[u8]) -> Result<usize, Refusal> {
        let mut buffer = [0; 16 << 10];
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(piece, &mut buffer, FlushDecompress::None);
        let status = status.map_err(|_| Refusal::Malformed)?;
        let used = usize::try_from(self.inflate.total_in() - before_in).map_err(|_| Refusal::Malformed)?;
        let came = usize::try_from(self.inflate.total_out() - before_out).map_err(|_| Refusal::Malformed)?;
        self.out.0 += came as u64;
        if self.out.0 + self.out.1 > self.limits.unpacked {
            return Err(Refusal::Limit(format!("its objects have more than {} bytes", self.limits.unpacked)));
        }
        if self.is_delta {
            let missing = SIZES - self.sizes.len();
            self.sizes.extend_from_slice(buffer.get(..came.min(missing)).unwrap_or_default());
        }
        match status {
            Status::StreamEnd => {
                if self.is_delta {
                    self.delta_sizes()?;
                }
                self.next_object(self.read + used as u64);
            }
            // With input and room for output there is always something to do.
            Status::Ok | Status::BufError if used == 0 && came == 0 => return Err(Refusal::Malformed),
            Status::Ok | Status::BufError => {}
        }
        Ok(used)
    }

    /// The sizes of a delta's base and result.
    fn delta_sizes(&self) -> Result<(), Refusal> {
        let mut bytes = self.sizes.iter();
        for _ in 0..2 {
            let (mut size, mut shift) = (0_u64, 0);
            loop {
                let byte = *bytes.next().ok_or(Refusal::Malformed)?;
                size |= u64::from(byte & 127).checked_shl(shift).unwrap_or(u64::MAX);
                shift += 7;
                if byte & 128 == 0 {
                    break;
                }
            }
            self.bounded(size)?;
        }
        Ok(())
    }

    fn bounded(&self, size: u64) -> Result<(), Refusal> {
        if size <= self.limits.delta {
            return Ok(());
        }
        Err(Refusal::Limit(format!("a delta of its pack makes {size} bytes, more than {}", self.limits.delta)))
    }

    fn large_base(&self) -> Refusal {
        Refusal::Limit(format!("a delta of its pack may be based on more than {} bytes", self.limits.delta))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    const LIMITS: PackLimits = PackLimits { delta: 1000, unpacked: 100_000 };

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// The head of an object.
    fn head(kind: u8, mut size: usize) -> Vec<u8> {
        let mut bytes = vec![kind << 4 | u8::try_from(size & 15).unwrap()];
        size >>= 4;
        while size > 0 {
            *bytes.last_mut().unwrap() |= 128;
            bytes.push(u8::try_from(size & 127).unwrap());
            size >>= 7;
        }
        bytes
    }

    fn varint(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let more = value > 127;
            bytes.push(u8::try_from(value & 127).unwrap() | if more { 128 } else { 0 });
            value >>= 7;
            if !more {
                return bytes;
            }
        }
    }

    fn object(kind: u8, between: &[u8], content: &[u8]) -> Vec<u8> {
        [head(kind, content.len()), between.to_vec(), zlib(content)].concat()
    }

    /// A delta between these sizes.
    fn delta(base: u64, result: u64) -> Vec<u8> {
        [varint(base), varint(result), vec![0x80]].concat()
    }

    fn pack(objects: &[Vec<u8>]) -> Vec<u8> {
        let count = u32::try_from(objects.len()).unwrap().to_be_bytes();
        [b"PACK\0\0\0\x02".as_slice(), &count, &objects.concat(), &[7; 20]].concat()
    }

    /// Reads a pack whole and byte by byte.
    fn scanned(objects: &[Vec<u8>]) -> Result<(), Refusal> {
        let bytes = pack(objects);
        let mut scan = PackScan::new(LIMITS);
        let whole = scan.add(&bytes);
        let mut scan = PackScan::new(LIMITS);
        let single = bytes.iter().try_for_each(|byte| scan.add(&[*byte]));
        assert_eq!(whole, single);
        assert!(whole.is_err() || matches!(scan.at, At::End), "{:?}", scan.at);
        whole
    }

    #[test]
    fn objects_of_any_size_and_small_deltas_pass() {
        let large = vec![0; 90_000];
        let objects = [object(3, &[], b"base"), object(6, &[16], &delta(4, 9)), object(7, &[1; 20], &delta(4, 1000))];
        assert_eq!(scanned(&objects), Ok(()));
        assert_eq!(scanned(&[object(3, &[], &large), object(1, &[], b""), object(2, &[], b"x")]), Ok(()));
        assert_eq!(scanned(&[]), Ok(()));
    }

    #[test]
    fn a_delta_that_makes_much_is_refused() {
        for sizes in [(4, 1001), (1001, 4), (4, u64::MAX)] {
            let found = scanned(&[object(3, &[], b"base"), object(6, &[16], &delta(sizes.0, sizes.1))]);
            assert!(matches!(&found, Err(Refusal::Limit(why)) if why.contains("a delta")), "{found:?}");
        }
        let found = scanned(&[object(7, &[1; 20], &vec![1; 1001])]);
        assert!(matches!(found, Err(Refusal::Limit(_))), "a delta that is large itself");
    }

    #[test]
    fn a_delta_on_a_large_object_is_refused_wherever_that_is() {
        let large = object(3, &[], &vec![0; 2000]);
        let distance = u8::try_from(large.len()).unwrap();
        assert!(distance < 128);
        let by_distance = object(6, &[distance], &delta(4, 9));
        let by_id = object(7, &[1; 20], &delta(4, 9));
        for objects in [vec![large.clone(), by_distance], vec![large.clone(), by_id.clone()], vec![by_id, large]] {
            assert!(matches!(scanned(&objects), Err(Refusal::Limit(why)) if why.contains("based on")));
        }
    }

    #[test]
    fn all_objects_together_have_a_limit() {
        let half = object(3, &[], &vec![0; 60_000]);
        assert!(matches!(scanned(&[half.clone(), half]), Err(Refusal::Limit(why)) if why.contains("100000")));
    }

    #[test]
    fn what_is_no_pack_is_malformed() {
        let broken = [head(3, 4), b"not zlib".to_vec()].concat();
        assert_eq!(scanned(&[broken]), Err(Refusal::Malformed));
        assert_eq!(scanned(&[object(5, &[], b"x")]), Err(Refusal::Malformed));
        assert_eq!(scanned(&[vec![0xff; 12]]), Err(Refusal::Malformed));
        assert_eq!(PackScan::new(LIMITS).add(b"JUNK\0\0\0\x02\0\0\0\0"), Err(Refusal::Malformed));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = PackScan::new(LIMITS).add(&[b"PACK\0\0\0\x02\0\0\0\x09".as_slice(), &bytes].concat());
        }
    }
}
