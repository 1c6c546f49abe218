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

const TWICE: &str = "a check run whose answer is lost is made a second time, and the first one keeps its success";
const STATUS: &str =
    "one refused check run turns all later checks of the run into statuses, which stay beside the check runs";

const ANY: Known = Known { scenario: "", request: "", fault: "", broken: "", why: "" };

pub const KNOWN: &[Known] = &[
    Known { request: "POST check-runs", broken: "an older run still says success", why: TWICE, ..ANY },
    Known { request: "POST check-runs", fault: "403", broken: "another end", why: STATUS, ..ANY },
    Known { request: "POST check-runs", fault: "denied", broken: "another end", why: STATUS, ..ANY },
];
