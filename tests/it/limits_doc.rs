//! The page of the limits says what the code says.

use std::path::Path;

/// What a limit is called, its unit, where it is, and what is before its value there.
const LIMITS: &[(&str, &str, &str, &str)] = &[
    ("a run inside GitHub, for reading", "minutes", "src/app/run/mod.rs", "Self(Duration::from_secs("),
    ("one pull request", "minutes*", "src/io/times.rs", "pull: minutes("),
    ("one element", "minutes*", "src/io/times.rs", "element: minutes("),
    (
        "one host, all requests of a run; those at the same time count once",
        "minutes*",
        "src/io/times.rs",
        "host: minutes(",
    ),
    (
        "one request, with redirects and repetitions",
        "seconds",
        "src/io/http/settings.rs",
        "total_timeout: Duration::from_secs(",
    ),
    ("connecting", "seconds", "src/io/http/settings.rs", "connect_timeout: Duration::from_secs("),
    ("the next bytes of an answer", "seconds", "src/io/http/settings.rs", "read_timeout: Duration::from_secs("),
    ("a pause that a server asks for", "seconds", "src/io/http/settings.rs", "max_retry_after: Duration::from_secs("),
    ("one fetch from a git repository", "seconds", "src/io/git/mod.rs", "fetch_time: Duration::from_secs("),
    (
        "looking up all crates of a review",
        "seconds",
        "src/io/index/mod.rs",
        "const TIME: Duration = Duration::from_secs(",
    ),
    ("reading an archive", "seconds", "src/io/archive/mod.rs", "time: Duration::from_secs("),
    ("reading the archive of a crate", "seconds", "src/io/crates.rs", "        time: Duration::from_secs("),
    (
        "reading all archives of crates for a review",
        "seconds",
        "src/io/crates.rs",
        "archives: 600, time: Duration::from_secs(",
    ),
    (
        "looking up the advisories of a review",
        "seconds",
        "src/io/advisories/web.rs",
        "const TIME: Duration = Duration::from_secs(",
    ),
    (
        "looking up who published crates, a second between two requests",
        "seconds",
        "src/io/publishers.rs",
        "const TIME: Duration = Duration::from_secs(",
    ),
    ("one request to GitHub", "seconds", "src/io/github/transport.rs", "const TOTAL: Duration = Duration::from_secs("),
    (
        "waiting in a run for GitHub's own limits",
        "minutes",
        "src/cli/run.rs",
        "const BUDGET: Duration = Duration::from_secs(",
    ),
    ("ending after a signal", "seconds", "src/main.rs", "const GRACE: Duration = Duration::from_secs("),
    ("files that a pull request changes", "", "src/github/content.rs", "const MAX_CHANGES: usize = "),
    ("commits of a pull request", "", "src/github/ancestry.rs", "const MAX_COMMITS: u64 = "),
    ("paths of a promotion that decide", "", "src/github/promotion/mod.rs", "const MAX_PATHS: usize = "),
    ("merges that are looked at for a promotion", "", "src/github/promotion/mod.rs", "const MAX_ORIGINS: usize = "),
    ("files of a commit", "", "src/github/tree.rs", "const MAX_FILES: usize = "),
    ("files below the element path", "", "src/io/files/mod.rs", "const MAX_FILES: usize = "),
    ("a file of the project", "MiB", "src/io/bounded.rs", "const MAX_FILE: u64 = "),
    ("nesting of YAML", "", "src/yaml/read.rs", "const MAX_DEPTH: usize = "),
    ("a workflow", "MiB", "src/workflows/reader.rs", "const MAX_WORKFLOW: usize = "),
    ("a lock", "MiB", "src/cargo2/lock.rs", "const MAX_LOCK: usize = "),
    ("an answer of GitHub", "MiB", "src/io/github/transport.rs", "const BODY: usize = "),
    ("the file of an event", "MiB", "src/io/actions.rs", "const MAX_PAYLOAD: u64 = "),
    ("an answer of the index", "MiB", "src/io/index/mod.rs", "const MAX_ANSWER: u64 = "),
    ("the archive of a crate", "MiB", "src/io/index/mod.rs", "const MAX_ARCHIVE: u64 = "),
    ("all archives of crates for a review", "MiB", "src/io/crates.rs", "Self { bytes: "),
    ("archives of crates for a review", "", "src/io/crates.rs", "128 << 20, archives: "),
    ("lines of the archive of a crate that are counted", "", "src/io/crates.rs", "const LINES: usize = "),
    (
        "crates whose advisories are asked for one by one, where all can be had at once",
        "",
        "src/io/advisories/web.rs",
        "const MAX_SINGLE: usize = ",
    ),
    ("crates of a review whose advisories are looked up", "", "src/io/advisories/web.rs", "const MAX_CRATES: usize = "),
    ("records of malicious crates", "", "src/io/advisories/web.rs", "const MAX_MALICIOUS: usize = "),
    ("an answer about advisories", "MiB", "src/io/advisories/web.rs", "const MAX_ANSWER: u64 = "),
    ("all advisories at once", "MiB", "src/io/advisories/whole.rs", "const MAX_ARCHIVE: u64 = "),
    ("crates of a review whose publishers are looked up", "", "src/io/publishers.rs", "const MAX_CRATES: usize = "),
    ("an answer about publishers", "MiB", "src/io/publishers.rs", "const MAX_ANSWER: u64 = "),
    ("a downloaded source", "MiB", "src/io/stage/mod.rs", "const MAX_DOWNLOAD: u64 = "),
    ("a downloaded lock", "MiB", "src/io/stage/mod.rs", "const MAX_REMOTE: u64 = "),
    ("what an archive unpacks to", "MiB", "src/io/archive/mod.rs", "unpacked: "),
    ("one fetch from a git repository", "MiB", "src/io/git/mod.rs", "fetch_bytes: "),
    ("objects of a fetch", "", "src/io/git/mod.rs", "pack_objects: "),
    ("what a pack unpacks to", "MiB", "src/io/git/mod.rs", "unpacked_bytes: "),
    ("a delta of a pack, its base and its result", "MiB", "src/io/git/mod.rs", "delta_bytes: "),
    ("a list of branches and tags", "MiB", "src/io/git/mod.rs", "refs_bytes: "),
    ("branches and tags", "", "src/io/git/mod.rs", "refs: "),
    ("a file of an upstream", "MiB", "src/io/git/mod.rs", "blob_bytes: "),
    ("commits of a history that is counted", "", "src/io/git/commits.rs", "const MOST_COMMITS: usize = "),
    ("attempts of a request", "", "src/io/http/settings.rs", "attempts: "),
    ("repetitions in a run", "", "src/io/http/settings.rs", "retry_budget: "),
    ("redirects", "", "src/io/http/settings.rs", "max_redirects: "),
    ("requests to a git host at a time", "", "src/io/git/hosts.rs", "const AT_A_TIME: usize = "),
    ("crate lists that are read side by side, at least", "", "src/io/mod.rs", "const SIDE_BY_SIDE: usize = "),
];

