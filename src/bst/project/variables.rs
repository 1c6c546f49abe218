//! `%{variables}` of the project and the element.

use std::collections::BTreeMap;

/// The variables that are known, and why some are not.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, String>,
}

/// The maximum length of an expanded text, in bytes.
const MAX_TEXT: usize = 64 << 10;

/// The reason why variables in a text cannot be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpandError {
    /// This variable is not known.
    Undefined(String),
    /// This text contains itself, or grows too long.
    Endless(String),
}

impl std::fmt::Display for ExpandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Undefined(name) => {
                write!(f, "the variable `{}` is not defined in this project's own files", name.escape_debug())
            }
            Self::Endless(text) => write!(f, "`{}` does not end expanding", text.escape_debug()),
        }
    }
}

impl std::error::Error for ExpandError {}

impl Variables {
    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Replaces every `%{name}`, the variables in variables too.
    ///
    /// # Errors
    /// Names the variable that is not known, or that contains itself.
    pub fn expand(&self, text: &str) -> Result<String, ExpandError> {
        let mut out = text.to_owned();
        for _ in 0..64 {
            let Some((from, to)) = find(&out) else {
                return Ok(out);
            };
            let name = &out[from + 2..to];
            let Some(value) = self.values.get(name) else {
                return Err(ExpandError::Undefined(name.to_owned()));
            };
            out = format!("{}{value}{}", &out[..from], &out[to + 1..]);
            if out.len() > MAX_TEXT {
                break;
            }
        }
        if find(&out).is_none() { Ok(out) } else { Err(ExpandError::Endless(text.to_owned())) }
    }
}

/// The first `%{name}`: where it begins, and where its bracket closes.
pub(crate) fn find(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(start) = text[from..].find("%{").map(|at| at + from) {
        let name = text[start + 2..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
            .map(|at| at + start + 2);
        match name {
            Some(end) if text[end..].starts_with('}') && end > start + 2 => {
                return Some((start, end));
            }
            _ => from = start + 2,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_variables_are_expanded_and_loops_end() {
        let mut variables = Variables::default();
        variables.set("a", "x%{b}");
        variables.set("b", "y");
        variables.set("loop", "%{loop}%{loop}");
        assert_eq!(variables.expand("%{a}/%{b} %{ %").unwrap(), "xy/y %{ %");
        assert!(variables.expand("%{c}").unwrap_err().to_string().contains("`c`"));
        assert!(variables.expand("%{loop}").unwrap_err().to_string().contains("does not end"));
    }
}
