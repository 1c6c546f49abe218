//! The entries of a tar stream, with their extension headers, as Python's `tarfile` understands them.
//!
//! Where `tarfile` and other readers would disagree (two headers that name the same entry, a global header that
//! renames everything, a pax header that changes the size of a sparse file), the archive is refused.

use std::io::{self, Read};

use super::ArchiveLimits;
use super::error::ArchiveError;
use super::header::{BLOCK, Header, text, trim_slashes};
use super::pax::{self, Pax};

/// Largest pax header, in bytes; they may hold extended attributes.
const PAX_MAX: u64 = 1 << 20;

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Symlink,
    Hardlink,
    /// A character or block device, or a pipe.
    Device,
    /// A type that `tarfile` does not know.
    Unknown(u8),
}

/// One entry, with its names as `tarfile` has them before anything is staged.
#[derive(Debug)]
pub(super) struct TarEntry {
    /// The number of entries before it.
    pub(super) index: u64,
    pub(super) name: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) kind: Kind,
    /// Bytes of data in the archive.
    pub(super) size: u64,
    /// Whether the data is only a part of the file.
    pub(super) sparse: bool,
}

/// Reads entry by entry; data that nobody reads is passed over.
pub(super) struct Entries<R> {
    reader: R,
    limits: ArchiveLimits,
    headers: u64,
    entries: u64,
    /// Data of the current entry that was not read yet.
    data: u64,
    padding: u64,
    scratch: Box<[u8]>,
}

/// The values that the extension headers in front of an entry give it.
#[derive(Debug, Default)]
struct Extensions {
    seen: bool,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    pax: Option<Pax>,
}

impl<R: Read> Entries<R> {
    pub(super) fn new(reader: R, limits: &ArchiveLimits) -> Self {
        let scratch = vec![0; 64 << 10].into_boxed_slice();
        Self { reader, limits: limits.clone(), headers: 0, entries: 0, data: 0, padding: 0, scratch }
    }

    /// The next entry; `None` at a block of zeros or at the exact end.
    pub(super) fn next(&mut self) -> Result<Option<TarEntry>, ArchiveError> {
        self.skip()?;
        let mut extensions = Extensions::default();
        loop {
            let Some(block) = self.block()? else {
                return match extensions.seen {
                    true => Err(ArchiveError::corrupt(b"", "an extension header without its entry")),
                    false => Ok(None),
                };
            };
            let header =
                Header::parse(&block, !extensions.seen).map_err(|what| self.no_header(text(&block[..100]), what))?;
            match header.kind {
                b'L' => once(&header, extensions.long_name.replace(self.long(&header)?).is_some())?,
                b'K' => once(&header, extensions.long_link.replace(self.long(&header)?).is_some())?,
                b'x' | b'X' => once(&header, extensions.pax.replace(self.pax(&header)?).is_some())?,
                b'g' => self.global(&header, &extensions)?,
                _ => return self.entry(header, extensions).map(Some),
            }
            extensions.seen = true;
        }
    }

    fn no_header(&self, name: &[u8], what: &str) -> ArchiveError {
        match self.headers {
            1 => ArchiveError::corrupt(name, format!("it is not a tar archive: {what}")),
            _ => ArchiveError::corrupt(name, what),
        }
    }

    /// The data of the entry that [`Self::next`] gave last.
    pub(super) fn data(&mut self) -> Result<Vec<u8>, ArchiveError> {
        if self.data > self.limits.member {
            return Err(ArchiveError::limit("bytes in the wanted file", self.limits.member));
        }
        let mut content = Vec::new();
        let wanted = self.data;
        self.data -= self.reader.by_ref().take(wanted).read_to_end(&mut content)? as u64;
        if self.data > 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(content)
    }

    /// Reads the rest of the stream, so that the compression's checksums are compared.
    pub(super) fn drain(mut self) -> Result<(), ArchiveError> {
        while self.reader.read(&mut self.scratch)? > 0 {}
        Ok(())
    }

    fn skip(&mut self) -> Result<(), ArchiveError> {
        let mut left = self.data + self.padding;
        while left > 0 {
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(self.scratch.len());
            self.reader.read_exact(&mut self.scratch[..length])?;
            left -= length as u64;
        }
        (self.data, self.padding) = (0, 0);
        Ok(())
    }

