//! Values and conditions as far as they are known before a workflow runs.
//!
//! The question is always whether something can happen for a matrix entry at all, so an unknown that has nothing to do
//! with the entry counts as possible.

/// A value, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AbstractValue {
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

    /// Returns whether it surely holds at some time.
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
    /// Returns the value of a scalar of a matrix in an expression.
    #[must_use]
    pub(crate) fn scalar(text: &str, plain: bool) -> Self {
        match text {
            "true" if plain => Self::Bool(true),
            "false" if plain => Self::Bool(false),
            "null" | "~" if plain => Self::Text(String::new()),
            // A number that counts as false.
            _ if plain && text.parse() == Ok(0.0) => Self::Unclear,
            _ => Self::Text(text.to_owned()),
        }
    }

    /// The text that `${{ }}` becomes, when it is known.
    #[must_use]
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bool(value) => Some(if *value { "true" } else { "false" }),
            Self::Free | Self::Unclear => None,
        }
    }

    /// Returns whether the value counts as true.
    #[must_use]
    pub(crate) fn truth(&self) -> Tri {
        match self {
            Self::Text(text) => Tri::from(!text.is_empty()),
            Self::Bool(value) => Tri::from(*value),
            Self::Free => Tri::Free,
            Self::Unclear => Tri::Unclear,
        }
    }

    /// Returns whether two values are alike as texts, by `eq`.
    #[must_use]
    pub(crate) fn alike(&self, other: &Self, eq: impl Fn(&str, &str) -> bool) -> Tri {
        match (self.text(), other.text()) {
            (Some(a), Some(b)) => eq(a, b).into(),
            (Some(_), None) => other.truth(),
            (None, Some(_)) => self.truth(),
            (None, None) => self.truth().and(other.truth()),
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
