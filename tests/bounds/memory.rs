//! Memory against servers that never end, or that send little which asks for much: the highest resident size of the process.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::endless::{Answer, Endless};
use super::git_http::{pkt, side_band};
use super::packs::{self, deflated, head, number, offset, pack};
use super::support::{Project, Run, block, ended};
use super::{NEW, OLD, program};

/// What a run may take, in MiB: some ten times of what it takes where nobody is hostile.
const BOUND: u64 = 300;

const ADVERTISEMENT: &str = "application/x-git-upload-pack-advertisement";
const RESULT: &str = "application/x-git-upload-pack-result";

/// Runs a program, and says how much memory it had at most, in MiB.
fn measured(command: &mut Command) -> (Run, u64) {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let waiting = std::thread::spawn(move || child.wait_with_output().unwrap());
    let mut peak = 0;
    while !waiting.is_finished() {
        // A process that has ended has no memory any more.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or_default() >> 10);
        std::thread::sleep(Duration::from_millis(1));
    }
    (ended(&waiting.join().unwrap()), peak)
}

/// A project with two elements of two upstreams, and a folder for what is temporary.
struct Two {
    project: Project,
    tmp: tempfile::TempDir,
}

impl Two {
    /// Both elements have this source; `NUMBER` in it is another one in each.
    fn new(source: &str) -> Self {
        let element = |number: &str| {
            let source = source.replace("NUMBER", number);
            format!("kind: make\n\nsources:\n{source}- kind: cargo2\n  ref:\n{}", block(OLD, 2))
        };
        let conf = "name: t\nmin-version: 2.5\nelement-path: elements\naliases:\n  up: https://up.example/\n";
        let files = [("project.conf", conf), ("elements/a.bst", &element("1")), ("elements/b.bst", &element("2"))];
        Self { project: Project::new(&files), tmp: tempfile::tempdir().unwrap() }
    }

    fn of_git() -> Self {
        Self::new(&format!("- kind: git_repo\n  url: up:NUMBER.git\n  ref: {}\n", "c".repeat(40)))
    }

    /// Checks the blocks against the server, and holds the memory to the bound. The reason has to be in the report.
    #[track_caller]
    fn bounded(&self, server: &Endless, what: &str, reason: &str) {
        let mut command = program();
        command.args(["regenerate", "--check", "--cache", "none", "--project"]).arg(self.project.path());
        command.arg("--alias").arg(format!("up={}", server.root())).env("TMPDIR", self.tmp.path());
        let (run, peak) = measured(&mut command);
        judged(what, server, &run, peak);
        assert_eq!(run.code, Some(3), "{run:?}");
        assert!(run.stdout.contains(reason), "{}", run.stdout);
        assert_eq!(std::fs::read_dir(self.tmp.path()).unwrap().count(), 0, "something is left");
    }
}

#[track_caller]
fn judged(what: &str, server: &Endless, run: &Run, peak: u64) {
    eprintln!("{what}: {peak} MiB at most, {} MiB were sent, exit code {:?}", server.sent() >> 20, run.code);
    assert!(peak > 5, "it was not measured");
    assert!(peak < BOUND, "{peak} MiB");
}

fn answer(kind: &str, first: Vec<u8>, again: Vec<u8>) -> Answer {
    Answer { kind: kind.to_owned(), first, again }
}

/// The beginning of a greeting of version 0.
fn version_zero() -> Vec<u8> {
    let head = format!("{} HEAD\0side-band-64k shallow\n", "a".repeat(40));
    [b"001e# service=git-upload-pack\n0000".to_vec(), pkt(head.as_bytes())].concat()
}

/// A greeting of version 2, and `answer` to all else.
fn version_two(answer_with: impl Fn() -> Answer + Send + Sync + 'static) -> Endless {
    Endless::start(move |asked| {
        if asked.line.starts_with("GET") {
            let abilities = ["version 2\n", "ls-refs\n", "fetch=shallow filter\n", "object-format=sha1\n"];
            let greeting: Vec<u8> = abilities.iter().flat_map(|line| pkt(line.as_bytes())).chain(*b"0000").collect();
            return answer(ADVERTISEMENT, greeting, Vec::new());
        }
        assert!(asked.body.contains("command=fetch"), "{}", asked.body);
        answer_with()
    })
}

#[test]
fn a_list_of_refs_that_never_ends() {
    let long = pkt(format!("{} refs/heads/{}\n", "b".repeat(40), "x".repeat(60_000)).as_bytes());
    let server = Endless::start(move |_| answer(ADVERTISEMENT, version_zero(), long.clone()));
    Two::of_git().bounded(&server, "refs of 60,000 bytes without an end", "the list of its branches and tags");
    let short: Vec<u8> =
        (0..1000).flat_map(|n| pkt(format!("{} refs/tags/v{n}\n", "b".repeat(40)).as_bytes())).collect();
    let server = Endless::start(move |_| answer(ADVERTISEMENT, version_zero(), short.clone()));
    Two::of_git().bounded(&server, "short refs without an end", "the list of its branches and tags");
    let ability = pkt(format!("x={}\n", "y".repeat(60_000)).as_bytes());
    let server = Endless::start(move |_| answer(ADVERTISEMENT, pkt(b"version 2\n"), ability.clone()));
    Two::of_git().bounded(&server, "abilities without an end", "the list of its branches and tags");
}

