//! A crate's file in a registry index: one JSON object a line, one line a version, oldest first.
//!
//! The format is cargo's (The Cargo Book, "Registry Index", "JSON schema"): `name`, `vers`, `deps`, `cksum`, `yanked`, `links`,
//! `pubtime`; the other fields are not read. A line that cannot be read makes the whole answer unusable, because a version
//! that is passed over would look as if it had never been there.

use super::evidence::{DependencyKind, IndexCrate, IndexDependency, IndexVersion};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// The maximum number of versions that a crate may have. The largest real ones have a few thousand.
const MAX_VERSIONS: usize = 100_000;

/// The maximum number of dependencies that all versions of a crate may name together.
const MAX_DEPENDENCIES: usize = 1_000_000;

/// One line. Fields that may be `null` are optional: old entries have them so.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    vers: Cow<'a, str>,
    deps: Vec<Dependency<'a>>,
    cksum: Cow<'a, str>,
    yanked: Option<bool>,
    links: Option<Cow<'a, str>>,
    pubtime: Option<Cow<'a, str>>,
}

/// A dependency. A renamed one has its own name in `package`.
#[derive(Deserialize)]
struct Dependency<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    package: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    optional: Option<bool>,
    target: Option<Cow<'a, str>>,
}

/// The reason why an answer is not what an index holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The line of this number, and what is wrong with it.
    Line(usize, MalformedLine),
    /// There are more versions or dependencies than any crate has.
    TooMuch,
    /// There is no version.
    NoVersion,
}

/// The reason why a line is not what an index holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MalformedLine {
    /// It is not JSON of the format, and why.
    Json(String),
    /// It is about another crate. These are the first characters of its name.
    OtherCrate(String),
    /// Its checksum is no sha256.
    Checksum,
    /// It has no version.
    NoVersion,
    /// Its time cannot be read.
    Time,
    /// An earlier line has its version.
    Twice,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number, why) => write!(f, "line {number} of the index's answer {why}"),
            Self::TooMuch => f.write_str("the index's answer names more versions or dependencies than any crate has"),
            Self::NoVersion => f.write_str("the index's answer names no version"),
        }
    }
}

impl fmt::Display for MalformedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(why) => write!(f, "is not what an index holds: {why}"),
            Self::OtherCrate(name) => write!(f, "is about `{}`", name.escape_debug()),
            Self::Checksum => f.write_str("has a checksum that is no sha256"),
            Self::NoVersion => f.write_str("has no version"),
            Self::Time => f.write_str("has a time that cannot be read"),
            Self::Twice => f.write_str("names a version a second time"),
        }
    }
}

impl std::error::Error for Malformed {}

/// Reads the index file of the crate `name`.
///
/// # Errors
/// The line that is not of the format, is about another crate (names count with their case), or names a version twice; a
/// file without a version, or with more than anybody has.
pub(crate) fn parse(name: &str, body: &[u8]) -> Result<IndexCrate, Malformed> {
    let mut found = IndexCrate::default();
    let mut seen = HashSet::new();
    let mut dependencies = 0;
    for (number, line) in (1..).zip(body.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let version = version(name, line).map_err(|why| Malformed::Line(number, why))?;
        if !seen.insert(version.version.clone()) {
            return Err(Malformed::Line(number, MalformedLine::Twice));
        }
        dependencies += version.dependencies.len();
        if seen.len() > MAX_VERSIONS || dependencies > MAX_DEPENDENCIES {
            return Err(Malformed::TooMuch);
        }
        found.versions.push(version);
    }
    if found.versions.is_empty() { Err(Malformed::NoVersion) } else { Ok(found) }
}

fn version(name: &str, line: &[u8]) -> Result<IndexVersion, MalformedLine> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|e| MalformedLine::Json(e.to_string()))?;
    if line.name != name {
        return Err(MalformedLine::OtherCrate(line.name.chars().take(64).collect()));
    }
    if line.cksum.len() != 64 || !line.cksum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(MalformedLine::Checksum);
    }
    if line.vers.is_empty() || line.vers.len() > 256 {
        return Err(MalformedLine::NoVersion);
    }
    let published = line.pubtime.map(|text| seconds(&text).ok_or(MalformedLine::Time)).transpose()?;
    Ok(IndexVersion {
        version: line.vers.into_owned(),
        checksum: line.cksum.to_ascii_lowercase(),
        yanked: line.yanked.unwrap_or(false),
        published,
        links: line.links.map(Cow::into_owned),
        dependencies: line.deps.into_iter().map(dependency).collect(),
    })
}

/// As cargo has it: what is neither for the build script nor for tests is for the crate itself.
fn dependency(read: Dependency<'_>) -> IndexDependency {
    let kind = match read.kind.as_deref() {
        Some("build") => DependencyKind::Build,
        Some("dev") => DependencyKind::Dev,
        _ => DependencyKind::Normal,
    };
    IndexDependency {
        name: read.package.unwrap_or(read.name).into_owned(),
        kind,
        optional: read.optional.unwrap_or(false),
        target: read.target.map(Cow::into_owned),
    }
}

