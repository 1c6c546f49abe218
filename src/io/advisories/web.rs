//! Advisories from the services that hand them out: RustSec crate by crate, OSV's records of malicious crates as a list of ids.
//!
//! Both are plain files behind a cache, made to be read so: `packages/NAME.json` is a list of records, 404 where there are none;
//! where many crates are to be asked about, all of RustSec comes as one archive;
//! `modified_id.csv` has a line `TIME,ID` for each record, the newest first, and `ID.json` is the record.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::whole::{MAX_ARCHIVE, Whole};
use super::{add, concerns};
use crate::io::documents::{Document, DocumentError, Documents};
use crate::io::http::HttpClient;
use crate::io::index::is_crate_name;
use crate::review::advisory::AdvisoryError;
use crate::review::evidence::{Advisories, Source};
use crate::review::osv::{self, ReadRecord};

/// Where RustSec has its records, a list for each crate.
const RUSTSEC: &str = "https://rustsec.org/packages/";

/// Where RustSec has all its records in one archive.
const WHOLE: &str = "https://github.com/rustsec/advisory-db/archive/refs/heads/";

/// Where OSV has the records of crates.
const OSV: &str = "https://storage.googleapis.com/osv-vulnerabilities/crates.io/";

/// The maximum size of an answer, in bytes.
const MAX_ANSWER: u64 = 4 << 20;

/// The number of crates that are asked for one by one where all advisories can be had at once.
const MAX_SINGLE: usize = 50;

/// The number of crates of a review whose advisories are looked up one by one: those that changed come first.
const MAX_CRATES: usize = 600;

/// The number of records of malicious crates that are read.
const MAX_MALICIOUS: usize = 400;

/// The time for the advisories of a review.
const TIME: Duration = Duration::from_secs(60);

/// The number of requests that are under way at once.
const AT_ONCE: usize = 8;

/// The services. Shared by all reviews of a run: what was asked is not asked again.
#[derive(Debug)]
pub(crate) struct WebAdvisories {
    rustsec: Documents,
    archive: Documents,
    whole: OnceCell<Option<Whole>>,
    osv: Documents,
    crates: Mutex<HashMap<String, Arc<OnceCell<OfCrate>>>>,
    malicious: OnceCell<Arc<Result<Advisories, DocumentError>>>,
    offline: bool,
}

/// The advisories on one crate. An error says why they are not known.
type OfCrate = Result<Arc<Advisories>, DocumentError>;

impl WebAdvisories {
    /// The services; at `mirror` where one is named. Nothing is fetched yet.
    pub(crate) fn new(http: &HttpClient, mirror: Option<&str>, cache: Option<&Path>, offline: bool) -> Self {
        let at = |own: &str, below: &str| {
            mirror.map_or_else(|| own.to_owned(), |mirror| format!("{}/{below}/", mirror.trim_end_matches('/')))
        };
        let documents = |url: String| Documents::new(http.clone(), url, cache, offline);
        let (rustsec, osv) = (documents(at(RUSTSEC, "packages")), documents(at(OSV, "osv")));
        let (archive, whole) = (documents(at(WHOLE, "packages")), OnceCell::new());
        Self { rustsec, archive, whole, osv, crates: Mutex::default(), malicious: OnceCell::new(), offline }
    }

