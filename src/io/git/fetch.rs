//! The transfer of files from a server: level by level, everything that is missing on one level with one request.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use git2::{ObjectType, Oid};

use super::locked::lock;
use super::packs::Packs;
use super::protocol::{FetchRequest, Filter, Version};
use super::refs::Refs;
use super::relation::NoHistory;
use super::server::{Outcome, Server};
use super::session::Session;
use super::tree::{Need, Stop};
use super::{GitEntry, GitError, Shared, Upstream, blocking, broken_commit};
use crate::bst::track::describe::{Commits, Tag};
use crate::review::ref_proof::{Refs as NamedRefs, Relation};

/// A path in the tree of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Target {
    pub(super) commit: Oid,
    pub(super) path: Vec<String>,
}

/// Everything that a run knows of a repository.
#[derive(Default)]
pub(super) struct State {
    /// The server after its greeting, or why there is none.
    server: Option<Result<Arc<Server>, GitError>>,
    /// Everything that it sent.
    pub(super) packs: Option<Arc<Packs>>,
    /// Objects that the server does not hand over, and why.
    failed: HashMap<Oid, GitError>,
    /// The reason why the server is not asked for objects again in this run.
    broken: Option<GitError>,
    /// Its branches and tags.
    pub(super) refs: Option<Result<Refs, GitError>>,
    /// Its default branch.
    pub(super) head: Option<Result<Option<String>, GitError>>,
    /// Branches and tags by the beginnings of their names.
    pub(super) named: HashMap<Vec<String>, Result<NamedRefs, GitError>>,
    /// Its tags, with their kinds.
    pub(super) tags: Option<Result<Vec<Tag>, GitError>>,
    /// Parts of its history: the commits that were wanted, and those of which the history was not.
    pub(super) commits: HashMap<(Vec<Oid>, Vec<Oid>, bool), Commits>,
    /// How commits stand to others.
    pub(super) relations: HashMap<(Oid, Oid), Result<Relation, NoHistory>>,
}

impl State {
    /// The server, asked for its greeting once in a run.
    pub(super) async fn server(&mut self, session: &Session) -> Result<Arc<Server>, GitError> {
        if let Some(known) = &self.server {
            return known.clone();
        }
        let server = Server::greet(session).await.map(Arc::new);
        self.server.insert(server).clone()
    }

    /// Returns where packs go.
    pub(super) async fn packs(&mut self) -> Result<Arc<Packs>, GitError> {
        if let Some(packs) = &self.packs {
            return Ok(Arc::clone(packs));
        }
        let packs = Arc::new(blocking(Packs::new).await??);
        Ok(Arc::clone(self.packs.insert(packs)))
    }
}

/// A folder with more parts of the path below it is requested with all folders below it: that costs bytes, and saves a
/// request for each level.
const MANY_LEVELS: usize = 6;

/// The filters for commits, best first.
const FOR_COMMITS: [Filter; 3] = [Filter::RootTrees, Filter::NoTrees, Filter::NoBlobs];

/// The filters for folders, best first.
const FOR_TREES: [Filter; 2] = [Filter::NoTrees, Filter::NoBlobs];

impl Shared {
    /// The entry of `target` from the server, by way of the store. All announced files of the repository come along.
    pub(super) async fn fetch(
        self: &Arc<Self>,
        url: &str,
        upstream: &Upstream,
        state: &mut State,
        target: Target,
    ) -> Result<GitEntry, GitError> {
        let mut pending = vec![target.clone()];
        pending.extend(std::mem::take(&mut *lock(&upstream.announced)).into_iter().filter(|other| *other != target));
        let (mut answer, mut requested, mut session) = (None, HashSet::new(), None);
        // A commit, its root folder, a level for each part of the path, and the end.
        for _ in 0..self.limits.path_depth + 4 {
            let found = self.look_up_all(url, state, pending).await?;
            let mut needs = Vec::new();
            pending = Vec::new();
            for (one, outcome) in found {
                match state.next(url, &requested, one.commit, outcome) {
                    Next::Request(need) => {
                        needs.push((one.commit, need));
                        pending.push(one);
                    }
                    // The failures of others are reported when they are requested.
                    Next::Done(outcome) if one == target => answer = Some(outcome),
                    Next::Done(_) => {}
                }
            }
            if needs.is_empty() {
                break;
            }
            let session = session.get_or_insert_with(|| self.session(url));
            requested.extend(needs.iter().map(|(_, need)| need.id));
            if let Err(error) = request(session, state, &needs).await {
                return answer.unwrap_or(Err(error));
            }
        }
        if let Some(session) = session {
            session.report(true);
        }
        let endless = || GitError::Limit { url: url.to_owned(), what: "it needs too many requests".to_owned() };
        answer.unwrap_or_else(|| Err(endless()))
    }

