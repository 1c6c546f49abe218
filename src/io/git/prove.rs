//! The proof that a commit is the one of the refs that it was pinned by.

use std::fmt;
use std::sync::Arc;

use git2::{Oid, Reference};

use super::ancestry::{Found, walk_back};
use super::fetch::State;
use super::place::Place;
use super::proof::RefProof;
use super::protocol::{FetchRequest, Filter};
use super::refs::{GitRef, listed, local};
use super::server::{Outcome, Server};
use super::session::Session;
use super::{GitError, GitLimits, GitPin, GitUpstreams, blocking, commit_of, repository};

/// The amounts of history that are requested, one request each. A server sends nothing but commits, some 300 bytes each.
const DEPTHS: [u32; 3] = [50, 500, 5000];

/// A branch with many merges has far more commits than its depth; a proof is not worth more than this.
const MOST_BYTES: u64 = 32 << 20;

/// See [`MOST_BYTES`].
const MOST_COMMITS: usize = 100_000;

const HEADS: &str = "refs/heads/";
const TAGS: &str = "refs/tags/";

impl GitUpstreams {
    /// Finds out whether the pinned commit is what its tag says or, without a tag, whether the branch or tag that it tracks
    /// leads to it. A server is queried once per run for each pin. Nothing is kept in the cache.
    pub async fn prove(&self, pin: &GitPin) -> RefProof {
        self.try_prove(pin).await.unwrap_or_else(|error| RefProof::Unknown(error.to_string()))
    }

    async fn try_prove(&self, pin: &GitPin) -> Result<RefProof, GitError> {
        let shared = &self.shared;
        let commit = commit_of(pin)?;
        let question = match Question::of(pin) {
            Ok(question) => question,
            Err(why) => return Ok(RefProof::Unknown(why.to_owned())),
        };
        if let Place::Local(folder) = Place::of(&pin.url, shared.http.trust())? {
            let (url, limits) = (pin.url.clone(), shared.limits.clone());
            return blocking(move || {
                let refs = local(&url, &folder, &limits)?;
                let repository = repository::open(&url, &folder)?;
                match question.answer(&refs, commit) {
                    Verdict::Known(proof) => Ok(proof),
                    Verdict::Walk { branch, tip } => {
                        let found = walk_back(&url, &repository, &limits, tip, commit)?;
                        Ok(found.proof(branch))
                    }
                }
            })
            .await?;
        }
        if shared.offline {
            return Err(GitError::OfflineRefs { url: pin.url.clone() });
        }
        let upstream = shared.upstream(&pin.url);
        let mut state = upstream.state.lock().await;
        if let Some(known) = state.proofs.get(pin) {
            return Ok(known.clone());
        }
        let sessions = [shared.session(&pin.url), shared.session_within(&pin.url, self.history_limits())];
        let proof = remote(&sessions, &mut state, &question, commit).await;
        let proof = proof.unwrap_or_else(|error| RefProof::Unknown(error.to_string()));
        state.proofs.insert(pin.clone(), proof.clone());
        Ok(proof)
    }

    /// Finds out where `commit` is in the history of `tip`.
    pub(super) async fn find_back(
        &self,
        url: &str,
        tip: Oid,
        commit: Oid,
    ) -> Result<Result<Found, NoHistory>, GitError> {
        let shared = &self.shared;
        if let Place::Local(folder) = Place::of(url, shared.http.trust())? {
            let (url, limits) = (url.to_owned(), shared.limits.clone());
            let walk = move || walk_back(&url, &repository::open(&url, &folder)?, &limits, tip, commit);
            return Ok(Ok(blocking(walk).await??));
        }
        if shared.offline {
            return Err(GitError::OfflineRefs { url: url.to_owned() });
        }
        let upstream = shared.upstream(url);
        let mut state = upstream.state.lock().await;
        let session = shared.session_within(url, self.history_limits());
        let server = state.server(&session).await?;
        steps_back(&session, &mut state, &server, (tip, commit)).await
    }

