//! HTTP/1.1, as much as the clients of the tests need: keep-alive, bodies by length and in chunks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// What a client sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is sent back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
    /// Sent in place of the body.
    pub raw: Option<String>,
    /// The connection ends after half of the body.
    pub cut: bool,
    /// Nothing of it is sent, and the connection stays open.
    pub stalled: bool,
}

/// How long a stalled connection stays open.
const STALL: Duration = Duration::from_secs(60);

/// Larger requests than any test sends.
const LARGEST: usize = 32 << 20;

impl Request {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The next request of a connection; None at its end.
    pub fn read(from: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let (method, target) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            from.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
                None => break,
            }
        }
        let mut request = Self { method, target, headers, body: Vec::new() };
        request.body = request.read_body(from)?;
        Ok(Some(request))
    }

    fn read_body(&self, from: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if self.header("transfer-encoding") != Some("chunked") {
            let length = self.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
            body.resize(LARGEST.min(length), 0);
            from.read_exact(&mut body)?;
            return Ok(body);
        }
        loop {
            let mut line = String::new();
            from.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim().split(';').next().unwrap_or(""), 16);
            let size = size.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?.min(LARGEST);
            // The line break after the chunk comes along.
            let mut chunk = vec![0; size + 2];
            from.read_exact(&mut chunk)?;
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }
}

impl Answer {
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body), raw: None, cut: false, stalled: false }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None, raw: None, cut: false, stalled: false }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &(impl ToString + ?Sized)) -> Self {
        self.headers.push((name.into(), value.to_string()));
        self
    }

    /// The body as it is sent.
    pub fn text(&self) -> String {
        self.raw.clone().unwrap_or_else(|| self.body.as_ref().map(Value::to_string).unwrap_or_default())
    }

    pub fn send(&self, to: &mut TcpStream) -> io::Result<()> {
        if self.stalled {
            // Longer than any client waits.
            std::thread::sleep(STALL);
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let body = self.text();
        let mut text = format!("HTTP/1.1 {} Status\r\n", self.status);
        if self.body.is_some() {
            text.push_str("content-type: application/json; charset=utf-8\r\n");
        }
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        // 204 and 304 have no body, and no length of one.
        if !matches!(self.status, 204 | 304) {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        let sent = if self.cut { body.floor_char_boundary(body.len() / 2) } else { body.len() };
        text.push_str(&body[..sent]);
        to.write_all(text.as_bytes())?;
        to.flush()?;
        if self.cut { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

/// Resolves `%41` and the like.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
