//! A server on the loopback address whose answers need not end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A request: its method and path, and its body.
pub struct Asked {
    pub line: String,
    pub body: String,
}

/// An answer: what comes first, and what comes again and again after that. Nothing of it: then the answer ends.
#[derive(Clone, Default)]
pub struct Answer {
    pub kind: String,
    pub first: Vec<u8>,
    pub again: Vec<u8>,
}

pub struct Endless {
    port: u16,
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
}

impl Endless {
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), stop: Arc::default(), sent: Arc::default() };
        let (answer, stop, sent) = (Arc::new(answer), server.stop.clone(), server.sent.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten().take_while(|_| !stop.load(Ordering::Relaxed)) {
                let (answer, stop, sent) = (answer.clone(), stop.clone(), sent.clone());
                // A client that has enough hangs up.
                std::thread::spawn(move || serve(stream, &*answer, &stop, &sent));
            }
        });
        server
    }

    pub fn root(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Bytes of contents that were sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(
    mut stream: TcpStream,
    answer: &dyn Fn(&Asked) -> Answer,
    stop: &AtomicBool,
    sent: &AtomicU64,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line)?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let header = header.trim().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let asked = Asked { line: line.trim().to_owned(), body: String::from_utf8_lossy(&body).into_owned() };
    let Answer { kind, first, again } = answer(&asked);
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(&first)?;
    sent.fetch_add(first.len() as u64, Ordering::Relaxed);
    while !again.is_empty() && !stop.load(Ordering::Relaxed) {
        stream.write_all(&again)?;
        sent.fetch_add(again.len() as u64, Ordering::Relaxed);
    }
    stream.shutdown(std::net::Shutdown::Write)
}
