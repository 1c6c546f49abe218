//! Names that are close to other names: to one in the same lock, or to one that many use.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;
use typomania::checks::{Check, Omitted, Repeated, SwappedCharacters, SwappedWords, Version};
use typomania::{AuthorSet, Corpus, Package};

/// Names that many projects use, one a line. What is close to them is worth a look.
const POPULAR: &str = include_str!("popular.txt");

/// The popular names as a set.
static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| popular().collect());

/// How long a name may be that is compared. The registry allows 64.
const LONGEST: usize = 64;

/// How long names are that may differ in one character only. Shorter ones are often close by accident.
const LONG: usize = 6;

/// How many words a name may have whose order is tried. More would cost as many attempts as orders.
const WORDS: usize = 5;

/// Names that many projects use.
pub fn popular() -> impl Iterator<Item = &'static str> {
    POPULAR.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A name that another is close to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// The known name.
    pub name: String,
    /// How the other one differs from it.
    pub how: &'static str,
}

/// The first known name that a name is close to: of `others`, which are the names of the lock, then of the popular ones.
/// A popular name is close to none.
#[must_use]
pub fn near<'a>(name: &str, others: impl IntoIterator<Item = &'a str>) -> Option<Near> {
    if name.len() > LONGEST || KNOWN.contains(name) {
        return None;
    }
    let others: HashSet<&str> = others.into_iter().filter(|other| *other != name).collect();
    by_letters(name, &others).or_else(|| by_letters(name, &KNOWN)).or_else(|| by_checks(name, &others))
}

/// Names that look alike, have a character more or another one.
fn by_letters(name: &str, known: &HashSet<&str>) -> Option<Near> {
    let own = look(name);
    let alike = |other: &str| {
        if look(other) == own {
            return Some("looks the same as");
        }
        if one_more(name, other) && other.len() + 1 >= LONG {
            return Some("has a character more than");
        }
        (one_other(name, other) && name.len() >= LONG).then_some("differs in one character from")
    };
    let found: BTreeSet<Near> =
        known.iter().filter_map(|other| Some(Near { name: (*other).to_owned(), how: alike(other)? })).collect();
    found.into_iter().next()
}

/// What a name looks like: characters that are taken for each other are one, and separators are none.
fn look(name: &str) -> String {
    let plain: String = name.to_lowercase().chars().filter(|c| !matches!(c, '-' | '_')).collect();
    plain.replace("rn", "m").replace("vv", "w").replace('0', "o").replace(['1', 'i'], "l").replace('5', "s")
}

/// Whether `long` is `short` with one character more.
fn one_more(long: &str, short: &str) -> bool {
    long.len() == short.len() + 1
        && (0..long.len()).any(|at| {
            long.is_char_boundary(at)
                && long.is_char_boundary(at + 1)
                && short.is_char_boundary(at)
                && long[..at] == short[..at]
                && long[at + 1..] == short[at..]
        })
}

/// Whether two names differ in one character. Another number is another version: `md4` is not close to `md5`.
fn one_other(a: &str, b: &str) -> bool {
    let mut differ = a.bytes().zip(b.bytes()).filter(|(a, b)| a != b);
    let first = differ.next();
    a.len() == b.len()
        && differ.next().is_none()
        && first.is_some_and(|(a, b)| !(a.is_ascii_digit() && b.is_ascii_digit()))
}

/// The checks of the registry itself: a character less, doubled or swapped, words in another order, another number.
fn by_checks(name: &str, others: &HashSet<&str>) -> Option<Near> {
    let mut checks: Vec<(&'static str, Box<dyn Check>)> = vec![
        ("has a character less than", Box::new(Omitted::new("abcdefghijklmnopqrstuvwxyz0123456789-_"))),
        ("repeats a character of", Box::new(Repeated)),
        ("swaps characters of", Box::new(SwappedCharacters)),
        ("is, but for the number, the name of", Box::new(Version)),
    ];
    if name.split(['-', '_']).count() <= WORDS {
        checks.push(("swaps words of", Box::new(SwappedWords::new("-_"))));
    }
    let known = Known(others.iter().map(ToString::to_string).collect());
    let mut found: Vec<Near> = Vec::new();
    for (how, check) in checks {
        // These checks cannot fail: nothing that they ask of the names below does.
        let squats = check.check(&known, name, &known).unwrap_or_default();
        found.extend(squats.iter().map(|s| Near { name: s.package().to_owned(), how }));
    }
    let short = |near: &Near| near.name.len() + 1 < LONG && near.how.starts_with("has");
    found.into_iter().find(|near| !short(near))
}

/// The known names, as the checks want them. Who made a crate is not known here.
struct Known(HashSet<String>);

impl Corpus for Known {
    fn contains_name(&self, name: &str) -> typomania::Result<bool> {
        Ok(self.0.contains(name) || KNOWN.contains(name))
    }

    fn get(&self, _: &str) -> typomania::Result<Option<&dyn Package>> {
        Ok(None)
    }

    fn possible_squat(&self, known: &str, name: &str, _: &dyn Package) -> typomania::Result<bool> {
        Ok(known != name && self.contains_name(known)?)
    }
}

impl Package for Known {
    fn authors(&self) -> &dyn AuthorSet {
        self
    }

    fn description(&self) -> Option<&str> {
        None
    }

    fn shared_authors(&self, _: &dyn AuthorSet) -> bool {
        false
    }
}

impl AuthorSet for Known {
    fn contains(&self, _: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(name: &str) -> String {
        near(name, ["arrayref", "zip_structs"]).map_or("-".into(), |n| format!("{} {}", n.how, n.name))
    }

    #[test]
    fn close_names_are_found_with_what_they_are_close_to() {
        for (name, expected) in [
            ("arrayreff", "has a character more than arrayref"),
            ("arayref", "has a character less than arrayref"),
            ("arrayerf", "swaps characters of arrayref"),
            ("arrayret", "differs in one character from arrayref"),
            ("array-ref", "looks the same as arrayref"),
            ("structs_zip", "swaps words of zip_structs"),
            ("serde_jsom", "differs in one character from serde_json"),
            ("toklo", "looks the same as tokio"),
            ("rustdecimal", "looks the same as rust_decimal"),
            ("arrayref2", "has a character more than arrayref"),
        ] {
            assert_eq!(told(name), expected, "{name}");
        }
    }

    #[test]
    fn names_that_stand_for_themselves_are_close_to_none() {
        for name in ["arrayref", "serde", "md4", "an-entirely-other-name", "", "ö", "x"] {
            assert_eq!(told(name), "-", "{name}");
        }
    }

    #[test]
    fn a_long_name_of_many_words_ends_in_time() {
        assert_eq!(told(&"a-".repeat(32)), "-");
        assert_eq!(told(&"a".repeat(100_000)), "-");
    }

    #[test]
    fn popular_names_are_names_and_each_is_there_once() {
        let all: Vec<&str> = popular().collect();
        assert!(all.len() >= 250, "{}", all.len());
        assert_eq!(all.len(), all.iter().collect::<HashSet<_>>().len());
        assert!(all.is_sorted());
        let letters = |n: &&str| n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        assert!(all.iter().all(letters));
    }

    proptest! {
        #[test]
        fn no_name_breaks_it(name in "\\PC{0,20}", other in "\\PC{0,20}") {
            near(&name, [other.as_str()]);
            prop_assert_eq!(near(&name, [name.as_str()]), near(&name, []));
        }
    }
}
