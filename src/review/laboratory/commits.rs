//! The commits that crates say to be made from: those that are not what they say, and those that only look so.

use super::Verdict::{Look, Routine};
use super::attacks::Attack;
use super::harmless::Harmless;
use super::*;

const DECLARED: &str = "abcdef0123456789abcdef0123456789abcdef01";

/// An archive that names a commit, with changes beside it or without.
fn packed(dirty: bool) -> ArchiveFacts {
    ArchiveFacts { vcs_commit: Some(DECLARED.into()), vcs_dirty: dirty, ..licensed() }
}

pub(super) static ATTACKS: &[Attack] = &[
    ("changes that are in no commit", Look, "1 crate packed with changes in no commit", |b| {
        b.archives(packed(false), packed(true));
    }),
    ("another commit than the workflow's", Look, "names another commit than its workflow published", |b| {
        b.made(DECLARED, &"d".repeat(40));
    }),
    (
        "both commits, the one that is named and the workflow's",
        Look,
        "It names `abcdef012345`, and the workflow ran at `dddddddddddd`",
        |b| {
            b.made(DECLARED, &"d".repeat(40));
        },
    ),
    ("a commit that begins as the workflow's does", Look, "crate-commit-differs", |b| {
        b.made(DECLARED, &format!("{}{}", &DECLARED[..12], "d".repeat(28)));
    }),
];

pub(super) static HARMLESS: &[Harmless] = &[
    ("changes in no commit, as ever", Routine, |b| b.archives(packed(true), packed(true))),
    ("changes in no commit no longer", Routine, |b| b.archives(packed(true), packed(false))),
    ("changes in no commit after a version that named none", Routine, |b| b.archives(licensed(), packed(true))),
    ("the workflow's commit", Routine, |b| b.made(DECLARED, DECLARED)),
    ("the workflow's commit in capitals", Routine, |b| b.made(DECLARED, &DECLARED.to_ascii_uppercase())),
    ("the named commit in capitals", Routine, |b| b.made(&DECLARED.to_ascii_uppercase(), DECLARED)),
    ("the workflow's commit, abbreviated", Routine, |b| b.made(DECLARED, &DECLARED[..12])),
    ("a workflow without a commit", Routine, |b| b.made(DECLARED, "")),
    ("a word for the workflow's commit", Routine, |b| b.made(DECLARED, "refs/tags/v1.0.1")),
];
