//! An advisory of the RustSec database, as it is in `crates/<name>/RUSTSEC-<year>-<number>.md`.
//!
//! The format is that of the database's `EXAMPLE_ADVISORY.md`: a block of TOML between fences (`[advisory]`, `[versions]`),
//! then Markdown whose first heading is the title. Crates that were made to do harm carry the category `malicious`; the
//! first one of them has only a title that says so.

use super::advisories::Advisory;
use serde::Deserialize;

/// The line that opens the TOML part.
const FENCE: &str = "```toml";

/// The number of characters of a title that are kept.
const TITLE: usize = 300;

#[derive(Deserialize)]
struct Front {
    advisory: Metadata,
    versions: Versions,
}

/// `[advisory]`. `date`, `references` and the like decide nothing here.
#[derive(Deserialize)]
struct Metadata {
    id: String,
    package: String,
    url: Option<String>,
    informational: Option<String>,
    withdrawn: Option<toml::Value>,
    cvss: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    keywords: Vec<String>,
}

/// `[versions]`. Without `patched` an advisory is not understood: the tables of its older forms were others.
#[derive(Deserialize)]
struct Versions {
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

/// Why an advisory is not understood, in words that follow its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AdvisoryError {
    /// It does not begin with a block of TOML.
    NoFront,
    /// Its TOML cannot be read.
    Toml(String),
    /// It is about something else: which field, and what is there.
    Other(&'static str, String),
    /// It has no title.
    NoTitle,
    /// It is no JSON of the form.
    Json(String),
}

impl std::fmt::Display for AdvisoryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoFront => f.write_str("it does not begin with a block of TOML"),
            Self::Toml(why) => write!(f, "its TOML cannot be read: {why}"),
            Self::Other(field, found) => {
                let found: String = found.chars().take(64).collect();
                write!(f, "its {field} is `{}`", found.escape_debug())
            }
            Self::NoTitle => f.write_str("it has no title"),
            Self::Json(why) => {
                write!(f, "its JSON cannot be read: {}", why.chars().take(200).collect::<String>().escape_debug())
            }
        }
    }
}

impl std::error::Error for AdvisoryError {}

/// Reads the advisory `id` on the crate `krate`.
///
/// # Errors
/// When something is missing or wrong. An advisory that is not understood must not look like none.
pub(crate) fn parse(krate: &str, id: &str, text: &str) -> Result<Advisory, AdvisoryError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (front, rest) = split(text).ok_or(AdvisoryError::NoFront)?;
    let Front { advisory, versions } =
        toml::from_str(&front).map_err(|e| AdvisoryError::Toml(e.message().to_owned()))?;
    for (what, found, wanted) in [("id", &advisory.id, id), ("package", &advisory.package, krate)] {
        if found != wanted {
            return Err(AdvisoryError::Other(what, found.clone()));
        }
    }
    let title = title(&rest).ok_or(AdvisoryError::NoTitle)?;
    let marks = advisory.categories.iter().chain(&advisory.keywords).chain(&advisory.informational);
    let malicious = is_malicious(marks, &title);
    Ok(Advisory {
        id: advisory.id,
        krate: advisory.package,
        title,
        url: advisory.url,
        malicious,
        informational: advisory.informational,
        withdrawn: withdrawn(advisory.withdrawn.as_ref()),
        patched: versions.patched,
        unaffected: versions.unaffected,
        severity: advisory.cvss,
        aliases: advisory.aliases,
        ..Advisory::default()
    })
}

/// The TOML between the fences, and what follows.
fn split(text: &str) -> Option<(String, String)> {
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    lines.next().filter(|line| line.trim_end() == FENCE)?;
    let mut front = String::new();
    loop {
        let line = lines.next()?;
        if line.trim_end() == "```" {
            break;
        }
        front.push_str(line);
        front.push('\n');
    }
    Some((front, lines.collect::<Vec<_>>().join("\n")))
}

/// The first line that is not empty: a heading. Bounded, since it is shown.
fn title(markdown: &str) -> Option<String> {
    let line = markdown.lines().map(str::trim).find(|line| !line.is_empty())?;
    let title = line.strip_prefix('#')?.trim_start_matches('#').trim();
    (!title.is_empty()).then(|| title.chars().take(TITLE).collect())
}

