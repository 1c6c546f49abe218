//! Cargo.lock, byte-faithfully: what cargo wrote, nothing decoded and nothing guessed.

use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// The maximum size of a lock, in bytes. The largest known one has 700 KB.
pub const MAX_LOCK: usize = 16 << 20;

/// The newest lock version that is known: v1 and v2 do not name theirs.
pub const NEWEST: i64 = 4;

/// A lock's packages, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock<'a> {
    /// The version that the lock names, if it does.
    pub version: Option<i64>,
    /// The packages.
    pub packages: Vec<Package<'a>>,
}

/// One package, as the lock writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Package<'a> {
    /// The name.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// The version.
    #[serde(borrow)]
    pub version: Cow<'a, str>,
    /// Its source. None for a package of the workspace or of a path.
    #[serde(borrow)]
    pub source: Option<Cow<'a, str>>,
    /// The sha256 of a registry's crate file; for v1 from `[metadata]`.
    #[serde(borrow)]
    pub checksum: Option<Cow<'a, str>>,
}

/// The reason why a text is not a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The problem, as a lower-case fragment.
    pub message: String,
    /// The byte offset of the problem in the lock.
    pub at: Option<usize>,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The lock as TOML has it.
#[derive(Deserialize)]
struct Raw<'a> {
    version: Option<i64>,
    #[serde(borrow)]
    package: Option<Vec<Package<'a>>>,
    #[serde(borrow)]
    metadata: Option<BTreeMap<Cow<'a, str>, Cow<'a, str>>>,
}

/// Reads a lock of version 1 to 4.
///
/// # Errors
/// When it is not TOML, has no `package`, or is of a version that is not known.
pub fn parse(text: &str) -> Result<Lock<'_>, Error> {
    if text.len() > MAX_LOCK {
        let message = format!("the lock has {} bytes; more than {MAX_LOCK} are not read", text.len());
        return Err(Error { message, at: None });
    }
    let raw: Raw<'_> =
        toml::from_str(text).map_err(|e| Error { message: e.message().to_owned(), at: e.span().map(|s| s.start) })?;
    if let Some(version) = raw.version
        && !(1..=NEWEST).contains(&version)
    {
        let message = format!("the lock is of version {version}; the versions 1 to {NEWEST} are known");
        return Err(Error { message, at: None });
    }
    let Some(mut packages) = raw.package else {
        return Err(Error { message: "the lock has no `package`".into(), at: None });
    };
    if let Some(metadata) = &raw.metadata {
        adopt_checksums(&mut packages, metadata);
    }
    Ok(Lock { version: raw.version, packages })
}

/// Fills in the checksums of version 1, which keeps them apart: `"checksum NAME VERSION (SOURCE)" = "SHA"`.
fn adopt_checksums<'a>(packages: &mut [Package<'a>], metadata: &BTreeMap<Cow<'a, str>, Cow<'a, str>>) {
    let sums: HashMap<&str, &Cow<'a, str>> =
        metadata.iter().filter_map(|(key, value)| Some((key.strip_prefix("checksum ")?, value))).collect();
    for package in packages.iter_mut().filter(|p| p.checksum.is_none()) {
        let Some(source) = &package.source else {
            continue;
        };
        let key = format!("{} {} ({source})", package.name, package.version);
        package.checksum = sums.get(key.as_str()).filter(|sum| ***sum != "<none>").map(|sum| (**sum).clone());
    }
}

/// Compares with a second reader before anything is written from a lock: the packages with a source and their checksums must be
/// the same.
///
/// A lock that the other reader cannot read, or would not survive, is left to ours. It refuses, for instance, versions with
/// leading zeros.
///
/// # Errors
/// Names the first package on which the two readers differ.
pub fn second_opinion(text: &str, lock: &Lock<'_>) -> Result<(), Error> {
    if !fits_other_reader(text, lock) {
        return Ok(());
    }
    let Ok(other) = text.parse::<cargo_lock::Lockfile>() else {
        return Ok(());
    };
    let mut ours: Vec<(String, String, Option<String>)> = lock
        .packages
        .iter()
        .filter(|p| p.source.is_some())
        .map(|p| (p.name.to_string(), p.version.to_string(), p.checksum.as_ref().map(|c| c.to_lowercase())))
        .collect();
    let mut theirs: Vec<_> = other
        .packages
        .iter()
        .filter(|p| p.source.is_some())
        .map(|p| (p.name.to_string(), p.version.to_string(), p.checksum.as_ref().map(ToString::to_string)))
        .collect();
    ours.sort();
    theirs.sort();
    match ours.iter().zip(&theirs).find(|(a, b)| a != b) {
        None if ours.len() == theirs.len() => Ok(()),
        None => Err(Error { message: "two readers of the lock do not see the same packages".into(), at: None }),
        Some(((name, version, _), _)) => Err(Error {
            message: format!("two readers of the lock differ at {name} {version}"),
            at: text.find(name.as_str()),
        }),
    }
}

