//! Names that are close to other names: to one in the same lock, or to one that many use.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use typomania::checks::{Check, Omitted, Repeated, SwappedCharacters, SwappedWords, Version};
use typomania::{AuthorSet, Corpus, Package};

/// Names that many projects use, one a line. What is close to them is worth a look.
const POPULAR: &str = include_str!("popular.txt");

/// The popular names.
static KNOWN: LazyLock<Names> = LazyLock::new(|| Names::of(popular()));

/// The maximum length of a name that is compared. The registry allows 64.
const LONGEST: usize = 64;

/// The minimum length of names that may differ in one character only. Shorter ones are often close by accident.
const LONG: usize = 6;

/// The maximum number of words of a name whose order is tried. More would cost as many attempts as orders.
const WORDS: usize = 5;

/// Names that many projects use.
pub(crate) fn popular() -> impl Iterator<Item = &'static str> {
    POPULAR.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A name that another is close to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// The known name.
    pub name: String,
    /// The difference of the other one.
    pub how: &'static str,
}

/// Parts of names by which projects name the pieces of one program, and the other languages' library: `clap_core`, `z-sys`, `rust-ini`.
const AFFIXES: [&str; 4] = ["rs", "sys", "core", "rust"];

/// What is left of a name without separators, capitals and the usual parts.
fn stem(name: &str) -> String {
    let words = name.to_lowercase();
    let words: Vec<&str> = words.split(['-', '_']).filter(|word| !word.is_empty()).collect();
    let own: Vec<&str> = words.iter().filter(|word| !AFFIXES.contains(word)).copied().collect();
    if own.is_empty() { words.concat() } else { own.concat() }
}

impl Near {
    /// Returns whether a name differs from the known one by a separator or by a usual part only, as `rust-z` and `z-sys` do. Such
    /// names are common among crates that belong together.
    #[must_use]
    pub fn is_variant(&self, name: &str) -> bool {
        stem(name) == stem(&self.name)
    }
}

/// Names in which close ones are found quickly.
#[derive(Clone, Debug, Default)]
pub struct Names {
    all: HashSet<String>,
    /// By what they look like.
    looks: HashMap<String, Vec<String>>,
    /// By what is left when one character is taken for any.
    holes: HashMap<String, Vec<String>>,
}

impl Names {
    /// Collects names. Those that are longer than the registry allows are left out.
    #[must_use]
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut own = Self::default();
        for name in names.into_iter().filter(|name| name.len() <= LONGEST) {
            if !own.all.insert(name.to_owned()) {
                continue;
            }
            own.looks.entry(look(name)).or_default().push(name.to_owned());
            for hole in holes(name) {
                own.holes.entry(hole).or_default().push(name.to_owned());
            }
        }
        own.looks.values_mut().chain(own.holes.values_mut()).for_each(|names| names.sort());
        own
    }

    /// The name that another is close to: one of these, or else a popular one. A popular name is close to none.
    #[must_use]
    pub fn near(&self, name: &str) -> Option<Near> {
        if name.len() > LONGEST || KNOWN.all.contains(name) {
            return None;
        }
        self.by_letters(name).or_else(|| KNOWN.by_letters(name)).or_else(|| by_checks(name, self))
    }

    /// Names that look alike, have a character more or another one.
    fn by_letters(&self, name: &str) -> Option<Near> {
        let other = |names: Option<&Vec<String>>| names?.iter().find(|other| *other != name).cloned();
        let near = |how| move |name| Near { name, how };
        let alike = other(self.looks.get(&look(name))).map(near("looks the same as"));
        let shorter = || {
            let without = shortened(name).find(|short| self.all.contains(short) && name.len() >= LONG);
            without.map(near("has a character more than"))
        };
        let changed = || {
            let mut all = holes(name).filter_map(|hole| other(self.holes.get(&hole)));
            all.find(|other| !numbered(name, other)).map(near("differs in one character from"))
        };
        alike.or_else(shorter).or_else(changed)
    }
}

/// A name with each of its characters left out.
fn shortened(name: &str) -> impl Iterator<Item = String> {
    name.char_indices().map(|(at, c)| format!("{}{}", &name[..at], &name[at + c.len_utf8()..]))
}