    /// The limits of a fetch of history.
    fn history_limits(&self) -> GitLimits {
        let limits = &self.shared.limits;
        GitLimits {
            fetch_bytes: limits.fetch_bytes.min(MOST_BYTES),
            pack_objects: limits.pack_objects.min(MOST_COMMITS),
            ..limits.clone()
        }
    }
}

/// Requests the refs of a server in one session, and history in another, whose limits are narrower.
async fn remote(
    [session, walk]: &[Arc<Session>; 2],
    state: &mut State,
    question: &Question,
    commit: Oid,
) -> Result<RefProof, GitError> {
    let server = state.server(session).await?;
    let refs = match &state.refs {
        Some(Ok(refs)) => refs.clone(),
        _ => listed(&session.url, &server.refs(session, &question.names).await?, &session.limits)?,
    };
    let (branch, tip) = match question.answer(&refs, commit) {
        Verdict::Known(proof) => return Ok(proof),
        Verdict::Walk { branch, tip } => (branch, tip),
    };
    Ok(match steps_back(walk, state, &server, (tip, commit)).await? {
        Ok(found) => found.proof(branch),
        Err(why @ NoHistory::NotOffered) => {
            RefProof::Unknown(format!("the branch {branch} is at another commit, and {why}"))
        }
        Err(NoHistory::Refused(why)) => RefProof::Unknown(format!(
            "the server does not send the history of the branch {branch} without files: {why}"
        )),
    })
}

/// Why a server does not send history.
#[derive(Debug)]
pub(crate) enum NoHistory {
    /// It cannot send it without files.
    NotOffered,
    /// It refuses, for this reason.
    Refused(String),
}

impl fmt::Display for NoHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered => f.write_str("its server does not send history without files"),
            Self::Refused(why) => write!(f, "its server does not send its history without files: {why}"),
        }
    }
}

/// Looks for `commit` in the history of `tip`, in more and more of it.
async fn steps_back(
    session: &Arc<Session>,
    state: &mut State,
    server: &Server,
    (tip, commit): (Oid, Oid),
) -> Result<Result<Found, NoHistory>, GitError> {
    if !server.greeting.filter || !server.greeting.shallow {
        return Ok(Err(NoHistory::NotOffered));
    }
    for depth in DEPTHS {
        match history(session, state, server, (tip, commit), depth).await? {
            Err(why) => return Ok(Err(why)),
            Ok(Found::Cut) => {}
            Ok(found) => return Ok(Ok(found)),
        }
    }
    Ok(Ok(Found::Cut))
}

/// Fetches the newest commits of a branch and looks for `commit` among them.
async fn history(
    session: &Arc<Session>,
    state: &mut State,
    server: &Server,
    (tip, commit): (Oid, Oid),
    depth: u32,
) -> Result<Result<Found, NoHistory>, GitError> {
    let packs = state.packs().await?;
    let request = FetchRequest { wants: &[tip], depth: Some(depth), filter: Some(Filter::NoTrees) };
    if let Outcome::Refused(why) = server.objects(session, &packs, &request).await? {
        return Ok(Err(NoHistory::Refused(why)));
    }
    let (url, limits) = (session.url.clone(), session.limits.clone());
    let found = blocking(move || walk_back(&url, &packs.open()?, &limits, tip, commit)).await??;
    Ok(Ok(found))
}

/// The refs that a pin is about.
#[derive(Debug, Clone)]
struct Question {
    /// The full names to list.
    names: Vec<String>,
    tag: Option<String>,
    branch: Option<String>,
}

/// The answer of a list of refs.
enum Verdict {
    Known(RefProof),
    /// Only the history of the branch can say.
    Walk {
        branch: String,
        tip: Oid,
    },
}