    async fn look_up_all(
        self: &Arc<Self>,
        url: &str,
        state: &State,
        targets: Vec<Target>,
    ) -> Result<Vec<(Target, Result<GitEntry, Stop>)>, GitError> {
        let (shared, url, packs) = (Arc::clone(self), url.to_owned(), state.packs.clone());
        blocking(move || {
            let found = shared.look_up(&url, packs.as_deref(), &targets)?;
            Ok(targets.into_iter().zip(found).collect())
        })
        .await?
    }
}

/// The step after a look-up.
enum Next {
    /// It is over.
    Done(Result<GitEntry, GitError>),
    /// The server is asked for this object.
    Request(Need),
}

impl State {
    /// Decides what follows the look-up of a path in `commit`, after these objects were asked for.
    fn next(&mut self, url: &str, requested: &HashSet<Oid>, commit: Oid, outcome: Result<GitEntry, Stop>) -> Next {
        let need = match outcome {
            Err(Stop::Missing(need)) => need,
            Err(stop) => return Next::Done(Err(broken_commit(url, commit, stop))),
            Ok(entry) => return Next::Done(Ok(entry)),
        };
        match self.failed.get(&need.id) {
            Some(error) => Next::Done(Err(error.clone())),
            None if requested.contains(&need.id) => Next::Done(Err(self.left_out(url, commit, need))),
            None => Next::Request(need),
        }
    }

    /// Remembers that the server sent a pack without an object that it was asked for.
    fn left_out(&mut self, url: &str, commit: Oid, need: Need) -> GitError {
        let error = if need.kind == ObjectType::Commit {
            let tried = vec!["it by its id (the commit was not in what came)".to_owned()];
            GitError::Fetch { url: url.to_owned(), object: format!("commit {commit}"), tried }
        } else {
            broken_commit(url, commit, Stop::Missing(need))
        };
        self.failed.insert(need.id, error.clone());
        error
    }
}

/// Requests the objects that are needed next: all commits, or all folders and files.
///
/// # Errors
/// The failure that ends the whole fetch; it is remembered.
async fn request(session: &Arc<Session>, state: &mut State, needs: &[(Oid, Need)]) -> Result<(), GitError> {
    if let Some(broken) = &state.broken {
        return Err(broken.clone());
    }
    let outcome = async {
        let request = Request { session, server: state.server(session).await?, packs: state.packs().await? };
        request.all(&mut state.failed, needs).await
    };
    let outcome = outcome.await;
    if let Err(error) = &outcome {
        state.broken = Some(error.clone());
    }
    outcome
}

struct Request<'a> {
    session: &'a Arc<Session>,
    server: Arc<Server>,
    packs: Arc<Packs>,
}

