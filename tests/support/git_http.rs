//! Git's own HTTP server on the loopback address, behind a front that counts and is able to misbehave.
//!
//! `git http-backend` answers; git must be installed. Included with `#[path]` by the tests and benches that use it.
#![allow(dead_code, unreachable_pub, missing_docs)]

#[path = "git_repository.rs"]
mod repository;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[allow(unused_imports, reason = "not every test makes its repositories with it")]
pub use repository::{Fixture, Item};

/// How the server deviates from a good one.
#[derive(Debug, Clone)]
pub enum Fault {
    None,
    /// Answers every request with this status, or the next so many.
    Status(u16, usize),
    /// Never answers.
    Stall,
    /// Sends half of a pack, and then nothing.
    StallInPack,
    /// Sends half of a pack, and closes the connection.
    CutPack,
    /// Sends half of a pack as if it were all.
    HalfPack,
    /// Flips a byte in the middle of a pack.
    FlipPack,
    /// Sends the pack of another commit, by its id.
    Instead(String),
    /// Sends so many bytes of progress before a pack.
    Flood(usize),
    /// Sends progress before a pack without an end.
    Endless,
    /// Sends bytes instead of a pack.
    Answer(Vec<u8>),
    /// Sends an empty answer to requests that contain this text.
    EmptyFor(&'static str),
    /// Sends this status to requests that contain this text.
    StatusFor(u16, &'static str),
    /// Refuses requests that want any of these objects.
    Lacks(Vec<String>),
    /// Lists so many tags.
    Tags(usize),
    /// Redirects to the same path below this URL.
    Redirect(String),
    /// Answers with a web page.
    Page,
    /// Greets with bytes that are no greeting.
    Nonsense,
}

/// Everything that a server counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub connections: usize,
    pub requests: usize,
    /// Greetings.
    pub listings: usize,
    /// Requests for refs.
    pub refs: usize,
    /// Requests for packs.
    pub packs: usize,
    /// Bytes of heads and bodies, in both directions, those for refs left out.
    pub bytes: usize,
    /// Bytes of requests for refs and their answers.
    pub refs_bytes: usize,
}

/// A server for the repositories below a folder.
pub struct GitServer {
    host: String,
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    root: PathBuf,
    version_two: AtomicBool,
    delay: Mutex<Duration>,
    fault: Mutex<Fault>,
    stop: AtomicBool,
    counts: Mutex<Counts>,
    headers: Mutex<Vec<String>>,
    questions: Mutex<Vec<String>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    /// Answers by request, where they are kept.
    kept: Mutex<Option<HashMap<Vec<u8>, Outgoing>>>,
}

impl GitServer {
    /// Serves the folder that `repository` is in.
    pub fn start(repository: &Path) -> Self {
        Self::start_at("127.0.0.1", repository.parent().unwrap())
    }

    /// Serves a folder on a loopback address.
    pub fn start_at(host: &str, root: &Path) -> Self {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            root: root.to_owned(),
            version_two: AtomicBool::new(true),
            delay: Mutex::default(),
            fault: Mutex::new(Fault::None),
            stop: AtomicBool::new(false),
            counts: Mutex::default(),
            headers: Mutex::default(),
            questions: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            kept: Mutex::default(),
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
        Self { host: host.to_owned(), port, shared }
    }

    /// The root of the server.
    pub fn root(&self) -> String {
        format!("http://{}:{}/", self.host, self.port)
    }

    /// The URL of `repo.git`.
    pub fn url(&self) -> String {
        format!("{}repo.git", self.root())
    }

    /// Forgets what clients say of versions, as a web server does that does not pass the header on.
    pub fn speak_version_zero(&self) {
        self.shared.version_two.store(false, Ordering::SeqCst);
    }

    /// Waits so long before each answer.
    pub fn delay(&self, delay: Duration) {
        *self.shared.delay.lock().unwrap() = delay;
    }

