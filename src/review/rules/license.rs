//! Licences that are gone, changed or not wanted.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, shown};
use spdx::{Expression, Licensee, ParseMode};
use std::collections::BTreeSet;

/// The maximum number of licences of expressions that are compared. More are never the same.
const MOST_PARTS: usize = 10;

/// The maximum length of an expression that is read, in bytes.
const LONGEST: usize = 1_000;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-license",
    severity: Severity::Warning,
    means: "A changed crate names another licence than before, names none, or names one that the project does not allow.",
    remedy: "Look at the licence files of the crate. Licences that are fine are listed in the configuration.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(after) = case.archive() else { return Vec::new() };
    let before = case.archive_before().map(|b| b.license.as_deref());
    let who = case.who();
    let message = match (before, after.license.as_deref()) {
        (Some(Some(_)), None) => format!("{who} no longer names a licence"),
        (None, None) => format!("{who} names no licence"),
        (_, Some(license)) if !allowed(license, &case.settings.licenses) => {
            format!("the licence {} of {who} is not one that the project allows", shown(license))
        }
        (Some(old), Some(new)) if old != Some(new) && !same(old, new) => {
            format!("{who} names the licence {} instead of {}", shown(new), old.map_or("none".into(), shown))
        }
        _ => return Vec::new(),
    };
    let finding = case.finding(&RULE, message);
    let old = before.flatten().map(|old| format!("before: {}", shown(old)));
    vec![old.into_iter().fold(finding, Finding::note)]
}

/// Returns whether a licence satisfies the list. One that cannot be read satisfies none.
fn allowed(license: &str, allowed: &[String]) -> bool {
    if allowed.is_empty() {
        return true;
    }
    let known: Vec<Licensee> = allowed.iter().filter_map(|l| Licensee::parse(l).ok()).collect();
    read(license).is_some_and(|e| e.evaluate(|req| known.iter().any(|l| l.satisfies(req))))
}

/// Returns whether two expressions say the same: `MIT/Apache-2.0` is `Apache-2.0 OR MIT`.
pub(in crate::review) fn same(old: Option<&str>, new: &str) -> bool {
    let parts = |e: &Expression| e.requirements().map(|r| r.req.to_string()).collect::<BTreeSet<String>>();
    // Whoever accepts some of the parts accepts both or neither, whichever parts these are.
    let alike = |a: &Expression, b: &Expression| {
        let parts: Vec<String> = parts(a).into_iter().collect();
        let accepts = |e: &Expression, set: u32| {
            e.evaluate(|req| {
                parts.iter().position(|part| *part == req.to_string()).is_some_and(|at| set >> at & 1 == 1)
            })
        };
        parts.len() <= MOST_PARTS && (0..1_u32 << parts.len()).all(|set| accepts(a, set) == accepts(b, set))
    };
    old.is_some_and(|old| match (read(old), read(new)) {
        (Some(a), Some(b)) => parts(&a) == parts(&b) && alike(&a, &b),
        _ => false,
    })
}

/// Reads an expression, old spellings included.
fn read(text: &str) -> Option<Expression> {
    (text.len() <= LONGEST).then(|| Expression::parse_mode(text, ParseMode::LAX).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_allowed_if_the_list_satisfies_it() {
        let list = ["MIT".to_owned(), "Apache-2.0".to_owned()];
        for fine in ["MIT", "MIT OR GPL-3.0-only", "MIT/Apache-2.0", "MIT AND Apache-2.0"] {
            assert!(allowed(fine, &list), "{fine}");
        }
        for wrong in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "my own", "", &"(".repeat(100_000)] {
            assert!(!allowed(wrong, &list), "{wrong}");
        }
        assert!(allowed("my own", &[]));
    }

    #[test]
    fn a_new_crate_without_a_licence_is_a_warning() {
        use crate::review::{evidence::ArchiveFacts, testing::*};
        let new = [registry("a", "1.0.0")];
        let mut all = evidence(index(&new));
        all.archives.facts.insert(("a".into(), "1.0.0".into()), Ok(ArchiveFacts::default()));
        let found = messages(&mut [element(&[], &new)], &all);
        assert_eq!(found, ["warning crate-license: `a 1.0.0` names no licence"]);
    }

    #[test]
    fn another_spelling_is_no_other_licence() {
        assert!(same(Some("MIT/Apache-2.0"), "Apache-2.0 OR MIT"));
        assert!(!same(Some("MIT OR Apache-2.0"), "MIT AND Apache-2.0"));
        assert!(!same(Some("MIT"), "GPL-3.0-only"));
        let stricter = "(MIT OR Apache-2.0) AND GPL-3.0-only";
        assert!(!same(Some("MIT OR (Apache-2.0 AND GPL-3.0-only)"), stricter));
        assert!(same(Some("GPL-3.0-only AND (Apache-2.0 OR MIT)"), stricter));
        assert!(!same(None, "MIT"));
    }
}
