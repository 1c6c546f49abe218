//! How the bot tracks Rust elements itself.

use super::Config;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The pull requests with which the bot tracks Rust elements itself, where `track` says so.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrackingConfig {
    /// Each element gets a pull request of its own, instead of one for all.
    pub per_element: bool,
    /// With `per-element`: the most of them that are open at a time.
    pub limit: u16,
}

impl Default for TrackingConfig {
    fn default() -> Self {
        Self { per_element: false, limit: 3 }
    }
}

impl Config {
    /// Returns whether the bot tracks an element itself.
    #[must_use]
    pub fn tracks(&self, element: &str) -> bool {
        self.element(element).and_then(|own| own.track).unwrap_or(self.track)
    }
}