impl Question {
    fn of(pin: &GitPin) -> Result<Self, &'static str> {
        let short = |name: &str, prefix: &str| name.strip_prefix(prefix).unwrap_or(name).to_owned();
        let (tag, branch) = match (&pin.tag, &pin.track) {
            (Some(tag), _) => (Some(short(tag, TAGS)), None),
            (None, Some(track)) if track.starts_with(TAGS) => (Some(short(track, TAGS)), None),
            (None, Some(track)) if track.starts_with(HEADS) => (None, Some(short(track, HEADS))),
            (None, Some(track)) if track.starts_with("refs/") => return Err("it tracks neither a branch nor a tag"),
            (None, Some(track)) => (Some(track.clone()), Some(track.clone())),
            (None, None) => return Err("neither a tag nor a branch is known for it"),
        };
        let full = |name: &Option<String>, prefix: &str| name.as_ref().map(|name| format!("{prefix}{name}"));
        let names: Vec<String> = [full(&branch, HEADS), full(&tag, TAGS)].into_iter().flatten().collect();
        if names.iter().any(|name| !Reference::is_valid_name(name)) {
            return Err("it tracks a pattern");
        }
        Ok(Self { names, tag, branch })
    }

    fn answer(&self, refs: &[GitRef], commit: Oid) -> Verdict {
        let find = |name: &Option<String>, prefix: &str| {
            let name = name.as_ref()?;
            let found = refs.iter().find(|found| found.name.strip_prefix(prefix) == Some(name))?;
            Some((name.clone(), found.commit.clone()))
        };
        let names = |at: &(String, String)| at.1 == commit.to_string();
        let known = match (find(&self.tag, TAGS), find(&self.branch, HEADS)) {
            (Some(tag), _) if names(&tag) => RefProof::TagNames { tag: tag.0, commit: tag.1 },
            (_, Some(branch)) if names(&branch) => RefProof::BranchTip { branch: branch.0 },
            (Some(tag), Some(_)) => {
                RefProof::Unknown(format!("{} is a branch and a tag, and both are at other commits", tag.0))
            }
            (Some(tag), None) => RefProof::TagNamesOther { tag: tag.0, commit: tag.1 },
            (None, Some((branch, tip))) => match Oid::from_str(&tip) {
                Ok(tip) => return Verdict::Walk { branch, tip },
                Err(error) => RefProof::Unknown(error.message().to_owned()),
            },
            (None, None) => match (&self.tag, &self.branch) {
                (Some(tag), None) => RefProof::TagMissing { tag: tag.clone() },
                (_, Some(name)) => RefProof::Unknown(format!("there is no branch and no tag {name}")),
                (None, None) => RefProof::Unknown("neither a tag nor a branch is known for it".to_owned()),
            },
        };
        Verdict::Known(known)
    }
}

impl Found {
    fn proof(self, branch: String) -> RefProof {
        match self {
            Self::Back(0) => RefProof::BranchTip { branch },
            Self::Back(by) => RefProof::BehindBranch { branch, by },
            Self::Nowhere => RefProof::NotOnBranch { branch },
            Self::Cut => RefProof::Unknown(format!(
                "it is not among the newest commits of the branch {branch}, and the rest of the history was not looked at"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(tag: Option<&str>, track: Option<&str>) -> Result<Vec<String>, &'static str> {
        let own = |text: &str| text.to_owned();
        let pin = GitPin { url: String::new(), commit: String::new(), tag: tag.map(own), track: track.map(own) };
        Question::of(&pin).map(|question| question.names)
    }

    #[test]
    fn a_tag_is_requested_before_what_is_tracked() {
        assert_eq!(names(Some("v1"), Some("main")).unwrap(), ["refs/tags/v1"]);
        assert_eq!(names(None, Some("refs/heads/x")).unwrap(), ["refs/heads/x"]);
        assert_eq!(names(None, Some("main")).unwrap(), ["refs/heads/main", "refs/tags/main"]);
    }

    #[test]
    fn patterns_and_impossible_names_are_never_requested() {
        for (tag, track) in
            [(None, Some("v*")), (Some("a:b"), None), (None, Some("x y")), (None, Some("refs/pull/1")), (None, None)]
        {
            assert!(names(tag, track).is_err(), "{tag:?} {track:?}");
        }
    }
}
