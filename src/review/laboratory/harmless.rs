//! Harmless updates that look like attacks: their names, the verdict, and what each changes. None has an error or a warning.

use super::Verdict::{Look, Routine};
use super::*;

pub(super) type Harmless = (&'static str, Verdict, fn(&mut Bump));

fn scripted(digest: &str) -> ArchiveFacts {
    ArchiveFacts { build_script: true, build_script_digest: Some(digest.into()), ..licensed() }
}

/// A dependency that the newest version of `a` has and the others do not.
fn gains(bump: &mut Bump, after: &str, edit: fn(&mut IndexDependency)) {
    bump.updated("a", "1.0.0", after);
    let mut dependency =
        IndexDependency { name: "serde".into(), kind: DependencyKind::Normal, optional: false, target: None };
    edit(&mut dependency);
    bump.index("a", move |krate| krate.versions.last_mut().unwrap().dependencies = vec![dependency.clone()]);
}

pub(super) static ALL: &[Harmless] = &[
    // Updates.
    ("a patch release", Routine, |b| b.updated("a", "1.0.0", "1.0.1")),
    ("a minor release", Routine, |b| b.updated("a", "1.0.0", "1.1.0")),
    ("a major release", Routine, |b| b.updated("a", "1.0.0", "2.0.0")),
    ("a release below 0.1", Routine, |b| b.updated("a", "0.0.13", "0.0.14")),
    ("a release below 1.0", Routine, |b| b.updated("a", "0.8.4", "0.9.0")),
    ("from a pre-release to its release", Routine, |b| b.updated("a", "1.0.0-rc.1", "1.0.0")),
    ("from one pre-release to the next", Routine, |b| b.updated("a", "1.0.0-rc.1", "1.0.0-rc.2")),
    ("a release with build metadata", Routine, |b| b.updated("a", "1.0.0+1", "1.0.1+7")),
    ("from 1.9 to 1.10", Routine, |b| b.updated("a", "1.9.0", "1.10.0")),
    ("400 updates", Routine, |b| (0..400).for_each(|n| b.updated(&format!("u-{n}"), "1.0.0", "1.0.1"))),
    ("the same updates in two elements", Routine, |b| b.twice = true),
    ("a crate that is gone", Routine, |b| b.before.push(registry("a", "1.0.0"))),
    ("90 crates that are gone", Routine, |b| {
        (0..90).for_each(|n| b.before.push(registry(&format!("g-{n}"), "1.0.0")));
    }),
    ("a git crate that is gone", Routine, |b| b.before.push(from_git("a", "1.0.0", 'c', &[]))),
    ("a list that was regenerated", Routine, |b| b.status = Status::Regenerated),
    ("nothing but the element's ref", Routine, |b| b.after.clone_from(&b.before)),
    // Several versions of one crate.
    ("the older of two majors is gone", Routine, |b| {
        b.before.extend([registry("a", "0.9.5"), registry("a", "1.2.0")]);
        b.after.push(registry("a", "1.2.0"));
    }),
    ("both majors are updated", Routine, |b| {
        b.before.extend([registry("a", "0.9.5"), registry("a", "1.2.0")]);
        b.after.extend([registry("a", "0.9.6"), registry("a", "1.2.1")]);
    }),
    ("the newer major is gone and the older one updated", Routine, |b| {
        b.before.extend([registry("a", "0.9.5"), registry("a", "1.2.0")]);
        b.after.push(registry("a", "0.9.6"));
    }),
    ("an older major comes beside the newer one", Look, |b| {
        b.before.push(registry("a", "1.2.0"));
        b.after.extend([registry("a", "1.2.0"), registry("a", "0.9.5")]);
    }),
    ("a newer major comes beside the older one", Look, |b| {
        b.before.push(registry("a", "0.9.5"));
        b.after.extend([registry("a", "0.9.5"), registry("a", "1.2.0")]);
    }),
    // Names.
    ("a near name with a history", Look, |b| b.added("serrde", "1.0.0")),
    ("a near name that was there", Routine, |b| b.updated("serrde", "1.0.0", "1.0.1")),
    ("the -core crate of a known one", Look, |b| b.added("serde-core", "1.0.0")),
    ("the -sys crate of a known one", Look, |b| {
        b.added("log-sys", "1.0.0");
        b.index("log-sys", |krate| krate.versions.iter_mut().for_each(|v| v.links = Some("log".into())));
    }),
    ("the rust- crate of a known one", Look, |b| b.added("rust-log", "1.0.0")),
    ("the -rs crate of a known one", Look, |b| b.added("serde-rs", "1.0.0")),
    ("another separator in an old name", Look, |b| {
        b.both(registry("one-two", "1.0.0"), registry("one-two", "1.0.0"));
        b.added("one_two", "1.0.0");
    }),
    ("a short name that is near to all", Look, |b| b.added("loc", "1.0.0")),
    // Times.
    ("a release of three weeks ago", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.released("a", 24 * 21);
    }),
    ("an index without any times", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.index("a", |krate| krate.versions.iter_mut().for_each(|v| v.published = None));
    }),
    ("a young crate that was there", Routine, |b| {
        b.both(registry("quite-fresh", "0.1.0"), registry("quite-fresh", "0.1.0"));
        b.born("quite-fresh", 24 * 5);
    }),
    ("the version before is withdrawn", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.index("a", |krate| krate.versions.iter_mut().for_each(|v| v.yanked = v.version == "1.0.0"));
    }),
    ("other versions are withdrawn", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.index("a", |krate| krate.versions[0].yanked = true);
    }),
    ("a withdrawn version that was there", Routine, |b| {
        b.both(registry("a", "1.0.0"), registry("a", "1.0.0"));
        b.index("a", |krate| krate.versions.last_mut().unwrap().yanked = true);
    }),
    ("the native library is the same", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.index("a", |krate| krate.versions.iter_mut().for_each(|v| v.links = Some("z".into())));
    }),
    // Dependencies.
    ("a dependency in a minor release", Routine, |b| gains(b, "1.1.0", |_| ())),
    ("a dependency for tests", Routine, |b| gains(b, "1.0.1", |d| d.kind = DependencyKind::Dev)),
    ("an optional dependency that nobody wants", Routine, |b| {
        gains(b, "1.0.1", |d| (d.optional, d.name) = (true, "not-in-the-list".into()));
    }),
    ("a dependency for Windows", Routine, |b| gains(b, "1.0.1", |d| d.target = Some("cfg(windows)".into()))),
    ("a dependency that is never built", Routine, |b| gains(b, "1.0.1", |d| d.target = Some("cfg(any())".into()))),
    // Other platforms.
    ("a new crate for other platforms", Routine, |b| {
        b.added("windows-sys", "0.61.0");
        b.elsewhere = vec!["windows-sys"];
    }),
    ("an update for other platforms", Routine, |b| {
        b.updated("windows-sys", "0.60.0", "0.61.0");
        b.elsewhere = vec!["windows-sys"];
    }),
    // Archives.
    ("the same archive contents", Routine, |b| b.archives(licensed(), licensed())),
    ("the same build script", Routine, |b| b.archives(scripted("x"), scripted("x"))),
    ("a build script that is gone", Routine, |b| b.archives(scripted("x"), licensed())),
    ("a procedural macro that stays one", Routine, |b| {
        let macros = || ArchiveFacts { proc_macro: true, ..licensed() };
        b.archives(macros(), macros());
    }),
    ("the same binary in both archives", Routine, |b| {
        let odd = || ArchiveFacts { odd_files: vec!["lib/x.so".into()], ..licensed() };
        b.archives(odd(), odd());
    }),
    ("another commit that it is made from", Routine, |b| {
        let made = |c: &str| ArchiveFacts { vcs_commit: Some(c.repeat(40)), ..licensed() };
        b.archives(made("c"), made("d"));
    }),
    ("the licence in another spelling", Routine, |b| {
        let of = |licence: &str| ArchiveFacts { license: Some(licence.into()), ..ArchiveFacts::default() };
        b.archives(of("MIT/Apache-2.0"), of("Apache-2.0 OR MIT"));
    }),
    ("an archive somewhat larger", Routine, |b| {
        b.archives(ArchiveFacts { size: 900_000, ..licensed() }, ArchiveFacts { size: 1_900_000, ..licensed() });
    }),
    ("code beside an unchanged build script", Routine, |b| {
        let files =
            |text| [("build.rs", "fn main() { p(\"cargo:rerun-if-changed=src/lib.rs\") }"), ("src/lib.rs", text)];
        b.packed(&files("fn a() {}"), &files("fn a() { b() }"));
    }),
    ("a file that the build script does not name", Routine, |b| {
        b.packed(&[("build.rs", "fn main() {}")], &[("build.rs", "fn main() {}"), ("help.rs", "fn a() {}")]);
    }),
    ("a new file with a name from a comment", Routine, |b| {
        let script = ("build.rs", "// include!(\"help.rs\")\nfn main() {}");
        b.packed(&[script], &[script, ("help.rs", "fn a() {}")]);
    }),
    ("words about unsafe code", Routine, |b| {
        b.packed(&[("src/lib.rs", "")], &[("src/lib.rs", "// unsafe { }\nconst A: &str = \"unsafe { }\";")]);
    }),
    ("unsafe code where there was some", Routine, |b| {
        b.packed(&[("src/lib.rs", "unsafe { a() }")], &[("src/lib.rs", "unsafe { a() } unsafe { b() }")]);
    }),
    ("unsafe code in tests", Routine, |b| b.packed(&[], &[("tests/a.rs", "unsafe { a() }")])),
    ("a binary for tests", Routine, |b| b.packed(&[], &[("tests/data/x.o", "\u{7f}ELF")])),
    ("a binary for Windows", Routine, |b| b.packed(&[], &[("lib/x.dll", "MZ\0")])),
    ("the repository in another spelling", Routine, |b| {
        let of = |url: &str| ArchiveFacts { repository: Some(url.into()), ..licensed() };
        b.archives(of("https://github.com/O/a.git"), of("https://www.github.com/o/a/tree/main/b"));
    }),
    ("two hundred archives", Routine, |b| {
        b.deep = true;
        (0..100).for_each(|n| b.updated(&format!("u-{n}"), "1.0.0", "1.0.1"));
    }),
    // Publishers.
    ("the same publisher", Routine, |b| b.publishers(&[("1.0.0", account(1)), ("1.0.1", account(1))], &[])),
    ("a publisher of an earlier version", Routine, |b| {
        b.publishers(&[("0.9.0", account(2)), ("1.0.0", account(1)), ("1.0.1", account(2))], &[]);
    }),
    ("the publisher withdrew the own version before", Routine, |b| {
        b.publishers(&[("1.0.0", account(1)), ("1.0.1", account(1))], &[1]);
    }),
    ("a workflow in the place of a token", Routine, |b| {
        b.publishers(&[("1.0.0", account(1)), ("1.0.1", workflow("o/a"))], &[]);
    }),
    ("the same workflow", Routine, |b| b.publishers(&[("1.0.0", workflow("o/a")), ("1.0.1", workflow("o/a"))], &[])),
    ("a version before of which nothing is recorded", Routine, |b| {
        b.publishers(&[("1.0.0", Publisher::Unknown), ("1.0.1", account(1))], &[]);
    }),
    ("publishers that do not answer", Routine, |b| {
        b.with(|evidence| evidence.publishers = Source::Failed("timed out".into()));
    }),
    // Advisories.
    ("an advisory that the update fixes", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.advisory(advisory("a", ">=1.0.1"));
    }),
    ("a malicious crate of which another version is there", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        let affected = Some(Affected { versions: vec!["0.3.10".into()], ..Affected::default() });
        b.advisory(Advisory { malicious: true, affected, ..advisory("a", "<0.0.1") });
    }),
    ("a malicious name that is longer", Routine, |b| {
        b.updated("a-b", "1.0.0", "1.0.1");
        b.advisory(Advisory { malicious: true, ..advisory("a_b_c", "<0.0.1") });
    }),
    ("a record of malice that was taken back", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        let archives = vec![sha("a", "1.0.1")];
        b.advisory(Advisory { malicious: true, withdrawn: true, archives, ..advisory("a", "<0.0.1") });
    }),
    ("a range that ends before both versions", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        let range = vec![RangeEvent::Introduced("0".into()), RangeEvent::Fixed("1.0.0".into())];
        let affected = Some(Affected { ranges: vec![range], ..Affected::default() });
        b.advisory(Advisory { affected, ..advisory("a", "<0.0.1") });
    }),
    ("an advisory that was taken back", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.advisory(Advisory { withdrawn: true, ..advisory("a", ">=2") });
    }),
    ("an advisory on an older version", Routine, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.advisory(advisory("a", ">=0.9"));
    }),
    ("an advisory on a crate that is not there", Routine, |b| b.advisory(advisory("other", ">=9"))),
    ("an advisory on a crate that did not change", Routine, |b| {
        b.both(registry("a", "1.0.0"), registry("a", "1.0.0"));
        b.advisory(advisory("a", ">=2"));
    }),
    ("an advisory that affects both versions", Look, |b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.advisory(advisory("a", ">=2"));
    }),
    // Places.
    ("a git crate that did not change", Routine, |b| {
        b.both(from_git("a", "1.0.0", 'c', &[]), from_git("a", "1.0.0", 'c', &[]));
    }),
    ("another spelling of the same repository", Look, |b| {
        let spelled = git("a", "1.0.0", "https://github.com/o/lib.git", 'c', &[]);
        b.both(from_git("a", "1.0.0", 'c', &[]), spelled);
    }),
    ("an alias in the place of its URL", Look, |b| {
        let url = || [("x".to_owned(), "https://github.com/o/".to_owned())].into();
        (b.settings.aliases_before, b.settings.aliases) = (url(), url());
        b.both(from_git("a", "1.0.0", 'c', &[]), git("a", "1.0.0", "x:lib", 'c', &[]));
    }),
    ("the upstream in another spelling", Routine, |b| {
        b.sources[0].new.as_mut().unwrap().url = "https://github.com/o/tool.git".into();
    }),
    ("an upstream that is pinned by commits", Routine, |b| {
        let moved = &mut b.sources[0];
        for (pin, c) in [(&mut moved.old, "a"), (&mut moved.new, "b")] {
            pin.as_mut().unwrap().pinned = c.repeat(40);
        }
        b.sources[0].proof.commit = Some(RefProof::OnBranch { name: "main".into(), behind: Some(2) });
    }),
    ("a commit some way after its tag", Routine, |b| {
        b.sources[0].proof.commit = Some(RefProof::Describes { tag: "v1.0.0".into(), commits: 7 });
    }),
    ("no source that moved", Routine, |b| b.sources.clear()),
];