/// A name with each of its characters taken for any; none for short names, which are often close by accident.
fn holes(name: &str) -> impl Iterator<Item = String> {
    let long = name.len() >= LONG;
    let each = name.char_indices().filter(move |_| long);
    each.map(|(at, c)| format!("{}\0{}", &name[..at], &name[at + c.len_utf8()..]))
}

/// Returns whether two names differ in a number: `blake2` is not close to `blake3`.
fn numbered(a: &str, b: &str) -> bool {
    let differ = a.bytes().zip(b.bytes()).find(|(a, b)| a != b);
    differ.is_some_and(|(a, b)| a.is_ascii_digit() && b.is_ascii_digit())
}

/// Returns the look of a name: characters that are taken for each other become one, and separators are left out.
fn look(name: &str) -> String {
    let plain: String = name.to_lowercase().chars().filter(|c| !matches!(c, '-' | '_')).collect();
    plain.replace("rn", "m").replace("vv", "w").replace('0', "o").replace(['1', 'i'], "l").replace('5', "s")
}

/// The checks of the registry itself: a character less, doubled or swapped, words in another order, another number.
fn by_checks(name: &str, names: &Names) -> Option<Near> {
    let mut checks: Vec<(&'static str, Box<dyn Check>)> = vec![
        ("has a character less than", Box::new(Omitted::new("abcdefghijklmnopqrstuvwxyz0123456789-_"))),
        ("repeats a character of", Box::new(Repeated)),
        ("swaps characters of", Box::new(SwappedCharacters)),
        ("is, but for the number, the name of", Box::new(Version)),
    ];
    if name.split(['-', '_']).count() <= WORDS {
        checks.push(("swaps words of", Box::new(SwappedWords::new("-_"))));
    }
    let mut found: Vec<Near> = Vec::new();
    for (how, check) in checks {
        // These checks cannot fail: none of the lookups in the names below does.
        let squats = check.check(names, name, names).unwrap_or_default();
        found.extend(squats.iter().map(|s| Near { name: s.package().to_owned(), how }));
    }
    let short = |near: &Near| near.name.len() + 1 < LONG && near.how.starts_with("has");
    found.into_iter().find(|near| !short(near))
}

impl Corpus for Names {
    fn contains_name(&self, name: &str) -> typomania::Result<bool> {
        Ok(self.all.contains(name) || KNOWN.all.contains(name))
    }

    fn get(&self, _: &str) -> typomania::Result<Option<&dyn Package>> {
        Ok(None)
    }

    fn possible_squat(&self, known: &str, name: &str, _: &dyn Package) -> typomania::Result<bool> {
        Ok(known != name && self.contains_name(known)?)
    }
}

/// The checks also need the authors of a crate, which is not known here.
impl Package for Names {
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

impl AuthorSet for Names {
    fn contains(&self, _: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(name: &str) -> String {
        Names::of(["arrayref", "zip_structs"]).near(name).map_or("-".into(), |n| format!("{} {}", n.how, n.name))
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
            assert_eq!(near(name), expected, "{name}");
        }
    }

    #[test]
    fn variants_differ_by_usual_parts_only() {
        let variant = |name: &str, known: &str| Near { name: known.into(), how: "" }.is_variant(name);
        for (name, known) in [("z-sys", "z"), ("rust_z", "z"), ("z-core", "z_rs"), ("a-b", "ab"), ("core-z", "z-core")]
        {
            assert!(variant(name, known), "{name} {known}");
        }
        for (name, known) in
            [("arrayreff", "arrayref"), ("z-syss", "z"), ("sys", "rs"), ("zz-sys", "z-sys"), ("rsz", "z")]
        {
            assert!(!variant(name, known), "{name} {known}");
        }
    }

    #[test]
    fn established_names_are_close_to_none() {
        for name in ["arrayref", "serde", "md4", "an-entirely-other-name", "", "ö", "x"] {
            assert_eq!(near(name), "-", "{name}");
        }
    }

    #[test]
    fn a_long_name_of_many_words_ends_in_time() {
        assert_eq!(near(&"a-".repeat(32)), "-");
        assert_eq!(near(&"a".repeat(100_000)), "-");
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
            let near = Names::of([other.as_str(), &name]).near(&name);
            prop_assert!(near.is_none_or(|near| near.name != name));
            prop_assert_eq!(Names::of([name.as_str()]).near(&name), Names::default().near(&name));
        }
    }
}
