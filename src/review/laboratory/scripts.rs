//! Build scripts that change in a patch release: what they newly reach for is seen before any fold, and what only looks like it is a
//! line among the routine updates.

use super::Verdict::Look;
use super::attacks::Attack;
use super::harmless::Harmless;
use super::*;

/// A script that asks the compiler for its version, as those of the most used crates do.
const PROBE: &str = r#"
use std::process::Command;
fn main() {
    if std::env::var_os("CARGO_FEATURE_STD").is_none() { return; }
    if minor().unwrap_or(0) < 61 { println!("cargo:rustc-cfg=no_derive"); }
}
fn minor() -> Option<u32> {
    let rustc = std::env::var_os("RUSTC")?;
    let output = Command::new(rustc).arg("--version").output().ok()?;
    std::str::from_utf8(&output.stdout).ok()?.split('.').nth(1)?.parse().ok()
}
"#;

/// The script, changed, beside a file that it does not name.
fn probe(bump: &mut Bump, from: &str, to: &str) {
    assert!(PROBE.contains(from), "{from}");
    let other = ("src/table.rs", "evil()");
    bump.packed(&[("build.rs", PROBE), other], &[("build.rs", &PROBE.replacen(from, to, 1)), other]);
}

pub(super) static ATTACKS: &[Attack] = &[
    ("a build script that begins to run a process", Look, "New in it: `process`, `Command`, `spawn`, `sh`", |b| {
        let quiet = "fn main() {}";
        let loud = "fn main() { std::process::Command::new(\"sh\").spawn(); }";
        b.packed(&[("build.rs", quiet)], &[("build.rs", loud)]);
    }),
    ("a build script that runs another program", Look, "New in it: `curl`", |b| probe(b, "rustc)", "\"curl\")")),
    ("a program whose name is made of numbers", Look, "New in it: `108`", |b| {
        probe(b, "&output.stdout", "&[99, 117, 114, 108]");
    }),
    ("a build script that opens a connection", Look, "New in it: `net`, `TcpStream`, `connect`", |b| {
        probe(b, "fn main() {", "fn main() { std::net::TcpStream::connect(rustc);");
    }),
    ("a build script that reads a secret", Look, "New in it: `GITHUB_TOKEN`", |b| {
        probe(b, "CARGO_FEATURE_STD", "GITHUB_TOKEN");
    }),
    ("a build script that reads all variables", Look, "New in it: `vars`", |b| {
        probe(b, "fn main() {", "fn main() { for (name, _) in std::env::vars() {}");
    }),
    ("a build script that runs code of the crate", Look, "New in it: `src/table.rs`, `include`", |b| {
        probe(b, "fn main() {", "fn main() { include!(\"src/table.rs\");");
    }),
    ("a build script that runs a dependency", Look, "New in it: `evil`, `run`", |b| {
        probe(b, "fn main() {", "fn main() { evil::run();");
    }),
    ("a build script that chooses the linker", Look, "New in it: `cargo:rustc-link-arg=-fuse-ld=x`", |b| {
        probe(b, "rustc-cfg=no_derive", "rustc-link-arg=-fuse-ld=x");
    }),
    ("a build script that deletes files", Look, "New in it: `fs`, `remove_dir_all`", |b| {
        probe(b, "fn main() {", "fn main() { std::fs::remove_dir_all(rustc);");
    }),
    ("one bad line among many harmless ones", Look, "New in it: `evil`", |b| {
        let many: String = (0..90).map(|n| format!("println!(\"cargo:rustc-cfg=a{n}\");")).collect();
        probe(b, "fn main() {", &format!("fn main() {{ {many} evil();"));
    }),
    ("a build script in a patch release of which the old one is too long", Look, "crate-build-script", |b| {
        b.packed(&[("build.rs", "\u{0}")], &[("build.rs", "fn main() {}")]);
        b.with(|evidence| evidence.archives.deltas.values_mut().for_each(|delta| delta.script_news = None));
    }),
];

pub(super) static HARMLESS: &[Harmless] = &[
    ("a build script with another minimum version", Look, |b| probe(b, "61", "71")),
    ("a build script that decides about more of the crate's code", Look, |b| {
        probe(b, "fn main() {", "fn main() { println!(\"cargo::rustc-check-cfg=cfg(no_derive, values(\\\"x\\\"))\");");
    }),
    ("a build script that asks for the target", Look, |b| {
        probe(b, "is_none()", "is_none() || std::env::var(\"CARGO_CFG_TARGET_OS\").is_err()");
    }),
    ("a build script with other comments", Look, |b| probe(b, "fn main() {", "// Command::new(\"sh\")\nfn main() {")),
    ("a build script with another local name", Look, |b| {
        probe(
            b,
            "let rustc = std::env::var_os(\"RUSTC\")?;",
            "let path = std::env::var_os(\"RUSTC\")?; let rustc = path;",
        );
    }),
    ("a build script that runs nothing any more", Look, |b| {
        b.packed(&[("build.rs", PROBE)], &[("build.rs", "fn main() { println!(\"cargo:rustc-cfg=new\"); }")]);
    }),
    ("helping code with another number", Look, |b| {
        let files = |text| [("build.rs", "mod help; fn main() { help::a(); }"), ("help.rs", text)];
        b.packed(&files("pub fn a() -> bool { 1 < 2 }"), &files("pub fn a() -> bool { 1 < 3 }"));
    }),
];

#[test]
fn a_build_script_without_news_is_a_line_among_the_routine_updates() {
    let lines = |change: &dyn Fn(&mut Bump)| {
        let mut bump = Bump::new();
        change(&mut bump);
        let (review, _, text) = bump.reviewed();
        (comment(&review, &Frame::default(), COMMENT_LIMIT), text)
    };
    let (_, plain) = lines(&|b| {
        b.deep = true;
        b.updated("a", "1.0.0", "1.0.1");
    });
    let (whole, text) = lines(&|b| probe(b, "61", "71"));
    assert_eq!(text.lines().count(), plain.lines().count(), "{text}");
    assert!(text.starts_with("<!-- cargo2-bot -->\n### 👀 ") && text.contains("1 build script changed\n"), "{text}");
    assert!(text.contains("<details><summary>3 routine updates, 1 build script changed</summary>"), "{text}");
    let fold = whole.split("1 build script changed</summary>").nth(1).unwrap().split("</details>").next().unwrap();
    assert!(
        fold.contains("build script changed, reaches for nothing new")
            && fold.contains("\n+    if minor().unwrap_or(0) < 71"),
        "{fold}"
    );
}
