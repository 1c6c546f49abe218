//! libgit2's smart transport over our own HTTP client, so that its limits and rules hold for git as well.
//!
//! The protocol (version 0): <https://git-scm.com/docs/gitprotocol-http> and <https://git-scm.com/docs/gitprotocol-pack>.

use std::cell::RefCell;
use std::io::{self, Cursor, Read, Write};
use std::sync::{Arc, Mutex};

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream, Transport};
use git2::{ErrorClass, ErrorCode, Remote};

use super::advertisement::Advertisement;
use super::bridge::{BlockingStream, wait};
use super::daemon;
use super::error::shown;
use super::session::{Session, lock};
use super::{GitError, Place};
use crate::io::http::{HttpError, Request, printable};

/// The scheme of the URLs that libgit2 is given. Our own, so that the real URL never meets libgit2's transports.
pub(super) const SCHEME: &str = "cargo2-upstream";

thread_local! {
    /// The fetch of this thread. libgit2 makes a transport on the thread that connects, and has no better way to hand it over.
    static CURRENT: RefCell<Option<Arc<Session>>> = const { RefCell::new(None) };
}

/// Runs `work` with `session` as the fetch of this thread.
pub(super) fn with_session<T>(session: &Arc<Session>, work: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            CURRENT.with(|current| current.replace(None));
        }
    }
    CURRENT.with(|current| current.replace(Some(Arc::clone(session))));
    let _reset = Reset;
    work()
}

/// What libgit2 calls for a URL of our scheme.
pub(super) fn create(remote: &Remote<'_>) -> Result<Transport, git2::Error> {
    let session = CURRENT.with(|current| current.borrow().clone()).ok_or_else(|| net_error("no fetch is under way"))?;
    let stateless = !matches!(session.place, Place::Daemon);
    let base = Arc::new(Mutex::new(session.url.trim_end_matches('/').to_owned()));
    Transport::smart(remote, stateless, Upstream { session, base })
}

struct Upstream {
    session: Arc<Session>,
    /// Where requests go; the first answer may have come from elsewhere, and then the second request goes there too.
    base: Arc<Mutex<String>>,
}

impl SmartSubtransport for Upstream {
    fn action(&self, _url: &str, action: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        let stream = match action {
            Service::UploadPackLs if matches!(self.session.place, Place::Daemon) => {
                daemon::connect(&self.session).map(|stream| Box::new(stream) as Box<dyn SmartSubtransportStream>)
            }
            Service::UploadPackLs => {
                self.advertisement().map(|text| Box::new(text) as Box<dyn SmartSubtransportStream>)
            }
            Service::UploadPack => Ok(self.exchange()),
            Service::ReceivePackLs | Service::ReceivePack => {
                return Err(net_error("nothing is ever pushed"));
            }
        };
        stream.map_err(|error| net_error(&self.session.fail(error)))
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

impl Upstream {
    /// The list of refs and abilities that every fetch begins with.
    fn advertisement(&self) -> Result<Cursor<Vec<u8>>, GitError> {
        const SUFFIX: &str = "/info/refs?service=git-upload-pack";
        let session = &self.session;
        let url = format!("{}{SUFFIX}", lock(&self.base));
        let mut request = Request::get(&url, session.bytes_left());
        request.deadline = Some(session.deadline);
        let response = wait(session.http.fetch(&request)).map_err(|error| session.name_limit(error))?;
        session.count(response.body.len())?;
        expect_type(&url, response.head.content_type.as_deref(), "application/x-git-upload-pack-advertisement")?;
        // After a redirect the repository is where the answer came from.
        let moved = response.head.url.strip_suffix(SUFFIX).ok_or_else(|| HttpError::Redirect {
            url: printable(&url),
            why: "it leads to something that is no git repository".to_owned(),
        })?;
        moved.clone_into(&mut lock(&self.base));
        *lock(&session.advertised) = Advertisement::parse(&response.body, true);
        Ok(Cursor::new(response.body))
    }

    fn exchange(&self) -> Box<dyn SmartSubtransportStream> {
        let url = format!("{}/git-upload-pack", lock(&self.base));
        Box::new(Exchange {
            session: Arc::clone(&self.session),
            url,
            question: Vec::new(),
            answer: None,
            answered: false,
        })
    }
}

/// One POST: what libgit2 writes is the question, sent when the first byte of the answer is read.
struct Exchange {
    session: Arc<Session>,
    url: String,
    question: Vec<u8>,
    answer: Option<BlockingStream>,
    /// The first bytes of the answer were looked at.
    answered: bool,
}

impl Exchange {
    fn ask(&self) -> Result<BlockingStream, GitError> {
        let session = &self.session;
        let request = Request {
            accept: Some("application/x-git-upload-pack-result"),
            body: Some(("application/x-git-upload-pack-request", &self.question)),
            deadline: Some(session.deadline),
            ..Request::get(&self.url, session.bytes_left())
        };
        let stream = wait(session.http.open(&request)).map_err(|error| session.name_limit(error))?;
        expect_type(&self.url, stream.head.content_type.as_deref(), "application/x-git-upload-pack-result")?;
        Ok(BlockingStream::new(stream))
    }

    /// Errors of the stream hold one of the client.
    fn broken(&self, error: io::Error) -> GitError {
        let text = error.to_string();
        match error.downcast::<HttpError>() {
            Ok(error) => self.session.name_limit(error),
            Err(_) => HttpError::Network { url: printable(&self.url), why: text, sent: true }.into(),
        }
    }

    fn read_some(&mut self, buffer: &mut [u8]) -> Result<usize, GitError> {
        let answer = match &mut self.answer {
            Some(answer) => answer,
            None => {
                let answer = self.ask()?;
                self.answer.insert(answer)
            }
        };
        let count = answer.read(buffer).map_err(|error| self.broken(error))?;
        self.session.count(count)?;
        if !std::mem::replace(&mut self.answered, true) {
            self.session.hear(&buffer[..count]);
        }
        Ok(count)
    }
}

impl Read for Exchange {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_some(buffer).map_err(|error| io::Error::other(self.session.fail(error)))
    }
}

impl Write for Exchange {
    fn write(&mut self, question: &[u8]) -> io::Result<usize> {
        self.question.extend_from_slice(question);
        Ok(question.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A server that answers with something else is no git server, or one that only serves plain files.
fn expect_type(url: &str, actual: Option<&str>, expected: &str) -> Result<(), GitError> {
    let plain = actual.map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    if plain == Some(expected) {
        return Ok(());
    }
    let why = format!("its content type is {}", shown(plain.unwrap_or("not given")));
    Err(GitError::Protocol { url: url.to_owned(), why })
}

fn net_error(message: &str) -> git2::Error {
    git2::Error::new(ErrorCode::GenericError, ErrorClass::Net, message.replace('\0', " "))
}
