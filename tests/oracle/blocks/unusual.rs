//! Elements as people write them: odd orders, quotes, comments, includes, annotations.

use crate::peer::{
    corpus::{checksum, crate_bytes},
    judge::Case,
    project::{Project, project, simple},
    upstream::Upstreams,
};

const FOREIGN: &str = "  ref:\n  - kind: registry\n    name: foreign\n    version: 0.1.0\n    sha: abc\n";

const DROPS_COMMENTS: &str = "BuildStream drops the comments and blank lines that follow the block's last entry";
const BELOW_COMMENTS: &str =
    "BuildStream adds a missing `ref` below the comments and blank lines that belong to the next key";
const REINDENTS: &str = "BuildStream writes every list of the file at the column of its key";
const ENDS_LINES: &str = "BuildStream adds the newline that the file does not end with";
const DROPS_MARK: &str = "BuildStream drops the document's start";
const DROPS_SPACES: &str = "BuildStream drops white space at the ends of lines it has no part in";

pub(crate) fn unusual(upstreams: &Upstreams) -> Case<'_> {
    let mut project = project(upstreams, "");
    project.put("files/extra/file", "extra\n");
    project.put("elements/odd.bst", odd());
    project.put("elements/first-key.bst", first_key());
    project.put("elements/provenance.bst", provenance());
    project.put("elements/old-form.bst", old_form());
    project.put("elements/old-form-equal.bst", old_form_equal());
    includes(&mut project);
    rewritten(&mut project);
    Case::new("unusual", upstreams, project)
        .excuse("elements/comment-after.bst", DROPS_COMMENTS)
        .excuse("elements/comment-last.bst", DROPS_COMMENTS)
        .excuse("elements/blank-after.bst", DROPS_COMMENTS)
        .excuse("elements/absent-before-comment.bst", BELOW_COMMENTS)
        .excuse("elements/indented.bst", REINDENTS)
        .excuse("elements/no-newline.bst", ENDS_LINES)
        .excuse("elements/document.bst", DROPS_MARK)
        .excuse("elements/spaces.bst", DROPS_SPACES)
}

/// Keys in an odd order, quotes, comments between sources and keys, and the block in the middle of it all.
fn odd() -> String {
    format!(
        r#"# An element with a history.
#
# And a second paragraph.

variables:
  # quoted on purpose
  strip-binaries: ''
  optimize: "%{{flags}}"
  flags: '1.10'

sources:
# The program.
- url: 'up:mixed.git'
  track: "v1.1.0"
  ref: @mixed@ # the pin
  kind: git_repo
# The crates.
- cargo-lock: "Cargo.lock"
  # where they go
  vendor-dir: 'third party'
  kind: "cargo2"
{FOREIGN}  url: "crates:"
- kind: local
  path: files/extra
kind: manual
config:
  build-commands:
  - |
    cargo build --offline
  - >-
    cargo
    test
  - "cargo install"  # last

public:
  bst: {{split-rules: {{a: [/x, '/y']}}}}
"#
    )
}

/// The block is the source's first key.
fn first_key() -> String {
    let entries = FOREIGN.strip_prefix("  ref:\n").unwrap();
    format!(
        "kind: manual\nsources:\n- kind: git_repo\n  url: up:mixed.git\n  track: v1.1.0\n  ref: @mixed@\n- ref:\n{entries}  kind: cargo2\n"
    )
}

/// What people wrote about a crate stays with the crates of its name.
fn provenance() -> String {
    let about =
        "    provenance:\n      homepage: https://example.org/a: b\n      issue-tracker: https://example.org/issues\n";
    let about = about.replace("https://example.org/a: b", "'https://example.org/a: b'");
    simple("mixed")
        + "  ref:\n  - kind: registry\n    name: anyhow\n    version: 1.0.98\n    sha: abc\n"
        + &about
        + "  - kind: registry\n    name: by-rev\n    version: 0.0.1\n    sha: abc\n    provenance:\n      homepage: https://example.org/by-rev\n"
}

