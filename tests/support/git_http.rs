//! A small git server on the loopback address, and repositories to serve: made in the test, counting, able to misbehave.
//!
//! It speaks the smart HTTP protocol, version 0, as far as a fetch needs it. Included with `#[path]` by the tests that use it.
#![allow(dead_code, unreachable_pub, missing_docs)]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Repository, RepositoryInitOptions, Signature};
use tempfile::TempDir;

/// What to put at a path.
pub enum Item<'a> {
    File(&'a [u8]),
    Link(&'a str),
    Submodule(&'a str),
}

/// A bare repository in a temporary folder.
pub struct Fixture {
    pub folder: TempDir,
    repository: Repository,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false).initial_head("main");
        let repository = Repository::init_opts(folder.path().join("repo.git"), &options).unwrap();
        Self { folder, repository }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("repo.git")
    }

    /// Adds a commit to `branch` that changes these paths, and returns its id.
    pub fn commit(&self, branch: &str, items: &[(&str, Item<'_>)]) -> String {
        let repository = &self.repository;
        let name = format!("refs/heads/{branch}");
        let parent = repository.find_reference(&name).ok().map(|found| found.peel_to_commit().unwrap());
        let base = match &parent {
            Some(parent) => parent.tree().unwrap(),
            None => repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap(),
        };
        let mut update = TreeUpdateBuilder::new();
        for (path, item) in items {
            match item {
                Item::File(content) => update.upsert(*path, repository.blob(content).unwrap(), FileMode::Blob),
                Item::Link(to) => update.upsert(*path, repository.blob(to.as_bytes()).unwrap(), FileMode::Link),
                Item::Submodule(id) => update.upsert(*path, Oid::from_str(id).unwrap(), FileMode::Commit),
            };
        }
        let tree = repository.find_tree(update.create_updated(repository, &base).unwrap()).unwrap();
        let who = Signature::new("Test", "test@example.com", &git2::Time::new(1_700_000_000, 0)).unwrap();
        let parents: Vec<_> = parent.iter().collect();
        repository.commit(Some(&name), &who, &who, "a commit", &tree, &parents).unwrap().to_string()
    }

    /// Names a commit with an annotated tag.
    pub fn tag(&self, name: &str, commit: &str) {
        let target = self.repository.find_object(Oid::from_str(commit).unwrap(), None).unwrap();
        let who = Signature::new("Test", "test@example.com", &git2::Time::new(1_700_000_000, 0)).unwrap();
        self.repository.tag(name, &target, &who, "a tag", true).unwrap();
    }

    /// The objects of `commit` on the way to `path`, the blob last.
    pub fn objects(&self, commit: &str, path: &str) -> Vec<String> {
        let commit = self.repository.find_commit(Oid::from_str(commit).unwrap()).unwrap();
        let mut tree = commit.tree().unwrap();
        let mut ids = vec![commit.id().to_string(), tree.id().to_string()];
        for part in path.split('/') {
            let entry = tree.get_name(part).unwrap();
            ids.push(entry.id().to_string());
            if entry.kind() == Some(ObjectType::Tree) {
                let next = self.repository.find_tree(entry.id()).unwrap();
                drop(entry);
                tree = next;
            }
        }
        ids
    }

    /// Sets a key of the repository's own configuration.
    pub fn configure(&self, key: &str, value: &str) {
        self.repository.config().unwrap().set_str(key, value).unwrap();
    }
}

/// How the server deviates from a good one.
#[derive(Debug, Clone)]
pub enum Fault {
    None,
    /// Answers every request with this status, or the next so many.
    Status(u16, usize),
    /// Never answers.
    Stall,
    /// Sends half of the pack, and then nothing.
    StallInPack,
    /// Sends half of the pack, and closes the connection.
    CutPack,
    /// Flips a byte in the middle of the pack.
    FlipPack,
    /// Sends this commit, whatever was asked for.
    Instead(String),
    /// Redirects every request to the same path below this URL.
    Redirect(String),
    /// Sends so many bytes of progress messages before the pack.
    Flood(usize),
    /// Answers with a page.
    Page,
    /// Sends a list of refs that makes no sense.
    Nonsense,
}

/// What a server of ours does.
struct Shared {
    repository: PathBuf,
    /// Hands out commits by id.
    by_id: AtomicBool,
    fault: Mutex<Fault>,
    stop: AtomicBool,
    requests: AtomicUsize,
    listings: AtomicUsize,
    packs: AtomicUsize,
    /// Run `git http-backend` instead of answering ourselves.
    real: bool,
    headers: Mutex<Vec<String>>,
}

/// A running server; it ends when this is dropped.
pub struct GitServer {
    port: u16,
    shared: Arc<Shared>,
}

impl GitServer {
    /// Serves the repository at `repository` below any path.
    pub fn start(repository: &Path) -> Self {
        Self::launch(repository, false)
    }

    /// Serves it with the installed git; `None` if there is none.
    pub fn real(repository: &Path) -> Option<Self> {
        let installed = Command::new("git").arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success());
        installed.then(|| Self::launch(repository, true))
    }

    fn launch(repository: &Path, real: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            repository: repository.to_owned(),
            by_id: AtomicBool::new(true),
            fault: Mutex::new(Fault::None),
            stop: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            listings: AtomicUsize::new(0),
            packs: AtomicUsize::new(0),
            real,
            headers: Mutex::default(),
        });
        let server = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if server.stop.load(Ordering::SeqCst) {
                    break;
                }
                let server = Arc::clone(&server);
                // A client that hangs up is no failure of the server.
                std::thread::spawn(move || connection.map(|stream| server.serve(stream)));
            }
        });
        Self { port, shared }
    }

    /// The root of the server.
    pub fn root(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The repository's URL.
    pub fn url(&self) -> String {
        format!("{}repo.git", self.root())
    }

    pub fn hand_out_by_id(&self, yes: bool) {
        self.shared.by_id.store(yes, Ordering::SeqCst);
    }

    pub fn fault(&self, fault: Fault) {
        *self.shared.fault.lock().unwrap() = fault;
    }

    /// Requests of any kind so far.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Fetches that were begun so far.
    pub fn listings(&self) -> usize {
        self.shared.listings.load(Ordering::SeqCst)
    }

    /// Packs that were sent so far.
    pub fn packs(&self) -> usize {
        self.shared.packs.load(Ordering::SeqCst)
    }

    /// All header lines that clients sent so far, in lower case.
    pub fn headers(&self) -> Vec<String> {
        self.shared.headers.lock().unwrap().clone()
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

struct Incoming {
    method: String,
    target: String,
    kind: String,
    body: Vec<u8>,
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let request = self.read_request(&stream)?;
        self.requests.fetch_add(1, Ordering::SeqCst);
        let fault = {
            let mut fault = self.fault.lock().unwrap();
            let now = fault.clone();
            if let Fault::Status(_, left) = &mut *fault {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    *fault = Fault::None;
                }
            }
            now
        };
        match &fault {
            Fault::Status(status, _) => {
                return respond(&mut stream, &status.to_string(), "text/plain", "", b"no");
            }
            Fault::Redirect(to) => {
                let location = format!("Location: {}{}\r\n", to, request.target.trim_start_matches('/'));
                return respond(&mut stream, "302", "text/plain", &location, b"");
            }
            Fault::Page => return respond(&mut stream, "200", "text/html", "", b"<html>"),
            Fault::Stall => {
                self.wait_for_the_end();
                return Ok(());
            }
            _ => {}
        }
        if self.real {
            return self.run_backend(&request, stream);
        }
        if request.method == "GET" && request.target.ends_with("/info/refs?service=git-upload-pack") {
            self.listings.fetch_add(1, Ordering::SeqCst);
            let listing = if matches!(fault, Fault::Nonsense) { b"0zzz\xff\0garbage".to_vec() } else { self.listing() };
            respond(&mut stream, "200", "application/x-git-upload-pack-advertisement", "", &listing)
        } else if request.method == "POST" && request.target.ends_with("/git-upload-pack") {
            self.answer(&request.body, &fault, &mut stream)
        } else {
            respond(&mut stream, "404", "text/plain", "", b"no such page")
        }
    }

    fn read_request(&self, stream: &TcpStream) -> std::io::Result<Incoming> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut parts = line.split_ascii_whitespace().map(str::to_owned);
        let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (mut length, mut kind) = (0, String::new());
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let header = header.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if let Some(value) = header.strip_prefix("content-type:") {
                value.trim().clone_into(&mut kind);
            }
            self.headers.lock().unwrap().push(header);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(Incoming { method, target, kind, body })
    }

    fn wait_for_the_end(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn listing(&self) -> Vec<u8> {
        let repository = Repository::open_bare(&self.repository).unwrap();
        let mut abilities = "multi_ack_detailed side-band-64k ofs-delta shallow no-progress agent=test/1".to_owned();
        if self.by_id.load(Ordering::SeqCst) {
            abilities.push_str(" allow-tip-sha1-in-want allow-reachable-sha1-in-want");
        }
        let mut out = pkt(b"# service=git-upload-pack\n");
        out.extend_from_slice(b"0000");
        for (number, (name, id)) in refs(&repository).into_iter().enumerate() {
            let line = if number == 0 { format!("{id} {name}\0{abilities}\n") } else { format!("{id} {name}\n") };
            out.extend(pkt(line.as_bytes()));
        }
        out.extend_from_slice(b"0000");
        out
    }

    fn answer(&self, question: &[u8], fault: &Fault, stream: &mut TcpStream) -> std::io::Result<()> {
        let repository = Repository::open_bare(&self.repository).unwrap();
        let (mut wants, mut depth, mut done) = (Vec::new(), 0, false);
        for line in lines(question) {
            let text = String::from_utf8_lossy(&line).into_owned();
            if let Some(rest) = text.strip_prefix("want ") {
                wants.push(Oid::from_str(&rest[..40]).unwrap());
            } else if let Some(rest) = text.strip_prefix("deepen ") {
                depth = rest.trim().parse().unwrap();
            } else if text.trim() == "done" {
                done = true;
            }
        }
        let mut out = Vec::new();
        let kind = "application/x-git-upload-pack-result";
        let known: HashSet<Oid> = refs(&repository).into_iter().map(|(_, id)| id).collect();
        let by_id = self.by_id.load(Ordering::SeqCst);
        for want in &wants {
            let served = known.contains(want) || (by_id && repository.find_commit(*want).is_ok());
            if !served {
                out.extend(pkt(format!("ERR upload-pack: not our ref {want}").as_bytes()));
                return respond(stream, "200", kind, "", &out);
            }
        }
        if let Fault::Instead(commit) = fault {
            wants = vec![Oid::from_str(commit).unwrap()];
        }
        let (pack, shallow) = pack(&repository, &wants, depth);
        if depth > 0 {
            for id in shallow {
                out.extend(pkt(format!("shallow {id}").as_bytes()));
            }
            out.extend_from_slice(b"0000");
        }
        if done {
            self.packs.fetch_add(1, Ordering::SeqCst);
            return self.send_pack(out, pack, fault, stream);
        }
        respond(stream, "200", kind, "", &out)
    }

    fn send_pack(
        &self,
        mut out: Vec<u8>,
        mut pack: Vec<u8>,
        fault: &Fault,
        stream: &mut TcpStream,
    ) -> std::io::Result<()> {
        out.extend(pkt(b"NAK\n"));
        if let Fault::Flood(bytes) = fault {
            for _ in 0..bytes / 60_000 {
                out.extend(side_band(2, &[b'x'; 60_000]));
            }
        }
        let half = pack.len() / 2;
        if matches!(fault, Fault::FlipPack) {
            pack[half] ^= 0x55;
        }
        if matches!(fault, Fault::StallInPack | Fault::CutPack) {
            out.extend(side_band(1, &pack[..half]));
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-result\r\nConnection: close\r\n\r\n";
            stream.write_all(head.as_bytes())?;
            stream.write_all(&out)?;
            if matches!(fault, Fault::StallInPack) {
                self.wait_for_the_end();
            }
            return Ok(());
        }
        for chunk in pack.chunks(60_000) {
            out.extend(side_band(1, chunk));
        }
        out.extend_from_slice(b"0000");
        respond(stream, "200", "application/x-git-upload-pack-result", "", &out)
    }

    /// Answers with the installed git, through CGI.
    fn run_backend(&self, request: &Incoming, mut stream: TcpStream) -> std::io::Result<()> {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        if query.contains("git-upload-pack") {
            self.listings.fetch_add(1, Ordering::SeqCst);
        }
        let mut child = Command::new("git")
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", self.repository.parent().unwrap())
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "safe.directory")
            .env("GIT_CONFIG_VALUE_0", "*")
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("REQUEST_METHOD", &request.method)
            .env("CONTENT_TYPE", &request.kind)
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .env("REMOTE_ADDR", "127.0.0.1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        child.stdin.take().unwrap().write_all(&request.body)?;
        let output = child.wait_with_output()?.stdout;
        let split = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
        let head = String::from_utf8_lossy(&output[..split]).into_owned();
        let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
        let body = &output[split + 4..];
        write!(stream, "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
        stream.write_all(body)
    }
}

fn respond(stream: &mut TcpStream, status: &str, kind: &str, more: &str, body: &[u8]) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

fn pkt(content: &[u8]) -> Vec<u8> {
    let mut out = format!("{:04x}", content.len() + 4).into_bytes();
    out.extend_from_slice(content);
    out
}

fn side_band(band: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![band];
    out.extend_from_slice(content);
    pkt(&out)
}

fn lines(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    while bytes.len() >= 4 {
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..4]).unwrap(), 16).unwrap();
        if length == 0 {
            bytes = &bytes[4..];
        } else {
            lines.push(bytes[4..length].to_vec());
            bytes = &bytes[length..];
        }
    }
    lines
}