/// Returns whether the crate, or a version of it, was made to do harm.
///
/// A title that only speaks of malicious *input* is that of an ordinary vulnerability, so of titles only those count that call
/// the crate itself so, or say that it was removed for it.
pub(super) fn is_malicious<'a>(mut words: impl Iterator<Item = &'a String>, title: &str) -> bool {
    let marks = ["malicious", "malware", "backdoor"];
    let title = title.to_ascii_lowercase();
    words.any(|word| marks.iter().any(|mark| word.eq_ignore_ascii_case(mark)))
        || title.starts_with("malicious crate")
        || (title.contains("removed from") && marks.iter().any(|mark| title.contains(mark)))
}

/// `withdrawn` holds the day. Anything else there is not taken for one.
fn withdrawn(value: Option<&toml::Value>) -> bool {
    let day = |text: &str| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    match value {
        Some(toml::Value::String(text)) => day(text),
        Some(toml::Value::Datetime(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "RUSTSEC-2026-0001";

    /// An advisory with more lines under `[advisory]`, and a title.
    fn text(more: &str, title: &str) -> String {
        format!(
            "```toml\n[advisory]\nid = \"{ID}\"\npackage = \"a\"\ndate = \"2026-01-31\"\n{more}\n[versions]\n\
             patched = [\">= 1.2.3, < 1.3.0\", \">= 1.3.4\"]\nunaffected = [\"<= 0.1.2\"]\n\
             [affected]\nos = [\"windows\"]\n```\n\n# {title}\n\nWords.\n"
        )
    }

    fn read(more: &str, title: &str) -> Advisory {
        parse("a", ID, &text(more, title)).unwrap()
    }

    #[test]
    fn an_advisory_has_its_title_and_its_ranges() {
        let found = read("url = \"https://example.org/\"\ncvss = \"CVSS:3.1/AV:N\"", "Use after `free` ##");
        assert_eq!((found.id.as_str(), found.krate.as_str(), found.title.as_str()), (ID, "a", "Use after `free` ##"));
        assert_eq!(
            (found.url.as_deref(), found.severity.as_deref()),
            (Some("https://example.org/"), Some("CVSS:3.1/AV:N"))
        );
        assert!(found.affects("1.2.2") && !found.affects("1.2.3") && found.affects("1.3.0") && !found.affects("0.1.2"));
        assert!(!found.malicious && !found.withdrawn && found.informational.is_none());
    }

    #[test]
    fn malicious_crates_are_distinguished_from_malicious_input() {
        assert!(read("categories = [\"malicious\"]", "x").malicious);
        assert!(read("keywords = [\"Malware\"]", "x").malicious);
        assert!(read("", "malicious crate `a`").malicious);
        assert!(read("", "`a` was removed from the registry for malicious code").malicious);
        assert!(!read("categories = [\"denial-of-service\"]", "A malicious server can crash the client").malicious);
    }

    #[test]
    fn what_is_withdrawn_or_no_vulnerability_says_so() {
        assert!(read("withdrawn = \"2026-02-01\"", "x").withdrawn);
        assert!(read("withdrawn = 2026-02-01", "x").withdrawn);
        assert!(!read("withdrawn = false", "x").withdrawn && !read("withdrawn = \"\"", "x").withdrawn);
        assert_eq!(read("informational = \"unmaintained\"", "x").informational.as_deref(), Some("unmaintained"));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let good = text("", "Title");
        assert!(parse("a", ID, &good.replace('\n', "\r\n")).is_ok());
        for (from, to, why) in [
            ("```toml", "---", "block of TOML"),
            ("```\n", "", "block of TOML"),
            ("package = \"a\"", "package = \"b\"", "its package is `b`"),
            (ID, "RUSTSEC-2026-0002", "its id is `RUSTSEC-2026-0002`"),
            ("patched", "fixed", "missing field `patched`"),
            ("patched = [", "patched = [1, ", "TOML"),
            ("# Title", "", "no title"),
            ("# Title", "# ", "no title"),
        ] {
            let error = parse("a", ID, &good.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(why), "{from}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,100}", front in "[\\[\\]a-z=\"`\n.0-9 ]{0,120}") {
            let _ = parse("a", ID, &text);
            let _ = parse("a", ID, &format!("```toml\n{front}\n```\n# {text}"));
        }
    }
}
