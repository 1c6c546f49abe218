//! What goes wrong today: data, each with its reason. An entry goes as soon as the bot does better.

/// A failure that is known.
pub struct Known {
    /// The scenario; empty for each.
    pub scenario: &'static str,
    /// The beginning of the request, as `name_of` writes it; empty for each.
    pub request: &'static str,
    /// The beginning of the kind of fault; empty for each.
    pub fault: &'static str,
    /// How the check begins that fails.
    pub broken: &'static str,
    pub why: &'static str,
}

pub const KNOWN: &[Known] = &[];
