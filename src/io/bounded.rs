//! Files of bounded size.

use crate::finding::read::{Read, Unreadable};
use std::io::Read as _;
use std::path::Path;

/// The maximum size of a file of the project, in bytes.
pub(super) const MAX_FILE: u64 = 32 << 20;

/// Reads a file of bounded size.
pub(super) fn read_bounded(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let cannot = |e: std::io::Error| Unreadable::new(format!("the file cannot be read: {e}"));
    // Looked at before it is opened: to open a pipe would wait for somebody who writes to it.
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(Unreadable::new("this is not a file"));
    }
    let file = std::fs::File::open(path).map_err(cannot)?;
    let meta = file.metadata().map_err(cannot)?;
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(MAX_FILE)).unwrap_or_default());
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_FILE { Err(too_large()) } else { Ok(bytes) }
}

/// Reads a file of bounded size that may not exist.
pub(super) fn read_if_there(path: &Path) -> Read<Vec<u8>> {
    match path.try_exists() {
        Ok(false) => Read::Absent,
        // The failure to look for it is the failure to open it.
        Ok(true) | Err(_) => read_bounded(path).map_or_else(Read::Unreadable, Read::Known),
    }
}

/// Returns the error for a file that is too large.
pub(super) fn too_large() -> Unreadable {
    Unreadable::new(format!("the file has more than {MAX_FILE} bytes"))
}
