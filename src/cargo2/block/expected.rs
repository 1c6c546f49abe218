//! The block that matches a lock, as `bst source track` writes it, and the crates that cannot be vendored.

use super::{BlockEntry, Origin};
use crate::cargo2::lock::{Lock, Package};
use crate::finding::rules;
use crate::finding::{Finding, Rule};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Settings that change the block, from the cargo2 source itself or from `project.conf` for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Prefixes of git URLs and their replacements. The longest matching prefix wins.
    pub git_mirrors: Vec<(String, String)>,
}

/// crates.io, as a lock names it.
static CRATES_IO: LazyLock<String> = LazyLock::new(|| cargo_lock::SourceId::default().to_string());

/// Computes the block for a lock: every package with a source, in the plugin's order.
///
/// # Errors
/// Gives a finding for each crate that cannot be vendored. Then there is no block.
pub fn expected(lock: &Lock<'_>, config: &Config) -> Result<Vec<BlockEntry>, Vec<Finding>> {
    let mut entries = Vec::with_capacity(lock.packages.len());
    let mut findings = Vec::new();
    for package in &lock.packages {
        let Some(source) = package.source.as_deref() else {
            continue;
        };
        match origin(package, source, config) {
            Ok(from) => {
                entries.push(BlockEntry { name: package.name.to_string(), version: package.version.to_string(), from });
            }
            Err(refusal) => findings.push(refusal.about(&package.name)),
        }
    }
    entries.sort_by(BlockEntry::order);
    findings.extend(two_sources(&entries));
    if findings.is_empty() { Ok(entries) } else { Err(findings) }
}

/// Builds the finding on a crate that cannot be vendored.
type Refusal = Box<Finding>;

fn refuse(rule: &'static Rule, message: String) -> Refusal {
    Box::new(Finding::new(rule, message))
}

/// Reads the origin of a package.
fn origin(package: &Package<'_>, source: &str, config: &Config) -> Result<Origin, Refusal> {
    let who = format!("{} {}", package.name.escape_debug(), package.version.escape_debug());
    if !is_name(&package.name) || !is_version(&package.version) {
        return Err(refuse(&rules::CRATE_BAD_VALUE, format!("`{who}` is not the name and version of a crate")));
    }
    if source.chars().any(|c| c.is_control() || c.is_whitespace()) {
        let message = format!("the source of {who} holds white space or control characters");
        return Err(refuse(&rules::CRATE_BAD_VALUE, message));
    }
    match source.split_once('+') {
        Some(("registry", _)) if source == *CRATES_IO => Ok(Origin::Registry { sha: checksum(package, &who)? }),
        Some(("registry" | "sparse", url)) => {
            let message = format!("{who} comes from another registry, `{}`", url.escape_debug());
            Err(refuse(&rules::CRATE_ALTERNATE_REGISTRY, message))
        }
        Some(("git", url)) => git(url, &who, config),
        _ => {
            let message = format!("{who} has a source of an unknown kind, `{}`", source.escape_debug());
            Err(refuse(&rules::CRATE_UNKNOWN_SOURCE, message))
        }
    }
}

/// The checksum of a crate of the registry.
fn checksum(package: &Package<'_>, who: &str) -> Result<String, Refusal> {
    match package.checksum.as_deref() {
        None => Err(refuse(&rules::CRATE_WITHOUT_CHECKSUM, format!("the lock has no checksum for {who}"))),
        Some(sum) if sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(sum.to_owned()),
        Some(sum) => {
            let message = format!("the checksum of {who} is not 64 hex digits: `{}`", sum.escape_debug());
            Err(refuse(&rules::CRATE_BAD_CHECKSUM, message))
        }
    }
}

/// A git source: `URL?query#commit`.
fn git(url: &str, who: &str, config: &Config) -> Result<Origin, Refusal> {
    let (rest, commit) = url.split_once('#').unwrap_or((url, ""));
    if !matches!(commit.len(), 40 | 64) || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
        let message = format!("the git source of {who} does not end in a commit: `{}`", url.escape_debug());
        return Err(refuse(&rules::CRATE_BAD_VALUE, message));
    }
    let (repo, query) = rest.split_once('?').unwrap_or((rest, ""));
    let repo = mirrored(&as_parsed(repo), &config.git_mirrors);
    Ok(Origin::Git { commit: commit.to_owned(), repo, query: parse_query(query) })
}

