//! What an element's sources stage at one path: the layers looked through from the last to the first, nothing run.

use crate::element::{LockPlan, below};
use crate::finding::{Finding, Rule};
use crate::judge::LockFile;
use crate::project::clean_path;
use crate::rules;
use crate::source::{Content, Git, Layer, Submodules};
use crate::world::files::{self, Files};
use crate::world::git::{GitEntry, GitError, GitPin, GitUpstreams};
use base64::Engine as _;

/// How many links are followed on the way to one file.
const MAX_LINKS: usize = 32;

/// How deep submodules may nest.
const MAX_MODULES: usize = 8;

/// The places that layers read from.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// The checkout.
    pub files: &'a Files,
    /// The upstream repositories.
    pub git: &'a GitUpstreams,
}

/// What stands at a path of the staged tree.
enum Entry {
    File(Vec<u8>, String),
    Symlink(String),
    Folder,
    Absent,
}

/// Why it cannot be told.
type Problem = Box<Finding>;

fn problem(rule: &'static Rule, message: impl Into<String>) -> Problem {
    Box::new(Finding::new(rule, message))
}

impl Stage<'_> {
    /// The lock that a crate list is made from.
    ///
    /// # Errors
    /// A finding that says why there is none: missing, not to be had, or not to be told.
    pub fn lock(&self, plan: &LockPlan) -> Result<LockFile, Problem> {
        let mut path = plan.path.clone();
        for _ in 0..MAX_LINKS {
            let (link, rest, target) = match self.entry(&plan.layers, &path)? {
                Entry::File(bytes, origin) => return Ok(LockFile { bytes, origin }),
                Entry::Folder => {
                    return Err(problem(&rules::LOCK_MISSING, format!("`{}` is a folder", path.escape_debug())));
                }
                Entry::Symlink(target) => (path.clone(), String::new(), target),
                Entry::Absent => match self.link_on_the_way(&plan.layers, &path)? {
                    Some(found) => found,
                    None => return Err(missing(plan, &path)),
                },
            };
            path = followed(&link, &target, &rest)?;
        }
        Err(problem(&rules::LOCK_MISSING, format!("`{}` is reached through too many links", plan.path.escape_debug())))
    }

    /// A folder on the way to `path` that is a link: where it stands, what is left of the path, where it leads.
    fn link_on_the_way(&self, layers: &[Layer], path: &str) -> Result<Option<(String, String, String)>, Problem> {
        for (at, _) in path.match_indices('/') {
            if let Entry::Symlink(target) = self.entry(layers, &path[..at])? {
                return Ok(Some((path[..at].to_owned(), path[at + 1..].to_owned(), target)));
            }
        }
        Ok(None)
    }

    /// The last layer that has something at `path` counts.
    fn entry(&self, layers: &[Layer], path: &str) -> Result<Entry, Problem> {
        for layer in layers.iter().rev() {
            let Some(inside) = below(path, &layer.directory) else {
                continue;
            };
            let entry = match &layer.content {
                Content::Git(git) => self.git_entry(git, inside, 0)?,
                Content::Local(local) => self.local_entry(local, inside)?,
                Content::GeneratedLock(text) if inside == "Cargo.lock" => generated(text)?,
                Content::GeneratedLock(_) | Content::Crates => Entry::Absent,
                Content::Remote(..) | Content::Archive(_) | Content::Patch(..) | Content::PatchQueue(_) => {
                    return Err(problem(&rules::CANNOT_EVALUATE, "sources of this kind cannot be evaluated yet"));
                }
            };
            if !matches!(entry, Entry::Absent) {
                return Ok(entry);
            }
        }
        Ok(Entry::Absent)
    }

    /// A path of a pinned commit, its submodules included where they are staged.
    fn git_entry(&self, git: &Git, path: &str, depth: usize) -> Result<Entry, Problem> {
        let pin = pin_of(git);
        let read = |path: &str| match self.git.entry(&pin, path) {
            Err(GitError::Through { .. }) => Ok(GitEntry::Absent),
            Err(e) => Err(problem(&rules::LOCK_UNAVAILABLE, format!("`{}` cannot be read: {e}", path.escape_debug()))),
            Ok(entry) => Ok(entry),
        };
        match read(path)? {
            GitEntry::File(bytes) => {
                let origin = format!("{path} at {} of {}", git.commit.get(..12).unwrap_or_default(), git.url);
                return Ok(Entry::File(bytes, origin));
            }
            GitEntry::Symlink(target) => return Ok(Entry::Symlink(target)),
            GitEntry::Folder | GitEntry::Submodule(_) => return Ok(Entry::Folder),
            GitEntry::Absent => {}
        }
        let Submodules::Staged(urls) = &git.submodules else {
            return Ok(Entry::Absent);
        };
        for (at, _) in path.match_indices('/') {
            let GitEntry::Submodule(commit) = read(&path[..at])? else {
                continue;
            };
            if depth >= MAX_MODULES {
                return Err(problem(&rules::CANNOT_EVALUATE, "submodules nest too deeply"));
            }
            let named = urls.iter().find(|(p, _)| p.trim_matches('/') == &path[..at]).map(|(_, url)| url.clone());
            let url = match named {
                Some(url) => url,
                None => match read(".gitmodules")? {
                    GitEntry::File(text) => module_url(&String::from_utf8_lossy(&text), &path[..at], &git.url),
                    _ => None,
                }
                .ok_or_else(|| {
                    problem(
                        &rules::CANNOT_EVALUATE,
                        format!("the submodule `{}` has no URL in .gitmodules", path[..at].escape_debug()),
                    )
                })?,
            };
            let module = Git { url, commit, tag: None, track: None, submodules: Submodules::Staged(Vec::new()) };
            return self.git_entry(&module, &path[at + 1..], depth + 1);
        }
        Ok(Entry::Absent)
    }

    /// A path of a local source: a folder's content, or one file under its own name.
    fn local_entry(&self, local: &str, path: &str) -> Result<Entry, Problem> {
        let told =
            |e: String| problem(&rules::LOCK_UNAVAILABLE, format!("the local source `{}`: {e}", local.escape_debug()));
        let name = local.rsplit('/').next().unwrap_or(local);
        let full = match self.files.entry(local).map_err(told)? {
            files::Entry::Absent => {
                return Err(problem(
                    &rules::LOCK_UNAVAILABLE,
                    format!("the local source `{}` does not exist", local.escape_debug()),
                ));
            }
            files::Entry::Folder => format!("{local}/{path}"),
            _ if path == name => local.to_owned(),
            _ => return Ok(Entry::Absent),
        };
        Ok(match self.files.entry(&full).map_err(told)? {
            files::Entry::File(bytes) => Entry::File(bytes, format!("{full} of this project")),
            files::Entry::Symlink(target) => Entry::Symlink(target),
            files::Entry::Folder => Entry::Folder,
            files::Entry::Absent => Entry::Absent,
        })
    }
}

