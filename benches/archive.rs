//! How long it takes to find a lock at the end of an archive of 100 MB, for each compression.
//!
//! `cargo bench --bench archive`. With `CARGO2_BOT_BENCH_MEMORY=<compression>:<megabytes>` one archive is read instead
//! and the process' peak memory is printed, without the archive itself: it is read from a file.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark has no users and stops at the first failure"
)]

#[path = "../src/io/archive/testing.rs"]
mod testing;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use cargo2_bot::io::archive::{self, ArchiveLimits, Member};
use testing::{Tar, bzip2, gzip, xz, zstd};

const LOCK: &[u8] = b"version = 4\n";
const KINDS: [&str; 5] = ["none", "gzip", "bzip2", "xz", "zstd"];

fn main() {
    if let Some(asked) = variable("CARGO2_BOT_BENCH_MEMORY") {
        memory(&asked);
    } else {
        divan::main();
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark's settings come from the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Text that packs about as well as source code: words in a fixed pseudo-random order.
fn words(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut out = Vec::with_capacity(length + 32);
    while out.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let word = (state >> 33) % 5000;
        let text = format!("{}{} ", ["fn", "let", "struct", "impl", "use", "match"][(word % 6) as usize], word * word);
        out.extend_from_slice(text.as_bytes());
    }
    out.truncate(length);
    out
}

/// An archive of so many megabytes in files of 20 KB, with the lock at its end.
fn archive(kind: &str, megabytes: usize) -> File {
    let content = words(megabytes * 1_000_000);
    let files = content.chunks(20_000).enumerate();
    let tar = files.fold(Tar::new(), |tar, (n, data)| tar.file(&format!("p/src/{n}.rs"), data));
    let tar = tar.file("p/Cargo.lock", LOCK).end();
    let bytes = match kind {
        "gzip" => gzip(&tar),
        "bzip2" => bzip2(&tar),
        "xz" => xz(&tar, 6),
        "zstd" => zstd(&tar),
        _ => tar,
    };
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    file
}

fn find(file: &mut File) {
    let found = archive::read(file, None, &["Cargo.lock"], &ArchiveLimits::default()).unwrap();
    assert_eq!(found, [Member::File(LOCK.to_vec())]);
}

#[divan::bench(args = KINDS, sample_count = 3, sample_size = 1)]
fn lock_at_the_end_of_100_mb(bencher: divan::Bencher<'_, '_>, kind: &str) {
    let mut file = archive(kind, 100);
    bencher.counter(divan::counter::BytesCount::new(100_000_000_u64)).bench_local(|| find(&mut file));
}

/// Writes the archive in one process, reads it in another one, whose peak counts.
fn memory(asked: &str) {
    let mut parts = asked.split(':');
    let (kind, megabytes) = (parts.next().unwrap(), parts.next().unwrap());
    match parts.next() {
        Some(path) => {
            find(&mut File::open(path).unwrap());
            let mut status = String::new();
            File::open("/proc/self/status").unwrap().read_to_string(&mut status).unwrap();
            let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
            println!("{kind} {megabytes} MB: {peak}");
        }
        None => {
            let mut file = archive(kind, megabytes.parse().unwrap());
            file.seek(SeekFrom::Start(0)).unwrap();
            let mut named = tempfile::NamedTempFile::new().unwrap();
            std::io::copy(&mut file, &mut named).unwrap();
            let asked = format!("{kind}:{megabytes}:{}", named.path().display());
            let this = std::env::current_exe().unwrap();
            let status = std::process::Command::new(this).env("CARGO2_BOT_BENCH_MEMORY", asked).status().unwrap();
            assert!(status.success());
        }
    }
}
