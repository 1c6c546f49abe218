//! Whether something has the source of a Rust element.

/// The answer to the question whether something has a source of the kind `cargo` or `cargo2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum RustSource {
    /// It has one under some value of some option or condition.
    Present,
    /// It may have one: the reason why that is not known.
    MayBe(String),
    /// It has none, whatever the options are.
    #[default]
    No,
}

impl RustSource {
    /// Returns whether it has one, or may have one.
    #[must_use]
    pub(crate) const fn may_be(&self) -> bool {
        !matches!(self, Self::No)
    }

    /// Adds a reason why it may have one.
    pub(crate) fn suspect(&mut self, why: impl FnOnce() -> String) {
        if *self == Self::No {
            *self = Self::MayBe(why());
        }
    }
}
