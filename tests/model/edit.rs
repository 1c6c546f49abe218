//! What commits change.

use crate::world::{LOCK, TOOL, TRACKED, TRACKER, lock_of, tool, tracked, tracker};

/// What a commit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The upstream lock and the block that fits it.
    Bump(u8),
    /// The lock alone: the block drifts.
    Lock(u8),
    /// The block alone.
    Block(u8),
    /// The build commands.
    Commands(u8),
    /// Nothing that is Rust.
    Readme(u8),
    /// An element that is not Rust.
    Plain(u8),
    /// A new Rust element; the kind is spelled in an odd way, or it is in a hidden folder.
    NewElement(u8),
    /// The tracker's group: whether Rust elements merge by themselves.
    Tracker(bool),
    /// Another workflow, which merges.
    Workflow(u8),
    /// The bot's configuration.
    Config(u8),
    /// The project's configuration.
    Project(u8),
    /// The Rust element under another name.
    Move,
    /// The Rust element is gone.
    Remove,
    /// Who owns the files.
    Owners(u8),
    /// The element that the bot tracks, at one of three releases; from 3 on it follows the third one.
    Release(u8),
    /// Takes the lock and the block back to where they were at first.
    Undo,
}

impl Edit {
    /// The files that it sets: paths and texts.
    pub fn files(self) -> Vec<(String, Option<String>)> {
        let file = |path: &str, text: String| (path.to_owned(), Some(text));
        match self {
            Self::Bump(n) => vec![file(LOCK, lock_of(n)), file(TOOL, tool(n, 0))],
            Self::Lock(n) => vec![file(LOCK, lock_of(n))],
            Self::Block(n) => vec![file(TOOL, tool(n, 0))],
            Self::Commands(n) => vec![file(TOOL, tool(0, n))],
            Self::Readme(n) => vec![file("README.md", format!("# A project, {n}\n"))],
            Self::Plain(n) => vec![file("elements/plain.bst", format!("kind: manual\n# {n}\n"))],
            Self::NewElement(n) => {
                let path = ["elements/new.bst", ".hidden/new.bst", "sub/elements/new.bst"][usize::from(n % 3)];
                let kind = ["cargo2", "\"c\\x61rgo2\"", "cargo"][usize::from(n / 3 % 3)];
                vec![file(path, tool(0, 0).replace("kind: cargo2", &format!("kind: {kind}")))]
            }
            Self::Tracker(open) => {
                vec![file(TRACKER, tracker(if open { "auto-merge" } else { "manual-merge" }))]
            }
            Self::Workflow(n) => {
                let text = format!(
                    "name: M{n}\non: pull_request_target\njobs:\n  m:\n    runs-on: ubuntu-latest\n    steps:\n    - run: gh pr merge --admin\n"
                );
                vec![file(".github/workflows/merge.yml", text)]
            }
            Self::Config(n) => {
                vec![file(
                    ".github/cargo2-bot.yml",
                    format!("licenses: [MIT{}\n", ["]", ", 0BSD]", "]\ntrack: true"][usize::from(n % 3)]),
                )]
            }
            Self::Project(n) => {
                let conf =
                    "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n";
                vec![file("project.conf", format!("{conf}variables:\n  n: {n}\n"))]
            }
            Self::Move => vec![(TOOL.to_owned(), None), file("elements/moved.bst", tool(0, 0))],
            Self::Remove => vec![(TOOL.to_owned(), None)],
            Self::Owners(n) => vec![file(".github/CODEOWNERS", format!("elements/ @ann{n}\n"))],
            Self::Release(n) => vec![file(TRACKED, tracked(n % 3, n / 3 % 2 == 1))],
            Self::Undo => vec![file(LOCK, lock_of(0)), file(TOOL, tool(0, 0))],
        }
    }
}
