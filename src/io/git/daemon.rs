//! The plain `git://` protocol, for servers that the command line named. Nothing in it is encrypted or authenticated; what it
//! brings is verified against the pinned commit like everything else.

use std::io::{self, Cursor, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;

use super::GitError;
use super::advertisement::Advertisement;
use super::error::shown;
use super::session::{Session, lock};
use crate::io::http::{HttpError, printable};
use tokio::time::Instant;

/// A connection to a git daemon, after its list of refs was read.
pub(super) struct Connection {
    session: Arc<Session>,
    socket: TcpStream,
    refs: Cursor<Vec<u8>>,
}

/// Connects to the daemon of `session` and reads its list of refs.
pub(super) fn connect(session: &Arc<Session>) -> Result<Connection, GitError> {
    let bad = || GitError::BadPin { url: session.url.clone(), why: "its address has no host or no path".to_owned() };
    let rest = session.url.strip_prefix("git://").ok_or_else(bad)?;
    let (authority, path) =
        rest.split_once('/').filter(|(host, path)| !host.is_empty() && !path.is_empty()).ok_or_else(bad)?;
    let mut socket = open(session, authority).map_err(|error| network(session, &error))?;
    let greeting = format!("git-upload-pack /{path}\0host={authority}\0");
    let greeting = format!("{:04x}{greeting}", greeting.len() + 4);
    socket.write_all(greeting.as_bytes()).map_err(|error| network(session, &error))?;
    let refs = read_refs(session, &mut socket)?;
    *lock(&session.advertised) = Advertisement::parse(&refs, false);
    Ok(Connection { session: Arc::clone(session), socket, refs: Cursor::new(refs) })
}

fn open(session: &Session, authority: &str) -> io::Result<TcpStream> {
    let settings = session.http.settings();
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let place = if has_port { authority.to_owned() } else { format!("{authority}:9418") };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in place.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, settings.connect_timeout) {
            Ok(socket) => {
                socket.set_read_timeout(Some(settings.read_timeout))?;
                socket.set_write_timeout(Some(settings.read_timeout))?;
                return Ok(socket);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Reads pkt-lines up to the flush that ends the list.
fn read_refs(session: &Session, socket: &mut TcpStream) -> Result<Vec<u8>, GitError> {
    let mut refs = Vec::new();
    loop {
        let mut head = [0; 4];
        read_whole(session, socket, &mut head)?;
        refs.extend_from_slice(&head);
        let length = pkt_length(&head).ok_or_else(|| GitError::Protocol {
            url: session.url.clone(),
            why: "its list of refs makes no sense".to_owned(),
        })?;
        if length == 0 {
            return Ok(refs);
        }
        let start = refs.len();
        refs.resize(start + length.saturating_sub(4), 0);
        read_whole(session, socket, &mut refs[start..])?;
    }
}

fn read_whole(session: &Session, socket: &mut TcpStream, mut buffer: &mut [u8]) -> Result<(), GitError> {
    while !buffer.is_empty() {
        match read_some(session, socket, buffer)? {
            0 => {
                return Err(network(session, &io::Error::from(io::ErrorKind::UnexpectedEof)));
            }
            count => buffer = &mut buffer[count..],
        }
    }
    Ok(())
}

fn read_some(session: &Session, socket: &mut TcpStream, buffer: &mut [u8]) -> Result<usize, GitError> {
    if Instant::now() >= session.deadline {
        return Err(session.out_of_time());
    }
    let count = socket.read(buffer).map_err(|error| network(session, &error))?;
    session.count(count)?;
    Ok(count)
}

fn network(session: &Session, error: &io::Error) -> GitError {
    let url = printable(&session.url);
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            HttpError::Timeout { url, what: "read".to_owned(), sent: true }.into()
        }
        _ => HttpError::Network { url, why: shown(&error.to_string()), sent: true }.into(),
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let known = self.refs.read(buffer)?;
        if known > 0 || buffer.is_empty() {
            return Ok(known);
        }
        read_some(&self.session, &mut self.socket, buffer).map_err(|error| io::Error::other(self.session.fail(error)))
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// The length that a pkt-line begins with, its own four digits included; 0 for a flush.
pub(super) fn pkt_length(head: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(head).ok()?;
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    usize::from_str_radix(text, 16).ok().filter(|length| *length == 0 || *length >= 4)
}