    /// The next block, `None` if it is all zeros or the stream ended exactly here.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, ArchiveError> {
        let mut block = [0; BLOCK];
        let mut held = 0;
        while held < BLOCK {
            match self.reader.read(&mut block[held..])? {
                0 if held == 0 => return Ok(None),
                0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                read => held += read,
            }
        }
        self.headers += 1;
        if self.headers > self.limits.entries {
            return Err(ArchiveError::limit("entries", self.limits.entries));
        }
        Ok(block.iter().any(|byte| *byte != 0).then_some(block))
    }

    fn extension(&mut self, header: &Header, max: u64) -> Result<Vec<u8>, ArchiveError> {
        if header.size > max {
            return Err(ArchiveError::limit("bytes in an extension header", max));
        }
        let mut content = Vec::new();
        let length = padded(header.size).unwrap_or(max);
        if self.reader.by_ref().take(length).read_to_end(&mut content)? as u64 != length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(content)
    }

    /// A GNU long name: up to the first NUL. `tarfile` looks for it in the padding too.
    fn long(&mut self, header: &Header) -> Result<Vec<u8>, ArchiveError> {
        let content = self.extension(header, self.limits.path as u64 + 1)?;
        let name = text(&content);
        if name.is_empty() || name.len() as u64 > header.size {
            return Err(ArchiveError::corrupt(name, "a long name with a wrong length"));
        }
        Ok(name.to_vec())
    }

    fn pax(&mut self, header: &Header) -> Result<Pax, ArchiveError> {
        let content = self.extension(header, PAX_MAX)?;
        let (records, padding) = content.split_at(usize::try_from(header.size).unwrap_or(0));
        // `tarfile` would read records there.
        if padding.first().is_some_and(|byte| *byte != 0) {
            return Err(ArchiveError::corrupt(&header.name, "a pax header with more than its length"));
        }
        pax::parse(records).map_err(|what| ArchiveError::corrupt(&header.name, what))
    }

    /// A global pax header, as `git archive` writes one for its comment. One that would rename is refused.
    fn global(&mut self, header: &Header, before: &Extensions) -> Result<(), ArchiveError> {
        let pax = self.pax(header)?;
        let changes = pax.path.is_some() || pax.link.is_some() || pax.size.is_some() || pax.sparse;
        let inside = before.pax.is_some() || before.long_name.is_some() || before.long_link.is_some();
        if changes || inside {
            return Err(ArchiveError::corrupt(&header.name, "a global header that changes entries"));
        }
        Ok(())
    }

    fn entry(&mut self, header: Header, extensions: Extensions) -> Result<TarEntry, ArchiveError> {
        let pax = extensions.pax.unwrap_or_default();
        let renamed = pax.path.is_some() || pax.sparse_name.is_some();
        let doubled =
            (renamed && extensions.long_name.is_some()) || (pax.link.is_some() && extensions.long_link.is_some());
        let sparse = header.kind == b'S' || pax.sparse;
        if doubled || (sparse && pax.size.is_some()) {
            return Err(ArchiveError::corrupt(&header.name, "its headers contradict each other"));
        }
        let kind = kind(header.kind);
        let name = name(header.name, kind == Kind::Folder, extensions.long_name, pax.path, pax.sparse_name);
        let link = pax.link.or(extensions.long_link).unwrap_or(header.link);
        self.check_names(&name, &link)?;
        if header.sparse_goes_on {
            self.sparse_map()?;
        }
        let has_data = matches!(kind, Kind::File | Kind::Unknown(_));
        self.data = if has_data { pax.size.unwrap_or(header.size) } else { 0 };
        let whole = padded(self.data).ok_or_else(|| ArchiveError::corrupt(&name, "its size is too large"))?;
        self.padding = whole - self.data;
        self.entries += 1;
        Ok(TarEntry { index: self.entries - 1, name, link, kind, size: self.data, sparse })
    }

    fn check_names(&self, name: &[u8], link: &[u8]) -> Result<(), ArchiveError> {
        if name.len() > self.limits.path || link.len() > self.limits.path {
            return Err(ArchiveError::limit("bytes in a name", self.limits.path as u64));
        }
        if name.split(|byte| *byte == b'/').count() > self.limits.depth + 1 {
            return Err(ArchiveError::limit("folders in a name", self.limits.depth as u64));
        }
        if name.contains(&0) || link.contains(&0) {
            return Err(ArchiveError::corrupt(name, "a name with a NUL byte"));
        }
        Ok(())
    }

    /// Passes over the blocks that continue an old GNU sparse file's map.
    fn sparse_map(&mut self) -> Result<(), ArchiveError> {
        let mut block = [0; BLOCK];
        loop {
            self.headers += 1;
            if self.headers > self.limits.entries {
                return Err(ArchiveError::limit("entries", self.limits.entries));
            }
            self.reader.read_exact(&mut block)?;
            if block[504] == 0 {
                return Ok(());
            }
        }
    }
}

fn once(header: &Header, twice: bool) -> Result<(), ArchiveError> {
    match twice {
        false => Ok(()),
        true => Err(ArchiveError::corrupt(&header.name, "two extension headers say the same")),
    }
}

/// The size with its padding to whole blocks.
fn padded(size: u64) -> Option<u64> {
    size.checked_next_multiple_of(BLOCK as u64)
}

fn kind(byte: u8) -> Kind {
    match byte {
        b'0' | 0 | b'7' | b'S' => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' | b'4' | b'6' => Kind::Device,
        b'5' => Kind::Folder,
        other => Kind::Unknown(other),
    }
}

/// The entry's name. Trailing slashes go as `tarfile` drops them: all of a folder's and of a pax path, one of a
/// folder's long name.
fn name(
    mut name: Vec<u8>,
    folder: bool,
    long: Option<Vec<u8>>,
    pax: Option<Vec<u8>>,
    sparse: Option<Vec<u8>>,
) -> Vec<u8> {
    if folder {
        trim_slashes(&mut name);
    }
    if let Some(long) = long {
        name = long;
        if folder && name.last() == Some(&b'/') {
            name.pop();
        }
    }
    if let Some(path) = pax {
        name = path;
        trim_slashes(&mut name);
    }
    sparse.unwrap_or(name)
}
