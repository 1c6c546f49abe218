//! Git servers that lie, break off, or talk without an end.

use crate::case::Must::{Find, Pass};
use crate::git_http::{Fault, Fixture, GitServer, Item, pkt, side_band};
use crate::lab::{CRATES, Ended, Lab};
use crate::packs::{deflated, head, number, offset, pack};
use crate::support::lock;

cases! {
    a_right_server: "a git server that hands over the lock" => Pass("1 regenerated"), |lab| faulty(lab, |_| Fault::None);
    a_server_of_version_zero: "a server that knows an old protocol alone" => Pass("1 regenerated"), |lab| old(lab);
    another_commit: "the pack of another commit" => Find("lock-unavailable", "tried it by its id (the commit was not in what came)"), |lab| faulty(lab, |other| Fault::Instead(other.to_owned()));
    a_flipped_byte: "a pack with a byte that is another one" => Find("lock-unavailable", "it by its id with no filter (its pack is broken: it is not"), |lab| faulty(lab, |_| Fault::FlipPack);
    half_a_pack: "half of a pack as if it were all" => Find("lock-unavailable", "tried it by its id with no filter (its answer ends in the middle)"), |lab| faulty(lab, |_| Fault::HalfPack);
    a_cut_pack: "a connection that ends in a pack" => Find("lock-unavailable", "error reading a body from connection: end of file before message"), |lab| faulty(lab, |_| Fault::CutPack);
    a_pack_of_billions: "a pack that announces four billion objects" => Find("lock-unavailable", "the server sent 4294967295 objects, more than"), |lab| packed(lab, pack(u32::MAX, &[0x9c; 400]));
    a_pack_of_no_objects: "a pack without objects" => Find("lock-unavailable", "tried it by its id (the commit was not in what came)"), |lab| packed(lab, pack(0, b""));
    a_pack_of_another_version: "a pack of a version that does not exist" => Find("lock-unavailable", "it by its id with no filter (its pack is broken: wrong pack"), |lab| packed(lab, b"PACK\0\0\0\x09\0\0\0\x01x".to_vec());
    an_object_of_exabytes: "an object in a pack that says to be an exabyte" => Find("lock-unavailable", "it by its id with no filter (its pack is broken: it is not"), |lab| packed(lab, pack(1, &[&[0xbf], [0xff; 8].as_slice(), &[0x0f], &deflated(b"x")].concat()));
    an_object_that_bursts: "an object of ten bytes that unpacks to fifty megabytes" => Find("lock-unavailable", "tried it by its id (the commit was not in what came)"), |lab| packed(lab, pack(1, &[&[0x3a], deflated(&vec![0; 50 << 20]).as_slice()].concat()));
    an_honest_bomb: "an object of two hundred megabytes of zeros" => Find("lock-unavailable", "tried it by its id (the commit was not in what came)"), |lab| packed(lab, pack(1, &[head(3, 200 << 20), deflated(&vec![0; 200 << 20])].concat()));
    deltas_that_double: "deltas of deltas, each twice as long as the one before" => Find("lock-unavailable", "a delta of its pack makes 134217728 bytes, more than"), |lab| packed(lab, deltas(36));
    a_delta_of_nothing: "a delta of an object that is not there" => Find("lock-unavailable", "tried it by its id with no filter (its pack is broken: missing delta"), |lab| packed(lab, pack(1, &[&[0x75], [0x11; 20].as_slice(), &deflated(b"\x05\x05\x90\x05")].concat()));
    a_delta_of_itself: "a delta of the object at its own place" => Find("lock-unavailable", "it by its id with no filter (its pack is broken: invalid"), |lab| packed(lab, pack(1, &[&[0x65, 0x00], deflated(b"\x05\x05\x90\x05").as_slice()].concat()));
    a_delta_before_the_pack: "a delta of an object before the pack begins" => Find("lock-unavailable", "it by its id with no filter (its pack is broken: invalid"), |lab| packed(lab, pack(1, &[&[0x65, 0xff, 0xff, 0x7f], deflated(b"\x05\x05\x90\x05").as_slice()].concat()));
    an_object_that_is_missing: "a server that refuses the commit" => Find("lock-unavailable", "tried it by its id with no filter (upload-pack: not our ref"), |lab| lacking(lab);
    progress_without_an_end: "progress without an end" => Find("lock-unavailable", "the server sent more than 536870912 bytes"), |lab| faulty(lab, |_| Fault::Endless);
    words_for_the_terminal: "last words that move the cursor and command the runner" => Find("lock-unavailable", "(no [2J  ::error::x ::stop-commands::y %0A<b>)"), |lab| worded(lab);
    a_packet_of_no_length: "a packet whose length is no number" => Find("lock-unavailable", "does not answer as a git repository: "), |lab| answered(lab, b"zzzz");
    a_packet_below_its_head: "a packet that is shorter than its own head" => Find("lock-unavailable", "does not answer as a git repository: "), |lab| answered(lab, b"0003");
    a_band_that_does_not_exist: "a packet of the ninth side-band" => Find("lock-unavailable", "does not answer as a git repository: "), |lab| answered(lab, b"0006\x09x");
    a_section_that_does_not_exist: "a section that nobody asked for" => Find("lock-unavailable", "does not answer as a git repository: "), |lab| server(lab, Fault::Answer(pkt(b"shallow-info-of-death\n").repeat(1000)));
    a_greeting_of_garbage: "a greeting that is none" => Find("lock-unavailable", "does not answer as a git repository: "), |lab| faulty(lab, |_| Fault::Nonsense);
    a_page: "a web page for a greeting" => Find("lock-unavailable", "does not answer as a git repository: "), |lab| faulty(lab, |_| Fault::Page);
    a_greeting_without_an_end: "a greeting that never ends" => Find("lock-unavailable", "does not answer as a git repository: "), |lab| greeted(lab);
    a_ban: "a server that wants a password" => Find("lock-unavailable", "answered with status 401"), |lab| faulty(lab, |_| Fault::Status(401, usize::MAX));
    a_daemon: "the address of a git daemon" => Find("lock-unavailable", "Cargo.lock` cannot be read: refused to read git://127.0.0.1/repo.git:"), |lab| at(lab, "git://127.0.0.1/repo.git");
    a_shell: "an address over ssh with an option for its program" => Find("lock-unavailable", "Cargo.lock` cannot be read: refused to read"), |lab| at(lab, "ssh://-oProxyCommand=id/repo.git");
    a_program: "an address that runs a program" => Find("cannot-evaluate", "the alias `ext` is not defined in project.conf"), |lab| at(lab, "ext::sh -c id% >&2");
    a_folder_that_is_not_trusted: "a folder of this machine in the project's own file" => Find("lock-unavailable", "Cargo.lock` cannot be read: refused to read file:///etc: only https"), |lab| at(lab, "file:///etc");
    a_ref_that_is_an_option: "a ref that is an option of git" => Find("ref-without-commit", "the ref `--upload-pack=id` does not end in a commit"), |lab| pinned(lab, "--upload-pack=id");
    a_ref_with_commands: "a ref with a line end and a command for the runner" => Find("ref-without-commit", "the ref `v1\\n::error::x` does not end in a commit"), |lab| pinned(lab, "\"v1\\n::error::x\"");
    a_ref_of_zeros: "a commit that no commit has" => Find("lock-unavailable", "is not a commit id of 40 lower-case hex digits"), |lab| pinned(lab, &"0".repeat(40));
}

