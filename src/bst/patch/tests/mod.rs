//! Claims about single rules; agreement with the real programs is in `tests/peers/patch.rs`.

mod refused;

use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

const P1: Dialect = Dialect::GnuPatch { strip: 1 };
const BOTH: [Dialect; 2] = [P1, Dialect::GitApply];
const LOCK: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
const HUNK: &str = "@@ -3,3 +3,3 @@\n three\n-four\n+FOUR\n five\n";

fn on(tree: &[(&str, &str)], dialect: Dialect, patch: &str, path: &str) -> Result<Effect, PatchError> {
    let tree: BTreeMap<&str, &str> = tree.iter().copied().collect();
    let mut before = |name: &str| Ok::<_, Infallible>(tree.get(name).map(|text| text.as_bytes().to_vec()));
    parse(patch.as_bytes(), dialect, &PatchLimits::default())?.apply_to(path, &mut before).map_err(
        |error| match error {
            ApplyError::Patch(error) => error,
            ApplyError::Read(never) => match never {},
        },
    )
}

fn lock(dialect: Dialect, text: &str, patch: &str) -> Result<Effect, PatchError> {
    on(&[("Cargo.lock", text)], dialect, patch, "Cargo.lock")
}

fn becomes(text: &str) -> Result<Effect, PatchError> {
    Ok(Effect::Becomes(text.as_bytes().to_vec()))
}

fn headed(hunks: &str) -> String {
    format!("--- a/Cargo.lock\n+++ b/Cargo.lock\n{hunks}")
}

#[track_caller]
fn refused(result: &Result<Effect, PatchError>, part: &str) {
    let message = result.as_ref().expect_err("it is refused").to_string();
    assert!(message.contains(part), "{message}");
}

#[test]
fn a_hunk_changes_its_lines() {
    for dialect in BOTH {
        assert_eq!(lock(dialect, LOCK, &headed(HUNK)), becomes(&LOCK.replace("four", "FOUR")));
    }
}

#[test]
fn other_files_are_not_even_read() {
    let patch = headed(HUNK).replace("Cargo.lock", "src/main.rs");
    for dialect in BOTH {
        let parsed = parse(patch.as_bytes(), dialect, &PatchLimits::default()).unwrap();
        let mut before = |name: &str| Err(name.to_owned());
        assert_eq!(parsed.apply_to("Cargo.lock", &mut before), Ok(Effect::Untouched));
    }
}

#[test]
fn a_reader_that_fails_is_heard() {
    let patch = headed(HUNK);
    let parsed = parse(patch.as_bytes(), P1, &PatchLimits::default()).unwrap();
    let error = parsed.apply_to("Cargo.lock", &mut |_| Err("no disk")).unwrap_err();
    assert_eq!(error, ApplyError::Read("no disk"));
}

#[test]
fn hunks_move_to_where_their_lines_are() {
    let moved = format!("new\nnew\n{LOCK}");
    for dialect in BOTH {
        assert_eq!(lock(dialect, &moved, &headed(HUNK)), becomes(&moved.replace("four", "FOUR")));
    }
}

#[test]
fn only_gnu_patch_ignores_context_at_the_ends() {
    let text = LOCK.replace("three", "3");
    assert_eq!(lock(P1, &text, &headed(HUNK)), becomes(&text.replace("four", "FOUR")));
    refused(&lock(Dialect::GitApply, &text, &headed(HUNK)), "its lines are not in the file");
}

#[test]
fn a_failed_hunk_shows_itself() {
    for dialect in BOTH {
        let Err(PatchError::Failed { line, hunk, .. }) = lock(dialect, "nothing\nof\nthis\n", &headed(HUNK)) else {
            panic!("it applied");
        };
        assert_eq!((line, hunk.as_str()), (3, HUNK));
    }
}

#[test]
fn what_is_already_applied_is_an_error() {
    let text = LOCK.replace("four", "FOUR");
    refused(&lock(P1, &text, &headed(HUNK)), "already applied");
    refused(&lock(Dialect::GitApply, &text, &headed(HUNK)), "not in the file");
}

#[test]
fn missing_line_feeds_at_the_end_are_kept_and_changed() {
    let patch = headed("@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n");
    for dialect in BOTH {
        assert_eq!(lock(dialect, "a\nb", &patch), becomes("a\nc\n"));
        assert!(matches!(lock(dialect, "a\nb\n", &patch), Err(PatchError::Failed { .. })));
    }
}

#[test]
fn carriage_returns_are_followed_only_where_they_are_text_of_the_file() {
    let patch = headed(HUNK).replace('\n', "\r\n");
    let crlf = LOCK.replace('\n', "\r\n");
    for dialect in BOTH {
        refused(&lock(dialect, &crlf, &patch), "carriage returns in its headers");
    }
    let patch = headed(&HUNK.replace('\n', "\r\n"));
    assert_eq!(lock(P1, &crlf, &patch), becomes(&crlf.replace("four", "FOUR")));
    refused(&lock(Dialect::GitApply, &crlf, &patch), "carriage return");
}

