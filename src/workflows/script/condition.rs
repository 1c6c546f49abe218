//! `[ … ]`, `[[ … ]]` and `test`.

use crate::shell::{Part, Word};
use crate::workflows::values::{AbstractValue, Tri};

/// The value of a test whose words are given, brackets left out. `patterns`: the right side of `==` may be one.
pub(super) fn evaluate(words: &[Word], patterns: bool, expand: &dyn Fn(&Word) -> AbstractValue) -> Tri {
    let is = |word: &Word, operators: [&str; 2]| word.text().is_some_and(|text| operators.contains(&text.as_str()));
    words.split(|w| is(w, ["||", "-o"])).fold(Tri::False, |sum, part| {
        let all = part.split(|w| is(w, ["&&", "-a"]));
        sum.or(all.fold(Tri::True, |product, words| product.and(one(words, patterns, expand))))
    })
}

fn one(words: &[Word], patterns: bool, expand: &dyn Fn(&Word) -> AbstractValue) -> Tri {
    let texts: Vec<String> = words.iter().map(|word| word.text().unwrap_or_default()).collect();
    let holds = |word: &Word| expand(word).truth();
    match (texts.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), words) {
        (["!", _, ..], [_, rest @ ..]) => one(rest, patterns, expand).negate(),
        (_, [word]) | (["-n", _], [_, word]) => holds(word),
        (["-z", _], [_, word]) => holds(word).negate(),
        ([_, op @ ("=" | "==" | "!="), _], [left, _, right]) => {
            let (a, b) = (expand(left), expand(right));
            let wild = right.pattern || right.parts.iter().any(splits);
            let same = match b.text() {
                Some(text) if patterns && wild && text.contains('[') => a.alike(&AbstractValue::Unclear, |_, _| false),
                _ if patterns && wild => a.alike(&b, matches),
                _ => a.alike(&b, |a, b| a == b),
            };
            if *op == "!=" { same.negate() } else { same }
        }
        // A test that is not understood is decided by the entry when one of its words is.
        _ => {
            words.iter().filter(|w| w.text().is_none()).map(expand).fold(Tri::Free, |all, value| {
                all.and(if value.text().is_some() { Tri::Unclear } else { value.truth() })
            })
        }
    }
}

/// Returns whether the shell splits the value of a part into words.
pub(super) fn splits(part: &Part) -> bool {
    matches!(part, Part::Variable { quoted: false, .. } | Part::Opaque { quoted: false, .. })
}

/// Returns whether a text matches a pattern with `*` and `?`.
pub(in crate::workflows) fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut at, mut from, mut star) = (0, 0, None);
    while let Some(byte) = text.get(at) {
        match pattern.get(from) {
            Some(b'*') => {
                star = Some((from + 1, at));
                from += 1;
            }
            Some(wanted) if wanted == byte || *wanted == b'?' => (at, from) = (at + 1, from + 1),
            _ => {
                let Some((behind, begin)) = star else { return false };
                (at, from, star) = (begin + 1, behind, Some((behind, begin + 1)));
            }
        }
    }
    pattern[from..].iter().all(|byte| *byte == b'*')
}