const COMMIT: &str = "1111111111111111111111111111111111111111";

fn element(url: &str, commit: &str) -> String {
    format!("kind: make\nsources:\n- kind: git_repo\n  url: {url}\n  ref: {commit}\n- kind: cargo2\n  ref: []\n")
}

/// Regenerates an element that is pinned to the first of two commits on a server with a fault.
fn faulty(lab: &Lab, fault: impl Fn(&str) -> Fault) -> Ended {
    let fixture = Fixture::new();
    let first = fixture.commit("main", &[("Cargo.lock", Item::File(lock(CRATES).as_bytes()))]);
    let second = fixture.commit("main", &[("Cargo.lock", Item::File(b"version = 4\n"))]);
    let server = GitServer::start(&fixture.path());
    server.fault(fault(&second));
    lab.alias("up", &lab.server(server));
    lab.write("elements/a.bst", element("up:repo.git", &first));
    lab.run(&["regenerate"])
}

fn server(lab: &Lab, fault: Fault) -> Ended {
    faulty(lab, move |_| fault.clone())
}

fn old(lab: &Lab) -> Ended {
    let fixture = Fixture::new();
    let first = fixture.commit("main", &[("Cargo.lock", Item::File(lock(CRATES).as_bytes()))]);
    let server = GitServer::start(&fixture.path());
    server.speak_version_zero();
    lab.alias("up", &lab.server(server));
    lab.write("elements/a.bst", element("up:repo.git", &first));
    lab.run(&["regenerate"])
}