    /// Answers what was asked before without git: only the delay is left.
    pub fn keep_answers(&self) {
        *self.shared.kept.lock().unwrap() = Some(HashMap::new());
    }

    pub fn fault(&self, fault: Fault) {
        *self.shared.fault.lock().unwrap() = fault;
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        *self.shared.counts.lock().unwrap()
    }

    /// Requests of any kind so far.
    pub fn requests(&self) -> usize {
        self.counts().requests
    }

    /// Greetings so far.
    pub fn listings(&self) -> usize {
        self.counts().listings
    }

    /// Requests for packs so far.
    pub fn packs(&self) -> usize {
        self.counts().packs
    }

    /// How many requests were answered at the same time, at most.
    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }

    /// All header lines that clients sent so far, in lower case.
    pub fn headers(&self) -> Vec<String> {
        self.shared.headers.lock().unwrap().clone()
    }

    /// The bodies of all requests so far.
    pub fn questions(&self) -> Vec<String> {
        self.shared.questions.lock().unwrap().clone()
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect((self.host.as_str(), self.port));
    }
}

struct Incoming {
    method: String,
    target: String,
    kind: String,
    protocol: String,
    body: Vec<u8>,
    bytes: usize,
}

impl Incoming {
    fn is_greeting(&self) -> bool {
        self.method == "GET" && self.target.ends_with("/info/refs?service=git-upload-pack")
    }

    fn is_for_refs(&self) -> bool {
        contains(&self.body, b"command=ls-refs")
    }

    fn is_for_pack(&self) -> bool {
        self.method == "POST" && !self.is_for_refs()
    }
}

/// An answer: status, further headers, content type, body.
#[derive(Clone)]
struct Outgoing {
    status: String,
    more: String,
    kind: String,
    body: Vec<u8>,
}

const RESULT: &str = "application/x-git-upload-pack-result";

impl Outgoing {
    fn new(status: &str, kind: &str, body: Vec<u8>) -> Self {
        Self { status: status.to_owned(), more: String::new(), kind: kind.to_owned(), body }
    }

    fn head(&self) -> String {
        let Self { status, more, kind, body } = self;
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {}\r\n\r\n", body.len())
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        self.counts.lock().unwrap().connections += 1;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut stream = stream;
        while let Some(request) = read_request(&mut reader, &self.headers)? {
            self.count(&request);
            if request.method == "POST" {
                self.questions.lock().unwrap().push(String::from_utf8_lossy(&request.body).into_owned());
            }
            let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(now, Ordering::SeqCst);
            // Not in one statement: that would hold the lock meanwhile.
            let delay = *self.delay.lock().unwrap();
            std::thread::sleep(delay);
            let outcome = self.answer(&request, &mut stream);
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            let Some(sent) = outcome? else { return Ok(()) };
            let mut counts = self.counts.lock().unwrap();
            *(if request.is_for_refs() { &mut counts.refs_bytes } else { &mut counts.bytes }) += sent;
        }
        Ok(())
    }

    fn count(&self, request: &Incoming) {
        let mut counts = self.counts.lock().unwrap();
        counts.requests += 1;
        counts.listings += usize::from(request.is_greeting());
        counts.refs += usize::from(request.is_for_refs());
        counts.packs += usize::from(request.is_for_pack());
        *(if request.is_for_refs() { &mut counts.refs_bytes } else { &mut counts.bytes }) += request.bytes;
    }

    /// Answers, and says how many bytes that were; `None` when the connection is over.
    fn answer(&self, request: &Incoming, stream: &mut TcpStream) -> std::io::Result<Option<usize>> {
        let fault = self.next_fault();
        if matches!(fault, Fault::Stall) {
            self.wait_for_the_end();
            return Ok(None);
        }
        let mut outgoing = match instead(&fault, request) {
            Some(outgoing) => outgoing,
            None => self.backend(request, &fault)?,
        };
        let has_pack = request.is_for_pack() && contains(&outgoing.body, b"PACK");
        if let Some(begun) = has_pack.then(|| damage(&fault, &mut outgoing)).flatten() {
            self.break_off(&fault, &outgoing, begun, stream)?;
            return Ok(None);
        }
        let all = [outgoing.head().as_bytes(), &outgoing.body].concat();
        stream.write_all(&all)?;
        Ok(Some(all.len()))
    }

