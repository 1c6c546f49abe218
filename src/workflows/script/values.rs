//! The values of words and commands, and what variables and step outputs are set to.

use super::{Walk, condition};
use crate::shell::{Part, Simple, Word};
use crate::workflows::values::{AbstractValue, Tri};

/// The maximum length of a value, in bytes.
const MAX_VALUE: usize = 64 << 10;

impl Walk<'_> {
    /// The value of a command as a condition.
    pub(super) fn value(&self, command: &Simple, program: &str) -> Tri {
        match (program, command.words.as_slice()) {
            ("true" | ":", _) => Tri::True,
            ("false", _) => Tri::False,
            ("[", [_, words @ .., _]) | ("test", [_, words @ ..]) => {
                condition::evaluate(words, false, &|word| self.expand(word))
            }
            ("grep" | "egrep" | "jq" | "awk" | "sed" | "expr" | "python3" | "python", words)
                if self.mentions(words.iter().chain(command.redirects.iter().map(|r| &r.target))) =>
            {
                Tri::Unclear
            }
            _ => Tri::Free,
        }
    }

    /// Returns whether words depend on values that are known, or decided by the entry.
    pub(super) fn mentions<'w>(&self, words: impl IntoIterator<Item = &'w Word>) -> bool {
        let mut parts = words.into_iter().flat_map(|word| &word.parts);
        parts.any(|part| !matches!(part, Part::Text(_)) && self.part(part) != AbstractValue::Free)
    }

    /// `export NAME=value` and the like.
    pub(super) fn declare(&mut self, words: &[Word], guard: Tri) {
        for word in words {
            if let Some((name, _)) = word.head().split_once('=') {
                self.set(name, self.expand(&word.without_head(name.len() + 1)), guard);
            }
        }
    }

    /// A variable gets a value when `guard` holds.
    pub(super) fn set(&mut self, name: &str, value: AbstractValue, guard: Tri) {
        let old = self.variables.get(name).cloned();
        let value = chosen(guard, value, old.clone().unwrap_or(AbstractValue::Free));
        self.variables.insert(name.to_owned(), value);
        self.undo.push((name.to_owned(), old));
    }

    /// `echo "name=value" >> "$GITHUB_OUTPUT"`.
    pub(super) fn output(&mut self, command: &Simple, guard: Tri) {
        let targets = command.redirects.iter().map(|redirect| &redirect.target);
        let values = command.assignments.iter().map(|assignment| &assignment.value);
        let all: String = command.words.iter().chain(targets).chain(values).map(Word::source).collect();
        self.effects.exports |= all.contains("GITHUB_ENV");
        if !all.contains("GITHUB_OUTPUT") {
            return;
        }
        let value = match command.words.as_slice() {
            [echo, word] if echo.head() == "echo" => word.head().split_once('=').map(|(name, _)| (name, word)),
            _ => None,
        };
        let value = value.map(|(name, word)| (name, self.expand(&word.without_head(name.len() + 1))));
        match (value, &mut self.effects.outputs) {
            (Some((name, value)), Some(outputs)) => {
                let old = outputs.remove(name).unwrap_or(AbstractValue::Text(String::new()));
                outputs.insert(name.to_owned(), chosen(guard, value, old));
            }
            _ => self.effects.outputs = None,
        }
    }

    /// The value of a word.
    pub(super) fn expand(&self, word: &Word) -> AbstractValue {
        let mut out = String::new();
        let mut all = Tri::True;
        for part in &word.parts {
            let value = self.part(part);
            match value.text() {
                Some(text) => out.push_str(text),
                None => all = all.and(value.truth()),
            }
        }
        match all {
            Tri::True if out.len() > MAX_VALUE => AbstractValue::Unclear,
            Tri::True => AbstractValue::Text(out),
            unknown => unknown.into(),
        }
    }

    fn part(&self, part: &Part) -> AbstractValue {
        let variable = |name: &str| self.variables.get(name).cloned().unwrap_or(AbstractValue::Free);
        match part {
            Part::Text(text) => AbstractValue::Text(text.clone()),
            Part::Variable { name, .. } => variable(name),
            Part::Opaque { raw, .. } if raw.starts_with("${{") => (self.evaluate)(raw),
            // `${NAME%…}` and the like.
            Part::Opaque { raw, .. } => {
                let inner = raw.strip_prefix("${").unwrap_or_default();
                let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
                if variable(&inner[..end]) == AbstractValue::Free {
                    AbstractValue::Free
                } else {
                    AbstractValue::Unclear
                }
            }
        }
    }

    /// The words that a word becomes: known values replace their variables.
    pub(super) fn resolve(&self, word: &Word) -> Vec<Word> {
        match self.expand(word) {
            AbstractValue::Text(text) if word.parts.iter().any(condition::splits) => {
                text.split_ascii_whitespace().map(|piece| Word::literal(piece, word.span)).collect()
            }
            AbstractValue::Text(text) => vec![Word { parts: vec![Part::Text(text)], ..word.clone() }],
            _ => {
                let known =
                    |part: &Part| self.part(part).text().map_or(part.clone(), |text| Part::Text(text.to_owned()));
                vec![Word { parts: word.parts.iter().map(known).collect(), ..word.clone() }]
            }
        }
    }
}

/// A value that is set when `guard` holds.
fn chosen(guard: Tri, new: AbstractValue, old: AbstractValue) -> AbstractValue {
    match guard {
        Tri::True => new,
        Tri::False => old,
        _ if new == old => old,
        Tri::Free if new != AbstractValue::Unclear && old != AbstractValue::Unclear => AbstractValue::Free,
        _ => AbstractValue::Unclear,
    }
}
