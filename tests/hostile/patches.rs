//! Patches among the sources, over a local lock.

use crate::case::Must::{Find, Pass};
use crate::lab::{CRATES, Ended, Lab};
use crate::support::{lock, registry, sha};

cases! {
    a_right_patch: "a patch that adds a crate" => Pass("1 regenerated"), |lab| patched(lab, added());
    a_patch_above_the_tree: "a patch of a file above the tree" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 1: a file name"), |lab| patched(lab, for_file("a/../../Cargo.lock"));
    a_patch_of_an_absolute_path: "a patch of a file at the root of the system" => Pass("1 regenerated"), |lab| patched(lab, for_file("/etc/passwd"));
    a_patch_of_another_file: "a patch of another file, which may not be there" => Pass("1 regenerated"), |lab| patched(lab, for_file("a/src/main.rs"));
    a_hunk_of_billions_of_lines: "a hunk that says to have four billion lines" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 5: it ends in the"), |lab| patched(lab, hunk("@@ -1,4294967295 +1,4294967295 @@\n version = 4\n"));
    a_hunk_beyond_all_numbers: "a hunk whose counts are no numbers any more" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 3: the line"), |lab| patched(lab, hunk("@@ -1,99999999999999999999999999 +1 @@\n version = 4\n"));
    a_hunk_below_zero: "a hunk at a line below zero" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 3: the line"), |lab| patched(lab, hunk("@@ --5,1 +1,1 @@\n version = 4\n"));
    a_hunk_far_behind: "a hunk at the last line that there can be" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 3: the line"), |lab| patched(lab, hunk("@@ -18446744073709551615,1 +1,1 @@\n-version = 9\n+version = 4\n"));
    a_hunk_that_is_cut: "a hunk that ends before it says" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 5: it ends in the"), |lab| patched(lab, hunk("@@ -1,3 +1,3 @@\n-version = 4\n"));
    a_hunk_that_does_not_fit: "a hunk of lines that are not there" => Find("patch-failed", "the patch `p.patch`: it does not apply at line 3: it is already"), |lab| patched(lab, hunk("@@ -1 +1 @@\n-version = 3\n+version = 4\n"));
    a_hundred_thousand_hunks: "a hundred thousand hunks that are nowhere" => Find("patch-failed", "the patch `p.patch`: it does not apply at line 3: its lines are not"), |lab| patched(lab, hunk(&"@@ -1 +1 @@\n-nowhere\n+there\n".repeat(100_000)));
    a_line_of_megabytes: "a patch with a line of eight megabytes" => Find("patch-failed", "the lock cannot be read: key with no value, expected `="), |lab| patched(lab, hunk(&format!("@@ -1 +1 @@\n-version = 4\n+{}\n", "x".repeat(8 << 20)))).unread();
    a_script_for_ed: "a script of ed, which could run programs" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 3: an ed script"), |lab| patched(lab, "--- a/Cargo.lock\n+++ b/Cargo.lock\n1d\nr !id\n.\nw\n".to_owned());
    a_script_for_ed_alone: "a script of ed without names" => Find("patch-failed", "the patch `p.patch`: the file holds no patch"), |lab| patched(lab, "1c\n!id\n.\n".to_owned());
    a_context_diff: "a patch in the older form" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 1: a context"), |lab| patched(lab, "*** a/Cargo.lock\n--- b/Cargo.lock\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n".to_owned());
    a_binary_patch: "a patch of bytes" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 1: a binary"), |lab| patched(lab, "diff --git a/Cargo.lock b/Cargo.lock\nindex 1..2 100644\nGIT binary patch\nliteral 5\nMcmZQz\n\n".to_owned());
    a_patch_that_renames: "a patch that moves another file over the lock" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 1: a rename or a"), |lab| patched(lab, "diff --git a/x b/Cargo.lock\nsimilarity index 100%\nrename from x\nrename to Cargo.lock\n".to_owned());
    a_patch_that_makes_a_link: "a patch that makes the lock a link" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 1: a change of"), |lab| patched(lab, "diff --git a/Cargo.lock b/Cargo.lock\nold mode 100644\nnew mode 120000\n".to_owned());
    a_patch_that_deletes: "a patch that takes the lock away" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| patched(lab, deleted());
    a_name_in_quotes: "a patch whose file is named with escapes" => Find("patch-failed", "the patch `p.patch`: it cannot be evaluated at line 1: a file name"), |lab| patched(lab, added().replace("a/Cargo.lock", "\"a/C\\141rgo.lock\"").replace("b/Cargo.lock", "\"b/C\\141rgo.lock\""));
    nothing_of_a_patch: "a patch of no bytes" => Pass("1 regenerated"), |lab| patched(lab, String::new());
    bytes_of_a_patch: "a patch that is no text" => Find("patch-failed", "the patch `p.patch`: the file holds no patch"), |lab| patched(lab, "\0\u{1}\u{2}::error::x\n".to_owned());
    a_patch_that_is_a_link: "a patch that is a link to a device" => Find("patch-failed", "the patch `p.patch` is not a file"), |lab| { lab.link("p.patch", "/dev/zero"); over(lab, "- kind: patch\n  path: p.patch\n") };
    a_strip_without_an_end: "a patch that is to be stripped of four billion folders" => Find("cannot-evaluate", "`strip-level` is not a number"), |lab| { lab.write("p.patch", added()); over(lab, "- kind: patch\n  path: p.patch\n  strip-level: 4294967296\n") };
    a_queue_of_nothing: "a queue of patches that is not there" => Find("patch-failed", "the folder `patches` of patches does not exist"), |lab| over(lab, "- kind: patch_queue\n  path: patches\n");
    a_queue_with_a_pipe: "a queue of patches with a pipe in it" => Find("patch-failed", "the patch `patches/1.patch` does not exist"), |lab| queue_with_a_pipe(lab);
}

