//! A server of files over HTTP on the loopback interface.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use super::corpus;

/// Serves the given contents by path, and made crates as `crates/NAME/NAME-VERSION.crate`, until the test's process ends.
pub(crate) struct Http {
    port: u16,
}

impl Http {
    /// `files`: content by path, without the slash in front.
    pub(crate) fn start(files: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let files = Arc::new(files);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let files = Arc::clone(&files);
                thread::spawn(move || answer(&stream, &files));
            }
        });
        Self { port }
    }

    /// The address that all files begin with.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

fn answer(mut stream: &TcpStream, files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let content = files.get(path).cloned().or_else(|| made_crate(path));
    let (status, body) = content.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    Ok(())
}

fn made_crate(path: &str) -> Option<Vec<u8>> {
    let (name, file) = path.strip_prefix("crates/")?.split_once('/')?;
    let version = file.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(".crate")?;
    Some(corpus::crate_bytes(name, version))
}
