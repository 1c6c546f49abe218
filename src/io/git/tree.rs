//! Commits and trees as git writes them, and the way from a commit to a file.

use git2::{ObjectType, Oid};

use super::error::shown;
use super::{GitEntry, GitError, GitLimits};

/// The mode of one name in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Folder,
    File,
    Symlink,
    Submodule,
}

/// An object on the way to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) kind: ObjectType,
    pub(super) id: Oid,
    /// The number of parts of the path that are looked up in it and below it.
    pub(super) below: usize,
}

/// Why a walk ended without an entry.
#[derive(Debug)]
pub(super) enum Stop {
    /// This object is needed and was not to be had.
    Missing(Need),
    /// An object is malformed, and how.
    Malformed(String),
    /// Anything else.
    Error(GitError),
}

impl From<GitError> for Stop {
    fn from(error: GitError) -> Self {
        Self::Error(error)
    }
}

/// The names on the way to `path`; none for the root.
pub(super) fn segments(path: &str, limits: &GitLimits) -> Result<Vec<String>, GitError> {
    let bad = |why| GitError::BadPath { path: path.to_owned(), why };
    if path.is_empty() {
        return Ok(Vec::new());
    }
    if path.len() > limits.path_bytes {
        return Err(bad("it is too long"));
    }
    let segments: Vec<&str> = path.split('/').collect();
    if segments.len() > limits.path_depth {
        return Err(bad("it is too deep"));
    }
    if segments.iter().any(|segment| segment.is_empty() || segment.contains('\0')) {
        return Err(bad("it has an empty part, or a NUL"));
    }
    if segments.iter().any(|segment| matches!(*segment, "." | "..")) {
        return Err(bad("it has a part that is . or .."));
    }
    Ok(segments.into_iter().map(str::to_owned).collect())
}

/// Looks up `path` in the tree of `commit`.
///
/// `objects` hands over an object of a kind and id, already verified, or `None` when it does not have it.
pub(super) fn walk(
    commit: Oid,
    path: &[String],
    limits: &GitLimits,
    mut objects: impl FnMut(ObjectType, Oid) -> Result<Option<Vec<u8>>, GitError>,
) -> Result<GitEntry, Stop> {
    let mut get = |kind, id, below| objects(kind, id)?.ok_or(Stop::Missing(Need { kind, id, below }));
    let mut folder = root_tree(&get(ObjectType::Commit, commit, path.len())?)
        .ok_or_else(|| Stop::Malformed("the commit names no tree".to_owned()))?;
    for (depth, name) in path.iter().enumerate() {
        let tree = get(ObjectType::Tree, folder, path.len() - depth)?;
        let found = find(&tree, name.as_bytes()).map_err(|why| Stop::Malformed(format!("tree {folder}: {why}")))?;
        let Some((mode, id)) = found else {
            return Ok(GitEntry::Absent);
        };
        let last = depth + 1 == path.len();
        match mode {
            Mode::Folder => folder = id,
            // Below a file there is nothing.
            Mode::File if !last => return Ok(GitEntry::Absent),
            Mode::File => return Ok(GitEntry::File(get(ObjectType::Blob, id, 0)?)),
            Mode::Submodule if last => return Ok(GitEntry::Submodule(id.to_string())),
            Mode::Submodule => return Err(through(path, depth, id.to_string(), true)),
            Mode::Symlink => {
                let target = link_target(get(ObjectType::Blob, id, 0)?, limits)?;
                return if last { Ok(GitEntry::Symlink(target)) } else { Err(through(path, depth, target, false)) };
            }
        }
    }
    Ok(GitEntry::Folder)
}

fn through(path: &[String], depth: usize, to: String, submodule: bool) -> Stop {
    Stop::Error(GitError::Through { path: path.join("/"), at: path[..=depth].join("/"), to, submodule })
}

fn link_target(content: Vec<u8>, limits: &GitLimits) -> Result<String, Stop> {
    let not_utf8 = |_| Stop::Malformed("a symlink leads to a path that is not UTF-8".to_owned());
    let target = String::from_utf8(content).map_err(not_utf8)?;
    if target.len() > limits.path_bytes {
        return Err(Stop::Malformed(format!("a symlink leads to a path that is too long: {}", shown(&target))));
    }
    Ok(target)
}

/// The tree that a commit names in its first line.
fn root_tree(commit: &[u8]) -> Option<Oid> {
    let line = commit.strip_prefix(b"tree ")?;
    let (hex, rest) = line.split_at_checked(40)?;
    rest.starts_with(b"\n").then_some(())?;
    Oid::from_str(std::str::from_utf8(hex).ok()?).ok()
}

