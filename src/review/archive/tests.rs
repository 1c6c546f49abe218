//! Facts from lists of files that the tests make up.

use super::*;
use proptest::prelude::*;

const PLAIN: &str = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n";

fn file(path: &str, content: &[u8]) -> File {
    let path = format!("a-1.0.0/{path}");
    let start = content[..content.len().min(keeps(&path))].to_vec();
    let sha256 = format!("sha of {}", String::from_utf8_lossy(content));
    File { path, kind: FileKind::File, size: content.len() as u64, sha256, start, scan: Scan::default() }
}

fn read(manifest: &str, others: &[(&str, &[u8])]) -> Result<ArchiveFacts, NotCargos> {
    let mut files = vec![file("Cargo.toml", manifest.as_bytes())];
    files.extend(others.iter().map(|(path, content)| file(path, content)));
    contents("a", "1.0.0", &files).map(|contents| contents.facts)
}

#[test]
fn the_manifest_is_read() {
    let text =
        format!("{PLAIN}license = \"MIT OR Apache-2.0\"\nlinks = \"z\"\nrepository = \"https://example.org/a\"\n");
    let vcs = format!(r#"{{"git":{{"sha1":"{}","dirty":true}},"path_in_vcs":"x"}}"#, "ab".repeat(20));
    let found = read(&text, &[(".cargo_vcs_info.json", vcs.as_bytes()), ("src/lib.rs", b"fn x() {}")]).unwrap();
    let expected = ArchiveFacts {
        links: Some("z".into()),
        license: Some("MIT OR Apache-2.0".into()),
        repository: Some("https://example.org/a".into()),
        vcs_commit: Some("ab".repeat(20)),
        vcs_dirty: true,
        size: (text.len() + vcs.len() + 9) as u64,
        files: 3,
        ..ArchiveFacts::default()
    };
    assert_eq!(found, expected);
}

#[test]
fn a_build_script_is_found_where_cargo_finds_it() {
    let script = |build: &str, path: &str| {
        let found = read(&format!("{PLAIN}{build}"), &[(path, b"x")]).unwrap();
        (found.build_script, found.build_script_digest.is_some())
    };
    assert_eq!(script("", "build.rs"), (true, true));
    assert_eq!(script("", "src/build.rs"), (false, false));
    assert_eq!(script("build = false", "build.rs"), (false, false));
    assert_eq!(script("build = true", "build.rs"), (true, true));
    assert_eq!(script("build = \"./src//gen.rs\"", "src/gen.rs"), (true, true));
    assert_eq!(script("build = \"gone.rs\"", "build.rs"), (true, false));
    assert_eq!(script("build = [\"one.rs\"]", "one.rs"), (true, true));
    assert!(read(&format!("{PLAIN}build = 1"), &[]).unwrap_err().to_string().contains("build script"));
    let digest = |content: &[u8]| read(PLAIN, &[("build.rs", content)]).unwrap().build_script_digest;
    assert_ne!(digest(b"one"), digest(b"two"));
}

#[test]
fn a_build_script_that_is_a_link_is_one() {
    let mut files = vec![file("Cargo.toml", PLAIN.as_bytes()), file("build.rs", b"")];
    files[1].kind = FileKind::Other;
    let found = contents("a", "1.0.0", &files).map(|contents| contents.facts).unwrap();
    assert_eq!((found.build_script, found.build_script_digest), (true, None));
    assert_eq!(found.odd_files, ["build.rs"]);
}

#[test]
fn a_procedural_macro_is_one_in_each_spelling() {
    for lib in ["proc-macro = true", "proc_macro = true", "crate-type = [\"proc-macro\"]"] {
        assert!(read(&format!("{PLAIN}[lib]\n{lib}\n"), &[]).unwrap().proc_macro, "{lib}");
    }
    assert!(!read(&format!("{PLAIN}[lib]\nproc-macro = false\n"), &[]).unwrap().proc_macro);
}

#[test]
fn odd_files_are_programs_anywhere_and_packed_files_outside_of_tests() {
    let odd = |path: &str, content: &[u8]| {
        let found = read(PLAIN, &[(path, content)]).unwrap();
        !found.odd_files.is_empty() || !found.odd_elsewhere.is_empty()
    };
    let starts: [&[u8]; 9] = [
        b"\x7fELF\x02",
        b"MZ\x90\0",
        b"\xcf\xfa\xed\xfe",
        b"!<arch>\n/",
        b"\0asm\x01",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"BZh9",
        b"\xfd7zXZ\0\0",
    ];
    for start in starts {
        assert!(odd("src/data.rs", start) && odd("test", start) && !odd("tests/data", start), "{start:?}");
    }
    for path in ["x.exe", "tests/x.DLL", "lib/libx.a", "vendor/x.so"] {
        assert!(odd(path, b"text"), "{path}");
    }
    for (path, content) in [("README.md", &b"MZ is how it begins"[..]), ("src/a", b"a"), (".so", b""), ("empty", b"")] {
        assert!(!odd(path, content), "{path}");
    }
}

#[test]
fn what_no_build_for_linux_uses_is_kept_apart() {
    let reaches = |path: &str, content: &[u8]| {
        let found = read(PLAIN, &[(path, content)]).unwrap();
        assert_eq!(found.odd_files.len() + found.odd_elsewhere.len(), 1, "{path}");
        found.odd_elsewhere.is_empty()
    };
    for (path, content) in [
        ("x.exe", &b"MZ\x90\0"[..]),
        ("prebuilt/x.obj", b"d\x86"),
        ("lib/x.lib", b"!<arch>\n/"),
        ("src/x", b"\xcf\xfa\xed\xfe"),
        ("tests/x.so", b"\x7fELF"),
        ("crates/y/test_data/a.gz", b"\x1f\x8b"),
        ("benches/x.wasm", b"\0asm"),
        ("test_fixtures/x.zst", b"\x28\xb5\x2f\xfd"),
        ("pregenerated/x-nasm.o", b"\x64\x86\x01"),
    ] {
        assert!(!reaches(path, content), "{path}");
    }
    for (path, content) in [
        ("lib/x.so", &b"\x7fELF"[..]),
        ("lib/libx.a", b"!<arch>\n/"),
        ("x.o", b""),
        // Another name makes no other file.
        ("x.dll", b"\x7fELF"),
        ("lib/x.lib", b"\x7fELF"),
        ("src/data", b"\xfd7zXZ\0"),
        ("tests.so", b""),
        ("src/testsuite/x.so", b""),
        ("x.wasm", b"\0asm"),
    ] {
        assert!(reaches(path, content), "{path}");
    }
    let library = |name: &str| {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        let files = ["Cargo.toml", "lib/libwindows.a"].map(|path| File {
            path: format!("{name}-1.0.0/{path}"),
            start: if path == "Cargo.toml" { manifest.clone().into_bytes() } else { b"!<arch>\n".to_vec() },
            size: manifest.len() as u64,
            ..file("x", b"")
        });
        contents(name, "1.0.0", &files).unwrap().facts.odd_files.len()
    };
    assert_eq!((library("windows_x86_64_gnu"), library("winapi-x86_64-pc-windows-gnu"), library("windows")), (0, 0, 1));
}

#[test]
fn an_archive_that_says_two_things_is_refused() {
    assert!(read(PLAIN, &[("./src/x.rs", b""), ("src//x.rs", b"")]).unwrap_err().to_string().contains("two entries"));
    let outside = |path: &str| {
        let mut files = vec![file("Cargo.toml", PLAIN.as_bytes()), file("x", b"")];
        path.clone_into(&mut files[1].path);
        contents("a", "1.0.0", &files).map(|contents| contents.facts).unwrap_err().to_string()
    };
    for path in ["b/x", "x", "/a-1.0.0/x", "a-1.0.0/../x", "../a-1.0.0/x", ""] {
        assert!(outside(path).contains("outside of its folder"), "{path}");
    }
    for (manifest, why) in [
        ("[package]\nname = \"b\"\nversion = \"1.0.0\"\n", "that of `b 1.0.0`"),
        ("[package]\nname = \"a\"\nversion = \"1.0.1\"\n", "that of `a 1.0.1`"),
        ("[package]\nname = \"a\"\n", "missing field `version`"),
        ("name = ", "cannot be read"),
    ] {
        let error = read(manifest, &[]).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    assert!(contents("a", "1.0.0", &[file("src/lib.rs", b"")]).unwrap_err().to_string().contains("no Cargo.toml"));
    assert!(read(&"#".repeat(MANIFEST + 1), &[]).unwrap_err().to_string().contains("more than"));
}

#[test]
fn a_checkout_with_changes_is_one_that_says_so() {
    for (dirty, expected) in
        [("", false), (r#","dirty":false"#, false), (r#","dirty":true"#, true), (r#","dirty":"x""#, true)]
    {
        let info = format!(r#"{{"git":{{"sha1":"{}"{dirty}}}}}"#, "ab".repeat(20));
        let found = read(PLAIN, &[(".cargo_vcs_info.json", info.as_bytes())]).unwrap();
        assert_eq!((found.vcs_dirty, found.vcs_commit.is_some()), (expected, true), "{dirty}");
    }
}

#[test]
fn a_claimed_commit_is_a_commit() {
    for wrong in [r#"{"git":{"sha1":"x"}}"#, r#"{"git":{}}"#, "{", "[]"] {
        let found = read(PLAIN, &[(".cargo_vcs_info.json", wrong.as_bytes())]).unwrap();
        assert_eq!(found.vcs_commit, None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_list_of_files_makes_it_panic(
        path in "(a-1.0.0/)?[a-z./]{0,20}",
        manifest in "[\\[\\]a-z=\"\n.0-9 ]{0,120}",
        content in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut files = vec![file("Cargo.toml", format!("{PLAIN}{manifest}").as_bytes()), file("x", &content)];
        files[1].path = path;
        let _ = contents("a", "1.0.0", &files).map(|contents| contents.facts);
    }
}
