//! A server on the loopback address that answers by path, as real ones do, and as broken ones do.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::http::{HttpClient, HttpSettings, Trust};

/// The answers at one path: the answers in turn, the last one for ever. An empty one is silence.
pub(super) type Script = HashMap<&'static str, Vec<Vec<u8>>>;

/// A server that answers by path and keeps the requests.
pub(super) struct Server {
    pub(super) root: String,
    pub(super) requests: Arc<Mutex<Vec<String>>>,
    pub(super) script: Arc<Mutex<Script>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    pub(super) fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("http://{}/", listener.local_addr().unwrap());
        let server =
            Self { root, requests: Arc::default(), script: Arc::new(Mutex::new(script)), stop: Arc::default() };
        let (seen, script, stop) = (Arc::clone(&server.requests), Arc::clone(&server.script), Arc::clone(&server.stop));
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                // A client that hangs up is no failure of the server.
                std::thread::spawn(move || play(stream, &script, &seen).is_ok());
            }
        });
        server
    }

    /// The paths that were requested, sorted.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = lock(&self.requests).iter().map(|request| path_of(request)).collect();
        paths.sort();
        paths
    }

    /// A client that may reach it and does not wait for long.
    pub(super) fn client(&self) -> HttpClient {
        let trust = Trust { prefixes: vec![self.root.clone()], hosts: Vec::new() };
        let settings = HttpSettings {
            trust,
            read_timeout: Duration::from_millis(300),
            total_timeout: Duration::from_secs(5),
            backoff: Duration::from_millis(1),
            ..HttpSettings::default()
        };
        HttpClient::new(settings).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let address = self.root.trim_start_matches("http://").trim_end_matches('/');
        let _ = TcpStream::connect(address);
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

fn path_of(request: &str) -> String {
    request.split(' ').nth(1).unwrap().to_owned()
}

fn play(mut stream: TcpStream, script: &Mutex<Script>, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = path_of(&request);
    lock(seen).push(request);
    let answer = {
        let mut script = lock(script);
        match script.get_mut(path.as_str()) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => status("500 No Such Script", "", b""),
        }
    };
    if answer.is_empty() {
        // Longer than the client waits for a read.
        std::thread::sleep(Duration::from_millis(600));
    }
    stream.write_all(&answer)
}

pub(super) fn status(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

pub(super) fn ok(body: &str) -> Vec<u8> {
    status("200 OK", "ETag: \"e\"\r\nContent-Type: text/plain\r\n", body.as_bytes())
}