    /// Sends the beginning of an answer, and nothing or far too much after it.
    fn break_off(
        &self,
        fault: &Fault,
        outgoing: &Outgoing,
        begun: usize,
        stream: &mut TcpStream,
    ) -> std::io::Result<()> {
        let endless = matches!(fault, Fault::Endless);
        let open = format!("HTTP/1.1 200 OK\r\nContent-Type: {RESULT}\r\nConnection: close\r\n\r\n");
        let head = if endless { open } else { outgoing.head() };
        stream.write_all(&[head.as_bytes(), &outgoing.body[..begun]].concat())?;
        while endless && !self.stop.load(Ordering::SeqCst) {
            stream.write_all(&side_band(2, &[b'x'; 60_000]))?;
        }
        if matches!(fault, Fault::StallInPack) {
            self.wait_for_the_end();
        }
        stream.shutdown(std::net::Shutdown::Both)
    }

    fn next_fault(&self) -> Fault {
        let mut fault = self.fault.lock().unwrap();
        let now = fault.clone();
        if let Fault::Status(_, left) = &mut *fault {
            *left = left.saturating_sub(1);
            if *left == 0 {
                *fault = Fault::None;
            }
        }
        now
    }

    fn wait_for_the_end(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The answer of git, or what it answered before.
    fn backend(&self, request: &Incoming, fault: &Fault) -> std::io::Result<Outgoing> {
        let key = [request.target.as_bytes(), &request.body].concat();
        let kept = self.kept.lock().unwrap().as_ref().and_then(|kept| kept.get(&key).cloned());
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let outgoing = self.run_backend(request, fault)?;
        if let Some(kept) = &mut *self.kept.lock().unwrap() {
            kept.insert(key, outgoing.clone());
        }
        Ok(outgoing)
    }

    /// The answer of the installed git, through CGI.
    fn run_backend(&self, request: &Incoming, fault: &Fault) -> std::io::Result<Outgoing> {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let body = match fault {
            Fault::Instead(commit) => wanting(&request.body, commit),
            _ => request.body.clone(),
        };
        let mut command = Command::new("git");
        command
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", &self.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "safe.directory")
            .env("GIT_CONFIG_VALUE_0", "*")
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("REQUEST_METHOD", &request.method)
            .env("CONTENT_TYPE", &request.kind)
            .env("CONTENT_LENGTH", body.len().to_string())
            .env("REMOTE_ADDR", "127.0.0.1")
            .env_remove("GIT_PROTOCOL");
        if self.version_two.load(Ordering::SeqCst) {
            command.env("GIT_PROTOCOL", &request.protocol);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        // Git may answer without having read everything.
        let _ = child.stdin.take().unwrap().write_all(&body);
        let output = child.wait_with_output()?.stdout;
        let split = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
        let head = String::from_utf8_lossy(&output[..split]).into_owned();
        let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        Ok(Outgoing {
            status: value("Status: ").unwrap_or_else(|| "200 OK".to_owned()),
            more: String::new(),
            kind: value("Content-Type: ").unwrap_or_default(),
            body: output[split + 4..].to_vec(),
        })
    }
}

/// The answer that a fault puts in the place of git's.
fn instead(fault: &Fault, request: &Incoming) -> Option<Outgoing> {
    let plain = |status: String| Some(Outgoing::new(&status, "text/plain", b"no".to_vec()));
    let result = |body: Vec<u8>| Some(Outgoing::new("200 OK", RESULT, body));
    match fault {
        Fault::Status(status, _) => plain(format!("{status} x")),
        Fault::StatusFor(status, text) if contains(&request.body, text.as_bytes()) => plain(format!("{status} x")),
        Fault::Redirect(to) => {
            let more = format!("Location: {}{}\r\n", to, request.target.trim_start_matches('/'));
            Some(Outgoing { more, ..Outgoing::new("302 x", "text/plain", Vec::new()) })
        }
        Fault::Page => Some(Outgoing::new("200 OK", "text/html", b"<html>".to_vec())),
        Fault::Nonsense => {
            let kind = "application/x-git-upload-pack-advertisement";
            Some(Outgoing::new("200 OK", kind, b"0zzz\xff\0garbage".to_vec()))
        }
        Fault::Tags(count) if request.is_for_refs() => {
            let id = "a".repeat(40);
            let mut list = Vec::with_capacity(count * 64);
            for number in 0..*count {
                list.extend_from_slice(&pkt(format!("{id} refs/tags/v{number}\n").as_bytes()));
            }
            list.extend_from_slice(b"0000");
            result(list)
        }
        Fault::Answer(bytes) if request.is_for_pack() => result(bytes.clone()),
        Fault::EmptyFor(text) if contains(&request.body, text.as_bytes()) => result(Vec::new()),
        Fault::Lacks(ids) => {
            let id = ids.iter().find(|id| contains(&request.body, format!("want {id}").as_bytes()))?;
            result(pkt(format!("ERR upload-pack: not our ref {id}").as_bytes()))
        }
        _ => None,
    }
}

/// Damages an answer with a pack. Says how many bytes of it are sent before the connection is over, if it is.
fn damage(fault: &Fault, outgoing: &mut Outgoing) -> Option<usize> {
    let body = &mut outgoing.body;
    let at = body.windows(4).position(|window| window == b"PACK")?;
    // Packs of tests are one packet: its length and its side-band are before the pack.
    let packet = at - 5;
    let middle = at + (body.len() - at) / 2;
    match fault {
        Fault::FlipPack => body[middle] ^= 0x55,
        Fault::HalfPack => body.truncate(middle),
        Fault::Flood(bytes) => {
            let progress = (0..bytes / 60_000).flat_map(|_| side_band(2, &[b'x'; 60_000])).collect::<Vec<u8>>();
            body.splice(packet..packet, progress);
        }
        Fault::StallInPack | Fault::CutPack => return Some(middle),
        Fault::Endless => return Some(packet),
        _ => {}
    }
    None
}

/// A request that wants one other object.
fn wanting(question: &[u8], commit: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(question);
    let Some(at) = text.find("want ").map(|at| at + 5) else { return question.to_vec() };
    let mut changed = question.to_vec();
    changed[at..at + 40].copy_from_slice(commit.as_bytes());
    changed
}

fn read_request(reader: &mut BufReader<TcpStream>, headers: &Mutex<Vec<String>>) -> std::io::Result<Option<Incoming>> {
    let mut line = String::new();
    let mut bytes = reader.read_line(&mut line)?;
    if bytes == 0 {
        return Ok(None);
    }
    let mut parts = line.split_ascii_whitespace().map(str::to_owned);
    let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (mut length, mut kind, mut protocol) = (0, String::new(), String::new());
    loop {
        let mut header = String::new();
        bytes += reader.read_line(&mut header)?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        match header.split_once(':').map(|(name, value)| (name, value.trim())) {
            Some(("content-length", value)) => length = value.parse().unwrap_or(0),
            Some(("content-type", value)) => value.clone_into(&mut kind),
            Some(("git-protocol", value)) => value.clone_into(&mut protocol),
            _ => {}
        }
        headers.lock().unwrap().push(header);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Incoming { method, target, kind, protocol, bytes: bytes + length, body }))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

pub fn pkt(content: &[u8]) -> Vec<u8> {
    let mut out = format!("{:04x}", content.len() + 4).into_bytes();
    out.extend_from_slice(content);
    out
}

pub fn side_band(band: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![band];
    out.extend_from_slice(content);
    pkt(&out)
}
