//! A foreign host on the loopback address: answers as a case wants it to, and keeps what it was sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What a host sends.
pub enum Reply {
    /// These bytes, and then the end.
    Whole(Vec<u8>),
    /// A head, and a piece again and again until the other side hangs up.
    Endless(Vec<u8>, Vec<u8>),
}

/// An answer with a status, further header lines and a content.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Reply {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    Reply::Whole([head.as_bytes(), body].concat())
}

pub fn ok(body: &[u8]) -> Reply {
    answer("200 OK", "", body)
}

pub fn redirect(to: &str) -> Reply {
    answer("302 Found", &format!("Location: {to}\r\n"), b"")
}

pub fn missing() -> Reply {
    answer("404 Not Found", "", b"")
}

/// A content without an end.
pub fn endless(piece: &[u8]) -> Reply {
    Reply::Endless(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec(), piece.to_vec())
}

/// A running host. It ends when it is dropped.
pub struct Foreign {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl Foreign {
    /// A host that answers each path, which comes with its query.
    pub fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, stop) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (kept, stopped, answer) = (seen.clone(), stop.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (kept, stopped, answer) = (kept.clone(), stopped.clone(), answer.clone());
                // A client that hangs up is no failure of the host.
                std::thread::spawn(move || serve(&stream, &kept, &stopped, &*answer));
            }
        });
        Self { port, seen, stop }
    }

    /// Its root, with a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// What it was sent so far: heads and contents.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(
    stream: &TcpStream,
    seen: &Mutex<Vec<String>>,
    stop: &AtomicBool,
    answer: &(dyn Fn(&str) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(format!("{head}{}", String::from_utf8_lossy(&body)));
    let mut stream = stream;
    match answer(&target) {
        Reply::Whole(bytes) => stream.write_all(&bytes),
        Reply::Endless(head, piece) => {
            stream.write_all(&head)?;
            while !stop.load(Ordering::SeqCst) {
                stream.write_all(&piece)?;
            }
            Ok(())
        }
    }
}
