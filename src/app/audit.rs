//! `cargo2-bot audit`: what the hold came to, as GitHub keeps it.

use crate::github::audit::{self, Entry};
use crate::io::github::{GitHub, GitHubError};

/// The entries of the pull requests that changed last, `most` of them at least, the newest first.
///
/// # Errors
/// When GitHub cannot be read.
pub async fn audit(github: &GitHub, most: usize) -> Result<Vec<Entry>, GitHubError> {
    Ok(audit::entries(&github.audited(most).await?))
}
