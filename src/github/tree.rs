//! The files of a commit, as git lists them.

use crate::finding::read::Unreadable;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

/// The maximum number of files that a commit may hold.
pub(crate) const MAX_FILES: usize = 500_000;

/// The maximum nesting depth of a commit's folders.
pub(crate) const MAX_DEPTH: usize = 256;

/// The maximum length of a path, in bytes.
pub(crate) const MAX_PATH: usize = 4096;

/// A file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its mode, as git writes it: see [`Item::FILE`] and the others.
    pub mode: u32,
    /// The id of its blob, or the commit of a submodule: 40 lower-case hex digits.
    pub id: String,
}

impl Item {
    /// The mode of a file. Git's other modes of files are this one with other permissions.
    pub const FILE: u32 = 0o100_644;
    /// The mode of a file that may be executed.
    pub const EXECUTABLE: u32 = 0o100_755;
    /// The mode of a link: the blob is its target.
    pub const LINK: u32 = 0o120_000;
    /// The mode of a submodule.
    pub const SUBMODULE: u32 = 0o160_000;
}

/// The reason why no checkout can have the files of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingError {
    /// There are more files than a commit may hold.
    TooManyFiles,
    /// A path is listed twice.
    ListedTwice,
    /// A path is a file and a folder.
    FileAndFolder(String),
    /// A path has an empty part, `.`, `..` or a NUL, or is too long or too deep. These are its first characters.
    ImpossiblePath(String),
}

impl fmt::Display for ListingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyFiles => write!(f, "the commit holds more than {MAX_FILES} files"),
            Self::ListedTwice => f.write_str("a path is listed twice in the commit"),
            Self::FileAndFolder(path) => write!(f, "`{}` is a file and a folder in the commit", path.escape_debug()),
            Self::ImpossiblePath(path) => {
                write!(f, "the commit holds a path that no checkout can have: `{}`", path.escape_debug())
            }
        }
    }
}

impl std::error::Error for ListingError {}

impl From<ListingError> for Unreadable {
    fn from(error: ListingError) -> Self {
        Self::new(error.to_string())
    }
}

/// The files of a commit, by their paths from the repository's root. Folders are there because files are in them. A clone is
/// cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    items: Arc<BTreeMap<String, Item>>,
}

impl Listing {
    /// The listing of these files: `(path from the repository's root, what it is)`. Without the entries of folders.
    ///
    /// # Errors
    /// When there are too many, or a path is one that no checkout can have: with an empty part, `.`, `..` or a NUL, twice,
    /// or below a file.
    pub fn new(items: impl IntoIterator<Item = (String, Item)>) -> Result<Self, ListingError> {
        let mut all = BTreeMap::new();
        for (path, item) in items {
            check(&path)?;
            if all.insert(path, item).is_some() {
                return Err(ListingError::ListedTwice);
            }
            if all.len() > MAX_FILES {
                return Err(ListingError::TooManyFiles);
            }
        }
        for path in all.keys() {
            if let Some((at, _)) = path.match_indices('/').find(|(at, _)| all.contains_key(&path[..*at])) {
                return Err(ListingError::FileAndFolder(path[..at].to_owned()));
            }
        }
        Ok(Self { items: Arc::new(all) })
    }

    /// Returns what is at a path; None for a folder and where nothing is.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Item> {
        self.items.get(path)
    }

    /// All files, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.items.iter().map(|(path, item)| (path.as_str(), item))
    }

    /// Returns how many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns whether a path is a folder. The root always is.
    #[must_use]
    pub fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    /// The files below a folder, links not followed: `(path below it, what it is)`.
    pub fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a str, &'a Item)> + use<'a> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let at = start.len();
        let files = self.items.range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded));
        files.take_while(move |(path, _)| path.starts_with(&start)).map(move |(path, item)| (&path[at..], item))
    }

    /// The paths at which two commits differ, in their order.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<String> {
        let gone = self.items.iter().filter(|(path, item)| other.get(path) != Some(item));
        let new = other.items.keys().filter(|path| self.get(path).is_none());
        let mut paths: Vec<String> = gone.map(|(path, _)| path).chain(new).cloned().collect();
        paths.sort();
        paths
    }
}

/// Refuses a path that no checkout can have.
fn check(path: &str) -> Result<(), ListingError> {
    let bad = |part: &str| matches!(part, "" | "." | "..") || part.contains('\0');
    if path.len() > MAX_PATH || path.split('/').any(bad) || path.matches('/').count() > MAX_DEPTH {
        return Err(ListingError::ImpossiblePath(path.chars().take(80).collect()));
    }
    Ok(())
}
