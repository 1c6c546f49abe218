//! The project's options and the `(?)` conditions on them.
//!
//! BuildStream evaluates a condition as an expression of its template engine. What projects write is a small part of
//! that: names, strings, `==`, `!=`, `in`, `not`, `and`, `or`, lists and brackets. All else is not evaluated.

use crate::yaml::Node;
use std::collections::BTreeMap;

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A bool.
    Flag(bool),
    /// An enum, an architecture.
    One(String),
    /// Flags, an element mask.
    Many(Vec<String>),
}

/// The options of a project, and the value of each where it is known.
#[derive(Clone, Debug, Default)]
pub struct Options {
    settings: BTreeMap<String, Option<Setting>>,
    /// Variables that carry an option's value.
    variables: BTreeMap<String, String>,
    arches: BTreeMap<String, Vec<String>>,
    /// All values of the options that list them.
    values: BTreeMap<String, Vec<String>>,
}

impl Options {
    /// Reads the `options:` of project.conf. An architecture has no value yet, all others have their default.
    #[must_use]
    pub fn read(node: Option<&Node>) -> Self {
        let mut options = Self::default();
        for (name, option) in node.and_then(Node::as_map).unwrap_or_default() {
            let Some(name) = name.as_str() else { continue };
            let list = |key: &str| -> Vec<String> {
                option
                    .get(key)
                    .and_then(Node::as_list)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|n| n.as_str().map(str::to_owned))
                    .collect()
            };
            let default = option.get_str("default");
            let setting = match option.get_str("type") {
                Some("bool") => Some(Setting::Flag(default.is_some_and(|d| d.eq_ignore_ascii_case("true")))),
                Some("enum") => default.map(|d| Setting::One(d.to_owned())),
                Some("flags") => Some(Setting::Many(list("default"))),
                Some("arch") => {
                    options.arches.insert(name.to_owned(), list("values"));
                    None
                }
                _ => None,
            };
            if matches!(option.get_str("type"), Some("enum" | "arch" | "os")) {
                options.values.insert(name.to_owned(), list("values"));
            }
            if let Some(variable) = option.get_str("variable") {
                options.variables.insert(variable.to_owned(), name.to_owned());
            }
            options.settings.insert(name.to_owned(), setting);
        }
        options
    }

    /// Whether the project declares none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// The options for each architecture that the project declares; one without any where it declares none.
    #[must_use]
    pub fn for_each_arch(&self) -> Vec<(String, Self)> {
        let mut all: Vec<&String> = self.arches.values().flatten().collect();
        all.sort();
        all.dedup();
        if all.is_empty() {
            return vec![(String::new(), self.clone())];
        }
        let with = |arch: &String| {
            let mut options = self.clone();
            for (name, values) in &self.arches {
                if values.contains(arch) {
                    options.settings.insert(name.clone(), Some(Setting::One(arch.clone())));
                }
            }
            (arch.clone(), options)
        };
        all.into_iter().map(with).collect()
    }

    /// The variables that options set, with their values as text.
    pub fn variables(&self) -> impl Iterator<Item = (&str, Option<String>)> {
        self.variables.iter().map(|(variable, option)| {
            let text = match self.settings.get(option).and_then(Option::as_ref) {
                Some(Setting::Flag(on)) => Some(if *on { "1" } else { "0" }.to_owned()),
                Some(Setting::One(value)) => Some(value.clone()),
                Some(Setting::Many(values)) => Some(values.join(",")),
                None => None,
            };
            (variable.as_str(), text)
        })
    }

    /// The variables that options set, with all their values. No values where they are not listed: then they are not known.
    pub(crate) fn every_variable(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.variables.iter().map(|(variable, option)| {
            let values = self.values.get(option).cloned();
            let flag = || matches!(self.settings.get(option), Some(Some(Setting::Flag(_))));
            let values = values.unwrap_or_else(|| if flag() { vec!["0".into(), "1".into()] } else { Vec::new() });
            (variable.clone(), values)
        })
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// When it is not one of the expressions that are known, or names an option without a value.
    pub fn holds(&self, condition: &str) -> Result<bool, ConditionError> {
        let mut tokens = tokens(condition)?;
        tokens.reverse();
        let mut reader = Reader { options: self, tokens, depth: 0 };
        let value = reader.or()?;
        match reader.tokens.pop() {
            None => Ok(truth(&value)),
            Some(token) => Err(ConditionError::NotUnderstood(token.text().to_owned())),
        }
    }
}

