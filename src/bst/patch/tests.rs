//! Claims about single rules; agreement with the real programs is in `tests/patch_peer.rs`.

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
fn two_different_names_are_refused() {
    let patch = format!("--- a/Cargo.lock.old\n+++ b/Cargo.lock\n{HUNK}");
    for dialect in BOTH {
        refused(&lock(dialect, LOCK, &patch), "two different names");
        refused(&on(&[("Cargo.lock.old", LOCK)], dialect, &patch, "Cargo.lock.old"), "two different names");
        assert_eq!(on(&[], dialect, &patch, "Cargo.toml"), Ok(Effect::Untouched));
    }
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
fn headers_that_contradict_each_other_are_refused() {
    for (from, to) in [
        ("1234567..89abcde", "0000000..89abcde"),
        ("1234567..89abcde", "e69de29..89abcde"),
        ("1234567..89abcde 100644", "1234567..89abcde 120000"),
        ("diff --git a/Cargo.lock", "diff --git a/other"),
        ("diff --git a/Cargo.lock", "diff --git a/the Cargo.lock"),
        ("index ", "new file mode 100644\nindex "),
    ] {
        for dialect in BOTH {
            refused(&lock(dialect, "a\nb\nc\n", &CHANGE.replacen(from, to, 1)), "contradict each other");
        }
    }
    let times = headed(HUNK).replace("a/Cargo.lock", "a/Cargo.lock\t1970-01-01 00:00:00 +0000");
    refused(&lock(Dialect::GitApply, LOCK, &times), "no file");
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

/// Patches in forms that are not evaluated, and what is said of them.
fn refused_forms() -> Vec<(&'static str, String)> {
    let head = "diff --git a/Cargo.lock b/Cargo.lock\n";
    let moved = |word: &str| {
        format!("diff --git a/old b/Cargo.lock\nsimilarity index 90%\n{word} from old\n{word} to Cargo.lock\n{}", {
            format!("--- a/old\n+++ b/Cargo.lock\n{HUNK}")
        })
    };
    let data = "index 1234567..89abcde\nGIT binary patch\nliteral 1\nIcmZPo00000\n\nliteral 0\nHcmV?d00001\n\n";
    let link = "new file mode 120000\nindex 0000000..1234567\n--- /dev/null\n+++ b/Cargo.lock\n@@ -0,0 +1 @@\n+x\n";
    let context = "*** a/Cargo.lock\n--- b/Cargo.lock\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n";
    vec![
        ("a rename or a copy", moved("rename")),
        ("a rename or a copy", moved("copy")),
        ("a change of the file's mode", format!("{head}old mode 100644\nnew mode 100755\n")),
        ("a change of the file's mode", format!("{head}old mode 100644\nnew mode 100755\n{}", headed(HUNK))),
        ("a binary patch", format!("{head}{data}")),
        ("a binary patch", format!("{head}Binary files a/Cargo.lock and b/Cargo.lock differ\n")),
        ("not a regular file", format!("{head}{link}")),
        ("without changes of lines", format!("{head}new file mode 100644\nindex 0000000..e69de29\n")),
        ("a context diff", context.to_owned()),
        ("a context diff", format!("Index: Cargo.lock\n{context}")),
        ("an ed script or a normal diff", "Index: x/Cargo.lock\n1c\nb\n.\n".to_owned()),
        ("an ed script or a normal diff", "Index: x/Cargo.lock\n1c1\n< a\n---\n> b\n".to_owned()),
        ("not a plain relative path", headed(HUNK).replace("b/Cargo.lock", "\"b/Cargo\\056lock\"")),
        ("without `/dev/null`", headed("@@ -0,0 +1 @@\n+a\n")),
        ("does not begin a unified diff", format!(" {}", headed(HUNK))),
    ]
}

#[test]
fn forms_that_are_not_evaluated_are_refused_with_a_way_out() {
    for (what, patch) in refused_forms() {
        for dialect in BOTH {
            let result = lock(dialect, LOCK, &patch);
            refused(&result, what);
            refused(&result, "`--lock ELEMENT=PATH`");
        }
    }
}

#[test]
fn forms_that_are_not_evaluated_do_not_matter_for_other_files() {
    for (what, patch) in refused_forms().into_iter().filter(|(_, patch)| !patch.contains('"')) {
        for dialect in BOTH {
            let effect = on(&[("Cargo.toml", "x")], dialect, &patch, "Cargo.toml");
            assert_eq!(effect, Ok(Effect::Untouched), "{what}");
        }
    }
}

#[test]
fn a_refused_part_does_not_hide_the_next_one() {
    for (what, patch) in refused_forms().into_iter().filter(|(_, patch)| patch.starts_with("diff --git")) {
        for dialect in BOTH {
            let patch = format!("{}{CHANGE}", patch.replace("Cargo.lock", "x"));
            assert_eq!(lock(dialect, "a\nb\nc\n", &patch), becomes("a\nB\nc\n"), "{what}");
        }
    }
}

#[test]
fn header_lines_out_of_order_are_refused() {
    let modes = "diff --git a/Cargo.lock b/Cargo.lock\nold mode 100644\nnew mode 100755\n";
    let late = "+++ b/Cargo.lock\n--- a/Cargo.lock\nnew file mode 100644\n";
    for tail in [late, "+++ b/Cargo.lock\n--- a/Cargo.lock\n"] {
        for patch in [format!("{modes}{tail}"), format!("{modes}{tail}{modes}"), format!("{modes}{modes}{tail}")] {
            refused(&lock(Dialect::GitApply, LOCK, &patch), "does not begin a unified diff");
        }
    }
}

#[test]
fn no_file_is_neither_made_nor_deleted() {
    let modes = "diff --git a/Cargo.lock b/Cargo.lock\nold mode 100644\nnew mode 100755\n";
    let patch = format!("{modes}--- /dev/null\n+++ /dev/null\n{modes}");
    refused(&lock(Dialect::GitApply, LOCK, &patch), "does not begin a unified diff");
}

#[test]
fn a_path_that_leaves_the_tree_is_refused_where_it_may_be_meant() {
    for name in ["../Cargo.lock", "/Cargo.lock", "x/../Cargo.lock"] {
        let patch = headed(HUNK).replace("a/Cargo.lock", name).replace("b/Cargo.lock", name);
        assert!(lock(Dialect::GnuPatch { strip: 0 }, LOCK, &patch).is_err(), "{name}");
    }
    assert!(on(&[], P1, &headed(HUNK), "../Cargo.lock").is_err());
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
fn a_patch_that_is_cut_off_is_refused_wherever_that_is() {
    let patch = headed(&format!("{HUNK}@@ -7 +7 @@\n-seven\n+SEVEN\n"));
    let first = headed(HUNK).len();
    for dialect in BOTH {
        // Behind a hunk only a beginning of the next one can be told from text that follows the patch.
        for end in (1..patch.len()).filter(|end| !(first..first + 2).contains(end)) {
            assert!(lock(dialect, LOCK, &patch[..end]).is_err(), "{dialect:?}: {}", &patch[..end]);
        }
    }
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