/// The plugin's URL parser writes the scheme in lower case, drops an empty `;` at the end, and leaves all else.
fn as_parsed(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once(':') else { return url.to_owned() };
    let last = rest.rsplit('/').next().unwrap_or(rest);
    let rest = if last.find(';') == Some(last.len().wrapping_sub(1)) { &rest[..rest.len() - 1] } else { rest };
    format!("{}:{rest}", scheme.to_ascii_lowercase())
}

/// White space as the plugin's language has it: four control characters count too.
fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}'))
}

/// The longest matching prefix is replaced, wherever it occurs in the URL, as the plugin does.
fn mirrored(url: &str, mirrors: &[(String, String)]) -> String {
    let longest = mirrors
        .iter()
        .filter(|(prefix, _)| !prefix.is_empty() && url.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len());
    longest.map_or_else(|| url.to_owned(), |(prefix, value)| url.replace(prefix, value))
}

/// The query as the plugin keeps it: decoded, empty values dropped, the last of doubled keys at the first's place.
///
/// A raw `+` is a plus: locks before version 4 write it so, and the plugin cannot read it at all.
fn parse_query(query: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in query.split('&') {
        let Some((key, value)) = part.split_once('=').filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        let (key, value) = (decode(key), strip(&decode(value)).to_owned());
        match pairs.iter_mut().find(|(k, _)| *k == key) {
            Some(pair) => pair.1 = value,
            None => pairs.push((key, value)),
        }
    }
    pairs
}

/// Percent-decoding; what is not UTF-8 becomes U+FFFD.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit())).and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Refuses a name and version that occur twice: they cannot be vendored.
fn two_sources(entries: &[BlockEntry]) -> Vec<Finding> {
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    for entry in entries {
        *seen.entry((&entry.name, &entry.version)).or_default() += 1;
    }
    let mut doubled: Vec<_> = seen.into_iter().filter(|(_, count)| *count > 1).collect();
    doubled.sort_unstable();
    let finding = |((name, version), count): ((&str, &str), usize)| {
        let message = format!("Cargo.lock has {name} {version} from {count} sources");
        let all = entries.iter().filter(|e| e.name == name && e.version == version);
        all.fold(Finding::new(&rules::CRATE_TWO_SOURCES, message).about(name), |finding, entry| {
            finding.note(match &entry.from {
                Origin::Registry { .. } => "from crates.io".to_owned(),
                Origin::Git { repo, commit, .. } => {
                    format!("from {} at {commit}", repo.escape_debug())
                }
            })
        })
    };
    doubled.into_iter().map(finding).collect()
}

