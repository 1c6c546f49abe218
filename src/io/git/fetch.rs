//! How a commit is got from a server: by its id if the server allows it, else by a ref that leads to it.

use std::sync::Arc;

use git2::{AutotagOption, Direction, FetchOptions, Oid, RemoteCallbacks, Repository, RepositoryInitOptions};
use tempfile::TempDir;

use super::advertisement::Advertisement;
use super::error::shown;
use super::session::{Session, lock};
use super::{GitError, GitPin, transport};

/// A bare repository with what one attempt brought; its folder goes when this goes.
pub(super) struct Brought {
    /// What was fetched.
    pub(super) repository: Repository,
    _folder: TempDir,
}

impl Brought {
    fn new() -> Result<Self, GitError> {
        let setup = |why: String| GitError::Setup { why: format!("cannot make a temporary repository: {why}") };
        let folder = TempDir::with_prefix("cargo2-bot-git-").map_err(|error| setup(error.to_string()))?;
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        let repository =
            Repository::init_opts(folder.path(), &options).map_err(|error| setup(error.message().to_owned()))?;
        Ok(Self { repository, _folder: folder })
    }

    /// Whether it has this commit.
    pub(super) fn has(&self, commit: Oid) -> bool {
        self.repository.find_commit(commit).is_ok()
    }
}

/// One thing to ask a server for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ask {
    refspecs: Vec<String>,
    /// How many commits of history; 0 for all.
    depth: i32,
    /// What it is, for the error message.
    label: String,
}

/// Depth of the second attempt by a ref: enough for a ref that moved on a little.
const SOME_HISTORY: i32 = 50;

/// More than any server needs: all by id, one by id, all at refs, one at a ref, and two depths of three names.
const MOST_ATTEMPTS: usize = 10;

/// Fetches the commit of `pin`, and those of `others` along with it if the server makes that easy.
///
/// # Errors
/// What ended the whole fetch, or [`GitError::Fetch`] with everything that was tried.
pub(super) fn bring(
    session: &Arc<Session>,
    pin: &GitPin,
    commit: Oid,
    others: &[Oid],
) -> Result<Vec<Brought>, GitError> {
    let names = ref_names(pin);
    let mut tried = Vec::new();
    let mut brought = Vec::new();
    let mut done: Vec<Ask> = Vec::new();
    // A server that lists other refs each time does not keep us here.
    for _ in 0..MOST_ATTEMPTS {
        let choose = |server: &Advertisement| {
            let asks = asks(server, commit, others, &names);
            asks.into_iter().find(|ask| !done.contains(ask))
        };
        let (ask, outcome) = attempt(session, choose)?;
        let Some(ask) = ask else { break };
        match outcome {
            Ok(fetched) if fetched.has(commit) => {
                brought.push(fetched);
                session.report(true);
                return Ok(brought);
            }
            Ok(fetched) => {
                tried.push(format!("{} (the commit was not in it)", ask.label));
                // It may hold one of the others.
                brought.push(fetched);
            }
            Err(why) => tried.push(format!("{} ({})", ask.label, shown(&why))),
        }
        done.push(ask);
    }
    if tried.is_empty() {
        tried.push(
            "nothing: the server does not hand out commits by id, and no known tag or branch leads to this one"
                .to_owned(),
        );
    }
    Err(GitError::Fetch { url: session.url.clone(), commit: commit.to_string(), tried })
}

/// What to ask `server` for, best first.
fn asks(server: &Advertisement, commit: Oid, others: &[Oid], names: &[String]) -> Vec<Ask> {
    let one = i32::from(server.shallow);
    let mut asks = Vec::new();
    let mut by_id = |commits: Vec<Oid>, label: &str| {
        let refspecs = commits.iter().map(|id| format!("+{id}:refs/pins/{id}")).collect();
        asks.push(Ask { refspecs, depth: one, label: label.to_owned() });
    };
    if server.tip_ids || server.reachable_ids {
        if !others.is_empty() {
            by_id(std::iter::once(commit).chain(others.iter().copied()).collect(), "all commits of this run by id");
        }
        by_id(vec![commit], "the commit by id");
    }
    let tips: Vec<String> = std::iter::once(&commit).chain(others).filter_map(|id| server.ref_at(*id, names)).collect();
    if let Some(name) = server.ref_at(commit, names) {
        if !others.is_empty() && tips.len() > 1 {
            asks.push(by_ref(&tips, one, "the refs at the commits of this run"));
        }
        asks.push(by_ref(std::slice::from_ref(&name), one, &name));
    }
    // A server that hands out whatever a ref leads to has said no already.
    if !server.reachable_ids {
        for name in names.iter().filter(|name| server.has(name)) {
            if server.shallow {
                asks.push(by_ref(
                    std::slice::from_ref(name),
                    SOME_HISTORY,
                    &format!("{SOME_HISTORY} commits of {name}"),
                ));
            }
            asks.push(by_ref(std::slice::from_ref(name), 0, &format!("all of {name}")));
        }
    }
    asks
}

