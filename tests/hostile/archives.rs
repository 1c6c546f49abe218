//! Archives that are served with the very checksum that the element pins: only what is in them is wrong.

use crate::case::Must::{Find, Pass};
use crate::lab::{CRATES, Ended, Lab};
use crate::packed::{Form, Tar, bzip2, gzip, header, record, seal, xz, zstd};
use crate::served::{Reply, answer, endless, missing, ok};
use crate::support::lock;
use sha2::Digest as _;

cases! {
    a_right_archive: "an archive with a lock" => Pass("1 regenerated"), |lab| tar(lab, right());
    a_bomb_of_gzip: "fifty megabytes of zeros, by gzip" => Find("archive-refused", "the archive has too much to be read: more than 500 bytes for each"), |lab| sent(lab, squeezed(&bomb()));
    a_bomb_of_bzip2: "fifty megabytes of zeros, by bzip2" => Find("archive-refused", "the archive has too much to be read: more than 500 bytes for each"), |lab| sent(lab, bzip2(&bomb()));
    a_bomb_of_xz: "fifty megabytes of zeros, by xz" => Find("archive-refused", "the archive has too much to be read: more than 500 bytes for each"), |lab| sent(lab, xz(&bomb(), 6));
    a_bomb_of_zstd: "fifty megabytes of zeros, by zstd" => Find("archive-refused", "the archive has too much to be read: more than 500 bytes for each"), |lab| sent(lab, zstd(&bomb()));
    a_bomb_in_a_bomb: "a bomb, compressed again" => Find("archive-refused", "it is not a tar archive: a number is malformed"), |lab| sent(lab, gzip(&gzip(&bomb())));
    a_bomb_of_nothing: "two hundred thousand empty streams, one behind the other" => Find("archive-refused", "no folder of the archive matches the base-dir `*`: set `base-dir` to"), |lab| sent(lab, gzip(b"").repeat(200_000));
    a_window_of_gigabytes: "zstd that asks for a window of two gigabytes" => Find("archive-refused", "the archive is damaged or cut short: Specified window_size is too"), |lab| sent(lab, vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]);
    a_dictionary_of_gigabytes: "xz that asks for a dictionary of four gigabytes" => Find("archive-refused", "the archive is damaged or cut short: needed memory too big for"), |lab| sent(lab, dictionary());
    a_name_that_climbs: "an entry above its folder" => Find("archive-refused", "the archive is unsafe: its entry `p/../../Cargo.lock` has `..` in its"), |lab| tar(lab, right().file("p/../../Cargo.lock", b"x"));
    an_absolute_name: "an entry at the root of the system" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| tar(lab, Tar::new().file("/etc/Cargo.lock", lock(CRATES).as_bytes()).file("p/x", b""));
    a_link_out: "a lock that is a link out of the archive" => Find("lock-missing", "the link `Cargo.lock` leaves the staged tree"), |lab| tar(lab, Tar::new().folder("p/").symlink("p/Cargo.lock", "../../../../etc/passwd"));
    an_absolute_link: "a lock that is a link to a secret of the machine" => Find("lock-missing", "the link `Cargo.lock` leaves the staged tree"), |lab| { let to = lab.at("home/.netrc"); tar(lab, Tar::new().folder("p/").symlink("p/Cargo.lock", to.to_str().unwrap())) };
    a_link_to_itself: "a lock in an archive that is a link to itself" => Find("lock-missing", "Cargo.lock` is reached through too many links"), |lab| tar(lab, Tar::new().folder("p/").symlink("p/Cargo.lock", "Cargo.lock"));
    through_a_link: "a file written through a link out of the archive" => Find("archive-refused", "the archive is unsafe: its entry `p/d/x` lies beyond a symbolic link"), |lab| tar(lab, right().symlink("p/d", "/tmp").file("p/d/x", b"x"));
    a_hard_link_out: "a lock that is a hard link out of the archive" => Find("archive-refused", "the archive is unsafe: its entry `p/Cargo.lock` is a hard link that"), |lab| tar(lab, Tar::new().folder("p/").hardlink("p/Cargo.lock", "../../etc/passwd"));
    a_hard_link_to_nothing: "a lock that is a hard link to what comes later" => Find("archive-refused", "the archive is unsafe: its entry `p/x` overwrites a file with several"), |lab| tar(lab, Tar::new().folder("p/").hardlink("p/Cargo.lock", "p/x").file("p/x", b"x"));
    a_device: "a lock that is a device" => Find("archive-refused", "the archive's entry `p/Cargo.lock` cannot be read: it is a device or"), |lab| tar(lab, Tar::new().folder("p/").special("p/Cargo.lock", b'3'));
    a_pipe: "a lock that is a pipe" => Find("archive-refused", "the archive's entry `p/Cargo.lock` cannot be read: it is a device or"), |lab| tar(lab, Tar::new().folder("p/").special("p/Cargo.lock", b'6'));
    an_unknown_type: "an entry of a type that nobody knows" => Find("archive-refused", "the archive's entry `p/x` cannot be read: BuildStream does not stage"), |lab| tar(lab, right().special("p/x", b'Z'));
    a_sparse_lock: "a lock of a gigabyte of holes" => Find("archive-refused", "the archive's entry `p/Cargo.lock` cannot be read: it is a sparse file"), |lab| tar(lab, Tar::new().folder("p/").raw(&header(b"p/Cargo.lock", b'S', 0, b""), b""));
    a_sparse_lock_by_pax: "a lock that is sparse by its pax header" => Find("archive-refused", "the archive's entry `p/Cargo.lock` cannot be read: it is a sparse file"), |lab| tar(lab, Tar::new().folder("p/").pax(&[("GNU.sparse.major", b"1"), ("GNU.sparse.realsize", b"999999999999")]).file("p/Cargo.lock", b"0\n"));
    a_header_of_gigabytes: "a pax header of eight gigabytes" => Find("archive-refused", "the archive has too much to be read: more than 1048576 bytes in an"), |lab| tar(lab, Tar::new().raw(&header(b"pax", b'x', 0o77777777777, b""), b""));
    a_name_of_gigabytes: "a long name of eight gigabytes" => Find("archive-refused", "the archive has too much to be read: more than 4097 bytes in an"), |lab| tar(lab, Tar::new().raw(&header(b"././@LongLink", b'L', 0o77777777777, b""), b""));
    a_name_of_megabytes: "a name of one megabyte" => Find("archive-refused", "the archive has too much to be read: more than 4097 bytes in an"), |lab| tar(lab, right().entry(Form::Gnu, &format!("p/{}", "x".repeat(1 << 20)), b'0', "", b""));
    a_record_that_lies: "a pax record that says to be longer than it is" => Find("archive-refused", "the archive is damaged at `pax`: a pax record is malformed"), |lab| tar(lab, lying(b"999999999999999999999 path=p/x\n"));
    a_record_of_no_length: "a pax record of length zero" => Find("archive-refused", "the archive is damaged at `pax`: a pax record is malformed"), |lab| tar(lab, lying(b"0 path=p/x\n"));
    a_size_below_zero: "a size in the binary form that is negative" => Find("archive-refused", "the archive is damaged at `p/Cargo.lock`: a negative size"), |lab| tar(lab, sized(&[0xff; 12]));
    a_size_beyond_all: "a size in the binary form that is as large as can be" => Find("archive-refused", "the archive is damaged or cut short: failed to fill whole buffer"), |lab| tar(lab, sized(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
    a_wrong_sum: "a header with a wrong checksum" => Find("archive-refused", "the archive is damaged at `q/Cargo.lock`: the header's checksum is"), |lab| tar(lab, damaged());
    folders_in_folders: "an entry that is two hundred folders deep" => Find("archive-refused", "the archive has too much to be read: more than 128 folders in a name"), |lab| tar(lab, right().entry(Form::Gnu, &format!("p/{}x", "d/".repeat(200)), b'0', "", b""));
    a_million_entries: "half a million entries and more" => Find("archive-refused", "the archive has too much to be read: more than 500000 entries"), |lab| sent(lab, gzip(&entries(500_002)));
    the_lock_twice: "a second lock behind the first one, which is what is staged" => Find("lock-unreadable", "the lock cannot be read: unquoted keys cannot be empty, expected"), |lab| tar(lab, right().file("p/Cargo.lock", b"[["));
    a_lock_of_seventy_megabytes: "a lock of seventy megabytes in an archive" => Find("archive-refused", "the archive has too much to be read: more than 67108864 bytes in the"), |lab| sent(lab, gzip(&Tar::new().file("p/Cargo.lock", &noise(70 << 20)).end()));
    another_root: "an archive without the folder that is its root" => Find("archive-refused", "no folder of the archive matches the base-dir `*`: set `base-dir` to"), |lab| tar(lab, Tar::new().file("Cargo.lock", lock(CRATES).as_bytes()));
    half_an_archive: "an archive that is cut" => Find("archive-refused", "the archive is damaged or cut short: incomplete deflate stream"), |lab| { let all = gzip(&right().end()); sent(lab, all[..all.len() / 2].to_vec()) };
    a_zip: "a zip under the name of a tar" => Find("archive-refused", "the archive is damaged or cut short: unexpected end of file"), |lab| sent(lab, b"PK\x03\x04\x14\0\0\0\0\0".to_vec());
    no_bytes: "an archive of no bytes" => Find("archive-refused", "the archive is damaged or cut short: unexpected end of file"), |lab| sent(lab, Vec::new());
    a_page: "a web page in the place of an archive" => Find("archive-refused", "the archive is damaged or cut short: unexpected end of file"), |lab| sent(lab, b"<!DOCTYPE html>".to_vec());
    another_archive: "another archive than the pinned one" => Find("download-mismatch", "is not the pinned file: its sha256 is "), |lab| served(lab, &"0".repeat(64), || ok(&gzip(&right().end())));
    a_length_that_lies: "an answer that announces an exabyte" => Find("archive-refused", "is longer than 1073741824 bytes"), |lab| served(lab, &"0".repeat(64), || Reply::Whole(b"HTTP/1.1 200 OK\r\nContent-Length: 1152921504606846976\r\n\r\nx".to_vec()));
    two_lengths: "an answer with two lengths" => Find("lock-unavailable", "client error (SendRequest): invalid content-length parsed"), |lab| served(lab, &"0".repeat(64), || Reply::Whole(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy".to_vec()));
    less_than_announced: "an answer that ends before its length" => Find("lock-unavailable", "error reading a body from connection: end of file before message"), |lab| served(lab, &"0".repeat(64), || Reply::Whole(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx".to_vec()));
    headers_without_an_end: "header lines without an end" => Find("lock-unavailable", "client error (SendRequest): message head is too large"), |lab| served(lab, &"0".repeat(64), || Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n".repeat(99)));
    no_http: "bytes that are no HTTP" => Find("lock-unavailable", "client error (SendRequest): invalid HTTP version parsed"), |lab| served(lab, &"0".repeat(64), || Reply::Whole(b"\x16\x03\x01\0\0SSH-2.0\r\n\r\n".to_vec()));
    nobody_has_it: "an archive that nobody has" => Find("lock-unavailable", "answered with status 404"), |lab| served(lab, &"0".repeat(64), missing);
    a_status_with_commands: "a status with a command for the runner in it" => Find("lock-unavailable", "answered with status 500"), |lab| served(lab, &"0".repeat(64), || answer("500 ::error::x%0A::set-output name=a::b", "", b"::error::x"));
    a_lock_without_an_end: "a lock that is a download without an end" => Find("archive-refused", "is longer than 67108864 bytes"), |lab| remote(lab);
}

/// An archive with a right lock.
fn right() -> Tar {
    Tar::new().folder("p/").file("p/Cargo.lock", lock(CRATES).as_bytes())
}

fn bomb() -> Vec<u8> {
    right().file("p/zeros", &vec![0; 50 << 20]).end()
}

/// As small as can be.
fn squeezed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that hardly pack.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    // Half of each byte: what is kept of it is half as long.
    (0..length).map(|_| next() & 0x0f).collect()
}

/// The head of an xz stream whose filter asks for the largest dictionary.
fn dictionary() -> Vec<u8> {
    let mut bytes = xz(b"x", 0);
    // The properties of the one filter, and the sum of the block's header, which comes behind them.
    bytes[16] = 40;
    let sum = flate2::Crc::new();
    let mut sum = sum;
    sum.update(&bytes[12..20]);
    bytes[20..24].copy_from_slice(&sum.sum().to_le_bytes());
    bytes
}

fn lying(records: &[u8]) -> Tar {
    let good = record("mtime", b"1");
    let data = [good.as_slice(), records].concat();
    Tar::new().raw(&header(b"pax", b'x', data.len() as u64, b""), &data).file("p/Cargo.lock", b"")
}

fn sized(size: &[u8; 12]) -> Tar {
    let mut block = header(b"p/Cargo.lock", b'0', 0, b"");
    block[124..136].copy_from_slice(size);
    seal(&mut block);
    Tar::new().folder("p/").raw(&block, b"")
}

fn damaged() -> Tar {
    let mut block = header(b"p/Cargo.lock", b'0', 0, b"");
    block[0] = b'q';
    Tar::new().folder("p/").raw(&block, b"")
}

fn entries(count: usize) -> Vec<u8> {
    let one = header(b"p/x", b'0', 0, b"");
    one.repeat(count)
}

fn tar(lab: &Lab, tar: Tar) -> Ended {
    sent(lab, gzip(&tar.end()))
}

/// Regenerates an element over an archive with these bytes, which are the pinned ones.
fn sent(lab: &Lab, bytes: Vec<u8>) -> Ended {
    let sum: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    served(lab, &sum, move || ok(&bytes))
}

fn served(lab: &Lab, sum: &str, reply: impl Fn() -> Reply + Send + Sync + 'static) -> Ended {
    over(lab, &format!("- kind: tar\n  url: up:p.tar.gz\n  ref: {sum}\n"), reply)
}

fn remote(lab: &Lab) -> Ended {
    let source = format!("- kind: remote\n  url: up:Cargo.lock\n  ref: {}\n", "0".repeat(64));
    over(lab, &source, || endless(&[b'#'; 60_000]))
}

fn over(lab: &Lab, source: &str, reply: impl Fn() -> Reply + Send + Sync + 'static) -> Ended {
    let url = lab.host(move |_| reply());
    lab.alias("up", &url);
    lab.write("elements/a.bst", format!("kind: make\nsources:\n{source}- kind: cargo2\n  ref: []\n"));
    lab.run(&["regenerate"])
}
