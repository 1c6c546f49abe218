//! The rules of the core, one constant each.

use crate::finding::{Rule, Severity};

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal, $severity:ident, $means:literal, $remedy:literal;)+) => {
        $($(#[doc = $doc])+ pub static $name: Rule = Rule { id: $id, severity: Severity::$severity, means: $means, remedy: $remedy };)+
        /// The rules of the core.
        pub(crate) static CORE: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    /// The block in the file does not match its lock.
    BLOCK_DRIFT = "block-drift", Error,
        "The crate list does not match the upstream Cargo.lock at the element's ref: the build would fail or, worse, use other crates.",
        "Run `cargo2-bot regenerate ELEMENT` and review the change.";
    /// The block spells git URLs in another way than its lock.
    BLOCK_SPELLING = "block-spelling", Warning,
        "The crate list names the same repositories, commits and versions as the upstream Cargo.lock, and spells git URLs in another way: the host in capitals, a slash or `.git` at the end. Cargo takes both for the same source, so the same crates are built. The next `bst source track` writes the lock's spelling, and BuildStream caches by the exact text.",
        "Run `cargo2-bot regenerate ELEMENT`. Where cargo takes the URLs for two sources, as it does for `http` and `https` of most hosts, it is `block-drift`.";
    /// The block itself cannot be read or edited safely.
    BLOCK_UNREADABLE = "block-unreadable", Error,
        "The cargo2 source is written in a way that cannot be read or edited without guessing.",
        "Write the source as a block list, as `bst source track` does.";
    /// An element lost its crate list.
    BLOCK_GONE = "block-gone", Error,
        "The change removes the cargo2 source of an element that stays: nothing says any more which crates it is built from.",
        "If the element is no longer built from Rust, say so in the configuration; else bring the source back.";
    /// The two generated layouts are mixed in an element.
    LAYOUT_MIXED = "layout-mixed", Error,
        "The element mixes `ref:` lists with one source per crate, so it is not clear which one is generated.",
        "Keep one layout; `cargo2-bot generate --layout` prints either.";
    /// An element file that is not the YAML that BuildStream reads.
    ELEMENT_UNREADABLE = "element-unreadable", Error,
        "The element is not YAML as BuildStream reads it, so nothing in it is verified.",
        "Fix the file at the place that is shown.";
    /// An include that does not exist or cannot be read.
    INCLUDE_UNREADABLE = "include-unreadable", Error,
        "A file that is included with `(@)` is missing or cannot be read, so the element is not known in full.",
        "Fix the path or the file.";
    /// An include that is in another project.
    INCLUDE_IN_JUNCTION = "include-in-junction", Notice,
        "The project includes files of a junction. Their aliases, variables and configuration are not known here.",
        "Name what is missing with `--alias NAME=URL` or write it into project.conf.";
    /// What was merged while the hold had not passed.
    MERGED_AROUND_HOLD = "merged-around-hold", Error,
        "A pull request that the hold keeps for a person was merged into a guarded branch before the hold passed: by somebody who may bypass the rules, where no rule requires the check, or while the bot did not run. It is reported once, by the next run.",
        "Review what was merged, and revert it if it should not be there. What a guarded branch promises, and to whom, `cargo2-bot doctor` says.";
    /// A requested element does not exist.
    ELEMENT_UNKNOWN = "element-unknown", Error,
        "An element that was named on the command line is not a Rust element of the project.",
        "Name it as BuildStream does, below `element-path`, or by its path.";
    /// A requested element that has no crates.
    ELEMENT_SKIPPED = "element-skipped", Notice,
        "An element that was named on the command line has no cargo2 source, so there is nothing to verify in it.",
        "Nothing is to be done; hooks name every file that changed.";
    /// A source that cannot be evaluated without running something.
    CANNOT_EVALUATE = "cannot-evaluate", Error,
        "The files that the sources before the cargo2 source stage cannot be determined without running something, so the block is not verified.",
        "Hand the lock in with `--lock ELEMENT=PATH`.";
    /// The pinned ref does not name a commit.
    REF_WITHOUT_COMMIT = "ref-without-commit", Error,
        "A git ref does not end in a commit of 40 hex digits, so what it names can move.",
        "Track the element again with `bst source track`.";
    /// The lock could not be fetched or read.
    LOCK_UNAVAILABLE = "lock-unavailable", Error,
        "The upstream Cargo.lock could not be read, so the block is not verified.",
        "See the reason; offline, fill the cache with one run that has network.";
    /// The lock was not read within the time that there was for it.
    NOT_IN_TIME = "not-in-time", Error,
        "An element was not looked at in time: its upstream, or the host of it, was too slow, or the time of the run was used up. Nothing about it is verified.",
        "Run again: what was fetched already is not fetched again. If it stays like this, look at the upstream's server, or hand the lock in with `--lock ELEMENT=PATH`.";
    /// There is no lock at the place that the source names.
    LOCK_MISSING = "lock-missing", Error,
        "The sources before the cargo2 source stage no file at its `cargo-lock` path.",
        "Set `cargo-lock:` to the path of the lock below the staged sources.";
    /// The lock is not what cargo writes.
    LOCK_UNREADABLE = "lock-unreadable", Error,
        "The lock is not TOML as cargo writes it, or of a version that is not known.",
        "Look at the upstream's Cargo.lock; if cargo reads it, report a bug.";
    /// A crate from another registry.
    CRATE_ALTERNATE_REGISTRY = "crate-alternate-registry", Error,
        "A crate comes from a registry that is not crates.io. The cargo2 plugin would fetch it from the wrong place, or abort.",
        "The crate cannot be vendored with cargo2: ask upstream, or patch the lock.";
    /// A source kind that the plugin does not know.
    CRATE_UNKNOWN_SOURCE = "crate-unknown-source", Error,
        "A crate's `source` in the lock is of a kind that the cargo2 plugin does not know, or cannot be read.",
        "The crate cannot be vendored with cargo2.";
    /// One name and version from two sources.
    CRATE_TWO_SOURCES = "crate-two-sources", Error,
        "The lock has the same crate and version from two sources. Cargo cannot vendor both, and the plugin refuses to stage them.",
        "Upstream must drop one of the two sources.";
    /// No checksum.
    CRATE_WITHOUT_CHECKSUM = "crate-without-checksum", Error,
        "The lock has no checksum for a crate of a registry, so nothing ties its content.",
        "Upstream must generate the lock again with a current cargo.";
    /// A checksum that is none.
    CRATE_BAD_CHECKSUM = "crate-bad-checksum", Error,
        "A checksum of the lock is not 64 hex digits.",
        "Look at the upstream's Cargo.lock: it was edited or damaged.";
    /// A value that no block can hold safely.
    CRATE_BAD_VALUE = "crate-bad-value", Error,
        "A name, version or source of the lock holds characters that cargo never writes.",
        "Look at the upstream's Cargo.lock: it was edited or damaged.";
    /// A git crate in the layout that has no place for it.
    CRATE_GIT_NO_FORM = "crate-git-no-form", Error,
        "The layout with one source per crate, and the plugin's first version (`kind: cargo`), have no form for a crate from git.",
        "Use the cargo2 plugin and its layout: `cargo2-bot generate --layout list`.";
    /// Several elements need different blocks in one include.
    BLOCK_CONTESTED = "block-contested", Error,
        "Elements that share a block through an include need different content.",
        "Give each element its own include, or the same sources.";
    /// A patch of the element does not apply to the lock.
    PATCH_FAILED = "patch-failed", Error,
        "A patch among the sources changes the lock, and does not apply to it or cannot be evaluated. The build would fail, or use another lock.",
        "Make the patch again for the sources at the element's ref.";
    /// An archive that is refused.
    ARCHIVE_REFUSED = "archive-refused", Error,
        "An archive among the sources is damaged, larger than is allowed, or holds entries that leave it.",
        "Look at the archive by hand; if it is sound, hand the lock in with `--lock ELEMENT=PATH`.";
    /// A download that is not what was pinned.
    DOWNLOAD_MISMATCH = "download-mismatch", Error,
        "A downloaded file does not have the sha256 that the element pins. Nothing was read from it.",
        "Find out why the file changed before tracking the element again.";
    /// A generated lock that was made for other sources.
    GENERATED_LOCK_STALE = "generated-lock-stale", Error,
        "The element's git ref moved and its generated Cargo.lock did not: the lock was made for other sources.",
        "Track the `gen_cargo_lock` source again with `bst source track`. If it gives the same lock, say so in the configuration.";
    /// An exception of the configuration that does nothing.
    OVERRIDE_UNUSED = "override-unused", Warning,
        "An exception of the configuration no longer has an effect: its purpose is gone.",
        "Remove it from .github/cargo2-bot.yml.";
    /// An exception of the configuration that has expired.
    OVERRIDE_EXPIRED = "override-expired", Warning,
        "An exception of the configuration has expired. It is not applied.",
        "Remove it, or decide again and give it a later date.";
    /// An element that is not verified by configuration.
    ELEMENT_EXEMPT = "element-exempt", Notice,
        "The configuration exempts the element: its block is not verified.",
        "Remove the exemption when its reason is gone.";
    /// The file could not be written.
    WRITE_FAILED = "write-failed", Error,
        "A fixed file could not be written. It is unchanged.",
        "See the reason in the message.";
    /// A ref that tracking would move.
    TRACK_DUE = "track-due", Error,
        "The branch or tag that a source of a Rust element tracks leads to another commit than its `ref`: there is a new version.",
        "Run `cargo2-bot track ELEMENT` and review the change.";
    /// A ref that could not be tracked.
    TRACK_FAILED = "track-failed", Error,
        "What a source of a Rust element tracks could not be determined, so its `ref` stays as it is.",
        "See the reason; `bst source track ELEMENT` may know more.";
    /// A source that only BuildStream tracks.
    TRACK_LEFT = "track-left", Notice,
        "A source of a Rust element is left as it is, because only BuildStream can track it exactly.",
        "Run `bst source track ELEMENT` where it has to move.";
    /// A choice that differs from BuildStream's.
    TRACK_POLICY = "track-policy", Notice,
        "BuildStream would take a pre-release, which comes after its release in BuildStream's order. Pre-releases are only taken where the pattern of `track` names them and the configuration allows them.",
        "To take it, name such tags in `track` and set `pre-releases: true` for the element; to be rid of this notice, add them to `exclude`.";
}
