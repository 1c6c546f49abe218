//! The bytes of the file, buffered, counted and under a deadline.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::error::ArchiveError;

const BUFFER: usize = 64 << 10;

/// When reading has to be over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// `None` is later than the clock can say.
    end: Option<Instant>,
    time: Duration,
}

impl Deadline {
    pub(super) fn after(time: Duration) -> Self {
        Self { end: Instant::now().checked_add(time), time }
    }

    pub(super) fn check(&self) -> io::Result<()> {
        if self.end.is_some_and(|end| Instant::now() > end) {
            return Err(io::Error::other(ArchiveError::limit("seconds of reading", self.time.as_secs())));
        }
        Ok(())
    }
}

/// A buffered reader that can look ahead over the buffer's end.
pub(super) struct Source<R> {
    file: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    taken: Rc<Cell<u64>>,
    deadline: Deadline,
}

impl<R: Read> Source<R> {
    pub(super) fn new(file: R, deadline: Deadline) -> Self {
        let buffer = vec![0; BUFFER].into_boxed_slice();
        Self { file, buffer, start: 0, end: 0, taken: Rc::default(), deadline }
    }

    /// The bytes that were taken from the file so far.
    pub(super) fn taken(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.taken)
    }

    /// The next bytes, `length` or up to the file's end, without taking them. `length` is small.
    pub(super) fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        if self.end - self.start < length {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            while self.end < length && self.fill()? > 0 {}
        }
        Ok(&self.buffer[self.start..self.end.min(self.start + length)])
    }

    fn fill(&mut self) -> io::Result<usize> {
        self.deadline.check()?;
        let read = loop {
            match self.file.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.end += read;
        self.taken.set(self.taken.get() + read as u64);
        Ok(read)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.fill()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.start = self.end.min(self.start + amount);
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let held = self.fill_buf()?;
        let length = held.len().min(buffer.len());
        buffer[..length].copy_from_slice(&held[..length]);
        self.consume(length);
        Ok(length)
    }
}