/// Returns whether the other reader ends well and in time.
///
/// It cuts checksums between bytes, which panics inside a character; cargo writes neither characters beyond ASCII there
/// nor escapes for them. And it looks every dependency up among all packages, and for version 1 every package in the
/// metadata: the bounds on packages times bytes are five and twenty times the figures of the largest known locks.
fn fits_other_reader(text: &str, lock: &Lock<'_>) -> bool {
    let most = if lock.version.is_some_and(|version| version > 1) { 1 << 32 } else { 1 << 28 };
    text.is_ascii() && !text.contains('\\') && lock.packages.len().saturating_mul(text.len()) <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packages as `name version source checksum`.
    fn read(text: &str) -> Vec<String> {
        let lock = parse(text).unwrap();
        second_opinion(text, &lock).unwrap();
        let or = |o: &Option<Cow<'_, str>>| o.as_deref().unwrap_or("-").to_owned();
        lock.packages
            .iter()
            .map(|p| format!("{} {} {} {}", p.name, p.version, or(&p.source), or(&p.checksum)))
            .collect()
    }

    const SHA: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn version_1_has_its_checksums_in_metadata() {
        let index = cargo_lock::SourceId::default().to_string();
        let text = format!(
            "[root]\nname = \"r\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"{index}\"\n\n[metadata]\n\"checksum a 1.0.0 ({index})\" = \"{SHA}\"\n"
        );
        assert_eq!(read(&text), [format!("a 1.0.0 {index} {SHA}")]);
    }

    #[test]
    fn sources_are_kept_to_the_letter() {
        let source =
            "git+https://Example.org:443/a%20b.git?branch=x%2Fy&tag=ü#0123456789abcdef0123456789abcdef01234567";
        let text =
            format!("version = 4\n[[package]]\nname = \"a\"\nversion = \"2.0.16+zstd.1.5.7\"\nsource = \"{source}\"\n");
        assert_eq!(parse(&text).unwrap().packages[0].source.as_deref(), Some(source));
    }

    #[test]
    fn what_is_not_a_known_lock_is_an_error() {
        let error = |text: &str| parse(text).unwrap_err().message;
        assert_eq!(
            error("version = 5\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n"),
            "the lock is of version 5; the versions 1 to 4 are known"
        );
        assert_eq!(error("version = 4\n"), "the lock has no `package`");
        assert!(parse("[[package]]\nname = \"a\"\n").unwrap_err().message.contains("version"));
        assert!(parse("<<<<<<< HEAD\n").unwrap_err().at.is_some());
    }

    #[test]
    fn a_second_reader_that_differs_is_an_error() {
        let text = format!(
            "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"{}\"\nchecksum = \"{SHA}\"\n",
            cargo_lock::SourceId::default()
        );
        let mut lock = parse(&text).unwrap();
        lock.packages[0].checksum = None;
        assert_eq!(second_opinion(&text, &lock).unwrap_err().message, "two readers of the lock differ at a 1.0.0");
    }

    #[test]
    fn a_checksum_that_would_be_cut_inside_a_character_is_not_handed_to_the_second_reader() {
        let odd = format!("0é{}", "0".repeat(61));
        let package = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
        for text in [
            format!("version = 4\n{package}checksum = \"{odd}\"\n"),
            format!("version = 4\n{package}checksum = \"{}\"\n", odd.replace('é', "\\u00e9")),
            format!("{package}[metadata]\n\"checksum a 1.0.0\" = \"{odd}\"\n"),
            format!("[root]\nname = \"r\"\nversion = \"1.0.0\"\nchecksum = \"{odd}\"\n{package}"),
        ] {
            assert_eq!(second_opinion(&text, &parse(&text).unwrap()), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_lock_made_to_take_long_is_not_handed_to_the_second_reader() {
        let fits = |head: &str, packages: usize, tail: usize| {
            let packages: String =
                (0..packages).map(|i| format!("[[package]]\nname = \"a{i}\"\nversion = \"1.0.0\"\n")).collect();
            let text = format!("{head}{packages}dependencies = [{}]\n", "\"x\",".repeat(tail));
            fits_other_reader(&text, &parse(&text).unwrap())
        };
        assert!(fits("version = 4\n", 1_500, 120_000) && !fits("version = 4\n", 20_000, 120_000));
        assert!(fits("", 600, 60_000) && !fits("", 1_500, 120_000) && !fits("version = 1\n", 1_500, 120_000));
    }
}