impl Request<'_> {
    async fn all(&self, failed: &mut HashMap<Oid, GitError>, needs: &[(Oid, Need)]) -> Result<(), GitError> {
        let commits = ids(needs.iter().filter(|(_, need)| need.kind == ObjectType::Commit).map(|(_, need)| need.id));
        if !commits.is_empty() {
            return self.request(failed, &commits, "commit", &FOR_COMMITS).await;
        }
        let deep = |need: &Need| need.kind == ObjectType::Tree && need.below > MANY_LEVELS;
        let (deep, others): (Vec<Need>, Vec<Need>) = needs.iter().map(|(_, need)| *need).partition(deep);
        // The filter for a folder and all below it comes first; a server that refuses it is asked level by level.
        let folders = ids(deep.iter().map(|need| need.id));
        self.request(failed, &folders, "folder", &[Filter::NoBlobs, Filter::NoTrees]).await?;
        let folders = others.iter().any(|need| need.kind == ObjectType::Tree);
        let filters: &[Filter] = if folders { &FOR_TREES } else { &[] };
        self.request(failed, &ids(others.iter().map(|need| need.id)), "object", filters).await?;
        self.whole_commits(failed, needs).await
    }

    /// Requests whole commits where the server hands out commits by their ids, but not the folders and files in them.
    async fn whole_commits(&self, failed: &mut HashMap<Oid, GitError>, needs: &[(Oid, Need)]) -> Result<(), GitError> {
        let refused = || needs.iter().filter(|(_, need)| failed.contains_key(&need.id));
        let commits = ids(refused().map(|(commit, _)| *commit));
        if commits.is_empty() {
            return Ok(());
        }
        let depth = self.server.greeting.shallow.then_some(1);
        let request = FetchRequest { wants: &commits, haves: &[], depth, filter: None };
        if let Outcome::Received { .. } = self.server.objects(self.session, &self.packs, &request).await? {
            self.session.host.refuses(&FOR_COMMITS);
            failed.retain(|id, _| !needs.iter().any(|(_, need)| need.id == *id));
        }
        Ok(())
    }

    /// Requests objects with the first filter that the server takes. Those that it does not have end in `failed`.
    async fn request(
        &self,
        failed: &mut HashMap<Oid, GitError>,
        ids: &[Oid],
        kind: &str,
        filters: &[Filter],
    ) -> Result<(), GitError> {
        if ids.is_empty() {
            return Ok(());
        }
        let Err(tried) = self.try_filters(ids, kind, filters).await? else { return Ok(()) };
        if let [id] = ids {
            failed.insert(*id, self.refusal(*id, kind, tried));
            return Ok(());
        }
        // One object that the server does not have spoils a whole request.
        for id in ids {
            if let Err(tried) = self.try_filters(&[*id], kind, filters).await? {
                failed.insert(*id, self.refusal(*id, kind, tried));
            }
        }
        Ok(())
    }

    /// Asks with one filter after the other, at last with none; without success says what was tried.
    async fn try_filters(
        &self,
        ids: &[Oid],
        kind: &str,
        filters: &[Filter],
    ) -> Result<Result<(), Vec<String>>, GitError> {
        let (host, greeting) = (&self.session.host, &self.server.greeting);
        let filters = if greeting.filter { host.allowed(filters) } else { Vec::new() };
        let depth = (kind == "commit" && greeting.shallow).then_some(1);
        let (mut tried, mut refused) = (Vec::new(), Vec::new());
        for filter in filters.into_iter().map(Some).chain([None]) {
            let request = FetchRequest { wants: ids, haves: &[], depth, filter };
            match self.server.objects(self.session, &self.packs, &request).await? {
                Outcome::Received { .. } => {
                    host.refuses(&refused);
                    return Ok(Ok(()));
                }
                Outcome::Refused(why) => {
                    let label = filter.map_or("no filter", Filter::spec);
                    tried.push(format!("it by its id with {label} ({})", super::error::shown(&why)));
                    // A server that names the object does not have it; other filters change nothing.
                    if ids.iter().any(|id| why.contains(&id.to_string())) {
                        break;
                    }
                    refused.extend(filter);
                }
            }
        }
        Ok(Err(tried))
    }

    fn refusal(&self, id: Oid, kind: &str, tried: Vec<String>) -> GitError {
        let (url, object) = (self.session.url.clone(), format!("{kind} {id}"));
        match self.server.greeting.version {
            Version::Zero => GitError::OldServer { url, object, tried },
            Version::Two => GitError::Fetch { url, object, tried },
        }
    }
}

/// Ids in order, each of them once.
fn ids(ids: impl Iterator<Item = Oid>) -> Vec<Oid> {
    let mut ids: Vec<Oid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