/// The reason why it is not known whether a condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionError {
    /// This word is not understood where it is.
    NotUnderstood(String),
    /// A text in quotes has no end.
    OpenText,
    /// A bracket is not closed.
    OpenBracket,
    /// A list is not closed, or holds something other than texts.
    OpenList,
    /// Something is missing at the end.
    EndsEarly,
    /// The brackets nest too deeply.
    TooDeep,
    /// The project has no such option.
    UnknownOption(String),
    /// This option has no value.
    WithoutValue(String),
}

impl std::fmt::Display for ConditionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotUnderstood(word) => write!(f, "`{}` is not understood here", word.escape_debug()),
            Self::OpenText => f.write_str("a text in quotes has no end"),
            Self::OpenBracket => f.write_str("a bracket is not closed"),
            Self::OpenList => f.write_str("a list is not understood"),
            Self::EndsEarly => f.write_str("the condition ends too early"),
            Self::TooDeep => f.write_str("the condition nests too deeply"),
            Self::UnknownOption(name) => write!(f, "`{name}` is not an option of the project"),
            Self::WithoutValue(name) => write!(f, "the option `{name}` has no value"),
        }
    }
}

impl std::error::Error for ConditionError {}

/// A word of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Sign(&'static str),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Name(text) | Self::Text(text) => text,
            Self::Sign(sign) => sign,
        }
    }
}

/// Splits a condition into words.
fn tokens(condition: &str) -> Result<Vec<Token>, ConditionError> {
    const SIGNS: [&str; 7] = ["==", "!=", "(", ")", "[", "]", ","];
    let mut out = Vec::new();
    let mut rest = condition.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if matches!(first, '"' | '\'') {
            let end = rest[1..].find(first).ok_or(ConditionError::OpenText)?;
            out.push(Token::Text(rest[1..=end].to_owned()));
            rest = &rest[end + 2..];
        } else {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            if end == 0 {
                return Err(ConditionError::NotUnderstood(first.to_string()));
            }
            out.push(Token::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(out)
}

/// Reads an expression by descent; the words are in reverse order.
struct Reader<'a> {
    options: &'a Options,
    tokens: Vec<Token>,
    depth: usize,
}

impl Reader<'_> {
    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.last(), Some(Token::Name(name)) if name == word);
        if found {
            self.tokens.pop();
        }
        found
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.last(), Some(Token::Sign(s)) if *s == sign);
        if found {
            self.tokens.pop();
        }
        found
    }

    fn or(&mut self) -> Result<Setting, ConditionError> {
        let mut value = self.and()?;
        while self.word("or") {
            let right = self.and()?;
            value = Setting::Flag(truth(&value) || truth(&right));
        }
        Ok(value)
    }

    fn and(&mut self) -> Result<Setting, ConditionError> {
        let mut value = self.not()?;
        while self.word("and") {
            let right = self.not()?;
            value = Setting::Flag(truth(&value) && truth(&right));
        }
        Ok(value)
    }

    fn not(&mut self) -> Result<Setting, ConditionError> {
        self.depth += 1;
        if self.depth > 100 {
            return Err(ConditionError::TooDeep);
        }
        if self.word("not") { Ok(Setting::Flag(!truth(&self.not()?))) } else { self.comparison() }
    }

    fn comparison(&mut self) -> Result<Setting, ConditionError> {
        let left = self.value()?;
        if self.sign("==") {
            return Ok(Setting::Flag(left == self.value()?));
        }
        if self.sign("!=") {
            return Ok(Setting::Flag(left != self.value()?));
        }
        let negated = self.word("not");
        if self.word("in") {
            return Ok(Setting::Flag(negated != contains(&self.value()?, &left)?));
        }
        if negated { Err(ConditionError::NotUnderstood("not".into())) } else { Ok(left) }
    }

    fn value(&mut self) -> Result<Setting, ConditionError> {
        match self.tokens.pop() {
            Some(Token::Text(text)) => Ok(Setting::One(text)),
            Some(Token::Name(name)) if name.eq_ignore_ascii_case("true") => Ok(Setting::Flag(true)),
            Some(Token::Name(name)) if name.eq_ignore_ascii_case("false") => Ok(Setting::Flag(false)),
            Some(Token::Name(name)) => match self.options.settings.get(&name) {
                Some(Some(setting)) => Ok(setting.clone()),
                Some(None) => Err(ConditionError::WithoutValue(name)),
                None => Err(ConditionError::UnknownOption(name)),
            },
            Some(Token::Sign("(")) => {
                let value = self.or()?;
                if self.sign(")") { Ok(value) } else { Err(ConditionError::OpenBracket) }
            }
            Some(Token::Sign("[")) => {
                let mut items = Vec::new();
                while let Some(Token::Text(text)) = self.tokens.last() {
                    items.push(text.clone());
                    self.tokens.pop();
                    self.sign(",");
                }
                if self.sign("]") { Ok(Setting::Many(items)) } else { Err(ConditionError::OpenList) }
            }
            Some(token) => Err(ConditionError::NotUnderstood(token.text().to_owned())),
            None => Err(ConditionError::EndsEarly),
        }
    }
}

