//! The files of a git commit: of the local repository, of another place, or of both together.
//!
//! ```text
//! Files::at ─> Objects ─┬─ LocalObjects: the repository around a folder
//!                       └─ Layered: that first, then another place, whose contents are hashed
//! ```

mod layered;
mod local;

#[cfg(test)]
mod tests;

use crate::finding::read::Unreadable;
use crate::github::tree::Listing;

pub use layered::Layered;
pub use local::LocalObjects;

/// The commits and files of a repository, wherever they are kept.
pub trait Objects: Send + Sync {
    /// All files of a commit.
    ///
    /// # Errors
    /// When the commit or one of its folders is not to be had, or holds more or stranger paths than [`Listing::new`] takes.
    fn tree(&self, commit: &str) -> Result<Listing, Unreadable>;

    /// The content of a file, by its blob id.
    ///
    /// # Errors
    /// When it is not to be had, is too large, or is not what the id says.
    fn blob(&self, id: &str) -> Result<Vec<u8>, Unreadable>;

    /// The local repository, where there is one: it knows what was before a commit.
    fn local(&self) -> Option<&LocalObjects> {
        None
    }
}