/// The form of before git crates, with drift: every entry gets its kind.
fn old_form() -> String {
    simple("registry") + &old_entries(&["anyhow 1.0.98", "zerocopy 0.7.35"])
}

/// The same without drift: the file stays as it is.
fn old_form_equal() -> String {
    simple("small") + &old_entries(&["anyhow 1.0.98", "zerocopy 0.7.35"])
}

fn old_entries(crates: &[&str]) -> String {
    crates.iter().fold("  ref:\n".to_owned(), |text, name_version| {
        let (name, version) = name_version.split_once(' ').unwrap();
        text + &format!(
            "  - name: {name}\n    version: {version}\n    sha: {}\n",
            checksum(&crate_bytes(name, version))
        )
    })
}

/// Blocks that live in an include, and settings that do.
fn includes(project: &mut Project) {
    let sources = simple("mixed").replace("kind: manual\n\n", "");
    project.put("elements/included.bst", "kind: manual\n\n(@): include/whole.inc\n");
    project.put("include/whole.inc", sources);
    project.put("elements/included-too.bst", "kind: manual\n\n(@):\n- include/current.yml\n\nvariables:\n  a: b\n");
    let current = simple("registry").replace("kind: manual\n\n", "# The crates of two elements.\n") + FOREIGN;
    project.put("include/current.yml", current + "variables:\n  c: d\n");
    project.put("elements/settings.bst", simple("nested") + "  (@): include/settings.yml\n");
    project.put("include/settings.yml", "cargo-lock: a folder/rust/Cargo.lock\nvendor-dir: v\n");
}

/// Variables, where BuildStream expands them; and in `directory`, where it does not.
pub(crate) fn variables(upstreams: &Upstreams) -> Case<'_> {
    let mut project = project(upstreams, "variables:\n  which: mixed\n  mirror: 'github:'\n");
    let element = |more: &str| {
        format!("kind: manual\nvariables:\n  tag: v1.1.0\n  dir: rust\n  from: a folder\nsources:\n{more}")
    };
    let git = |upstream: &str, pin: &str| {
        format!("- kind: git_repo\n  url: up:{upstream}.git\n  track: '%{{tag}}'\n  ref: @{pin}@\n")
    };
    project.put("elements/url.bst", element(&(git("%{which}", "mixed") + "- kind: cargo2\n")));
    let lock = "- kind: cargo2\n  cargo-lock: '%{from}/%{dir}/Cargo.lock'\n";
    project.put("elements/lock.bst", element(&(git("nested", "nested") + lock)));
    let mirrors = "- kind: cargo2\n  git-mirrors:\n    https://github.com/: '%{mirror}%{dir}/'\n";
    project.put("elements/mirrors.bst", element(&(git("git", "git") + mirrors)));
    let literal = git("mixed", "mixed") + "  directory: '%{dir}'\n- kind: cargo2\n  directory: '%{dir}'\n";
    project.put("elements/directory.bst", element(&literal));
    Case::new("variables", upstreams, project)
}

/// Files of which BuildStream changes more than the block.
fn rewritten(project: &mut Project) {
    let current = simple("mixed") + FOREIGN;
    project.put("elements/comment-after.bst", current.clone() + "# What the next key is for.\nvariables:\n  a: b\n");
    project.put("elements/comment-last.bst", current.clone() + "# The end.\n");
    project.put("elements/blank-after.bst", current.clone() + "\nvariables:\n  a: b\n");
    let absent = simple("mixed") + "  vendor-dir: v # a reason\n\n# What the next key is for.\nvariables:\n  a: b\n";
    project.put("elements/absent-before-comment.bst", absent);
    let indented = current.replace("\n  ", "\n    ").replace("\n- ", "\n  - ");
    project.put("elements/indented.bst", indented + "config:\n  build-commands:\n    - cargo build\n");
    project.put("elements/no-newline.bst", current.trim_end());
    project.put("elements/document.bst", format!("---\n{current}"));
    project.put("elements/spaces.bst", current.replace("kind: manual\n", "kind: manual  \n"));
}
