//! Claims about what is not evaluated.

use super::*;

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
fn a_patch_that_is_cut_off_is_refused_wherever_that_is() {
    let patch = headed(&format!("{HUNK}@@ -7 +7 @@\n-seven\n+SEVEN\n"));
    let first = headed(HUNK).len();
    for dialect in BOTH {
        // Behind a hunk only a beginning of the next one differs from text that follows the patch.
        for end in (1..patch.len()).filter(|end| !(first..first + 2).contains(end)) {
            assert!(lock(dialect, LOCK, &patch[..end]).is_err(), "{dialect:?}: {}", &patch[..end]);
        }
    }
}