/// The seconds since 1970-01-01T00:00:00Z of an RFC 3339 time. Parts of a second do not count.
fn seconds(text: &str) -> Option<i64> {
    let text = text.is_ascii().then_some(text)?;
    let (date, rest) = text.split_at_checked(10)?;
    let [y, m, d] = three(date, '-', [4, 2, 2])?;
    let (time, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let [hour, minute, second] = three(time, ':', [2, 2, 2])?;
    let zone = rest.strip_prefix('.').map_or(rest, |part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
    let plain = (1..=12).contains(&m) && (1..=31).contains(&d) && hour < 24 && minute < 60 && second <= 60;
    let of_day = hour * 3_600 + minute * 60 + second;
    if plain { Some(days(y, m, d) * 86_400 + of_day - offset(zone)?) } else { None }
}

/// Numbers of these widths with a mark between them.
fn three(text: &str, mark: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(mark);
    let mut numbers = [0; 3];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = digits.then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(numbers)
}

/// Returns how far a zone is ahead of UTC, in seconds.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let [hours, minutes, _] = three(&format!("{rest}:00"), ':', [2, 2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// The days from 1970-01-01 to a day of the Gregorian calendar (H. Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SUM: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// A line of the index, with more fields where a test wants them.
    fn line(name: &str, version: &str, more: &str) -> String {
        format!(
            "{{\"name\":\"{name}\",\"vers\":\"{version}\",\"deps\":[],\"cksum\":\"{SUM}\",\"features\":{{}}{more}}}\n"
        )
    }

    #[test]
    fn a_line_is_a_version_and_lines_keep_their_order() {
        let old = line("a", "1.0.0", r#","yanked":true,"links":"z","pubtime":"2026-08-20T11:07:51Z""#);
        let new = line("a", "0.9.0", r#","yanked":null,"links":null,"v":2,"features2":{"x":["dep:y"]}"#);
        let read = parse("a", format!("{old}\r\n{new}").as_bytes()).unwrap().versions;
        let shown: Vec<_> = read.iter().map(|v| (v.version.as_str(), v.yanked, v.links.as_deref())).collect();
        assert_eq!(shown, [("1.0.0", true, Some("z")), ("0.9.0", false, None)]);
        assert_eq!((read[0].published, read[1].published), (Some(1_787_224_071), None));
        assert_eq!(read[0].checksum, SUM);
    }

    #[test]
    fn a_dependency_has_the_name_of_its_package() {
        let deps = r#"[{"name":"x","req":"*","features":[],"optional":true,"default_features":true,"target":"cfg(windows)",
            "kind":"build","package":"real"},{"name":"y","req":"1","kind":null,"target":null},{"name":"z","kind":"dev"}]"#;
        let text = line("a", "1.0.0", "").replace("[]", &deps.replace('\n', ""));
        let found = parse("a", text.as_bytes()).unwrap().versions.remove(0).dependencies;
        let shown: Vec<_> = found.iter().map(|d| (d.name.as_str(), d.kind, d.optional, d.target.as_deref())).collect();
        let x = ("real", DependencyKind::Build, true, Some("cfg(windows)"));
        assert_eq!(shown, [x, ("y", DependencyKind::Normal, false, None), ("z", DependencyKind::Dev, false, None)]);
    }

    #[test]
    fn one_wrong_line_spoils_the_answer() {
        let good = line("a", "1.0.0", "");
        for (wrong, why) in [
            (line("b", "1.0.1", ""), "about `b`"),
            (line("A", "1.0.1", ""), "about `A`"),
            (line("a", "1.0.0", ""), "a second time"),
            (line("a", "", ""), "no version"),
            (line("a", "1.0.1", "").replace(SUM, "abc"), "no sha256"),
            (line("a", "1.0.1", r#","pubtime":"yesterday""#), "a time"),
            (line("a", "1.0.1", "")[..40].to_owned(), "not what an index holds"),
            ("<html>".to_owned(), "not what an index holds"),
        ] {
            let error = parse("a", format!("{good}{wrong}").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("line 2 ") && error.contains(why), "{error}");
        }
        assert_eq!(parse("a", b"\n\n"), Err(Malformed::NoVersion));
    }

    #[test]
    fn times_are_seconds_since_1970() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2000-02-29T23:59:60Z"), Some(951_868_800));
        assert_eq!(seconds("2026-08-20T11:07:51.123456Z"), Some(1_787_224_071));
        assert_eq!(seconds("2026-08-20T13:37:51+02:30"), Some(1_787_224_071));
        for wrong in [
            "",
            "2026-08-20",
            "2026-08-20T11:07:51",
            "2026-13-20T11:07:51Z",
            "2026-08-20T24:07:51Z",
            "2026-08-20T11:07:51+2",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,30}") {
            let _ = parse("a", &bytes);
            let _ = seconds(&text);
        }

        #[test]
        fn no_damage_of_a_line_makes_the_parser_panic(at in 0_usize..180, byte in any::<u8>()) {
            let mut text = line("a", "1.0.0", r#","pubtime":"2026-08-20T11:07:51Z""#).into_bytes();
            let at = at % text.len();
            text[at] = byte;
            let _ = parse("a", &text);
        }

        #[test]
        fn days_are_those_of_the_calendar(n in 0_u64..2_000_000) {
            let shown = crate::config::Date::of_unix(n * 86_400).to_string();
            prop_assert_eq!(seconds(&format!("{shown}T00:00:00Z")), i64::try_from(n * 86_400).ok());
        }
    }
}
