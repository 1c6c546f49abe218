//! Who published crates, from the web API of the registry whose index names one.
//!
//! The API is for people and asks programs for at most one request a second, and to say who they are. So it is asked about few crates
//! only, and never again in a run.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::documents::{Document, DocumentError, Documents};
use super::http::HttpClient;
use super::index::{Index, IndexError, is_crate_name};
use crate::encode;
use crate::finding::read::Unreadable;
use crate::review::evidence::{PublisherNeed, Publishers, Source};
use crate::review::publisher::{self, Published};

/// The pause between two requests.
const PAUSE: Duration = Duration::from_secs(1);

/// The number of crates of a review whose publishers are looked up.
const MAX_CRATES: usize = 20;

/// The time for the publishers of a review.
const TIME: Duration = Duration::from_secs(45);

/// The maximum size of an answer, in bytes.
const MAX_ANSWER: u64 = 2 << 20;

/// Why it is not known who published a crate.
#[derive(Clone, Debug)]
enum PublisherError {
    /// The API did not answer.
    Document(DocumentError),
    /// The answer is another one, and why.
    Malformed(String),
    /// The API does not know the crate.
    Absent,
    /// There was no time left.
    Late,
}

impl std::fmt::Display for PublisherError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document(error) => error.fmt(f),
            Self::Malformed(why) => write!(f, "the answer cannot be read: {}", why.escape_debug()),
            Self::Absent => f.write_str("the registry does not know the crate"),
            Self::Late => write!(f, "the limit is {} seconds", TIME.as_secs()),
        }
    }
}

impl std::error::Error for PublisherError {}

impl From<DocumentError> for PublisherError {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

/// The web API. Shared by all reviews of a run.
#[derive(Debug)]
pub(crate) struct WebPublishers {
    http: HttpClient,
    cache: Option<PathBuf>,
    offline: bool,
    pause: Duration,
    /// Where the API is, once the index said so.
    api: OnceCell<Option<Documents>>,
    /// When the last request began, and what it brought: one at a time.
    known: Mutex<(Option<Instant>, HashMap<String, Published>)>,
}

impl WebPublishers {
    /// The API. Nothing is fetched yet.
    pub(crate) fn new(http: &HttpClient, cache: Option<PathBuf>, offline: bool) -> Self {
        Self { http: http.clone(), cache, offline, pause: PAUSE, api: OnceCell::new(), known: Mutex::default() }
    }

    /// The same without its pauses, for tests against servers of their own.
    #[cfg(test)]
    pub(crate) fn hasty(mut self) -> Self {
        self.pause = Duration::ZERO;
        self
    }

    /// Who published the crates that are `wanted`. No request is made for none.
    pub(crate) async fn look_up(&self, index: &Index, wanted: &[PublisherNeed]) -> Source<Publishers> {
        if wanted.is_empty() {
            return Source::Got(Publishers::default());
        }
        let documents = || async {
            let api = index.api().await?;
            let cache = self.cache.as_deref();
            Ok(api.map(|api| Documents::new(self.http.clone(), format!("{api}/"), cache, self.offline)))
        };
        let api: Result<&Option<Documents>, IndexError> = self.api.get_or_try_init(documents).await;
        let api = match api {
            Ok(Some(api)) => api,
            Ok(None) => return Source::NotRequested("the index names no web API".to_owned()),
            Err(why) => return Source::Failed(why.to_string()),
        };
        let end = Instant::now() + TIME;
        let mut found = BTreeMap::new();
        for (at, need) in wanted.iter().enumerate() {
            let answer = match at {
                MAX_CRATES.. => Err(Unreadable::new(format!("the limit is {MAX_CRATES} crates"))),
                _ => self.of_crate(api, need, end).await.map_err(|why| Unreadable::new(why.to_string())),
            };
            found.insert(need.name.clone(), answer);
        }
        Source::Got(found)
    }

    async fn of_crate(&self, api: &Documents, need: &PublisherNeed, end: Instant) -> Result<Published, PublisherError> {
        let plain =
            |version: &String| version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte));
        if !is_crate_name(&need.name) || !need.versions.iter().all(plain) {
            return Err(PublisherError::Absent);
        }
        let numbers: Vec<String> =
            need.versions.iter().map(|version| format!("nums%5B%5D={}", encode::url_path(version))).collect();
        let path = format!("api/v1/crates/{}/versions?{}", need.name, numbers.join("&"));
        let mut known = self.known.lock().await;
        if let Some(published) = known.1.get(&path) {
            return Ok(published.clone());
        }
        let versions = self.request(api, (&mut known.0, end), path.clone(), publisher::versions).await?;
        let mut published = Published { versions, owners: None };
        if need.is_new {
            let owners = format!("api/v1/crates/{}/owners", need.name);
            published.owners = Some(self.request(api, (&mut known.0, end), owners, publisher::owners).await?);
        }
        known.1.insert(path, published.clone());
        Ok(published)
    }

    /// One answer, a pause after the one before.
    async fn request<T: Send + 'static>(
        &self,
        api: &Documents,
        (last, end): (&mut Option<Instant>, Instant),
        path: String,
        read: fn(&[u8]) -> Result<T, String>,
    ) -> Result<T, PublisherError> {
        let begin = last.map_or_else(Instant::now, |last| last + self.pause);
        if begin >= end {
            return Err(PublisherError::Late);
        }
        if !self.offline {
            tokio::time::sleep_until(begin).await;
            *last = Some(Instant::now());
        }
        let key = format!("api-{}.json", &encode::sha256(&path)[..24]);
        let document = Document { key, path, limit: MAX_ANSWER, deadline: end, is_final: false };
        let answer = api.get(document, move |body| read(body).map_err(PublisherError::Malformed)).await?;
        answer.ok_or(PublisherError::Absent)
    }
}

