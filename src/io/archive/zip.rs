//! Reads wanted paths out of a zip: the central directory is read from front to back twice (the root, the entries),
//! and then only the wanted files are unpacked.

use std::io::{Read, Seek, SeekFrom};

use super::base::{Chooser, Pattern};
use super::directory::{Central, Directory, decode, u16_at, u32_at, zip64_extra};
use super::error::ArchiveError;
use super::source::Deadline;
use super::stream::RATIO_FLOOR;
use super::tree::{Found, Put, State, Tree, normalise};
use super::{ArchiveLimits, Member};

const LOCAL: &[u8] = b"PK\x03\x04";
const ENCRYPTED: u16 = 1;
/// Sizes and checksum follow the data; then the local header may leave them out.
const DESCRIPTOR: u16 = 1 << 3;
const PATCHED: u16 = 1 << 5;
const STRONGLY_ENCRYPTED: u16 = 1 << 6;

/// The archive and how far it may go.
struct Zip<'a, R> {
    file: &'a mut R,
    directory: Directory,
    limits: &'a ArchiveLimits,
    deadline: Deadline,
}

/// See [`super::read`].
pub(super) fn read<R: Read + Seek>(
    file: &mut R,
    size: u64,
    pattern: Option<&Pattern>,
    wanted: &[Vec<u8>],
    limits: &ArchiveLimits,
    deadline: Deadline,
) -> Result<Vec<Member>, ArchiveError> {
    let directory = Directory::find(file, size)?;
    let mut zip = Zip { file, directory, limits, deadline };
    let root = match pattern {
        Some(pattern) => zip.root(pattern)?,
        None => Vec::new(),
    };
    let tree = zip.scan(&root, size, wanted)?;
    wanted
        .iter()
        .map(|path| match tree.found(path)? {
            Found::Here(State::Folder) => Ok(Member::Folder),
            Found::Here(State::File(Some((index, entry)))) => zip.unpack(index, &entry).map(Member::File),
            // Nothing here is ever a link.
            Found::Here(_) | Found::Beyond { .. } => Ok(Member::Absent),
        })
        .collect()
}

