//! What words become, what variables and outputs are set to, what commands mean as conditions.

use super::lines::{expansion, words};
use super::walk::Walker;
use super::{is_name, test};
use crate::workflows::expr::{AbstractValue, Tri, evaluate};

impl Walker<'_> {
    /// The value of a command as a condition.
    pub(super) fn value(&self, text: &str) -> Tri {
        let (text, negated) = text.strip_prefix("! ").map_or((text, false), |rest| (rest, true));
        let words = words(text);
        let value = match words.first().copied() {
            Some("true" | ":") => Tri::True,
            Some("false") => Tri::False,
            Some("[" | "[[" | "test") => test::evaluate(&words, &|word| self.expand(word)),
            Some("grep" | "egrep" | "jq" | "awk" | "sed" | "expr" | "python3" | "python") if self.mentions(text) => {
                Tri::Unclear
            }
            _ => Tri::Free,
        };
        if negated { value.negate() } else { value }
    }

    /// Whether what the entry says stands in a text.
    pub(super) fn mentions(&self, text: &str) -> bool {
        words(text).iter().any(|word| {
            let mut rest = *word;
            while let Some(at) = rest.find('$') {
                if !matches!(self.expansion(rest, at).0, AbstractValue::Free) {
                    return true;
                }
                rest = &rest[at + 1..];
            }
            false
        })
    }

    /// `NAME=value`.
    pub(super) fn assignment(&mut self, text: &str, guard: Tri) {
        let words = words(text);
        let words = match words.as_slice() {
            ["export" | "local" | "readonly" | "declare", rest @ ..] => rest,
            all => all,
        };
        let [word] = words else {
            return;
        };
        let Some((name, value)) = word.split_once('=').filter(|(name, _)| is_name(name)) else {
            return;
        };
        let value = self.expand(value);
        let old = self.variables.remove(name).unwrap_or(AbstractValue::Free);
        self.variables.insert(name.to_owned(), chosen(guard, value, old));
    }

    /// `echo "name=value" >> "$GITHUB_OUTPUT"`.
    pub(super) fn output(&mut self, text: &str, guard: Tri) {
        let words = words(text);
        let (Some("echo" | "printf"), Some(word)) = (words.first().copied(), words.get(1)) else {
            return;
        };
        let target = text.contains("GITHUB_OUTPUT") || text.contains("GITHUB_ENV");
        let Some((name, value)) = unquoted(word).split_once('=').filter(|(name, _)| target && is_name(name)) else {
            return;
        };
        let value = self.expand(&format!("\"{value}\""));
        let old = self.effects.outputs.remove(name).unwrap_or(AbstractValue::Text(String::new()));
        self.effects.outputs.insert(name.to_owned(), chosen(guard, value, old));
    }

    /// What a word becomes.
    fn expand(&self, word: &str) -> AbstractValue {
        let single = word.len() > 1 && word.starts_with('\'') && word.ends_with('\'');
        let inner = unquoted(word);
        if single {
            // GitHub replaces expressions before the shell sees the quotes.
            return self.pieces(inner, false);
        }
        self.pieces(inner, true)
    }

    fn pieces(&self, text: &str, variables: bool) -> AbstractValue {
        let mut out = String::new();
        let mut rest = text;
        let mut all = Tri::True;
        while let Some(at) = rest.find(['$', '`']) {
            out.push_str(&rest[..at]);
            let (value, width) = if !variables && !rest[at..].starts_with("${{") {
                (AbstractValue::Text(rest[at..=at].to_owned()), 1)
            } else {
                self.expansion(rest, at)
            };
            match value.text() {
                Some(text) => out.push_str(text),
                None => all = all.and(value.truth()),
            }
            rest = &rest[at + width..];
        }
        out.push_str(rest);
        if all == Tri::True { AbstractValue::Text(out) } else { all.into() }
    }

    /// The value of what begins at the `$` or backtick at `at`, and its width.
    fn expansion(&self, text: &str, at: usize) -> (AbstractValue, usize) {
        let rest = &text[at..];
        if let Some(end) = expansion(text, at) {
            let width = end + 1 - at;
            if rest.starts_with("${{") {
                return (evaluate(&rest[..width], self.lookup), width);
            }
            let inner = &rest[2..width - 1];
            return (if is_name(inner) { self.variable(inner) } else { self.indirect(inner) }, width);
        }
        let end = rest[1..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(rest.len(), |e| e + 1);
        if end > 1 { (self.variable(&rest[1..end]), end) } else { (AbstractValue::Free, rest.len()) }
    }

    fn variable(&self, name: &str) -> AbstractValue {
        self.variables.get(name).cloned().unwrap_or(AbstractValue::Free)
    }

    /// `${NAME%…}` and the like.
    fn indirect(&self, inner: &str) -> AbstractValue {
        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        match self.variable(&inner[..end]) {
            AbstractValue::Free => AbstractValue::Free,
            _ => AbstractValue::Unclear,
        }
    }
}

/// A value that is set when `guard` holds.
fn chosen(guard: Tri, new: AbstractValue, old: AbstractValue) -> AbstractValue {
    match guard {
        Tri::True => new,
        Tri::False => old,
        _ if new == old => old,
        Tri::Unclear => AbstractValue::Unclear,
        Tri::Free if new == AbstractValue::Unclear || old == AbstractValue::Unclear => AbstractValue::Unclear,
        Tri::Free => AbstractValue::Free,
    }
}

/// A word without the quotes around it.
fn unquoted(word: &str) -> &str {
    let strip = |quote: char| word.strip_prefix(quote).and_then(|w| w.strip_suffix(quote));
    strip('"').or_else(|| strip('\'')).unwrap_or(word)
}