/// Whether a value counts as true.
fn truth(value: &Setting) -> bool {
    match value {
        Setting::Flag(on) => *on,
        Setting::One(text) => !text.is_empty(),
        Setting::Many(items) => !items.is_empty(),
    }
}

/// `item in list`, or a part of a string.
fn contains(list: &Setting, item: &Setting) -> Result<bool, ConditionError> {
    match (list, item) {
        (Setting::Many(items), Setting::One(text)) => Ok(items.contains(text)),
        (Setting::One(whole), Setting::One(text)) => Ok(whole.contains(text.as_str())),
        _ => Err(ConditionError::NotUnderstood("in".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;
    use std::sync::Arc;

    fn options() -> Options {
        let text = "arch: {type: arch, variable: cpu, values: [x86_64, aarch64]}\nfast: {type: bool, default: True}\nkeys: {type: enum, values: [a, b], default: b}\nparts: {type: flags, values: [x, y], default: [y]}\n";
        Options::read(Some(&crate::yaml::parse(&Arc::new(SourceText::new("project.conf", text))).unwrap()))
    }

    fn on(arch: &str, condition: &str) -> Result<bool, ConditionError> {
        options().for_each_arch().into_iter().find(|(a, _)| a == arch).unwrap().1.holds(condition)
    }

    #[test]
    fn conditions_as_projects_write_them() {
        for (condition, holds) in [
            ("arch == \"x86_64\"", true),
            ("arch != 'x86_64'", false),
            ("arch in [\"x86_64\", \"riscv64\"]", true),
            ("arch not in [\"aarch64\"]", true),
            ("fast and not arch == \"aarch64\"", true),
            ("(keys == \"a\" or \"y\" in parts) and fast", true),
            ("\"x\" in parts", false),
            ("fast == False", false),
        ] {
            assert_eq!(on("x86_64", condition), Ok(holds), "{condition}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for condition in
            ["arch.startswith(\"x\")", "other", "arch ==", "\"x", "arch == \"a\" }", "(arch == \"a\"", "fast + 1"]
        {
            assert!(on("x86_64", condition).is_err(), "{condition}");
        }
        assert!(options().holds("arch == \"x86_64\"").is_err());
        assert!(on("x86_64", &"not ".repeat(10_000)).is_err());
        assert!(on("x86_64", &"(".repeat(10_000)).is_err());
    }

    #[test]
    fn each_declared_architecture_is_evaluated() {
        let all = options().for_each_arch();
        assert_eq!(all.iter().map(|(a, _)| a.as_str()).collect::<Vec<_>>(), ["aarch64", "x86_64"]);
        assert_eq!(all[0].1.variables().collect::<Vec<_>>(), [("cpu", Some("aarch64".to_owned()))]);
    }
}