#[test]
fn the_strip_level_decides_about_the_path() {
    let patch = headed(HUNK).replace(" a/", " x/y/").replace(" b/", " x/y/");
    for (strip, path) in [(0, "x/y/Cargo.lock"), (1, "y/Cargo.lock"), (2, "Cargo.lock")] {
        let effect = on(&[(path, LOCK)], Dialect::GnuPatch { strip }, &patch, path);
        assert_eq!(effect, becomes(&LOCK.replace("four", "FOUR")), "-p{strip}");
    }
    refused(&lock(Dialect::GnuPatch { strip: 3 }, LOCK, &patch), "names no file");
}

#[test]
fn git_takes_names_without_folders_as_they_are() {
    let patch = headed(HUNK).replace(" a/", " ").replace(" b/", " ");
    assert_eq!(lock(Dialect::GitApply, LOCK, &patch), becomes(&LOCK.replace("four", "FOUR")));
}

#[test]
fn index_lines_count_only_beside_the_names_of_a_unified_diff() {
    let index = "Index: x/Cargo.lock\n===================================================================\n";
    assert_eq!(lock(P1, LOCK, &format!("{index}{}", headed(HUNK))), becomes(&LOCK.replace("four", "FOUR")));
    refused(&lock(P1, LOCK, &format!("{index}{HUNK}")), "a hunk without a header");
    let other = format!("{index}--- a/other\n+++ b/other\n{HUNK}");
    assert_eq!(lock(P1, LOCK, &other), Ok(Effect::Untouched));
}

#[test]
fn files_are_created_and_deleted() {
    let create = "--- /dev/null\n+++ b/Cargo.lock\n@@ -0,0 +1,2 @@\n+a\n+b\n";
    let delete = "--- a/Cargo.lock\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n";
    for dialect in BOTH {
        assert_eq!(on(&[], dialect, create, "Cargo.lock"), becomes("a\nb\n"));
        assert_eq!(lock(dialect, "a\nb\n", delete), Ok(Effect::Deleted));
        refused(&lock(dialect, "x\n", create), "already exists");
        assert!(on(&[], dialect, delete, "Cargo.lock").is_err());
        assert!(lock(dialect, "a\nb\nc\n", delete).is_err());
    }
}

const CREATE: &str = "diff --git a/Cargo.lock b/Cargo.lock\nnew file mode 100644\nindex 0000000..1234567\n\
                      --- /dev/null\n+++ b/Cargo.lock\n@@ -0,0 +1,3 @@\n+a\n+b\n+c\n";
const CHANGE: &str = "diff --git a/Cargo.lock b/Cargo.lock\nindex 1234567..89abcde 100644\n\
                      --- a/Cargo.lock\n+++ b/Cargo.lock\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n";

#[test]
fn a_patch_may_change_a_file_twice_but_not_create_and_change_it() {
    for dialect in BOTH {
        assert_eq!(on(&[], dialect, CREATE, "Cargo.lock"), becomes("a\nb\nc\n"));
        refused(&on(&[], dialect, &format!("{CREATE}{CHANGE}"), "Cargo.lock"), "also created or deleted");
        let again = CHANGE.replace("-b", "-B").replace("+B", "+bb");
        assert_eq!(lock(dialect, "a\nb\nc\n", &format!("{CHANGE}{again}")), becomes("a\nbb\nc\n"));
    }
}

#[test]
fn mail_around_a_patch_is_passed_over() {
    let patch = format!(
        "From 1234 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: [PATCH] x\n\nbody\n---\n Cargo.lock | 2 +-\n\n\
         diff --git a/Cargo.lock b/Cargo.lock\nindex 1234567..89abcde 100644\n{}-- \n2.40.1\n\n",
        headed(HUNK)
    );
    for dialect in BOTH {
        assert_eq!(lock(dialect, LOCK, &patch), becomes(&LOCK.replace("four", "FOUR")));
    }
}

#[test]
fn headers_inside_hunks_are_text() {
    let patch = "--- a/README\n+++ b/README\n@@ -1,2 +1,2 @@\n--- a/Cargo.lock\n+++ b/Cargo.lock\n x\n";
    for dialect in BOTH {
        assert_eq!(lock(dialect, LOCK, patch), Ok(Effect::Untouched));
    }
}

#[test]
fn attributes_that_convert_are_refused_for_git() {
    let tree = [("sub/Cargo.lock", LOCK), (".gitattributes", "* text eol=crlf\n")];
    let patch = headed(HUNK).replace("Cargo.lock", "sub/Cargo.lock");
    refused(&on(&tree, Dialect::GitApply, &patch, "sub/Cargo.lock"), "attributes");
    assert!(on(&tree, P1, &patch, "sub/Cargo.lock").is_ok());
}

