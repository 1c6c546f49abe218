//! Paths of pinned commits, submodules included where they are staged.

use super::{Problem, StagedEntry, problem};
use crate::bst::source::{Git, Submodules};
use crate::finding::rules;
use crate::io::git::{GitEntry, GitError, GitPin, GitUpstreams};
use crate::io::http::HttpError;

/// The maximum nesting depth of submodules.
const MAX_MODULES: usize = 8;

/// A pinned commit, for the adapter.
#[must_use]
pub(crate) fn pin_of(git: &Git) -> GitPin {
    GitPin { url: git.url.clone(), commit: git.commit.clone() }
}

/// A path of a pinned commit.
pub(super) async fn entry(upstreams: &GitUpstreams, git: &Git, path: &str) -> Result<StagedEntry, Problem> {
    let (mut git, mut path) = (git.clone(), path);
    for _ in 0..=MAX_MODULES {
        match read(upstreams, &git, path).await? {
            GitEntry::File(bytes) => {
                let origin = format!("{path} at {} of {}", git.commit.get(..12).unwrap_or_default(), git.url);
                return Ok(StagedEntry::File(bytes, origin));
            }
            GitEntry::Symlink(target) => return Ok(StagedEntry::Symlink(target)),
            GitEntry::Folder | GitEntry::Submodule(_) => return Ok(StagedEntry::Folder),
            GitEntry::Absent => {}
        }
        match module_on_the_way(upstreams, &git, path).await? {
            Some((module, rest)) => (git, path) = (module, rest),
            None => return Ok(StagedEntry::Absent),
        }
    }
    Err(problem(&rules::CANNOT_EVALUATE, "submodules nest too deeply"))
}

async fn read(upstreams: &GitUpstreams, git: &Git, path: &str) -> Result<GitEntry, Problem> {
    match upstreams.entry(&pin_of(git), path).await {
        // A link or a submodule is on the way: the way is looked at part by part.
        Err(GitError::Through { .. }) => Ok(GitEntry::Absent),
        Err(e) => {
            let late = matches!(e, GitError::Http(HttpError::HostTime { .. }));
            let rule = if late { &rules::NOT_IN_TIME } else { &rules::LOCK_UNAVAILABLE };
            Err(problem(rule, format!("`{}` cannot be read: {e}", path.escape_debug())))
        }
        Ok(entry) => Ok(entry),
    }
}

/// The staged submodule on the way to `path`, and the rest of the path.
async fn module_on_the_way<'a>(
    upstreams: &GitUpstreams,
    git: &Git,
    path: &'a str,
) -> Result<Option<(Git, &'a str)>, Problem> {
    let Submodules::Staged(urls) = &git.submodules else { return Ok(None) };
    for (at, _) in path.match_indices('/') {
        let GitEntry::Submodule(commit) = read(upstreams, git, &path[..at]).await? else { continue };
        let named = urls.iter().find(|(p, _)| p.trim_matches('/') == &path[..at]).map(|(_, url)| url.clone());
        let url = match named {
            Some(url) => Some(url),
            None => match read(upstreams, git, ".gitmodules").await? {
                GitEntry::File(text) => module_url(&String::from_utf8_lossy(&text), &path[..at], &git.url),
                _ => None,
            },
        };
        let Some(url) = url else {
            let message = format!("the submodule `{}` has no URL in .gitmodules", path[..at].escape_debug());
            return Err(problem(&rules::CANNOT_EVALUATE, message));
        };
        let module = Git {
            url,
            pinned: commit.clone(),
            commit,
            track: None,
            exclude: Vec::new(),
            is_pattern: false,
            submodules: Submodules::Staged(Vec::new()),
        };
        return Ok(Some((module, &path[at + 1..])));
    }
    Ok(None)
}

/// The URL of a submodule in `.gitmodules`; one that begins with a dot is relative to its parent's.
fn module_url(text: &str, path: &str, parent: &str) -> Option<String> {
    let (mut at, mut url) = (None, None);
    for line in text.lines().map(str::trim).chain(["["]) {
        if line.starts_with('[') {
            if at == Some(path) && url.is_some() {
                break;
            }
            (at, url) = (None, None);
        } else if let Some((key, value)) = line.split_once('=') {
            match key.trim() {
                "path" => at = Some(value.trim()),
                "url" => url = Some(value.trim()),
                _ => {}
            }
        }
    }
    let url = url.filter(|_| at == Some(path))?;
    if !url.starts_with("./") && !url.starts_with("../") {
        return Some(url.to_owned());
    }
    let mut base = parent.trim_end_matches('/');
    let mut rest = url;
    loop {
        if let Some(up) = rest.strip_prefix("../") {
            base = base.rsplit_once('/')?.0;
            rest = up;
        } else if let Some(here) = rest.strip_prefix("./") {
            rest = here;
        } else {
            return Some(format!("{base}/{rest}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submodules_are_found_by_their_path_and_relative_urls_resolved() {
        let text = "[submodule \"a\"]\n\tpath = vendor/a\n\turl = https://x/a.git\n[submodule \"b\"]\n\turl = ../b.git\n\tpath = b\n";
        assert_eq!(module_url(text, "vendor/a", "https://x/p.git").as_deref(), Some("https://x/a.git"));
        assert_eq!(module_url(text, "b", "https://x/o/p.git").as_deref(), Some("https://x/o/b.git"));
        assert_eq!(module_url(text, "c", "https://x/p.git"), None);
    }
}
