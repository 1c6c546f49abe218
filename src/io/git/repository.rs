//! Verified objects out of a repository on this machine.

use std::path::Path;

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::error::shown;
use super::store::verified;
use super::{GitError, GitLimits};

/// Opens the repository at `path`, bare or not. Folders above are not searched.
pub(super) fn open(url: &str, path: &Path) -> Result<Repository, GitError> {
    open_whoever_owns_it(path).map_err(|error| GitError::Local { url: url.to_owned(), why: shown(error.message()) })
}

/// Opens the repository in a folder, bare or not, whoever owns it: in a container the checkout is usually somebody else's,
/// and nothing of its configuration is run. Opened by its git folder, libgit2 does not ask who the owner is.
///
/// # Errors
/// When there is none, or it cannot be opened.
pub(in crate::io) fn open_whoever_owns_it(folder: &Path) -> Result<Repository, git2::Error> {
    if folder.join(".git").exists() {
        Repository::open_bare(Repository::discover_path(folder, [] as [&str; 0])?)
    } else {
        Repository::open_bare(folder)
    }
}

/// The object `id` of `repository`, verified; `None` when it is not there.
pub(super) fn object(
    url: &str,
    repository: &Repository,
    (kind, id): (ObjectType, Oid),
    limits: &GitLimits,
) -> Result<Option<Vec<u8>>, GitError> {
    let broken = |error: git2::Error| GitError::Local { url: url.to_owned(), why: shown(error.message()) };
    let odb = repository.odb().map_err(broken)?;
    let (size, actual) = match odb.read_header(id) {
        Ok(header) => header,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(broken(error)),
    };
    if actual != kind {
        return Err(GitError::Local { url: url.to_owned(), why: format!("object {id} is a {actual}, not a {kind}") });
    }
    let limit = limits.object_bytes(kind);
    if size as u64 > limit {
        let what = format!("{kind} {id} has {size} bytes, more than {limit}");
        return Err(GitError::Limit { url: url.to_owned(), what });
    }
    let object = odb.read(id).map_err(broken)?;
    if !verified(kind, id, object.data()) {
        return Err(GitError::Local { url: url.to_owned(), why: format!("the content of object {id} has another id") });
    }
    Ok(Some(object.data().to_vec()))
}