impl<R: Read + Seek> Zip<'_, R> {
    /// The prefix of what is staged; it ends with a slash, or is empty for everything.
    fn root(&mut self, pattern: &Pattern) -> Result<Vec<u8>, ArchiveError> {
        let mut chooser = Chooser::new(pattern);
        self.directory.each(self.file, self.limits, self.deadline, |_, entry| {
            chooser.see_zip(&entry.name);
            Ok(())
        })?;
        let mut root = chooser.choose()?;
        if !root.is_empty() && !root.ends_with(b"/") {
            root.push(b'/');
        }
        Ok(root)
    }

    fn scan(&mut self, root: &[u8], file_size: u64, wanted: &[Vec<u8>]) -> Result<Tree<(u64, Central)>, ArchiveError> {
        let mut tree = Tree::new(wanted);
        let mut total = 0_u64;
        let limits = self.limits;
        self.directory.each(self.file, limits, self.deadline, |index, entry| {
            total = total.saturating_add(entry.size);
            if total > limits.unpacked {
                return Err(ArchiveError::limit("unpacked bytes", limits.unpacked));
            }
            if total > RATIO_FLOOR && total / file_size.max(1) >= limits.ratio {
                return Err(ArchiveError::limit("bytes for each packed byte", limits.ratio));
            }
            stage(&mut tree, root, index, &entry)
        })?;
        Ok(tree)
    }

    /// The content of one entry.
    fn unpack(&mut self, index: u64, entry: &Central) -> Result<Vec<u8>, ArchiveError> {
        if entry.size > self.limits.member {
            return Err(ArchiveError::limit("bytes in the wanted file", self.limits.member));
        }
        let start = self.local(entry)?;
        let end = self.next(index, entry)?;
        if start.checked_add(entry.packed).is_none_or(|own| own > end) {
            return Err(ArchiveError::corrupt(&entry.name, "it overlaps with what follows"));
        }
        self.file.seek(SeekFrom::Start(start))?;
        let packed = (&mut *self.file).take(entry.packed);
        let mut content = Vec::new();
        // One more than it should be, so that too much is noticed.
        let room = entry.size + 1;
        match entry.method {
            0 => packed.take(room).read_to_end(&mut content)?,
            8 => flate2::read::DeflateDecoder::new(packed).take(room).read_to_end(&mut content)?,
            12 => bzip2::read::BzDecoder::new(packed).take(room).read_to_end(&mut content)?,
            method => {
                let what = format!("its compression method {method} is not known");
                return Err(ArchiveError::unsupported(&entry.name, what));
            }
        };
        self.deadline.check()?;
        let mut sum = flate2::Crc::new();
        sum.update(&content);
        if content.len() as u64 != entry.size || sum.sum() != entry.crc {
            return Err(ArchiveError::corrupt(&entry.name, "its checksum or its length is wrong"));
        }
        Ok(content)
    }

    /// Where the entry's data begins, after its local header said the same as the directory.
    fn local(&mut self, entry: &Central) -> Result<u64, ArchiveError> {
        self.file.seek(SeekFrom::Start(entry.offset))?;
        let mut fixed = [0; 30];
        self.file.read_exact(&mut fixed)?;
        let [name, extra] = [u16_at(&fixed, 26), u16_at(&fixed, 28)];
        let (mut raw_name, mut extra_field) = (vec![0; name.into()], vec![0; extra.into()]);
        self.file.read_exact(&mut raw_name)?;
        self.file.read_exact(&mut extra_field)?;
        let flags = u16_at(&fixed, 6);
        let crc = u32_at(&fixed, 14);
        let (mut packed, mut size) = (u64::from(u32_at(&fixed, 18)), u64::from(u32_at(&fixed, 22)));
        let wide = zip64_extra(&extra_field, [&mut size, &mut packed, &mut 0]);
        let numbers = (crc, packed, size) == (entry.crc, entry.packed, entry.size);
        let left_out = flags & DESCRIPTOR != 0 && (crc, packed, size) == (0, 0, 0);
        let same_name = raw_name == entry.raw_name && decode(&raw_name, flags)? == entry.name;
        let same = flags == entry.flags && u16_at(&fixed, 8) == entry.method && wide.is_some();
        if !fixed.starts_with(LOCAL) || !same_name || !same || !(numbers || left_out) {
            return Err(ArchiveError::corrupt(&entry.name, "its local header contradicts the central directory"));
        }
        Ok(entry.offset + 30 + u64::from(name) + u64::from(extra))
    }

    /// Where the next entry begins, or the directory. An entry that shares its data with another one is refused.
    fn next(&mut self, index: u64, entry: &Central) -> Result<u64, ArchiveError> {
        let mut next = self.directory.start;
        self.directory.each(self.file, self.limits, self.deadline, |at, other| {
            if other.offset == entry.offset && at != index {
                return Err(ArchiveError::corrupt(&entry.name, "another entry has the same data"));
            }
            if other.offset > entry.offset {
                next = next.min(other.offset);
            }
            Ok(())
        })?;
        Ok(next)
    }
}

/// Puts one entry into the tree. Python drops `..` from names; here such a name is refused.
fn stage(tree: &mut Tree<(u64, Central)>, root: &[u8], index: u64, entry: &Central) -> Result<(), ArchiveError> {
    if entry.name.is_empty() && root.is_empty() {
        return Err(ArchiveError::corrupt(b"", "an entry has no name"));
    }
    let Some(name) = entry.name.strip_prefix(root) else {
        return Ok(());
    };
    if name.is_empty() {
        // The root itself.
        return Ok(());
    }
    let Some(path) = normalise(name) else {
        return Err(ArchiveError::unsafe_entry(&entry.name, "has `..` in its path"));
    };
    let folder = name.ends_with(b"/");
    if !folder && entry.flags & (ENCRYPTED | PATCHED | STRONGLY_ENCRYPTED) != 0 {
        return Err(ArchiveError::unsupported(&entry.name, "it is encrypted or a patch"));
    }
    let put = if folder { Put::Folder } else { Put::File };
    tree.stage(&entry.name, &path, &put, &mut || Ok((index, entry.clone())))
}
