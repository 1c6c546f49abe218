//! The process-wide switches of libgit2, thrown once before anything else of it is used.

use std::sync::OnceLock;

use git2::ConfigLevel;

use super::GitError;
use super::transport;

static PREPARED: OnceLock<Result<(), String>> = OnceLock::new();

/// Prepares libgit2 for this process; call it before any other use of `git2`. Further calls do nothing.
///
/// Afterwards
/// - a repository that belongs to another user opens: in a container the checkout does, and nothing in it is executed;
/// - no configuration of the machine or its user is read, so that none of it (`insteadOf`, `safe.directory`) changes a result;
/// - upstream repositories are fetched through our own HTTP client.
///
/// # Errors
/// [`GitError::Setup`] if libgit2 refuses one of them.
pub fn prepare() -> Result<(), GitError> {
    let outcome = PREPARED.get_or_init(|| configure().map_err(|error| error.message().to_owned()));
    outcome.clone().map_err(|why| GitError::Setup { why })
}

#[allow(unsafe_code)]
fn configure() -> Result<(), git2::Error> {
    let levels = [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global];
    // SAFETY: these calls write globals of libgit2 without a lock, so they must not run while another thread uses libgit2.
    // They run once, inside the `OnceLock`; everything in this crate that uses `git2` calls `prepare` first and so waits for it.
    unsafe {
        git2::opts::set_verify_owner_validation(false)?;
        for level in levels {
            git2::opts::set_search_path(level, "")?;
        }
        git2::transport::register(transport::SCHEME, transport::create)
    }
}
