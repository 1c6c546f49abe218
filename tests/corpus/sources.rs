//! Real elements whose lock does not come from git, verified by the program: archives and single files that a server on
//! this machine hands out, generated locks, local locks.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails loudly")]

use crate::support;
#[path = "../../src/io/archive/testing.rs"]
mod testing;

use serde_json::Value;
use sha2::Digest as _;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Project, Run, corpus};
use testing::{Tar, bzip2, gzip, xz};

/// Serves files by path until the test's process ends, and counts the requests.
struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(files: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                // A client that goes away early is the client's affair.
                let _ = answer(&stream, &files);
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn answer(mut stream: &TcpStream, files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let (status, body) = files.get(path).map_or(("404 Not Found", &[][..]), |body| ("200 OK", body));
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(body)
}

/// Where an element's lock comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    Archive,
    Remote,
    Generated,
    Local,
}

/// An element of the corpus with the saved lock.
#[derive(Clone)]
struct Element {
    repository: String,
    /// The file below the project folder.
    file: String,
    /// The name that BuildStream uses.
    name: String,
    text: String,
    from: From,
    /// `url` or `path` of the source with the lock, and its `ref`.
    place: String,
    pinned: String,
    /// The path of the lock, as the table has it.
    inside: String,
    lock: String,
    equal: bool,
}

impl Element {
    fn alias(&self) -> (&str, &str) {
        let (alias, path) = self.place.split_once(':').unwrap();
        assert!(!path.starts_with("//"), "{}: a URL without an alias cannot be led to a local server", self.file);
        (alias, path)
    }

    /// The archive that could stand at its URL, with this lock.
    fn archive(&self, lock: &str) -> Vec<u8> {
        let name = self.place.rsplit('/').next().unwrap();
        let stem =
            [".tar.gz", ".tgz", ".crate", ".tar.xz", ".tar.bz2", ".tar"].iter().find_map(|e| name.strip_suffix(e));
        let root = stem.unwrap();
        let manifest = b"[package]\nname = \"root\"\nversion = \"0.1.0\"\n";
        Tar::new()
            .folder(&format!("{root}/"))
            .file(&format!("{root}/Cargo.toml"), manifest)
            .file(&format!("{root}/{}", self.inside), lock.as_bytes())
            .end()
    }

    /// Its archive, packed as its URL says.
    fn packed(&self, lock: &str) -> Vec<u8> {
        let tar = self.archive(lock);
        match self.place.rsplit('.').next().unwrap() {
            "gz" | "tgz" | "crate" => gzip(&tar),
            "xz" => xz(&tar, 1),
            "bz2" => bzip2(&tar),
            _ => tar,
        }
    }

    /// Its text, pinned to other content.
    fn pinned_to(&self, content: &[u8]) -> String {
        let sha: String = sha2::Sha256::digest(content).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(self.text.matches(&self.pinned).count(), 1, "{}", self.file);
        self.text.replace(&self.pinned, &sha)
    }

    /// Its project: its own project.conf and includes, and itself.
    fn project(&self, corpus: &Path, text: &str) -> Project {
        let root = corpus.join("elements").join(&self.repository);
        let project = Project::new(&[(&self.file, text)]);
        project.write("project.conf", std::fs::read(root.join("project.conf")).unwrap());
        copy(&root.join("include"), &project, "include");
        project
    }

    /// How the program finds it when `body` is served at its URL.
    fn served(&self, corpus: &Path, text: &str, body: Vec<u8>, args: &[&str]) -> Told {
        let (alias, path) = self.alias();
        let server = Server::start(BTreeMap::from([(path.to_owned(), body)]));
        let alias = format!("{alias}={}", server.url);
        let told = self.told(&self.project(corpus, text), &[&["--alias", &alias], args].concat());
        assert_eq!(server.requests(), 1, "{}: one download for one archive", self.file);
        told
    }

    /// How the program finds it in a project.
    fn told(&self, project: &Project, args: &[&str]) -> Told {
        let before = project.read(&self.file);
        let run = project.run(&[&["regenerate", &self.name, "--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{}: {e}: {run:?}", self.file));
        Told { file: self.file.clone(), written: project.read(&self.file) != before, run, report }
    }
}

/// How a run on one element ended.
struct Told {
    file: String,
    written: bool,
    run: Run,
    report: Value,
}

impl Told {
    fn errors(&self) -> Vec<&str> {
        let all = self.report["findings"].as_array().unwrap().iter();
        all.filter(|f| f["severity"] == "error").map(|f| f["rule"].as_str().unwrap()).collect()
    }