/// A pack in packets, after what announces it.
fn packets(pack: &[u8]) -> Vec<u8> {
    pkt(b"packfile\n").into_iter().chain(pack.chunks(60_000).flat_map(|piece| side_band(1, piece))).collect()
}

#[test]
fn a_pack_that_never_ends() {
    // One object whose content goes on and on in blocks that are not compressed.
    let begin = [head(3, 1 << 40), vec![0x78, 0x01]].concat();
    let stored = [&[0, 0x60, 0xea, 0x9f, 0x15][..], &vec![7; 60_000]].concat();
    let blocks: Vec<u8> = side_band(1, &stored);
    let server = version_two(move || answer(RESULT, packets(&packs::open(1, &begin)), blocks.clone()));
    Two::of_git().bounded(&server, "a pack without an end", "the server sent more than");
}

#[test]
fn a_small_pack_that_unpacks_to_much() {
    // A delta that copies its base of 16 MiB again and again makes nearly 2 GiB.
    let (base, times) = (vec![0_u8; (16 << 20) - 1], 120_u64);
    let object = [head(3, base.len() as u64), deflated(&base)].concat();
    let copies = [0xf0, 0xff, 0xff, 0xff].repeat(usize::try_from(times).unwrap());
    let delta = [number(base.len() as u64), number(base.len() as u64 * times), copies].concat();
    let distance = offset(object.len());
    let content = [object, head(6, delta.len() as u64), distance, deflated(&delta)].concat();
    let all = [packets(&pack(2, &content)), b"0000".to_vec()].concat();
    let server = version_two(move || answer(RESULT, all.clone(), Vec::new()));
    Two::of_git().bounded(&server, "a delta of 2 GiB", "a delta of its pack makes");
}

#[test]
fn a_download_that_never_ends() {
    let server = Endless::start(|_| answer("text/plain", Vec::new(), vec![b'x'; 1 << 16]));
    let source = format!("- kind: remote\n  url: up:NUMBER/Cargo.lock\n  ref: {}\n", "d".repeat(64));
    Two::new(&source).bounded(&server, "a download without an end", "is longer than");
}

#[test]
fn an_archive_that_unpacks_to_much() {
    use sha2::Digest as _;
    // A member of 1 GiB in a megabyte.
    let mut header = [0_u8; 512];
    header[..12].copy_from_slice(b"x/Cargo.lock");
    header[100..107].copy_from_slice(b"0000644");
    header[124..135].copy_from_slice(b"10000000000");
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&header).unwrap();
    (0..1024).for_each(|_| encoder.write_all(&vec![0; 1 << 20]).unwrap());
    let bytes = encoder.finish().unwrap();
    let sha: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let server = Endless::start(move |_| answer("application/gzip", bytes.clone(), Vec::new()));
    Two::new(&format!("- kind: tar\n  url: up:NUMBER.tar.gz\n  ref: {sha}\n")).bounded(
        &server,
        "an archive of 1 GiB",
        "archive-refused",
    );
}

#[test]
fn an_answer_of_the_index_that_never_ends() {
    let two = Two::new("- kind: local\n  path: files/up\n");
    two.project.write("files/up/Cargo.lock", super::support::lock(OLD));
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(args).current_dir(two.project.path());
        assert!(git.env("GIT_CONFIG_GLOBAL", "/dev/null").status().unwrap().success());
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "before"]);
    for name in ["elements/a.bst", "elements/b.bst"] {
        let text = two.project.read(name);
        two.project.write(name, text.replace(&block(OLD, 2), &block(NEW, 2)));
    }
    two.project.write("files/up/Cargo.lock", super::support::lock(NEW));
    let line = br#"{"name":"a","vers":"1.0.0","deps":[],"cksum":"","features":{},"yanked":false}"#;
    let lines = [line.as_slice(), b"\n"].concat().repeat(100);
    let server = Endless::start(move |_| answer("text/plain", Vec::new(), lines.clone()));
    let mut command = program();
    command.args(["review", "--base", "main", "--cache", "none", "--project"]).arg(two.project.path());
    command.env("CARGO2_BOT_INDEX", server.root());
    let (run, peak) = measured(&mut command);
    judged("answers of the index without an end", &server, &run, peak);
    assert!(run.stdout.contains("sent more than"), "{run:?}");
}

#[test]
fn an_answer_of_github_that_never_ends() {
    let two = Two::of_git();
    let commas = b"null,".repeat(10_000);
    let server = Endless::start(move |_| answer("application/json", br#"{"data":["#.to_vec(), commas.clone()));
    let mut command = program();
    command.args(["run", "--cache", "none"]).current_dir(two.project.path());
    for (name, value) in [("EVENT_NAME", "workflow_run"), ("REPOSITORY", "owner/name"), ("TOKEN", "t")] {
        command.env(format!("GITHUB_{name}"), value);
    }
    command.env("GITHUB_API_URL", server.root()).env("GITHUB_GRAPHQL_URL", format!("{}graphql", server.root()));
    let (run, peak) = measured(&mut command);
    judged("an answer of GitHub without an end", &server, &run, peak);
    assert!(run.code == Some(1) && run.stderr.contains("MiB"), "{run:?}");
}