/// All refs as a server lists them: `HEAD` first, annotated tags followed by what they name.
fn refs(repository: &Repository) -> Vec<(String, Oid)> {
    let mut refs = Vec::new();
    if let Some(id) = repository.head().ok().and_then(|head| head.target()) {
        refs.push(("HEAD".to_owned(), id));
    }
    let mut named: Vec<_> = repository
        .references()
        .unwrap()
        .map(|found| found.unwrap())
        .map(|found| (String::from_utf8_lossy(found.name_bytes()).into_owned(), found.target().unwrap()))
        .collect();
    named.sort();
    for (name, id) in named {
        let tag = repository.find_tag(id).ok();
        refs.push((name.clone(), id));
        if let Some(tag) = tag {
            refs.push((format!("{name}^{{}}"), tag.target_id()));
        }
    }
    refs
}

/// A pack of the wanted objects with `depth` commits of history (0: all), and the commits where history is cut.
fn pack(repository: &Repository, wants: &[Oid], depth: usize) -> (Vec<u8>, Vec<Oid>) {
    let mut builder = repository.packbuilder().unwrap();
    builder.set_threads(1);
    let (mut seen, mut cut) = (HashSet::new(), Vec::new());
    let mut layer = Vec::new();
    for want in wants {
        let object = repository.find_object(*want, None).unwrap();
        if object.kind() == Some(ObjectType::Tag) {
            builder.insert_object(*want, None).unwrap();
        }
        layer.push(object.peel_to_commit().unwrap().id());
    }
    let mut level = 1;
    while !layer.is_empty() {
        let mut next = Vec::new();
        for id in layer.drain(..).filter(|id| seen.insert(*id)) {
            builder.insert_commit(id).unwrap();
            let commit = repository.find_commit(id).unwrap();
            if level == depth && commit.parent_count() > 0 {
                cut.push(id);
            } else if level != depth {
                next.extend(commit.parent_ids());
            }
        }
        layer = next;
        level += 1;
    }
    let mut bytes = git2::Buf::new();
    builder.write_buf(&mut bytes).unwrap();
    (bytes.to_vec(), cut)
}