/// A pinned commit, for the adapter.
#[must_use]
pub fn pin_of(git: &Git) -> GitPin {
    GitPin { url: git.url.clone(), commit: git.commit.clone(), tag: git.tag.clone(), track: git.track.clone() }
}

/// The generated lock of a `gen_cargo_lock` source.
fn generated(text: &str) -> Result<Entry, Problem> {
    let compact: String = text.split_whitespace().collect();
    match base64::engine::general_purpose::STANDARD.decode(compact) {
        Ok(bytes) => Ok(Entry::File(bytes, "the generated lock in the element".into())),
        Err(e) => Err(problem(&rules::LOCK_UNREADABLE, format!("the generated lock is not base64: {e}"))),
    }
}

/// Where a link leads.
fn followed(link: &str, target: &str, rest: &str) -> Result<String, Problem> {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    let joined = format!("{folder}/{target}/{rest}");
    let path = if target.starts_with('/') { None } else { clean_path(joined.trim_start_matches('/')) };
    path.ok_or_else(|| {
        problem(&rules::LOCK_MISSING, format!("the link `{}` leaves the staged tree", link.escape_debug()))
    })
}

fn missing(plan: &LockPlan, path: &str) -> Problem {
    let mut finding = Finding::new(&rules::LOCK_MISSING, format!("the sources stage no `{}`", path.escape_debug()));
    if plan.layers.iter().all(|l| l.content == Content::Crates) {
        finding = finding.note("no source stands before the cargo2 source");
    }
    Box::new(finding.help(
        "set `cargo-lock:` to the path of the lock below the staged sources, or hand it in with `--lock ELEMENT=PATH`",
    ))
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

    #[test]
    fn links_are_followed_inside_the_tree_only() {
        assert_eq!(followed("a/b", "../c", "Cargo.lock").unwrap(), "c/Cargo.lock");
        assert_eq!(followed("Cargo.lock", "rust/Cargo.lock", "").unwrap(), "rust/Cargo.lock");
        assert!(followed("a", "../../x", "").is_err());
        assert!(followed("a", "/etc/passwd", "").is_err());
    }
}
