//! `[ … ]`, `[[ … ]]` and `test`.

use crate::workflows::expr::{AbstractValue, Tri};

/// The value of a test whose words are given, brackets included.
#[must_use]
pub(crate) fn evaluate(words: &[&str], expand: &dyn Fn(&str) -> AbstractValue) -> Tri {
    let double = words.first() == Some(&"[[");
    let words = words.get(1..).unwrap_or_default();
    let words = words.strip_suffix(&["]"]).or_else(|| words.strip_suffix(&["]]"])).unwrap_or(words);
    let any = words.split(|w| matches!(*w, "||" | "-o"));
    any.fold(Tri::False, |sum, part| {
        let all = part.split(|w| matches!(*w, "&&" | "-a"));
        sum.or(all.fold(Tri::True, |product, one| product.and(single(one, double, expand))))
    })
}

fn single(words: &[&str], patterns: bool, expand: &dyn Fn(&str) -> AbstractValue) -> Tri {
    match words {
        ["!", rest @ ..] => single(rest, patterns, expand).negate(),
        ["-n", word] | [word] => expand(word).text().map_or_else(|| expand(word).truth(), |t| (!t.is_empty()).into()),
        ["-z", word] => single(&["-n", word], patterns, expand).negate(),
        [left, op @ ("=" | "==" | "!="), right] => {
            let glob = patterns && !right.starts_with(['"', '\'']) && right.contains(['*', '?', '[']);
            let (a, b) = (shown(expand(left)), shown(expand(right)));
            let same = if glob { a.equal(&b, matches) } else { a.equal(&b, |a, b| a == b) };
            if *op == "!=" { same.negate() } else { same }
        }
        _ => words
            .iter()
            .map(|w| expand(w))
            .filter(|v| v.text().is_none())
            .fold(unclear(words, expand), |all, v| all.and(v.truth())),
    }
}

/// A test that is not understood is decided by the entry when one of its words is.
fn unclear(words: &[&str], expand: &dyn Fn(&str) -> AbstractValue) -> Tri {
    let from_entry = words.iter().any(|w| w.contains('$') && expand(w).text().is_some());
    if from_entry { Tri::Unclear } else { Tri::Free }
}

/// A value as the shell sees it.
fn shown(value: AbstractValue) -> AbstractValue {
    match value.text() {
        Some(text) => AbstractValue::Text(text.to_owned()),
        None => value,
    }
}

/// Whether a text matches a pattern with `*`. Other wild cards never match.
pub(crate) fn matches(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = pattern.rsplit_once('*').map(|(_, last)| last) else {
        return rest.is_empty();
    };
    let middle = pattern.matches('*').count() - 1;
    for part in parts.take(middle) {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
