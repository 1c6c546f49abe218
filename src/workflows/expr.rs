//! Expressions of GitHub Actions, as far as a matrix entry decides them.
//!
//! Nothing is run: what an expression needs besides the entry is unknown. The question is always whether a step
//! can run for an entry at all, so an unknown that has nothing to do with the entry counts as possible.

/// A value, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AbstractValue {
    /// This text.
    Text(String),
    /// This truth value.
    Bool(bool),
    /// Not known, and not decided by the entry: it can be anything.
    Free,
    /// Decided by the entry, in a way that is not understood.
    Unclear,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tri {
    /// Always.
    True,
    /// Never.
    False,
    /// At some times; the entry does not decide it.
    Free,
    /// The entry decides it, in a way that is not understood.
    Unclear,
}

impl Tri {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::Unclear, _) | (_, Self::Unclear) => Self::Unclear,
            (Self::Free, _) | (_, Self::Free) => Self::Free,
            _ => Self::True,
        }
    }

    /// One of both holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Free, _) | (_, Self::Free) => Self::Free,
            (Self::Unclear, _) | (_, Self::Unclear) => Self::Unclear,
            _ => Self::False,
        }
    }

    /// It does not hold.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            other => other,
        }
    }

    /// Whether it surely holds at some time.
    #[must_use]
    pub fn happens(self) -> bool {
        matches!(self, Self::True | Self::Free)
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl AbstractValue {
    /// What a scalar of a matrix is to an expression.
    #[must_use]
    pub fn scalar(text: &str, plain: bool) -> Self {
        match text {
            "true" if plain => Self::Bool(true),
            "false" if plain => Self::Bool(false),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// The text that `${{ }}` becomes, when it is known.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bool(value) => Some(if *value { "true" } else { "false" }),
            Self::Free | Self::Unclear => None,
        }
    }

    /// Whether the value counts as true.
    #[must_use]
    pub fn truth(&self) -> Tri {
        match self {
            Self::Text(text) => Tri::from(!text.is_empty()),
            Self::Bool(value) => Tri::from(*value),
            Self::Free => Tri::Free,
            Self::Unclear => Tri::Unclear,
        }
    }

    /// Whether two values are equal, by `eq` where both are text.
    #[must_use]
    pub fn equal(&self, other: &Self, eq: impl Fn(&str, &str) -> bool) -> Tri {
        match (self, other) {
            (Self::Unclear, _) | (_, Self::Unclear) => Tri::Unclear,
            (Self::Free, _) | (_, Self::Free) => Tri::Free,
            (Self::Text(a), Self::Text(b)) => eq(a, b).into(),
            (Self::Bool(a), Self::Bool(b)) => (a == b).into(),
            // GitHub compares other pairs as numbers; a text that is none equals nothing.
            (Self::Bool(value), Self::Text(text)) | (Self::Text(text), Self::Bool(value)) => {
                (text.trim() == if *value { "1" } else { "0" } || (text.is_empty() && !value)).into()
            }
        }
    }
}

impl From<Tri> for AbstractValue {
    fn from(value: Tri) -> Self {
        match value {
            Tri::True => Self::Bool(true),
            Tri::False => Self::Bool(false),
            Tri::Free => Self::Free,
            Tri::Unclear => Self::Unclear,
        }
    }
}

/// Gives the value of a context such as `matrix.group`, when it is known.
pub type Lookup<'a> = dyn Fn(&str) -> Option<AbstractValue> + 'a;

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 32;

/// The value of an expression, with or without `${{ }}` around it.
#[must_use]
pub fn evaluate(text: &str, lookup: &Lookup<'_>) -> AbstractValue {
    let inner = text.trim();
    let inner = inner.strip_prefix("${{").and_then(|t| t.strip_suffix("}}")).unwrap_or(inner);
    let mut parser = Parser { text: inner, at: 0, depth: 0, lookup };
    let value = parser.either();
    parser.space();
    match value {
        Some(value) if parser.at == inner.len() => value,
        _ => unknown(inner),
    }
}

/// The value of what is not understood.
fn unknown(text: &str) -> AbstractValue {
    if text.contains("matrix") { AbstractValue::Unclear } else { AbstractValue::Free }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    lookup: &'a Lookup<'a>,
}

impl<'a> Parser<'a> {
    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let found = self.text[self.at..].starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn either(&mut self) -> Option<AbstractValue> {
        let mut left = self.both()?;
        while self.eat("||") {
            let right = self.both()?;
            left = match left.truth() {
                Tri::True => left,
                Tri::False => right,
                unsure => unsure.or(right.truth()).and(Tri::Free).into(),
            };
        }
        Some(left)
    }

    fn both(&mut self) -> Option<AbstractValue> {
        let mut left = self.compared()?;
        while self.eat("&&") {
            let right = self.compared()?;
            left = match left.truth() {
                Tri::True => right,
                Tri::False => left,
                unsure => unsure.and(right.truth()).into(),
            };
        }
        Some(left)
    }

    fn compared(&mut self) -> Option<AbstractValue> {
        let left = self.one()?;
        let equal = if self.eat("==") {
            true
        } else if self.eat("!=") {
            false
        } else {
            return Some(left);
        };
        let right = self.one()?;
        let same = left.equal(&right, str::eq_ignore_ascii_case);
        Some(if equal { same } else { same.negate() }.into())
    }

    fn one(&mut self) -> Option<AbstractValue> {
        self.depth += 1;
        let value = if self.depth > MAX_DEPTH { None } else { self.primary() };
        self.depth -= 1;
        value
    }

    fn primary(&mut self) -> Option<AbstractValue> {
        self.space();
        let rest = &self.text[self.at..];
        match rest.bytes().next()? {
            b'!' if !rest.starts_with("!=") => {
                self.at += 1;
                Some(self.one()?.truth().negate().into())
            }
            b'(' => {
                self.at += 1;
                let value = self.either()?;
                self.eat(")").then_some(value)
            }
            b'\'' => self.quoted().map(AbstractValue::Text),
            _ => self.name(),
        }
    }

    /// `'it''s'`.
    fn quoted(&mut self) -> Option<String> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find('\'')?;
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.text[self.at..].starts_with('\'') {
                return Some(out);
            }
            out.push('\'');
            self.at += 1;
        }
    }

    fn name(&mut self) -> Option<AbstractValue> {
        let rest: &'a str = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '*')))
            .unwrap_or(rest.len());
        let name = &rest[..end];
        if name.is_empty() {
            return None;
        }
        let start = self.at;
        self.at += end;
        if self.text[self.at..].starts_with('(') {
            self.at += 1;
            return self.call(name, start);
        }
        Some(match name {
            "true" => AbstractValue::Bool(true),
            "false" => AbstractValue::Bool(false),
            "null" => AbstractValue::Text(String::new()),
            _ if self.text[self.at..].starts_with('[') => return None,
            _ => (self.lookup)(name).unwrap_or_else(|| unknown(name)),
        })
    }

    fn call(&mut self, name: &str, start: usize) -> Option<AbstractValue> {
        let mut args = Vec::new();
        while !self.eat(")") {
            args.push(self.either()?);
            self.eat(",");
        }
        let texts: Vec<&str> = args.iter().filter_map(AbstractValue::text).collect();
        let lower = |t: &str| t.to_ascii_lowercase();
        Some(match (name.to_ascii_lowercase().as_str(), texts[..].as_ref()) {
            ("contains", [a, b]) if args.len() == 2 => AbstractValue::Bool(lower(a).contains(&lower(b))),
            ("startswith", [a, b]) if args.len() == 2 => AbstractValue::Bool(lower(a).starts_with(&lower(b))),
            ("endswith", [a, b]) if args.len() == 2 => AbstractValue::Bool(lower(a).ends_with(&lower(b))),
            _ => unknown(&self.text[start..self.at]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(text: &str) -> Tri {
        let lookup = |name: &str| match name {
            "matrix.group" => Some(AbstractValue::Text("auto-merge".into())),
            "matrix.auto_merge" => Some(AbstractValue::Bool(false)),
            "matrix.none" => Some(AbstractValue::Text(String::new())),
            _ => None,
        };
        evaluate(text, &lookup).truth()
    }

    #[test]
    fn what_the_entry_decides_is_decided() {
        for (text, wanted) in [
            ("matrix.group == 'auto-merge'", Tri::True),
            ("${{ matrix.group == 'AUTO-MERGE' }}", Tri::True),
            ("matrix.group != 'auto-merge' && always()", Tri::False),
            ("!(matrix.auto_merge)", Tri::True),
            ("matrix.none || 'main'", Tri::True),
            ("(matrix.none || 'main') == 'main'", Tri::True),
            ("contains(matrix.group, 'manual') || false", Tri::False),
            ("startsWith(matrix.group, 'auto')", Tri::True),
        ] {
            assert_eq!(truth(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_boolean_is_not_the_text_that_looks_like_it() {
        assert_eq!(truth("matrix.auto_merge == 'false'"), Tri::False);
        assert_eq!(truth("matrix.auto_merge == false"), Tri::True);
    }

    #[test]
    fn what_the_entry_does_not_decide_is_possible() {
        for text in
            ["steps.a.outputs.b == 'true'", "github.event_name == 'push' && matrix.group == 'auto-merge'", "f('x')"]
        {
            assert_eq!(truth(text), Tri::Free, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_about_the_entry_is_unclear() {
        for text in
            ["fromJSON(matrix.group).x", "matrix['group'] == 'x'", "matrix.group == ", "hashFiles(matrix.group)"]
        {
            assert_eq!(truth(text), Tri::Unclear, "{text}");
        }
    }

    #[test]
    fn hostile_expressions_end() {
        for text in
            ["(".repeat(100_000), "!".repeat(100_000), "f(".repeat(100_000), "'".into(), "ä".into(), String::new()]
        {
            assert_eq!(truth(&text), Tri::Free);
        }
    }
}
