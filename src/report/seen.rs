//! What the lints could look at: a point of a checklist is ticked only by what was seen.

use std::collections::{BTreeMap, BTreeSet};

/// What was seen of the elements that a report is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Whether the stack is known from which everything that is shipped is reached.
    pub stack: bool,
    /// The ids of rules whose findings the configuration switches off.
    pub switched_off: BTreeSet<&'static str>,
    /// Each element, by the name that BuildStream uses.
    pub elements: BTreeMap<String, SeenElement>,
}

/// What was seen of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenElement {
    /// Its calls of cargo.
    pub cargo: SeenCargo,
    /// Whether a source of it has `track:`.
    pub tracked: bool,
    /// Whether all that brings it in the tracker says that a person merges it, and merges nothing itself.
    pub by_people: bool,
}

/// What was seen of the calls of cargo that an element makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenCargo {
    /// The element itself calls cargo, and the rules looked at it.
    InElement,
    /// A file of upstream does, always with `--locked` or `--frozen`. This is its name.
    InFile(String),
    /// Not all of them were seen, and why.
    Not(String),
}
