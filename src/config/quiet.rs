//! The days in which nobody had time to look at a release.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The days for which a release counts as too young to be taken without a look. 0 switches such warnings off.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct QuietDays {
    /// After the release of any version.
    pub release: u16,
    /// After the first release of a crate, and after one that brings a build script which the version before did not have.
    pub new: u16,
}

impl Default for QuietDays {
    fn default() -> Self {
        Self { release: 3, new: 14 }
    }
}
