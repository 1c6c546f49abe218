//! The index against a server on the loopback address that answers as real ones do, and as broken ones do.

use std::io::Write;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::super::archive::testing::{Tar, gzip};
use super::super::crates::{Budget, archives};
use super::super::documents::DocumentError;
use super::super::testing::{Script, Server, lock, ok, status};
use super::*;
use crate::finding::read::Unreadable;
use crate::review::evidence::{ArchiveFacts, ArchiveNeed};

impl Server {
    fn index(&self, cache: Option<&TempDir>) -> Index {
        self.with(cache, false)
    }

    fn with(&self, cache: Option<&TempDir>, offline: bool) -> Index {
        let cache = cache.map(|dir| dir.path().to_owned());
        let url = format!("sparse+{}", self.root);
        Index::new(self.client(), IndexSettings { url, cache, offline })
    }
}

fn line(name: &str, version: &str) -> String {
    let sum = "5a".repeat(32);
    format!("{{\"name\":\"{name}\",\"vers\":\"{version}\",\"deps\":[],\"cksum\":\"{sum}\",\"features\":{{}}}}\n")
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

/// The versions of one crate, `absent`, or the error.
async fn look_up(index: &Index, name: &str) -> String {
    match index.lookup(&names(&[name])).await.remove(name).unwrap() {
        Ok(found) if found.versions.is_empty() => "absent".to_owned(),
        Ok(found) => found.versions.iter().map(|v| v.version.as_str()).collect::<Vec<_>>().join(" "),
        Err(error) => error.to_string(),
    }
}

/// Returns the look-up of a crate `abcd` whose path gives these answers, and the number of requests.
async fn outcome_of(answers: Vec<Vec<u8>>) -> (String, usize) {
    let server = Server::start(HashMap::from([("/ab/cd/abcd", answers)]));
    let outcome = look_up(&server.index(None), "abcd").await;
    (outcome, server.paths().len())
}

#[tokio::test]
async fn every_name_is_one_request_at_its_path_and_none_is_none() {
    let script = [("/1/a", "a"), ("/2/ab", "ab"), ("/3/a/abc", "abc"), ("/ab/cd/abcd-e_f", "AbCd-E_f")];
    let server = Server::start(script.iter().map(|(path, name)| (*path, vec![ok(&line(name, "1.0.0"))])).collect());
    let index = server.index(None);
    assert!(index.lookup(&BTreeSet::new()).await.is_empty());
    assert_eq!(server.paths(), [] as [&str; 0]);
    let wanted = names(&["a", "ab", "abc", "AbCd-E_f"]);
    for _ in 0..2 {
        let found = index.lookup(&wanted).await;
        assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), wanted);
        assert!(found.values().all(|answer| answer.as_ref().is_ok_and(|found| found.versions.len() == 1)), "{found:?}");
    }
    assert_eq!(server.paths(), ["/1/a", "/2/ab", "/3/a/abc", "/ab/cd/abcd-e_f"]);
}

