//! A git server behind HTTP: its greeting, its refs, and objects out of it.

use std::sync::Arc;

use super::GitError;
use super::error::shown;
use super::packs::{PackError, Packs};
use super::protocol::{
    Answer, AnswerDecoder, FetchRequest, Greeting, GreetingDecoder, ProtocolError, RefList, RefsDecoder, Version,
    fetch_request, refs_request,
};
use super::session::Session;
use crate::io::http::{HttpError, printable};

/// A server that has greeted.
pub(super) struct Server {
    /// Where requests go: where the greeting came from, after redirects.
    base: String,
    pub(super) greeting: Greeting,
}

/// The outcome of a request for objects.
#[derive(Debug)]
pub(super) enum Outcome {
    /// With a whole pack. Its reader finds out which objects are in it.
    Received {
        /// Whether the server said that history is cut off somewhere.
        cut: bool,
    },
    /// Without a pack, for this reason.
    Refused(String),
}

impl Server {
    /// Queries the server of `session`: which version it speaks and what it can do.
    pub(super) async fn greet(session: &Session) -> Result<Self, GitError> {
        const SUFFIX: &str = "/info/refs?service=git-upload-pack";
        let url = format!("{}{SUFFIX}", session.url.trim_end_matches('/'));
        let mut answer = session.open(&url, None, "advertisement").await?.at_most(session.limits.refs_bytes);
        // After a redirect the repository is where the answer came from.
        let base = answer.url().strip_suffix(SUFFIX).map(str::to_owned).ok_or_else(|| HttpError::Redirect {
            url: printable(&url),
            why: "it leads to something that is no git repository".to_owned(),
        })?;
        let mut decoder = GreetingDecoder::new(session.limits.refs);
        while let Some(piece) = answer.piece().await? {
            decoder.push(&piece).map_err(|error| protocol(session, &error))?;
        }
        let greeting = decoder.finish().map_err(|error| protocol(session, &error))?;
        let unusable = match (greeting.sha1, greeting.side_band) {
            (false, _) => Some("its objects have SHA-256 ids, and only SHA-1 repositories are read"),
            // An empty repository says nothing, and has nothing.
            (true, false) => Some("it cannot send packs in packets (no side-band-64k)"),
            (true, true) => None,
        };
        match unusable {
            Some(why) => Err(GitError::Refused { url: session.url.clone(), why: why.to_owned() }),
            None => Ok(Self { base, greeting }),
        }
    }

    /// Requests objects and puts those that come into `packs`.
    ///
    /// # Errors
    /// The failure that ends the whole fetch.
    pub(super) async fn objects(
        &self,
        session: &Arc<Session>,
        packs: &Arc<Packs>,
        request: &FetchRequest<'_>,
    ) -> Result<Outcome, GitError> {
        let filter = request.filter.map_or("no filter", |filter| filter.spec());
        tracing::debug!("requesting from {} {} objects ({filter})", printable(&session.url), request.wants.len());
        let body = fetch_request(&self.greeting, request);
        let mut answer = match session.open(&self.service(), Some(&body), "result").await {
            Ok(answer) => answer,
            // Some servers refuse in this way what they do not understand.
            Err(GitError::Http(HttpError::Status { status: status @ (400 | 422 | 500 | 501), .. })) => {
                return Ok(Outcome::Refused(format!("status {status}")));
            }
            Err(error) => return Err(error),
        };
        let mut decoder = AnswerDecoder::new(self.greeting.version);
        let incoming = packs.incoming(session);
        let (mut failure, mut broken_off) = (None, None);
        loop {
            let piece = match answer.piece().await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(error) => {
                    broken_off = Some(error);
                    break;
                }
            };
            let mut pack = Vec::with_capacity(piece.len());
            if let Err(error) = decoder.push(&piece, &mut pack) {
                failure = Some(error);
                break;
            }
            if !incoming.piece(pack).await {
                break;
            }
        }
        drop(answer);
        // Waited for after a failure, too: else the temporary repository could outlive the program.
        let indexed = incoming.finish().await;
        session.end_pack();
        if let Some(error) = broken_off {
            return Err(error);
        }
        match (indexed, failure) {
            (Err(PackError::Error(error)), _) => Err(error),
            (_, Some(ProtocolError::Refused(why) | ProtocolError::Aborted(why))) => Ok(Outcome::Refused(why)),
            (_, Some(error)) => Err(protocol(session, &error)),
            (Err(PackError::Broken(why)), None) => Ok(Outcome::Refused(format!("its pack is broken: {why}"))),
            (Ok(()), None) => {
                let cut = decoder.is_cut();
                Ok(match decoder.finish() {
                    Ok(Answer::Pack) => Outcome::Received { cut },
                    Ok(Answer::Empty) => Outcome::Refused("its answer is empty".to_owned()),
                    Err(error) => Outcome::Refused(error.to_string()),
                })
            }
        }
    }

    /// The branches and tags whose full names begin with one of `prefixes`.
    pub(super) async fn refs(&self, session: &Session, prefixes: &[String]) -> Result<RefList, GitError> {
        if self.greeting.version == Version::Zero {
            return Ok(self.greeting.refs.clone());
        }
        let request = refs_request(&self.greeting, prefixes);
        let answer = session.open(&self.service(), Some(&request), "result").await?;
        let mut answer = answer.at_most(session.limits.refs_bytes);
        let mut decoder = RefsDecoder::new(session.limits.refs);
        while let Some(piece) = answer.piece().await? {
            decoder.push(&piece).map_err(|error| protocol(session, &error))?;
            if decoder.overflowed() {
                break;
            }
        }
        decoder.finish().map_err(|error| protocol(session, &error))
    }

    fn service(&self) -> String {
        format!("{}/git-upload-pack", self.base)
    }
}

fn protocol(session: &Session, error: &ProtocolError) -> GitError {
    GitError::Protocol { url: session.url.clone(), why: shown(&error.to_string()) }
}
