//! The async HTTP client for code that blocks, as libgit2 does.

use std::future::Future;
use std::io::{self, Read};
use std::sync::{LazyLock, Mutex, PoisonError};

use hyper::body::{Buf as _, Bytes};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::io::blocking;
use crate::io::http::Stream;

/// Where futures run for callers outside of any runtime: tests, and threads of their own.
static OUTSIDE: LazyLock<Mutex<Option<Runtime>>> =
    LazyLock::new(|| Mutex::new(Builder::new_multi_thread().worker_threads(1).enable_all().build().ok()));

/// Waits for a future wherever the caller is.
///
/// # Panics
/// On the only thread of a runtime, and where no runtime can be made.
pub(in crate::io) fn wait<T>(future: impl Future<Output = T>) -> T {
    if Handle::try_current().is_ok() {
        return blocking::wait(future);
    }
    let outside = OUTSIDE.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|r| r.handle().clone());
    match outside {
        Some(handle) => handle.block_on(future),
        None => panic!("there is no runtime to wait in"),
    }
}

/// The content of an answer for code that reads it in a blocking way.
pub(super) struct BlockingStream {
    stream: Stream,
    chunk: Bytes,
}

impl BlockingStream {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, chunk: Bytes::new() }
    }
}

impl Read for BlockingStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            match wait(self.stream.chunk()).map_err(io::Error::other)? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let count = self.chunk.len().min(buffer.len());
        self.chunk.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}