#[tokio::test]
async fn a_crate_that_the_index_does_not_have_is_no_failure() {
    for gone in ["404 Not Found", "410 Gone", "451 Unavailable For Legal Reasons"] {
        assert_eq!(outcome_of(vec![status(gone, "", b"<html>")]).await, ("absent".to_owned(), 1), "{gone}");
    }
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_and_a_lasting_one_is_reported() {
    let busy = status("503 Service Unavailable", "", b"");
    let good = ok(&line("abcd", "1.0.0"));
    assert_eq!(outcome_of(vec![busy.clone(), good.clone()]).await, ("1.0.0".to_owned(), 2));
    let limited = status("429 Too Many Requests", "Retry-After: 0\r\n", b"");
    assert_eq!(outcome_of(vec![limited, good.clone()]).await, ("1.0.0".to_owned(), 2));
    let cut = good[..good.len() - 10].to_vec();
    assert_eq!(outcome_of(vec![cut.clone(), good]).await, ("1.0.0".to_owned(), 2));
    let (error, requests) = outcome_of(vec![busy]).await;
    assert!(error.ends_with("answered with status 503") && requests == 4, "{error} {requests}");
    let (error, requests) = outcome_of(vec![cut]).await;
    assert!(error.starts_with("cannot reach") && requests == 4, "{error} {requests}");
    let (error, requests) = outcome_of(vec![status("429 Too Many Requests", "Retry-After: 3600\r\n", b"")]).await;
    assert!(error.ends_with("answered with status 429") && requests == 1, "{error} {requests}");
    let (error, requests) = outcome_of(vec![Vec::new()]).await;
    assert!(error.contains("did not answer in time") && requests == 1, "{error} {requests}");
    let (error, requests) = outcome_of(vec![status("403 Forbidden", "", b"")]).await;
    assert!(error.ends_with("answered with status 403") && requests == 1, "{error} {requests}");
}

#[tokio::test]
async fn an_answer_that_is_not_the_index_s_is_an_error() {
    let huge = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", MAX_ANSWER + 1);
    for (answer, why) in [
        (ok("<html>sign in</html>"), "line 1 of the index's answer is not what an index holds"),
        (ok(&format!("{}{{\"name\":", line("abcd", "1.0.0"))), "line 2 of the index's answer"),
        (ok(&line("evil", "1.0.0")), "is about `evil`"),
        (ok(""), "names no version"),
        (status("204 No Content", "", b""), "status 204"),
        (status("304 Not Modified", "", b""), "status 304"),
        (huge.into_bytes(), "sent more than 16777216 bytes"),
        (status("302 Found", "Location: http://127.0.0.2/ab/cd/abcd\r\n", b""), "only https is fetched"),
        (status("302 Found", "Location: https://10.0.0.1/ab/cd/abcd\r\n", b""), "inside the network"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".to_vec(), "cannot reach"),
    ] {
        let (error, _) = outcome_of(vec![answer]).await;
        assert!(error.contains(why), "{error}");
    }
}

#[tokio::test]
async fn a_name_that_no_crate_has_is_not_sent() {
    let server = Server::start(Script::new());
    for name in ["", "../config.json", "a/b", "a?b", "\u{e9}", &"a".repeat(65)] {
        assert!(look_up(&server.index(None), name).await.starts_with("this is not the name"), "{name}");
    }
    assert_eq!(server.paths(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_kept_answer_is_requested_under_its_condition() {
    let (first, fresh) = (line("abcd", "1.0.0"), line("abcd", "1.0.1"));
    let dated = status("200 OK", "Last-Modified: Mon, 05 Oct 2026 10:00:00 GMT\r\n", first.as_bytes());
    for (answer, condition) in
        [(ok(&first), "if-none-match: \"e\""), (dated, "if-modified-since: Mon, 05 Oct 2026 10:00:00 GMT")]
    {
        let cache = TempDir::new().unwrap();
        let unchanged = status("304 Not Modified", "", b"");
        let server = Server::start(HashMap::from([("/ab/cd/abcd", vec![answer, unchanged, ok(&fresh)])]));
        for expected in ["1.0.0", "1.0.0", "1.0.1"] {
            assert_eq!(look_up(&server.index(Some(&cache)), "abcd").await, expected);
        }
        let requests = lock(&server.requests);
        let conditional: Vec<bool> = requests.iter().map(|request| request.contains(condition)).collect();
        assert_eq!(conditional, [false, true, true], "{requests:?}");
    }
}

#[tokio::test]
async fn a_damaged_cache_costs_a_fetch_and_nothing_more() {
    let good = ok(&line("abcd", "1.0.0"));
    let server = Server::start(HashMap::from([("/ab/cd/abcd", vec![good])]));
    let cache = TempDir::new().unwrap();
    look_up(&server.index(Some(&cache)), "abcd").await;
    let folder = cache.path().join("index").read_dir().unwrap().next().unwrap().unwrap().path();
    let path = folder.join("abcd");
    let whole = std::fs::read(&path).unwrap();
    for damage in [&whole[..whole.len() - 1], b"", b"{}\n", b"\n\n", &[whole.clone(), b"x".to_vec()].concat()] {
        File::create(&path).unwrap().write_all(damage).unwrap();
        assert_eq!(look_up(&server.index(Some(&cache)), "abcd").await, "1.0.0");
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
    let requests = lock(&server.requests);
    assert_eq!(requests.len(), 6);
    assert!(!requests.iter().any(|request| request.contains("if-none-match")));
}

#[tokio::test]
async fn a_wrong_answer_is_not_kept_and_a_vanished_crate_is_forgotten() {
    let answers = vec![ok("wrong"), ok(&line("abcd", "1.0.0")), status("404 Not Found", "", b"")];
    let server = Server::start(HashMap::from([("/ab/cd/abcd", answers)]));
    let cache = TempDir::new().unwrap();
    assert!(look_up(&server.index(Some(&cache)), "abcd").await.contains("not what an index holds"));
    assert!(look_up(&server.with(Some(&cache), true), "abcd").await.contains("not in the cache"));
    assert_eq!(look_up(&server.index(Some(&cache)), "abcd").await, "1.0.0");
    assert_eq!(look_up(&server.with(Some(&cache), true), "abcd").await, "1.0.0");
    assert_eq!(look_up(&server.index(Some(&cache)), "abcd").await, "absent");
    assert!(look_up(&server.with(Some(&cache), true), "abcd").await.contains("not in the cache"));
    assert_eq!(server.paths().len(), 3, "offline sends no request");
}

#[tokio::test]
async fn an_index_that_is_down_is_given_up() {
    let server = Server::start(Script::new());
    let index = server.index(None);
    let many: BTreeSet<String> = (0..200).map(|number| format!("abcd{number}")).collect();
    let found = index.lookup(&many).await;
    assert_eq!(found.len(), 200);
    assert!(found.values().all(Result::is_err));
    let given_up = found
        .values()
        .filter(|answer| answer.as_ref().is_err_and(|e| *e == IndexError::Document(DocumentError::GivenUp)));
    assert!(given_up.count() >= 180);
    // The budget of repetitions, the failures that end it, and what was under way then.
    assert!(server.paths().len() <= 40 + 16, "{}", server.paths().len());
}

fn sha(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn packed() -> Vec<u8> {
    let manifest = b"[package]\nname = \"abcd\"\nversion = \"1.0.0\"\nlinks = \"z\"\n";
    gzip(&Tar::new().file("abcd-1.0.0/Cargo.toml", manifest).end())
}

fn wanted(sums: &[&str]) -> Vec<ArchiveNeed> {
    let need = |sum: &&str| {
        let after = ("1.0.0".to_owned(), (*sum).to_owned());
        ArchiveNeed { name: "abcd".to_owned(), before: None, after }
    };
    sums.iter().map(need).collect()
}

async fn facts(index: &Index, wanted: &[ArchiveNeed]) -> BTreeMap<(String, String), Result<ArchiveFacts, Unreadable>> {
    archives(index, wanted, Budget::default()).await.facts
}

/// A server whose `config.json` points at itself, with an archive at the path of crates.io and at one of markers.
fn server_of_archives(marked: bool) -> Server {
    let server = Server::start(Script::new());
    let dl = if marked { format!("{}f/{{lowerprefix}}/{{crate}}", server.root) } else { format!("{}v1", server.root) };
    let mut script = Script::new();
    script.insert("/config.json", vec![ok(&format!("{{\"dl\":\"{dl}\"}}"))]);
    script.insert(
        if marked { "/f/ab/cd/abcd" } else { "/v1/abcd/1.0.0/download" },
        vec![status("200 OK", "", &packed())],
    );
    *lock(&server.script) = script;
    server
}

#[tokio::test]
async fn an_archive_comes_from_where_the_configuration_says() {
    for (marked, path) in [(false, "/v1/abcd/1.0.0/download"), (true, "/f/ab/cd/abcd")] {
        let server = server_of_archives(marked);
        let cache = TempDir::new().unwrap();
        let right = sha(&packed());
        let index = server.index(Some(&cache));
        assert!(facts(&index, &[]).await.is_empty());
        assert_eq!(server.paths(), [] as [&str; 0]);
        let found = facts(&index, &wanted(&[&right])).await;
        let key = ("abcd".to_owned(), "1.0.0".to_owned());
        assert_eq!(found[&key].as_ref().unwrap().links.as_deref(), Some("z"));
        assert_eq!(server.paths(), ["/config.json", path]);
        let again = facts(&server.with(Some(&cache), true), &wanted(&[&right])).await;
        assert_eq!((again, server.paths().len()), (found, 2), "offline it comes from the cache");
    }
}

#[tokio::test]
async fn an_archive_with_another_checksum_is_reported_whatever_else_is_wanted() {
    let server = server_of_archives(false);
    let wrong = "00".repeat(32);
    let index = server.index(None);
    let found = facts(&index, &wanted(&[&sha(&packed()), &wrong])).await;
    let error = found.values().next().unwrap().as_ref().unwrap_err().to_string();
    assert_eq!((found.len(), error), (1, format!("the archive's sha256 is {}", sha(&packed()))));
    let configs = server.paths().iter().filter(|path| *path == "/config.json").count();
    assert_eq!((configs, server.paths().len()), (1, 3));
    for (name, version) in [("../x", "1.0.0"), ("abcd", "1.0.0/../.."), ("abcd", "1?")] {
        assert!(
            index.archive(name, version, &wrong).await.unwrap_err().to_string().starts_with("this is not"),
            "{name} {version}"
        );
    }
    assert!(index.archive("abcd", "1.0.0", "no sum").await.unwrap_err().to_string().contains("not a sha256"));
    assert!(
        server.with(None, true).archive("abcd", "1.0.0", &wrong).await.unwrap_err().to_string().contains("offline")
    );
}

#[tokio::test]
async fn an_index_without_a_configuration_has_no_archives() {
    for (answer, why) in
        [(status("404 Not Found", "", b""), "no config.json"), (ok("<html>"), "config.json cannot be read")]
    {
        let server = Server::start(HashMap::from([("/config.json", vec![answer])]));
        let index = server.index(None);
        for _ in 0..2 {
            let error = index.archive("abcd", "1.0.0", &"00".repeat(32)).await.unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert_eq!(server.paths(), ["/config.json"], "it is requested once");
    }
}

#[tokio::test]
async fn what_the_budget_does_not_allow_is_not_read_and_the_limit_is_named() {
    let server = server_of_archives(false);
    let (index, right) = (server.index(None), sha(&packed()));
    let wanted = wanted(&[&right, &right, &right]);
    let size = packed().len() as u64;
    let read = |budget| archives(&index, &wanted, budget);
    let all = read(Budget::default()).await;
    assert_eq!((all.facts.len(), all.deltas.len(), all.limit), (1, 1, None));
    for (budget, limit, known) in [
        (Budget { bytes: 2 * size, ..Budget::default() }, "the limit is 0 MiB", 1),
        (Budget { bytes: 0, ..Budget::default() }, "the limit is 0 MiB", 0),
        (Budget { archives: 2, ..Budget::default() }, "the limit is 2 archives", 1),
        (Budget { time: Duration::ZERO, ..Budget::default() }, "the limit is 0 seconds", 0),
    ] {
        let found = read(budget).await;
        assert_eq!((found.limit.as_deref(), found.facts.len()), (Some(limit), known), "{budget:?}");
    }
}