#[cfg(test)]
#[allow(clippy::significant_drop_tightening, reason = "the server of a test lives as long as the test")]
mod tests {
    use super::*;
    use crate::io::index::IndexSettings;
    use crate::io::testing::{Script, Server, lock, ok, status};

    const VERSIONS: &str = "/api/v1/crates/a/versions?nums%5B%5D=1.0.1&nums%5B%5D=1.0.0%2Bx";

    fn server(api: &str, more: Vec<(&'static str, Vec<u8>)>) -> Server {
        let server = Server::start(Script::new());
        let api = api.replace("HERE", server.root.trim_end_matches('/'));
        let config = ok(&format!(r#"{{"dl":"{}dl","api":{api}}}"#, server.root));
        let mut script: Script = [("/config.json", vec![config])].into();
        script.extend(more.into_iter().map(|(path, answer)| (path, vec![answer])));
        *lock(&server.script) = script;
        server
    }

    fn need(is_new: bool) -> Vec<PublisherNeed> {
        vec![PublisherNeed { name: "a".into(), versions: vec!["1.0.1".into(), "1.0.0+x".into()], is_new }]
    }

    async fn asked(server: &Server, wanted: &[PublisherNeed]) -> Source<Publishers> {
        let settings = IndexSettings { url: server.root.clone(), cache: None, offline: false };
        let index = Index::new(server.client(), settings);
        let api = WebPublishers::new(&server.client(), None, false).hasty();
        let first = api.look_up(&index, wanted).await;
        assert_eq!(api.look_up(&index, &[]).await, Source::Got(Publishers::default()));
        first
    }

    #[tokio::test]
    async fn an_api_that_the_index_names_is_asked_for_all_versions_at_once() {
        let body = r#"{"versions":[{"num":"1.0.1","published_by":{"id":1,"login":"ann"}}]}"#;
        let owners = ok(r#"{"users":[{},{}]}"#);
        let server = server("\"HERE\"", vec![(VERSIONS, ok(body)), ("/api/v1/crates/a/owners", owners)]);
        let found = asked(&server, &need(true)).await;
        let published = found.got().unwrap()["a"].as_ref().unwrap();
        assert_eq!((published.owners, published.versions.len()), (Some(2), 1));
        assert_eq!(server.paths(), ["/api/v1/crates/a/owners", VERSIONS, "/config.json"]);
        let agents = lock(&server.requests).iter().filter(|text| text.contains("cargo2-bot/")).count();
        assert_eq!(agents, 3, "each request says whose it is");
    }

    #[tokio::test]
    async fn an_api_that_is_not_there_or_fails_is_said() {
        let none = server("null", Vec::new());
        assert!(matches!(asked(&none, &need(false)).await, Source::NotRequested(why) if why.contains("no web API")));
        for (answer, why) in [
            (status("404 Not Found", "", b""), "does not know the crate"),
            (ok("<html>"), "the answer cannot be read"),
            (status("403 Forbidden", "", b""), "403"),
        ] {
            let server = server("\"HERE\"", vec![(VERSIONS, answer)]);
            let found = asked(&server, &need(false)).await;
            let error = found.got().unwrap()["a"].as_ref().unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_a_second_between_two_requests_and_an_end() {
        let client = HttpClient::new(crate::io::http::HttpSettings::default()).unwrap();
        let api = WebPublishers::new(&client, None, false);
        let documents = Documents::new(client.clone(), "http://refused.example/".into(), None, false);
        let (start, mut last) = (Instant::now(), None);
        for _ in 0..3 {
            let end = start + Duration::from_secs(60);
            let answer = api.request(&documents, (&mut last, end), "x".into(), publisher::owners).await;
            assert!(matches!(answer, Err(PublisherError::Document(_))), "{answer:?}");
        }
        assert_eq!(start.elapsed().as_secs(), 2);
        let late = api.request(&documents, (&mut last, Instant::now()), "x".into(), publisher::owners).await;
        assert!(matches!(late, Err(PublisherError::Late)));
    }
}
