//! Requests against a scripted server on the loopback address, and answers of all shapes.

mod limits;
mod parsing;
mod refusals;
mod secrecy;
mod sending;
mod waiting;

use super::*;
use crate::github::ids::CommitId;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};

const TOKEN: &str = "ghs_theSecretOfTheTests";

/// Answers each connection with the next line of its script, and keeps the requests.
struct Server {
    root: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// The reaction to a connection.
enum Act {
    /// Send these bytes and close.
    Send(String),
    /// Send this head and so many bytes.
    Flood(&'static str, usize),
    /// Close at once.
    Close,
}

impl Server {
    fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for act in script {
                let Ok((stream, _)) = listener.accept() else { return };
                // A client that hangs up is no failure of the server.
                let _ = play(stream, act, &seen);
            }
        });
        Self { root, requests }
    }

    /// Returns the received requests, head and body; the head in lower case.
    fn seen(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn connect(&self) -> GitHub {
        self.connect_for(60)
    }

    /// With so many seconds for waiting.
    fn connect_for(&self, seconds: u64) -> GitHub {
        GitHub::connect(Connection {
            api: self.root.clone(),
            graphql: format!("{}/graphql", self.root),
            token: Token::new(TOKEN),
            repository: "o/r".to_owned(),
            budget: Duration::from_secs(seconds),
            ..Connection::default()
        })
        .unwrap()
    }
}

fn play(mut stream: TcpStream, act: Act, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    let request = format!("{head}{}", String::from_utf8_lossy(&body));
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    match act {
        Act::Send(text) => stream.write_all(text.as_bytes()),
        Act::Flood(head, bytes) => {
            stream.write_all(head.as_bytes())?;
            (0..bytes >> 20).try_for_each(|_| stream.write_all(&vec![b' '; 1 << 20]))
        }
        Act::Close => Ok(()),
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Act {
    Act::Send(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ))
}

fn ok(body: &str) -> Act {
    answer("200 OK", "", body)
}

/// The answer for a branch at the commit of this name.
fn branch_at(name: &str) -> Act {
    let sha = CommitId::of(name);
    ok(&format!(r#"{{"ref":"refs/heads/main","object":{{"type":"commit","sha":"{sha}"}}}}"#))
}