fn by_ref(names: &[String], depth: i32, label: &str) -> Ask {
    let mut names = names.to_vec();
    names.sort();
    names.dedup();
    let refspecs = names.iter().enumerate().map(|(at, name)| format!("+{name}:refs/pins/{at}")).collect();
    Ask { refspecs, depth, label: label.to_owned() }
}

/// The refs that the pin names: its tag, then what it tracks, unless that is a pattern.
fn ref_names(pin: &GitPin) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(tag) = &pin.tag {
        names.push(format!("refs/tags/{}", tag.strip_prefix("refs/tags/").unwrap_or(tag)));
    }
    match &pin.track {
        Some(full) if full.starts_with("refs/") => names.push(full.clone()),
        Some(short) => names.extend([format!("refs/heads/{short}"), format!("refs/tags/{short}")]),
        None => {}
    }
    names.retain(|name| git2::Reference::is_valid_name(name));
    names.dedup();
    names
}

/// Connects, lets `choose` decide by what the server says, and fetches that. Hands back what was chosen and how it ended.
fn attempt(
    session: &Arc<Session>,
    choose: impl FnOnce(&Advertisement) -> Option<Ask>,
) -> Result<(Option<Ask>, Result<Brought, String>), GitError> {
    let target = Brought::new()?;
    let mut chosen = None;
    let outcome = transport::with_session(session, || download(session, &target.repository, choose, &mut chosen));
    let refusal = session.take_refusal();
    if let Some(failure) = session.take_failure() {
        return Err(failure);
    }
    match (chosen, outcome) {
        // The server answered, but its list of refs made no sense.
        (None, Err(error)) => Err(GitError::Protocol { url: session.url.clone(), why: shown(error.message()) }),
        (chosen, Ok(())) => Ok((chosen, Ok(target))),
        (chosen, Err(error)) => Ok((chosen, Err(refusal.unwrap_or_else(|| error.message().to_owned())))),
    }
}

fn download(
    session: &Arc<Session>,
    repository: &Repository,
    choose: impl FnOnce(&Advertisement) -> Option<Ask>,
    chosen: &mut Option<Ask>,
) -> Result<(), git2::Error> {
    let mut remote = repository.remote_anonymous(&format!("{}://upstream/repository", transport::SCHEME))?;
    let mut connection = remote.connect_auth(Direction::Fetch, None, None)?;
    *chosen = choose(&lock(&session.advertised));
    let Some(ask) = chosen else { return Ok(()) };
    tracing::debug!("asking {} for {}", crate::io::http::printable(&session.url), ask.label);
    let mut callbacks = RemoteCallbacks::new();
    callbacks.transfer_progress(|progress| {
        let counted = session.count_objects(progress.indexed_objects(), progress.total_objects());
        counted.map_err(|error| session.fail(error)).is_ok()
    });
    let mut options = FetchOptions::new();
    options.download_tags(AutotagOption::None).update_fetchhead(false).depth(ask.depth).remote_callbacks(callbacks);
    connection.remote().download(&ask.refspecs, Some(&mut options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(tag: Option<&str>, track: Option<&str>) -> Vec<String> {
        let own = |text: &str| text.to_owned();
        ref_names(&GitPin { url: String::new(), commit: String::new(), tag: tag.map(own), track: track.map(own) })
    }

    #[test]
    fn the_tag_comes_before_the_tracked_branch() {
        assert_eq!(pin(Some("v1"), Some("main")), ["refs/tags/v1", "refs/heads/main", "refs/tags/main"]);
        assert_eq!(pin(None, Some("refs/heads/x")), ["refs/heads/x"]);
    }

    #[test]
    fn patterns_and_impossible_names_are_never_asked_for() {
        assert!(pin(None, Some("v*")).is_empty());
        assert!(pin(Some("a:b"), Some("x y")).is_empty());
        assert!(pin(Some("../x"), None).is_empty());
    }
}