#[test]
fn only_converting_attributes_of_matching_patterns_count() {
    for (text, expected) in [
        ("*.lock text eol=crlf", true),
        ("Cargo.lock filter=lfs", true),
        ("* text=auto eol=crlf", true),
        ("/sub/Cargo.* ident", true),
        ("[attr]bin filter=x", true),
        ("*.lock -diff linguist-generated", false),
        ("* text=auto", false),
        ("*.png filter=lfs", false),
        ("# *.lock eol=crlf", false),
        ("Cargo.lock text eol=lf", false),
    ] {
        assert_eq!(git::may_convert(text.as_bytes(), "Cargo.lock"), expected, "{text}");
    }
}

#[test]
fn a_patch_of_the_attributes_is_refused_for_git() {
    let patch = format!("{}{}", headed(HUNK), headed(HUNK).replace("Cargo.lock", ".gitattributes"));
    refused(&lock(Dialect::GitApply, LOCK, &patch), "attributes");
}

#[test]
fn files_without_a_patch_are_errors() {
    for dialect in BOTH {
        assert_eq!(lock(dialect, LOCK, "just text\n"), Err(PatchError::NoPatch));
        assert!(matches!(lock(dialect, LOCK, &headed("@@ -1,3 +1,3 @@\n a\n")), Err(PatchError::Unsupported { .. })));
    }
    assert_eq!(lock(P1, LOCK, ""), Ok(Effect::Untouched));
    assert_eq!(lock(Dialect::GitApply, LOCK, ""), Err(PatchError::NoPatch));
}

#[test]
fn limits_hold() {
    let all = PatchLimits::default();
    let patch = headed(&HUNK.repeat(3));
    for (limits, what) in
        [(PatchLimits { bytes: 10, ..all }, "a size in bytes"), (PatchLimits { lines: 3, ..all }, "a number of lines")]
    {
        for dialect in BOTH {
            let message = parse(patch.as_bytes(), dialect, &limits).unwrap_err().to_string();
            assert!(message.contains(what), "{message}");
        }
    }
}

#[test]
fn the_search_for_hunks_is_bounded() {
    let hunk = "@@ -1000,4 +1000,4 @@\n a\n a\n-x\n+y\n a\n".repeat(50);
    let text = "a\n".repeat(20_000);
    let limits = PatchLimits { work: 1 << 16, ..PatchLimits::default() };
    for dialect in BOTH {
        let patch = headed(&hunk);
        let parsed = parse(patch.as_bytes(), dialect, &limits).unwrap();
        let mut before = |_: &str| Ok::<_, Infallible>(Some(text.clone().into_bytes()));
        let error = parsed.apply_to("Cargo.lock", &mut before).unwrap_err();
        assert!(matches!(error, ApplyError::Patch(PatchError::TooLarge { .. })), "{error:?}");
    }
}

#[test]
fn a_queue_is_applied_by_code_point_and_unfiltered() {
    let names = ["10.patch", "2.patch", "README", ".hidden", "a.patch", "Z.patch", "ä.patch"];
    let sorted = queue_order(names.map(str::to_owned).to_vec());
    assert_eq!(sorted, [".hidden", "10.patch", "2.patch", "README", "Z.patch", "a.patch", "ä.patch"]);
}

fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(headed(HUNK)),
        Just("diff --git a/Cargo.lock b/Cargo.lock\n".to_owned()),
        Just("@@ -1,99999999999999999999 +1 @@\n".to_owned()),
        Just("@@ -0,0 +999999999,1 @@\n+x\n".to_owned()),
        Just("--- \"a/\\303\\244\"\n".to_owned()),
        Just("rename from Cargo.lock\nrename to Cargo.lock\n".to_owned()),
        Just("***************\n*** 1 ****\n".to_owned()),
        "[-+ @#X\\\\\"a/\t\r0-9,]{0,12}\n?",
    ]
}

proptest! {
    #[test]
    fn no_input_makes_it_panic(
        parts in prop::collection::vec(fragment(), 0..8),
        text in "[a-c\n]{0,30}",
        strip in 0_u32..3,
    ) {
        let patch = parts.concat();
        for dialect in [Dialect::GnuPatch { strip }, Dialect::GitApply] {
            let _ = lock(dialect, &text, &patch);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for dialect in BOTH {
            if let Ok(parsed) = parse(&bytes, dialect, &PatchLimits::default()) {
                let _ = parsed.apply_to("Cargo.lock", &mut |_| Ok::<_, Infallible>(Some(bytes.clone())));
            }
        }
    }
}