/// The number that is written as a sum of products and shifts of numbers.
fn number(text: &str) -> Option<u64> {
    if let Some((left, right)) = text.split_once("<<") {
        return Some(number(left)? << number(right)?);
    }
    if let Some((left, right)) = text.split_once('*') {
        return Some(number(left)? * number(right)?);
    }
    text.trim().replace('_', "").parse().ok()
}

/// The value behind a text that is before it once with a value: as the page writes it.
fn value(path: &str, before: &str, unit: &str) -> String {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let ends = [';', ',', ')', '}', '\n'];
    let found: Vec<u64> =
        text.split(before).skip(1).filter_map(|rest| number(rest.split(ends).next().unwrap_or_default())).collect();
    let [value] = found[..] else { panic!("{path} has {before} {} times with a value", found.len()) };
    match unit {
        "MiB" => format!("{} MiB", value >> 20),
        "minutes" => format!("{} minutes", value / 60),
        "minutes*" => format!("{value} minutes"),
        "seconds" => format!("{value} seconds"),
        _ => value.to_string(),
    }
}

#[test]
fn the_limits_of_the_page_are_those_of_the_code() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md")).unwrap();
    let tables = page.split_once("### Time").unwrap().1;
    let mut rows: Vec<&str> =
        tables.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what |")).collect();
    for (name, unit, path, before) in LIMITS {
        let row = format!("| {name} | {} |", value(path, before, unit));
        let at = rows.iter().position(|known| **known == row);
        rows.remove(at.unwrap_or_else(|| panic!("the page has no row {row}")));
    }
    assert!(rows.is_empty(), "nothing holds these rows: {rows:#?}");
}
