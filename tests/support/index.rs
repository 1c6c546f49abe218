//! A sparse index on the loopback address: crates with their checksums as [`super::sha`] makes them, published long ago.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Lines of the index by crate, and the paths that were asked for.
#[derive(Default)]
pub struct State {
    pub lines: BTreeMap<String, Vec<String>>,
    pub asked: Vec<String>,
}

pub struct Index {
    port: u16,
    state: Arc<Mutex<State>>,
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
                std::thread::spawn(move || answer(&stream, &state));
            }
        });
        let index = Self { port, state };
        crates.iter().for_each(|(name, version)| index.publish(name, version, &super::sha(name, version)));
        index
    }

    pub fn publish(&self, name: &str, version: &str, checksum: &str) {
        let line = serde_json::json!({
            "name": name, "vers": version, "deps": [], "cksum": checksum, "features": {}, "yanked": false,
            "pubtime": "2020-01-02T03:04:05Z",
        });
        self.state.lock().unwrap().lines.entry(name.to_owned()).or_default().push(line.to_string());
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

fn answer(mut stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(first)) = lines.next() {
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let mut state = state.lock().unwrap();
        state.asked.push(path.clone());
        let body = state.lines.get(path.rsplit('/').next().unwrap_or_default()).map(|lines| lines.join("\n"));
        let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
        let body = body.unwrap_or_default();
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
    }
    Ok(())
}
