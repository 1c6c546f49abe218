//! Values that YAML readers and writers disagree about.

use std::fmt::Write as _;

use crate::peer::{
    corpus::{Lock, commit},
    judge::Case,
    project::{project, simple},
    upstream::{Tree, Upstreams},
};

/// Branch names that other writers would quote, or write as something else than text.
const PLAIN: &[&str] = &[
    "null",
    "Null",
    "true",
    "off",
    "on",
    "y",
    "1e5",
    "1.5e+3",
    "0x1f",
    "0o17",
    "1_000",
    "01",
    "10.",
    "1.",
    "0.20",
    "2001-01-01",
    "2001-01-01T00:00:00Z",
    ".inf",
    ".NaN",
    "~x",
    "~",
    "=",
    "<<",
    "1:2",
    "190:20:30",
    "-x",
    "--",
    "?x",
    ":x",
    "x:y",
    "x#y",
    "x,y",
    "x]y",
    "x[y",
    "x{y",
    "x&y",
    "x*y",
    "x!y",
    "x|y",
    "x>y",
    "x%y",
    "x@y",
    "x`y",
    "x\"y",
    "x'y",
    "with space",
    "é",
    "日本",
    "a\\b",
    "--x",
    "..",
    "release/1.0",
    "feature=one",
    "1234567890123456789012345678901234567890",
    "a branch of very many words that no writer should ever fold although the line becomes longer than eighty columns",
];

/// Branch names that cannot stand without quotes.
const SINGLE: &[&str] = &[
    "-",
    "- x",
    "?",
    "? x",
    ":",
    "#weird",
    "a: b",
    "a:",
    "x #y",
    "*",
    "*x",
    "@x",
    "%",
    "%x",
    "[x]",
    "{x}",
    "}",
    "]",
    ",x",
    "&a",
    "!t",
    "|",
    ">",
    "`b",
    "\"q\"",
    "---",
    "---x",
    "...",
    "... x",
    " led",
    "trailed ",
    "  both  ",
    " ",
    "\u{a0}no-break\u{a0}",
    "\u{3000}wide",
    "\u{1f}unit\u{1c}",
    "a\u{a0}b",
    "x ",
    "?\u{a0}x",
    "-\u{a0}x",
    "a:\u{a0}b",
    "a\u{a0}#b",
];

/// Branch names for which single quotes would not do.
///
/// Not here: values with U+0085, U+2028 or U+2029 inside. BuildStream breaks the line at them, within single quotes and
/// with the indent of the next line, and what it writes for U+0085 is not what it reads back.
const DOUBLE: &[&str] = &["'q'", "'", "a: 'b'", "# it's", "a\nb", "a\tb", "\u{feff}x", "a\u{7f}b", "a\u{1}b", "a\rb"];

/// Repository addresses: what stands between `git+` and the query.
const REPOSITORIES: &[&str] = &[
    "https://example.org/plain",
    "HTTPS://Example.ORG/Case",
    "https://example.org/a%20b%2Fc",
    "https://example.org/ends:",
    "https://example.org/é",
    "https://user@example.org:8443/x",
    "ssh://git@example.org/it's",
    "https://example.org/it's:",
    "https://example.org/a;",
    "https://example.org/a;b;",
    "file:///Folder/X",
    "https://example.org",
    "https://example.org/",
    "https://example.org/a;b",
    "https://example.org/[x]",
    "https://example.org/'q'",
    "https://example.org/~user/{x}",
];

/// Lines that show that quoting was under test.
pub(crate) const QUOTED: &[(&str, &str)] = &[
    ("elements/branches.bst", "      branch: 0.20"),
    ("elements/branches.bst", "      branch: ~"),
    ("elements/branches.bst", "      branch: 'a: b'"),
    ("elements/branches.bst", "      branch: \"'q'\""),
    ("elements/branches.bst", "      branch: \"a\\nb\""),
    ("elements/repositories.bst", "    repo: 'https://example.org/ends:'"),
];

pub(crate) fn upstreams() -> Upstreams {
    let mut upstreams = Upstreams::start();
    let old = Tree::lock(&Lock::new(Some(4)).text());
    upstreams.add("branches", &old, &Tree::lock(&branches().text()));
    upstreams.add("repositories", &old, &Tree::lock(&repositories().text()));
    upstreams.add("queries", &old, &Tree::lock(&queries().text()));
    upstreams
}

fn branches() -> Lock {
    let all = PLAIN.iter().chain(SINGLE).chain(DOUBLE);
    all.enumerate().fold(Lock::new(Some(4)), |lock, (index, branch)| {
        let source = format!("https://example.org/x?branch={}#{}", encoded(branch), commit(branch));
        lock.git(&format!("branch-{index:03}"), "0.1.0", &source)
    })
}

fn repositories() -> Lock {
    REPOSITORIES.iter().enumerate().fold(Lock::new(Some(4)), |lock, (index, repo)| {
        lock.git(&format!("repository-{index:03}"), "0.1.0", &format!("{repo}?rev=abc#{}", commit(repo)))
    })
}

/// Queries that are written in an unusual way.
fn queries() -> Lock {
    let queries = [
        "?branch=a%20b",
        "?branch=%2Fx",
        "?branch=%2fx",
        "?branch=a/b",
        "?branch=%",
        "?branch=%zz",
        "?branch=%C3%A9",
        "?branch=%FF",
        "?rev=",
        "?",
        "",
        "?tag=v1%2B2",
        "?branch=a%26b",
        "?branch=a=b",
        "?rev=1&branch=x&rev=2",
        "?branch=&branch=x",
        "?branch",
        "?branch=a;tag=b",
        "?a%3A%20b=c",
        "?-=c",
        "?null=c",
        "?branch=a?b",
    ];
    queries.iter().enumerate().fold(Lock::new(Some(4)), |lock, (index, query)| {
        lock.git(&format!("query-{index:03}"), "0.1.0", &format!("https://example.org/x{query}#{}", commit(query)))
    })
}

/// As the newest locks write values: everything but letters, digits and a few marks as bytes.
fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

pub(crate) fn scalars(upstreams: &Upstreams) -> Case<'_> {
    let mut project = project(upstreams, "");
    for name in ["branches", "repositories", "queries"] {
        project.put(&format!("elements/{name}.bst"), simple(name));
    }
    Case::new("scalars", upstreams, project)
}
