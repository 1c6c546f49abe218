//! A sparse index on the loopback address: crates with their checksums as [`super::sha`] makes them, published long ago.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Lines of the index by crate, archives by the last part of their URL, and the paths that were asked for.
#[derive(Default)]
pub struct State {
    pub lines: BTreeMap<String, Vec<String>>,
    pub archives: BTreeMap<String, Vec<u8>>,
    pub asked: Vec<String>,
    /// Other answers, by their path without what is behind a `?`.
    pub answers: BTreeMap<String, Vec<u8>>,
    /// Whether the index names a web API, which is here as well.
    pub has_api: bool,
}

pub struct Index {
    port: u16,
    state: Arc<Mutex<State>>,
}

/// A version in the index.
pub struct Published<'a> {
    pub version: &'a str,
    pub checksum: &'a str,
    pub yanked: bool,
    /// When, as the index writes it.
    pub time: &'a str,
    /// Names of crates that it needs.
    pub needs: &'a [&'a str],
}

impl<'a> Published<'a> {
    /// A version of long ago that needs nothing.
    pub fn long_ago(version: &'a str, checksum: &'a str) -> Self {
        Self { version, checksum, yanked: false, time: "2020-01-02T03:04:05Z", needs: &[] }
    }
}

impl Index {
    /// An index with these crates, each `(name, version)`.
    pub fn start(crates: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || answer(&stream, port, &state));
            }
        });
        let index = Self { port, state };
        crates.iter().for_each(|(name, version)| index.publish(name, version, &super::sha(name, version)));
        index
    }

    pub fn publish(&self, name: &str, version: &str, checksum: &str) {
        self.publish_version(name, &Published::long_ago(version, checksum));
    }

    pub fn publish_version(&self, name: &str, published: &Published<'_>) {
        let need = |name: &&str| {
            serde_json::json!({
                "name": name, "req": "^0", "features": [], "optional": false, "default_features": true, "target": null,
                "kind": "normal",
            })
        };
        let needs: Vec<_> = published.needs.iter().map(need).collect();
        let line = serde_json::json!({
            "name": name, "vers": published.version, "deps": needs, "cksum": published.checksum, "features": {},
            "yanked": published.yanked, "pubtime": published.time,
        });
        self.state.lock().unwrap().lines.entry(name.to_owned()).or_default().push(line.to_string());
    }

    /// Hands out the archive of a version.
    pub fn archive(&self, name: &str, version: &str, bytes: Vec<u8>) {
        self.state.lock().unwrap().archives.insert(format!("{name}-{version}.crate"), bytes);
    }

    /// Hands out something else at a path.
    pub fn answer(&self, path: &str, body: &str) {
        self.state.lock().unwrap().answers.insert(path.to_owned(), body.as_bytes().to_vec());
    }

    /// Names a web API from now on.
    pub fn api(&self) {
        self.state.lock().unwrap().has_api = true;
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Forgets what was asked for.
    pub fn forget(&self) {
        self.state.lock().unwrap().asked.clear();
    }
}

/// The body for a path: most are known by its last part.
fn body(state: &State, path: &str, port: u16) -> Option<Vec<u8>> {
    if let Some(answer) = state.answers.get(path.split('?').next().unwrap_or_default()) {
        return Some(answer.clone());
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    if name == "config.json" {
        let dl = format!("http://127.0.0.1:{port}/dl/{{crate}}-{{version}}.crate");
        let api = state.has_api.then(|| format!("http://127.0.0.1:{port}"));
        return Some(serde_json::json!({ "dl": dl, "api": api }).to_string().into_bytes());
    }
    let line = state.lines.get(name).map(|lines| lines.join("\n").into_bytes());
    line.or_else(|| state.archives.get(name).cloned())
}

fn answer(mut stream: &TcpStream, port: u16, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(first)) = lines.next() {
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let mut state = state.lock().unwrap();
        state.asked.push(path.clone());
        let body = body(&state, &path, port);
        let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
        let body = body.unwrap_or_default();
        // In one write: the second of two would wait for the first one to be confirmed.
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat())?;
    }
    Ok(())
}