    #[track_caller]
    fn is(&self, code: i32, status: &str, errors: &[&str]) {
        let blocks = self.report["blocks"].as_array().unwrap();
        assert_eq!(blocks.len(), 1, "{}: {:?}", self.file, self.run);
        let found = (self.run.code, blocks[0]["status"].as_str().unwrap(), self.errors());
        assert_eq!(found, (Some(code), status, errors.to_vec()), "{}: {:?}", self.file, self.run);
        assert_eq!(self.written, status == "mended", "{}", self.file);
    }
}

fn copy(from: &Path, project: &Project, to: &str) {
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let path = format!("{to}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            copy(&entry.path(), project, &path);
        } else {
            project.write(&path, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// The elements of the corpus with other sources than git in front of their crate list, and why others are left out.
fn elements(corpus: &Path) -> (Vec<Element>, Vec<String>) {
    let table = std::fs::read_to_string(corpus.join("pairs.tsv")).unwrap();
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [path, "cargo2" | "cargo", index, _, _, lock, .., result, _] = cells[..] else { continue };
        let Some((inside, saved)) = lock.split_once(" -> ") else { continue };
        let (repository, file) = path.strip_prefix("elements/").unwrap().split_once('/').unwrap();
        let text = std::fs::read_to_string(corpus.join(path)).unwrap();
        let sources = below(&text, index.parse().unwrap());
        match lock_source(&sources) {
            None => {}
            Some(Err(why)) => left_out.push(format!("{path}: {why}")),
            Some(Ok((from, source))) => found.push(Element {
                repository: repository.to_owned(),
                file: file.to_owned(),
                name: file.strip_prefix("elements/").unwrap().to_owned(),
                from,
                place: word(source, if from == From::Local { "path" } else { "url" }),
                pinned: word(source, "ref"),
                inside: inside.to_owned(),
                lock: std::fs::read_to_string(corpus.join(saved)).unwrap(),
                equal: result == "EQUAL",
                text,
            }),
        }
    }
    (found, left_out)
}

fn word(source: &serde_yaml::Value, key: &str) -> String {
    source.get(key).and_then(serde_yaml::Value::as_str).unwrap_or_default().trim().to_owned()
}

/// The sources in front of the crate list with this index.
fn below(text: &str, index: usize) -> Vec<serde_yaml::Value> {
    let tree: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
    tree["sources"].as_sequence().map_or_else(Vec::new, |all| all[..index.min(all.len())].to_vec())
}

/// Which source has the lock, or why that cannot be built again here; none where all is git.
fn lock_source(sources: &[serde_yaml::Value]) -> Option<Result<(From, &serde_yaml::Value), String>> {
    let kinds: Vec<String> = sources.iter().map(|source| word(source, "kind")).collect();
    let plain = |kind: &String| kind.starts_with("git") || kind.starts_with("cargo");
    if kinds.iter().all(plain) {
        return None;
    }
    let (kind, source) = (kinds.last().unwrap().as_str(), sources.last().unwrap());
    let alone = sources.len() == 1;
    Some(match kind {
        // It stands over all that is below it.
        "gen_cargo_lock" => Ok((From::Generated, source)),
        "tar" if alone => Ok((From::Archive, source)),
        "remote" if word(source, "url").ends_with("/Cargo.lock") => Ok((From::Remote, source)),
        "local" if alone => Ok((From::Local, source)),
        "patch" | "patch_queue" => Err("its patches are not in the corpus".to_owned()),
        _ => Err(format!("its lock is in the git tree below {kind:?}")),
    })
}

/// The elements from one kind of source, or none where the corpus is not here.
fn those(expected: From) -> Option<(std::path::PathBuf, Vec<Element>)> {
    let Some(corpus) = corpus() else {
        println!("skipped: the corpus is not here");
        return None;
    };
    let found = elements(&corpus).0.into_iter().filter(|element| element.from == expected).collect();
    Some((corpus, found))
}

#[test]
fn every_element_that_is_not_git_alone_is_verified_here_or_left_out_with_a_reason() {
    let Some(corpus) = corpus() else {
        println!("skipped: the corpus is not here");
        return;
    };
    let (found, left_out) = elements(&corpus);
    let mut counts: BTreeMap<From, usize> = BTreeMap::new();
    found.iter().for_each(|element| *counts.entry(element.from).or_default() += 1);
    println!("{counts:?}, {} left out:\n{}", left_out.len(), left_out.join("\n"));
    found.iter().for_each(|element| println!("{:?} {} {}", element.from, element.file, element.place));
    let count = |from| counts.get(&from).copied().unwrap_or_default();
    assert!(count(From::Archive) >= 10 && count(From::Generated) >= 2 && count(From::Local) >= 1, "{counts:?}");
    // None is a file of its own today: one that comes has to be verified, too.
    assert_eq!(count(From::Remote), 0);
    assert!(left_out.len() <= 9, "{left_out:#?}");
}

#[test]
fn locks_in_archives_verify_their_elements_however_they_are_packed() {
    let Some((corpus, all)) = those(From::Archive) else { return };
    let mut verified = 0;
    for element in all.iter().filter(|element| element.equal) {
        let tar = element.archive(&element.lock);
        for body in [element.packed(&element.lock), gzip(&tar), xz(&tar, 6), bzip2(&tar), tar] {
            let told = element.served(&corpus, &element.pinned_to(&body), body, &["--check"]);
            told.is(0, "right", &[]);
            let lock = told.report["blocks"][0]["lock"].as_str().unwrap();
            assert!(lock.starts_with("Cargo.lock of http://127.0.0.1:"), "{lock}");
            verified += 1;
        }
    }
    println!("{verified} archives of {} elements verified", all.len());
    assert!(verified >= 50);
}

#[test]
fn an_archive_with_one_byte_changed_is_refused_and_nothing_is_written() {
    let Some((corpus, all)) = those(From::Archive) else { return };
    for (number, element) in all.iter().enumerate() {
        // The lock would call for a change, so that something could be written.
        let mut body = element.packed(&all[(number + 1) % all.len()].lock);
        let text = element.pinned_to(&body);
        let middle = body.len() / 2;
        body[middle] ^= 1;
        element.served(&corpus, &text, body, &[]).is(3, "unverified", &["download-mismatch"]);
    }
    assert!(all.len() >= 10);
}

#[test]
fn an_archive_with_the_lock_of_another_program_is_drift() {
    let Some((corpus, all)) = those(From::Archive) else { return };
    for (number, element) in all.iter().enumerate() {
        let body = element.packed(&all[(number + 1) % all.len()].lock);
        let text = element.pinned_to(&body);
        element.served(&corpus, &text, body.clone(), &["--check"]).is(3, "drifted", &["block-drift"]);
        element.served(&corpus, &text, body, &[]).is(0, "mended", &[]);
    }
    assert!(all.len() >= 10);
}

#[test]
fn the_same_locks_as_files_of_their_own_verify_the_same_elements() {
    let Some((corpus, all)) = those(From::Archive) else { return };
    for (number, element) in all.iter().enumerate() {
        let other = &all[(number + 1) % all.len()].lock;
        let place = format!("{}:locks/{number}/Cargo.lock", element.alias().0);
        let remote = |lock: &str| {
            let text = element.pinned_to(lock.as_bytes()).replacen("- kind: tar\n", "- kind: remote\n", 1);
            Element {
                text: text.replacen(&element.place, &place, 1),
                place: place.clone(),
                from: From::Remote,
                ..element.clone()
            }
        };
        let right = remote(&element.lock);
        let served = |element: &Element, lock: &str| {
            element.served(&corpus, &element.text, lock.as_bytes().to_vec(), &["--check"])
        };
        served(&right, &element.lock).is(0, "right", &[]);
        served(&right, &format!("{}\n", element.lock)).is(3, "unverified", &["download-mismatch"]);
        served(&remote(other), other).is(3, "drifted", &["block-drift"]);
    }
    assert!(all.len() >= 10);
}

#[test]
fn generated_locks_verify_their_elements_without_any_network() {
    use base64::Engine as _;
    let Some((corpus, all)) = those(From::Generated) else { return };
    for (number, element) in all.iter().enumerate() {
        let run = |text: &str| element.told(&element.project(&corpus, text), &["--check", "--offline"]);
        run(&element.text).is(0, "right", &[]);
        let other = base64::engine::general_purpose::STANDARD.encode(&all[(number + 1) % all.len()].lock);
        run(&element.text.replacen(&element.pinned, &other, 1)).is(3, "drifted", &["block-drift"]);
        let cut = &element.pinned[..element.pinned.len() / 8 * 4 + 1];
        run(&element.text.replacen(&element.pinned, cut, 1)).is(3, "unverified", &["lock-unreadable"]);
    }
    println!("{} generated locks verified", all.len());
    assert!(all.len() >= 2);
}

#[test]
fn local_locks_are_judged_as_if_they_were_handed_in() {
    let Some((corpus, all)) = those(From::Local) else { return };
    for element in &all {
        let project = element.project(&corpus, &element.text);
        element.told(&project, &["--check", "--offline"]).is(3, "unverified", &["lock-unavailable"]);
        project.write("handed.lock", &element.lock);
        let lock = format!("{}={}", element.name, project.path().join("handed.lock").display());
        let handed = element.told(&project, &["--check", "--offline", "--lock", &lock]);
        assert!(element.inside.starts_with(&format!("{}/", element.place)), "{}", element.inside);
        project.write(&element.inside, &element.lock);
        let local = element.told(&project, &["--check", "--offline"]);
        let (status, code) = if element.equal { ("right", 0) } else { ("drifted", 3) };
        local.is(code, status, if element.equal { &[] } else { &["block-drift"] });
        assert_eq!(local.report["blocks"][0]["drift"], handed.report["blocks"][0]["drift"]);
        if !element.equal {
            element.told(&project, &["--offline"]).is(0, "mended", &[]);
            element.told(&project, &["--check", "--offline"]).is(0, "right", &[]);
        }
    }
    println!("{} local locks judged", all.len());
    assert!(!all.is_empty());
}

/// One project with all elements of archives, and their archives on one server for each of the two halves of the aliases.
fn together(all: &[Element]) -> (Project, [Server; 2], Vec<String>) {
    let project = Project::new(&[]);
    let mut files = [BTreeMap::new(), BTreeMap::new()];
    let mut aliases: Vec<&str> = all.iter().map(|element| element.alias().0).collect();
    aliases.sort_unstable();
    aliases.dedup();
    let half = |alias: &str| aliases.iter().position(|a| *a == alias).unwrap() % 2;
    for (number, element) in all.iter().enumerate() {
        let ((alias, path), body) = (element.alias(), element.packed(&element.lock));
        project.write(&format!("elements/{number}.bst"), element.pinned_to(&body));
        assert!(files[half(alias)].insert(path.to_owned(), body).is_none());
    }
    let servers = files.map(Server::start);
    let args = aliases.iter().map(|alias| format!("--alias={alias}={}", servers[half(alias)].url)).collect();
    (project, servers, args)
}

#[test]
fn a_run_from_the_cache_tells_what_the_run_over_the_network_told() {
    let Some((_, all)) = those(From::Archive) else { return };
    let (project, servers, aliases) = together(&all);
    let kept = tempfile::tempdir().unwrap();
    let run = |cache: &Path, more: &[&str]| {
        let mut args = vec!["--project", project.path().to_str().unwrap(), "--cache", cache.to_str().unwrap()];
        args.extend(["regenerate", "--check", "--format", "json"]);
        args.extend(aliases.iter().map(String::as_str).chain(more.iter().copied()));
        support::run(&args)
    };
    let requests = || servers.iter().map(Server::requests).collect::<Vec<_>>();

    let online = run(kept.path(), &[]);
    assert_eq!(online.code, Some(0), "{online:?}");
    let once = requests();
    assert!(once.iter().all(|n| *n > 0) && once.iter().sum::<usize>() == all.len(), "{once:?}");
    let offline = run(kept.path(), &["--offline"]);
    assert_eq!((offline.code, &offline.stdout), (Some(0), &online.stdout));

    let empty = tempfile::tempdir().unwrap();
    let without = run(empty.path(), &["--offline"]);
    assert_eq!(without.code, Some(3), "{without:?}");
    let report: Value = serde_json::from_str(&without.stdout).unwrap();
    assert!(report["blocks"].as_array().unwrap().iter().all(|block| block["status"] == "unverified"));
    for (number, element) in all.iter().enumerate() {
        let name = format!("{number}.bst");
        let missing = report["findings"].as_array().unwrap().iter().any(|finding| {
            let message = finding["message"].as_str().unwrap();
            finding["element"] == name
                && finding["rule"] == "lock-unavailable"
                && message.contains(element.alias().1)
                && message.contains("not in the cache")
        });
        assert!(missing, "{name}: {report:#}");
    }
    assert_eq!(requests(), once, "offline is offline");
    println!("{} elements on two servers, {once:?} requests", all.len());
}