fn lacking(lab: &Lab) -> Ended {
    let fixture = Fixture::new();
    let first = fixture.commit("main", &[("Cargo.lock", Item::File(b"version = 4\n"))]);
    let server = GitServer::start(&fixture.path());
    server.fault(Fault::Lacks(vec![first.clone()]));
    lab.alias("up", &lab.server(server));
    lab.write("elements/a.bst", element("up:repo.git", &first));
    lab.run(&["regenerate"])
}

/// The answer to a request for a pack is this one.
fn packed(lab: &Lab, pack: Vec<u8>) -> Ended {
    let bands: Vec<u8> = pack.chunks(60_000).flat_map(|piece| side_band(1, piece)).collect();
    server(lab, Fault::Answer([pkt(b"packfile\n"), bands, b"0000".to_vec()].concat()))
}

fn answered(lab: &Lab, packet: &[u8]) -> Ended {
    server(lab, Fault::Answer([&pkt(b"packfile\n"), packet].concat()))
}

fn worded(lab: &Lab) -> Ended {
    let words = b"no\x1b[2J\r\n::error::x\n::stop-commands::y\n%0A<b>";
    let ended = server(lab, Fault::Answer([pkt(b"packfile\n"), side_band(1, b"PACK"), side_band(3, words)].concat()));
    let bad = |text: &str| text.contains('\u{1b}') || text.lines().any(|line| line.trim_start().starts_with("::"));
    assert!(!bad(&ended.out), "{}", ended.out);
    ended
}

fn greeted(lab: &Lab) -> Ended {
    let line = pkt(b"1111111111111111111111111111111111111111 refs/heads/main\n");
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n";
    let begin = [head.as_slice(), &pkt(b"# service=git-upload-pack\n"), b"0000"].concat();
    let url = lab.host(move |_| crate::served::Reply::Endless(begin.clone(), line.repeat(500)));
    lab.alias("up", &url);
    lab.write("elements/a.bst", element("up:repo.git", COMMIT));
    lab.run(&["regenerate"])
}

fn at(lab: &Lab, url: &str) -> Ended {
    lab.write("elements/a.bst", element(&format!("'{url}'"), COMMIT));
    lab.run(&["regenerate"])
}

fn pinned(lab: &Lab, commit: &str) -> Ended {
    let server = GitServer::start(&Fixture::new().path());
    lab.alias("up", &lab.server(server));
    lab.write("elements/a.bst", element("up:repo.git", commit));
    lab.run(&["regenerate"])
}

/// A blob, and so many deltas: each copies the object before it twice.
fn deltas(count: u32) -> Vec<u8> {
    let mut length: u64 = 16;
    let mut objects = [head(3, length), deflated(&[b'x'; 16])].concat();
    let mut last = objects.len();
    for _ in 0..count {
        let copy = [&[0xff], [0; 4].as_slice(), &length.to_le_bytes()[..3]].concat();
        let delta = [number(length), number(2 * length), copy.clone(), copy].concat();
        let object = [head(6, delta.len() as u64), offset(last), deflated(&delta)].concat();
        last = object.len();
        objects.extend(object);
        length *= 2;
    }
    pack(count + 1, &objects)
}