    /// The advisories on the crates of `listed`, those of `changed` first. `malicious` says whether OSV is asked as well.
    pub(crate) async fn look_up(
        &self,
        changed: &BTreeSet<String>,
        listed: &BTreeSet<String>,
        malicious: bool,
    ) -> Source<Advisories> {
        let deadline = Instant::now() + TIME;
        let rest = listed.iter().filter(|name| !changed.contains(*name));
        let mut names: Vec<String> = changed.iter().chain(rest).filter(|name| is_crate_name(name)).cloned().collect();
        let mut all = match self.whole(&names).await {
            Some(whole) => whole.about(&std::mem::take(&mut names)),
            None => Advisories::default(),
        };
        if names.len() > MAX_CRATES {
            let cut = names.len() - MAX_CRATES;
            all.left_out
                .push(format!("advisories on {cut} crates that did not change: the limit is {MAX_CRATES} crates"));
            names.truncate(MAX_CRATES);
        }
        let of_crate = |name: String| async move {
            let answer = self.of_crate(&name, deadline).await;
            (name, answer)
        };
        let answers = stream::iter(names).map(of_crate).buffered(AT_ONCE);
        let answers: Vec<(String, OfCrate)> = answers.collect().await;
        let mut silent: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, answer) in answers {
            match answer {
                Ok(known) => all.add((*known).clone()),
                Err(DocumentError::Offline) => {
                    return Source::NotRequested("offline, and not all of them are in the cache".to_owned());
                }
                Err(why) => silent.entry(why.to_string()).or_default().push(name),
            }
        }
        all.missing.extend(silent.into_iter().map(|(why, names)| format!("RustSec on {}: {why}", some(&names))));
        if malicious {
            self.add_malicious(&mut all, listed, deadline).await;
        }
        Source::Got(all)
    }

    /// All advisories, where they are there or where it takes many requests to ask for these crates one by one.
    async fn whole(&self, names: &[String]) -> Option<&Whole> {
        let known = |name: &&String| {
            let crates = self.crates.lock().unwrap_or_else(PoisonError::into_inner);
            crates.get(*name).is_some_and(|answer| answer.initialized())
        };
        if self.whole.get().is_none() && names.len() - names.iter().filter(known).count() <= MAX_SINGLE {
            return None;
        }
        let read = || async {
            let [key, path] = ["osv.tar.gz"; 2].map(str::to_owned);
            let deadline = Instant::now() + TIME / 2;
            let document = Document { key, path, limit: MAX_ARCHIVE, deadline, is_final: false };
            // One by one is always a way.
            self.archive.get(document, Whole::read).await.unwrap_or_else(|why| {
                tracing::debug!("all of RustSec at once: {why}");
                None
            })
        };
        self.whole.get_or_init(read).await.as_ref()
    }

    async fn add_malicious(&self, all: &mut Advisories, listed: &BTreeSet<String>, deadline: Instant) {
        match &*self.malicious(deadline).await {
            Ok(known) => {
                all.list.extend(known.list.iter().filter(|advisory| concerns(advisory, listed)).cloned());
                all.unreadable.extend(known.unreadable.iter().cloned());
                all.missing.extend(known.missing.iter().cloned());
            }
            Err(DocumentError::Offline) => {
                all.left_out.push("malicious crates: offline, and not all of them are in the cache".to_owned());
            }
            Err(why) => all.missing.push(format!("OSV on malicious crates: {why}")),
        }
    }

    /// The answer on one crate. Whoever else wants the same waits for the first one's.
    async fn of_crate(&self, name: &str, deadline: Instant) -> OfCrate {
        let cell = {
            let mut crates = self.crates.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(crates.entry(name.to_owned()).or_default())
        };
        let request = || async {
            let path = format!("{name}.json");
            let document = Document { key: path.clone(), path, limit: MAX_ANSWER, deadline, is_final: false };
            let mut own = Advisories::default();
            match get(&self.rustsec, document).await? {
                None => {}
                Some(Err(why)) => own.unreadable.push(format!("`{name}.json`: {why}")),
                Some(Ok(records)) => add(records, &mut own, |advisory| advisory.is_about(name)),
            }
            Ok(Arc::new(own))
        };
        cell.get_or_init(request).await.clone()
    }

    /// All records of malicious crates, read once.
    async fn malicious(&self, deadline: Instant) -> Arc<Result<Advisories, DocumentError>> {
        let read = || async { Arc::new(self.read_malicious(deadline).await) };
        self.malicious.get_or_init(read).await.clone()
    }

    async fn read_malicious(&self, deadline: Instant) -> Result<Advisories, DocumentError> {
        let [key, path] = ["modified_id.csv"; 2].map(str::to_owned);
        let document = Document { key, path, limit: MAX_ANSWER, deadline, is_final: false };
        let ids = self.osv.get(document, |body| Ok::<_, DocumentError>(ids(body))).await?;
        let mut known = Advisories::default();
        let Some(mut ids) = ids.flatten() else {
            known.missing.push("OSV on malicious crates: its list of ids is not there, or no list of ids".to_owned());
            return Ok(known);
        };
        if ids.len() > MAX_MALICIOUS {
            let all = ids.len();
            known.missing.push(format!(
                "OSV on {} of {all} malicious crates: the limit is {MAX_MALICIOUS}",
                all - MAX_MALICIOUS
            ));
            ids.truncate(MAX_MALICIOUS);
        }
        let record = |(time, id): (String, String)| async move {
            // What is kept under the time of its last change is what the server has.
            let (key, path) = (format!("{id}-{time}.json"), format!("{id}.json"));
            let document = Document { key, path, limit: MAX_ANSWER, deadline, is_final: !self.offline };
            let answer = get(&self.osv, document).await;
            (id, answer)
        };
        let mut answers = stream::iter(ids).map(record).buffered(AT_ONCE);
        while let Some((id, answer)) = answers.next().await {
            match answer {
                Ok(Some(Ok(records))) => add(records, &mut known, |_| true),
                Ok(Some(Err(why))) => known.unreadable.push(format!("`{id}`: {why}")),
                Ok(None) => known.unreadable.push(format!("`{id}`: it is in the list of ids and not there")),
                Err(why) => return Err(why),
            }
        }
        Ok(known)
    }
}

/// An answer, and how it is understood. None where the server has none.
async fn get(
    from: &Documents,
    document: Document,
) -> Result<Option<Result<Vec<ReadRecord>, AdvisoryError>>, DocumentError> {
    from.get(document, |body| Ok::<_, DocumentError>(osv::parse(body))).await
}

/// The times and ids of malicious packages in a list of ids. None if it is no such list.
fn ids(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut out = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (time, id) = line.trim().split_once(',')?;
        let id = id.trim_matches('"');
        let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if plain && id.starts_with("MAL-") {
            out.push((time.chars().filter(char::is_ascii_digit).collect(), id.to_owned()));
        }
    }
    Some(out)
}

/// Some names, and how many more.
fn some(names: &[String]) -> String {
    let first: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    let more = names.len() - first.len();
    if more == 0 { first.join(", ") } else { format!("{} and {more} more crates", first.join(", ")) }
}

#[cfg(test)]
mod tests;