impl Ended {
    /// What was made of the lock counts, not the patch: a lock that cannot be read is as good as a patch that fails.
    fn unread(mut self) -> Self {
        self.out = self.out.replace("error[lock-unreadable]: ", "error[patch-failed]: ");
        self
    }
}

fn patched(lab: &Lab, patch: String) -> Ended {
    lab.write("p.patch", patch);
    over(lab, "- kind: patch\n  path: p.patch\n")
}

fn over(lab: &Lab, source: &str) -> Ended {
    lab.write("files/up/Cargo.lock", lock(CRATES));
    lab.write(
        "elements/a.bst",
        format!("kind: make\nsources:\n- kind: local\n  path: files/up\n{source}- kind: cargo2\n  ref: []\n"),
    );
    lab.run(&["regenerate"])
}

fn hunk(hunk: &str) -> String {
    format!("--- a/Cargo.lock\n+++ b/Cargo.lock\n{hunk}")
}

/// A patch that adds a crate to the end of the lock.
fn added() -> String {
    let lines = lock(CRATES).lines().count();
    let package = registry("c", "0.3.0", &sha("c", "0.3.0"));
    let more: String = package.lines().map(|line| format!("+{line}\n")).collect();
    hunk(&format!("@@ -{lines},0 +{},{} @@\n{more}", lines + 1, package.lines().count()))
}

fn deleted() -> String {
    let lock = lock(CRATES);
    let lines: String = lock.lines().map(|line| format!("-{line}\n")).collect();
    format!("--- a/Cargo.lock\n+++ /dev/null\n@@ -1,{} +0,0 @@\n{lines}", lock.lines().count())
}

fn for_file(path: &str) -> String {
    format!("--- {path}\n+++ {path}\n@@ -1 +1 @@\n-a\n+b\n")
}

fn queue_with_a_pipe(lab: &Lab) -> Ended {
    std::fs::create_dir_all(lab.path("patches")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(lab.path("patches/1.patch")).status().unwrap().success());
    over(lab, "- kind: patch_queue\n  path: patches\n")
}