/// Finds the mode and id of `name` in `tree`. A tree is a row of: mode in octal, a space, the name, a NUL, and the id
/// in 20 bytes.
///
/// A tree that git's own checks refuse is an error, whatever is looked up: of two entries with one name nobody knows which one a
/// checkout has.
fn find(tree: &[u8], name: &[u8]) -> Result<Option<(Mode, Oid)>, &'static str> {
    let (mut rest, mut found, mut last) = (tree, None, None);
    while !rest.is_empty() {
        let space = rest.iter().take(8).position(|byte| *byte == b' ').ok_or("an entry has no mode")?;
        let (mode, after) = rest.split_at(space);
        let after = &after[1..];
        let end = after.iter().position(|byte| *byte == 0).ok_or("an entry has no end")?;
        let (id, next) = after[end + 1..].split_at_checked(20).ok_or("an entry has no id")?;
        let entry = &after[..end];
        if matches!(entry, b"" | b"." | b"..") || entry.contains(&b'/') || entry.eq_ignore_ascii_case(b".git") {
            return Err("an entry has a name that no checkout can have");
        }
        let key = Sorted(entry, mode == b"40000" || mode == b"040000");
        if last.replace(key).is_some_and(|last| last >= key) {
            return Err("its entries are not in order");
        }
        if entry == name {
            let id = Oid::from_bytes(id).map_err(|_| "an entry has no id")?;
            if found.replace((parse_mode(mode)?, id)).is_some() {
                return Err("two entries have the same name");
            }
        }
        rest = next;
    }
    Ok(found)
}

/// The name of an entry and whether it is a folder, in git's order: a folder's name counts as if a slash were behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sorted<'a>(&'a [u8], bool);

impl Sorted<'_> {
    fn bytes(&self) -> impl Iterator<Item = &u8> {
        self.0.iter().chain(self.1.then_some(&b'/'))
    }
}

impl Ord for Sorted<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl PartialOrd for Sorted<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn parse_mode(mode: &[u8]) -> Result<Mode, &'static str> {
    match mode {
        b"40000" | b"040000" => Ok(Mode::Folder),
        b"100644" | b"100755" | b"100664" => Ok(Mode::File),
        b"120000" => Ok(Mode::Symlink),
        b"160000" => Ok(Mode::Submodule),
        _ => Err("an entry has an unknown mode"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            bytes.extend_from_slice(&[*id; 20]);
        }
        bytes
    }

    #[test]
    fn a_name_is_found_by_all_of_its_bytes() {
        let tree = tree(&[("100644", "Cargo.lock", 1), ("40000", "src", 2), ("160000", "sub", 3)]);
        let mode = |name: &str| find(&tree, name.as_bytes()).unwrap().map(|(mode, _)| mode);
        assert_eq!(mode("Cargo.lock"), Some(Mode::File));
        assert_eq!(mode("src"), Some(Mode::Folder));
        assert_eq!(mode("sub"), Some(Mode::Submodule));
        assert_eq!(mode("cargo.lock"), None);
        assert_eq!(mode("Cargo"), None);
        assert_eq!(mode(""), None);
    }

    #[test]
    fn a_broken_tree_is_an_error() {
        let whole = tree(&[("100644", "a", 1), ("100644", "b", 2)]);
        for end in (1..whole.len()).filter(|end| *end != whole.len() / 2) {
            assert!(find(&whole[..end], b"c").is_err(), "{end} bytes passed");
        }
        assert!(find(&tree(&[("777", "a", 1)]), b"a").is_err());
    }

    #[test]
    fn a_tree_that_git_refuses_is_an_error() {
        let file = |name| ("100644", name, 1);
        for names in [["a", "a"], ["b", "a"], ["a", "b/c"], ["..", "a"], [".", "a"], [".Git", "a"], ["", "a"]] {
            assert!(find(&tree(&names.map(file)), b"a").is_err(), "{names:?}");
        }
        // A folder stands where its name with a slash would be.
        assert!(find(&tree(&[file("a.b"), ("40000", "a", 2), file("a0")]), b"a").unwrap().is_some());
        assert!(find(&tree(&[file("a"), file("a.b"), ("40000", "a", 2)]), b"a").is_err());
        assert!(find(&tree(&[("40000", "a", 2), file("a.b")]), b"a").is_err());
    }

    #[test]
    fn a_commit_names_its_tree_in_its_first_line() {
        let id = "ab".repeat(20);
        assert_eq!(root_tree(format!("tree {id}\nparent x\n").as_bytes()), Oid::from_str(&id).ok());
        for broken in
            ["", "tree ", "tree abc\n", "parent x\n", &format!("tree {id}"), &format!("tree {}\n", "zz".repeat(20))]
        {
            assert_eq!(root_tree(broken.as_bytes()), None, "{broken:?} passed");
        }
    }

    #[test]
    fn paths_stay_inside_the_tree() {
        let limits = GitLimits::default();
        for path in ["../a", "a/..", "./a", "/a", "a/", "a//b", "a\0b", &"a".repeat(5000), &"a/".repeat(100)] {
            assert!(segments(path, &limits).is_err(), "{path:?} passed");
        }
        assert_eq!(segments("a/.b/..c", &limits).unwrap(), ["a", ".b", "..c"]);
        assert!(segments("", &limits).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), name in ".{0,4}") {
            let _ = find(&bytes, name.as_bytes());
            let _ = root_tree(&bytes);
        }
    }
}
