//! A pattern of paths, compiled when the configuration is read.

use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pattern of paths from the repository's root: `*` matches within a folder, `**` matches folders.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
}

impl Pattern {
    /// Returns whether it covers a path.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.matcher.is_match(path)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

/// A text is not a pattern of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAPattern(String);

impl std::fmt::Display for NotAPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAPattern {}

impl TryFrom<String> for Pattern {
    type Error = NotAPattern;

    fn try_from(text: String) -> Result<Self, NotAPattern> {
        let shown = text.escape_debug();
        // A pattern that can never match would exempt or guard nothing, silently.
        let never = text.split('/').any(|part| matches!(part, "" | "." | ".."));
        if never {
            let why = format!("`{shown}` matches nothing; paths begin at the repository's root, as in `scripts/**`");
            return Err(NotAPattern(why));
        }
        let built = GlobBuilder::new(&text).literal_separator(true).build();
        let matcher = built.map_err(|e| NotAPattern(format!("`{shown}` is not a pattern: {}", e.kind())))?;
        Ok(Self { text, matcher: matcher.compile_matcher() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_within_a_folder_and_double_stars_do_not() {
        let covers = |pattern: &str, path: &str| Pattern::try_from(pattern.to_owned()).unwrap().covers(path);
        assert!(covers("scripts/*.sh", "scripts/a.sh") && !covers("scripts/*.sh", "scripts/b/a.sh"));
        assert!(
            covers("scripts/**", "scripts/b/a.sh") && covers("**/OWNERS", "OWNERS") && covers("**/OWNERS", "a/OWNERS")
        );
        assert!(!covers("justfile", "a/justfile") && !covers("justfile", "Justfile"));
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_refused() {
        for text in ["", "/a", "a/", "./a", "a//b", "../a", "a[", "{a"] {
            assert!(Pattern::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
