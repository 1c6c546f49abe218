//! Paths from the repository's root.

use crate::bst::project::normal_path;

/// A path below a folder.
pub(super) fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// Whether a path is a folder or below it.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path of a project, from the repository's root. A folder keeps its slash; the root itself is `/`. None where it leaves the
/// repository.
pub(super) fn rooted(folder: &str, path: &str) -> Option<String> {
    let body = path.strip_suffix('/').unwrap_or(path);
    let full = normal_path(&join(folder.trim_matches('/'), body))?;
    let outside = full == ".." || full.starts_with("../");
    (!outside).then(|| if path.ends_with('/') { format!("{full}/") } else { full })
}