/// Returns whether cargo allows this as a package name.
fn is_name(name: &str) -> bool {
    name.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// Returns whether a text consists of the characters of a version.
fn is_version(version: &str) -> bool {
    version.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && version.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo2::block::{Shape, render_list};
    use crate::cargo2::lock::parse;

    const SHA: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    /// A lock from lines `name version source`; `crates.io` means the registry.
    fn lock(lines: &[&str]) -> String {
        lines.iter().fold("version = 4\n".to_owned(), |mut out, line| {
            let [name, version, source] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("three words") };
            let source = source.replace("crates.io", &CRATES_IO).replace("COMMIT", COMMIT);
            out.push_str(&format!("[[package]]\nname = {name:?}\nversion = {version:?}\nsource = {source:?}\n"));
            if source.starts_with("registry") {
                out.push_str(&format!("checksum = \"{SHA}\"\n"));
            }
            out
        })
    }

    fn block(lines: &[&str], mirrors: &[(&str, &str)]) -> String {
        let git_mirrors = mirrors.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        render_list(&expected(&parse(&lock(lines)).unwrap(), &Config { git_mirrors }).unwrap(), Shape::at(0))
    }

    fn refused(text: &str) -> Vec<String> {
        let findings = expected(&parse(text).unwrap(), &Config::default()).unwrap_err();
        findings.iter().map(|f| format!("{}: {}", f.rule.id, f.message)).collect()
    }

    #[test]
    fn the_order_is_that_of_code_points_and_versions_are_text() {
        let text = block(
            &[
                "ab 1.0.0 crates.io",
                "a_b 1.0.0 crates.io",
                "B 1.0.0 crates.io",
                "a 0.9.0 crates.io",
                "a 0.10.0 crates.io",
                "a-b 1.0.0 crates.io",
            ],
            &[],
        );
        let names: Vec<&str> = text
            .lines()
            .filter(|l| l.contains("name:") || l.contains("version:"))
            .map(|l| l.trim().split(' ').nth(1).unwrap())
            .collect();
        assert_eq!(
            names.chunks(2).map(|c| c.join(" ")).collect::<Vec<_>>(),
            ["B 1.0.0", "a 0.10.0", "a 0.9.0", "a-b 1.0.0", "a_b 1.0.0", "ab 1.0.0"]
        );
    }

    #[test]
    fn the_longest_mirror_wins_and_replaces_every_occurrence() {
        let mirrors = [("https://x/", "x:"), ("https://x/deep/", "deep:")];
        assert!(
            block(&["a 1.0.0 git+https://x/deep/https://x/deep/r?rev=1#COMMIT"], &mirrors)
                .contains("repo: deep:deep:r\n")
        );
        assert!(block(&["a 1.0.0 git+https://x/r.git#COMMIT"], &mirrors).contains("repo: x:r.git\n"));
    }

    #[test]
    fn the_query_is_decoded_and_the_repository_is_not() {
        let text = block(&["a 1.0.0 git+HTTPS://Host/a%20b?branch=oxide%2Fdevelop&tag=&rev=1&rev=a+b%2B#COMMIT"], &[]);
        assert!(
            text.contains("repo: https://Host/a%20b\n  query:\n    branch: oxide/develop\n    rev: a+b+\n"),
            "{text}"
        );
    }

    #[test]
    fn an_empty_part_behind_a_semicolon_is_dropped() {
        assert_eq!(
            (as_parsed("HTTPS://x/r;"), as_parsed("https://x/r;a")),
            ("https://x/r".into(), "https://x/r;a".into())
        );
    }

    #[test]
    fn what_cannot_be_vendored_is_refused_by_name() {
        let sparse = "sparse+https://other.example/index/";
        assert_eq!(
            refused(&lock(&[
                "a 1.0.0 registry+https://other.example/index",
                &format!("b 1.0.0 {sparse}"),
                "c 1.0.0 svn+https://x/y",
                "d 1.0.0 git+https://x/y"
            ])),
            [
                "crate-alternate-registry: a 1.0.0 comes from another registry, `https://other.example/index`",
                "crate-alternate-registry: b 1.0.0 comes from another registry, `https://other.example/index/`",
                "crate-unknown-source: c 1.0.0 has a source of an unknown kind, `svn+https://x/y`",
                "crate-bad-value: the git source of d 1.0.0 does not end in a commit: `https://x/y`",
            ]
        );
    }

    #[test]
    fn one_version_from_two_sources_is_refused() {
        let text = lock(&["a 1.0.0 crates.io", "a 1.0.0 git+https://x/y#COMMIT", "b 1.0.0 crates.io"]);
        assert_eq!(refused(&text), ["crate-two-sources: Cargo.lock has a 1.0.0 from 2 sources"]);
        let notes = expected(&parse(&text).unwrap(), &Config::default()).unwrap_err().remove(0).notes;
        assert_eq!(notes, ["from crates.io", &format!("from https://x/y at {COMMIT}")]);
    }

    #[test]
    fn checksums_must_be_there_and_be_checksums() {
        let text = lock(&["a 1.0.0 crates.io", "b 1.0.0 crates.io"]);
        let without = text.replacen(&format!("checksum = \"{SHA}\"\n"), "", 1);
        assert_eq!(refused(&without), ["crate-without-checksum: the lock has no checksum for a 1.0.0"]);
        let short = text.replacen(SHA, "abc", 1);
        assert_eq!(refused(&short), ["crate-bad-checksum: the checksum of a 1.0.0 is not 64 hex digits: `abc`"]);
    }

    #[test]
    fn names_that_would_leave_the_vendor_folder_are_refused() {
        for who in ["../x 1.0.0", "x ../1"] {
            let message = format!("crate-bad-value: `{who}` is not the name and version of a crate");
            assert_eq!(refused(&lock(&[&format!("{who} crates.io")])), [message]);
        }
    }
}
