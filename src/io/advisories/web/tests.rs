//! The services against a server on the loopback address, with answers in their shapes.

use tempfile::TempDir;

use super::*;
use crate::io::archive::testing::{Tar, gzip};
use crate::io::testing::{Script, Server, lock, ok, status};

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

fn record(id: &str, krate: &str, more: &str) -> String {
    let range = r#""ranges":[{"type":"SEMVER","events":[{"introduced":"0.0.0-0"},{"fixed":"1.0.1"}]}]"#;
    format!(
        r#"{{"id":"{id}","summary":"about {krate}","aliases":["CVE-2026-1"],"affected":[{{"package":{{"ecosystem":"crates.io","name":"{krate}"}},{range}}}]{more}}}"#
    )
}

/// A server of both services, with two malicious crates.
fn server(more: &[(&'static str, Vec<u8>)]) -> Server {
    let server = Server::start(Script::new());
    let none = || status("404 Not Found", "", b"");
    let ids = "2026-08-21T00:00:00Z,MAL-2026-2\n2026-08-20T00:00:00Z,RUSTSEC-2026-1\n2026-08-19T00:00:00Z,MAL-2026-1\n";
    let mut script = Script::from([
        ("/packages/a.json", vec![ok(&format!("[{}]", record("RUSTSEC-2026-1", "a", "")))]),
        ("/packages/b.json", vec![none()]),
        ("/osv/modified_id.csv", vec![ok(ids)]),
        ("/osv/MAL-2026-1.json", vec![ok(&record("MAL-2026-1", "other", ""))]),
        ("/osv/MAL-2026-2.json", vec![ok(&record("MAL-2026-2", "B", ""))]),
    ]);
    script.extend(more.iter().map(|(path, answer)| (*path, vec![answer.clone()])));
    *lock(&server.script) = script;
    server
}

fn web(server: &Server, cache: Option<&TempDir>, offline: bool) -> WebAdvisories {
    WebAdvisories::new(&server.client(), Some(&server.root), cache.map(TempDir::path), offline)
}

fn ids_of(found: &Source<Advisories>) -> Vec<&str> {
    found.got().unwrap().list.iter().map(|advisory| advisory.id.as_str()).collect()
}

#[tokio::test]
async fn each_crate_is_asked_for_once_and_malicious_ones_by_any_spelling() {
    let server = server(&[]);
    let cache = TempDir::new().unwrap();
    let services = web(&server, Some(&cache), false);
    for _ in 0..2 {
        let found = services.look_up(&names(&["a"]), &names(&["a", "b", "../x"]), true).await;
        assert_eq!(ids_of(&found), ["RUSTSEC-2026-1", "MAL-2026-2"]);
        let known = found.got().unwrap();
        assert_eq!((known.missing.len(), known.unreadable.len(), known.list[0].cve()), (0, 0, Some("CVE-2026-1")));
    }
    let all = [
        "/osv/MAL-2026-1.json",
        "/osv/MAL-2026-2.json",
        "/osv/modified_id.csv",
        "/packages/a.json",
        "/packages/b.json",
    ];
    assert_eq!(server.paths(), all);
    // Another run asks again, but for records that did not change.
    let again = web(&server, Some(&cache), false).look_up(&names(&["a"]), &names(&["a"]), true).await;
    assert_eq!((ids_of(&again), server.paths().len()), (vec!["RUSTSEC-2026-1"], 7));
    let offline = web(&server, Some(&cache), true).look_up(&names(&["a"]), &names(&["a"]), true).await;
    assert_eq!((offline, server.paths().len()), (again, 7));
    let unknown = web(&server, None, true).look_up(&names(&["a"]), &names(&["a"]), true).await;
    assert!(matches!(unknown, Source::NotRequested(_)));
}

#[tokio::test]
async fn what_does_not_answer_is_missing_and_hides_nothing_else() {
    let down = || status("500 Oops", "", b"");
    let silent = server(&[("/packages/b.json", down()), ("/osv/modified_id.csv", down())]);
    let found = web(&silent, None, false).look_up(&names(&["a", "b"]), &names(&["a", "b"]), true).await;
    assert_eq!(ids_of(&found), ["RUSTSEC-2026-1"]);
    let missing = found.got().unwrap().missing.join("\n");
    assert!(missing.contains("RustSec on `b`: ") && missing.contains("OSV on malicious crates: "), "{missing}");
    let without = server(&[("/osv/modified_id.csv", ok("<html>sign in</html>"))]);
    let found = web(&without, None, false).look_up(&names(&["a"]), &names(&["a"]), true).await;
    assert!(found.got().unwrap().missing[0].contains("no list of ids"));
    let switched_off = web(&without, None, false).look_up(&names(&["a"]), &names(&["a"]), false).await;
    assert!(switched_off.got().unwrap().missing.is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_named_beside_the_others() {
    let one = record("RUSTSEC-2026-1", "a", "");
    let list = format!(r#"[{one},{{"id":"RUSTSEC-2026-2","affected":7}}]"#);
    let server = server(&[
        ("/packages/a.json", ok(&list)),
        ("/packages/b.json", ok("<html>")),
        ("/osv/MAL-2026-1.json", status("404 Not Found", "", b"")),
        ("/osv/MAL-2026-2.json", ok("{")),
    ]);
    let found = web(&server, None, false).look_up(&names(&["a", "b"]), &names(&["a", "b"]), true).await;
    let known = found.got().unwrap();
    assert_eq!(ids_of(&found), ["RUSTSEC-2026-1"]);
    let unreadable = known.unreadable.join("\n");
    for part in [
        "`RUSTSEC-2026-2`: its JSON",
        "`b.json`: its JSON",
        "`MAL-2026-1`: it is in the list",
        "`MAL-2026-2`: its JSON",
    ] {
        assert!(unreadable.contains(part), "{part}: {unreadable}");
    }
    assert!(known.missing.is_empty(), "{:?}", known.missing);
}

/// Crates `c00` to `c59`, and `a`.
fn many() -> BTreeSet<String> {
    (0..60).map(|n| format!("c{n:02}")).chain(["a".to_owned()]).collect()
}

/// All of RustSec, with these records.
fn archive(records: &[(&str, &str)]) -> Vec<u8> {
    let tar = Tar::new().file("advisory-db-osv/README.md", b"# All").file("advisory-db-osv/x/RUSTSEC-1.json", b"{");
    let tar = records
        .iter()
        .fold(tar, |tar, (id, record)| tar.file(&format!("advisory-db-osv/crates/{id}.json"), record.as_bytes()));
    let body = gzip(&tar.end());
    [format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes(), body].concat()
}

#[tokio::test]
async fn many_crates_are_one_request_and_mean_the_same() {
    let own = record("RUSTSEC-2026-1", "a", "");
    let (spelled, other) = (record("RUSTSEC-2026-2", "C-07", ""), record("RUSTSEC-2026-3", "else", ""));
    let broken = |krate: &str| format!(r#"{{"id":"x","affected":[{{"package":{{"name":"{krate}"}}}}]}}"#);
    let (about, beside) = (broken("C09"), broken("else"));
    let all = archive(&[
        ("RUSTSEC-2026-1", &own),
        ("RUSTSEC-2026-2", &spelled),
        ("RUSTSEC-2026-3", &other),
        ("RUSTSEC-2026-4", &about),
        ("RUSTSEC-2026-5", &beside),
        ("RUSTSEC-2026-6", "nothing"),
    ]);
    let server = server(&[("/packages/osv.tar.gz", all)]);
    let cache = TempDir::new().unwrap();
    let services = web(&server, Some(&cache), false);
    let listed: BTreeSet<String> = many().into_iter().chain(["c_07".to_owned()]).collect();
    let found = services.look_up(&names(&["a"]), &listed, true).await;
    assert_eq!(ids_of(&found), ["RUSTSEC-2026-1", "RUSTSEC-2026-2"]);
    let known = found.got().unwrap();
    let unreadable: Vec<&str> = known.unreadable.iter().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!((unreadable, known.missing.len()), (vec!["`x`", "`RUSTSEC-2026-6`"], 0), "{known:?}");
    let single = || server.paths().into_iter().filter(|path| path.starts_with("/packages/")).collect::<Vec<_>>();
    assert_eq!(single(), ["/packages/osv.tar.gz"]);
    assert_eq!(ids_of(&services.look_up(&names(&["a"]), &names(&["a"]), false).await), ["RUSTSEC-2026-1"]);
    assert_eq!(single().len(), 1, "what is there is not asked for again");
    let offline = web(&server, Some(&cache), true).look_up(&names(&["a"]), &listed, true).await;
    assert_eq!((offline, single().len()), (found, 1));
}

#[tokio::test]
async fn few_crates_are_asked_for_one_by_one_and_so_are_all_where_there_is_no_archive() {
    for (claim, answer) in [
        ("none", status("404 Not Found", "", b"")),
        ("down", status("500 Oops", "", b"")),
        ("a page", ok("<html>")),
        ("another archive", archive(&[])),
    ] {
        let absent = many().into_iter().filter(|name| name != "a").map(|name| -> (&'static str, Vec<u8>) {
            (format!("/packages/{name}.json").leak(), status("404 Not Found", "", b""))
        });
        let server = server(&absent.chain([("/packages/osv.tar.gz", answer)]).collect::<Vec<_>>());
        let services = web(&server, None, false);
        let found = services.look_up(&names(&["a"]), &names(&["a", "b"]), false).await;
        assert_eq!((ids_of(&found), server.paths().len()), (vec!["RUSTSEC-2026-1"], 2), "{claim}");
        let found = services.look_up(&names(&["a"]), &many(), false).await;
        assert_eq!((ids_of(&found), found.got().unwrap().missing.len()), (vec!["RUSTSEC-2026-1"], 0), "{claim}");
        assert!(server.paths().iter().any(|path| path == "/packages/c59.json"), "{claim}");
    }
}
