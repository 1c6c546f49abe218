//! Gathers the evidence of a review: few requests, and none where nothing changed.

use super::Workspace;
use super::{advisories, crates};
use crate::review::evidence::{Evidence, Needs, Source};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Workspace {
    /// Looks up what is needed. `deep` reads the archives of changed crates, too. What does not answer is in the result.
    ///
    /// # Errors
    /// When the bot itself fails.
    pub async fn evidence(self: &Arc<Self>, needs: Needs, deep: bool) -> anyhow::Result<Evidence> {
        let workspace = self.clone();
        Ok(tokio::task::spawn_blocking(move || workspace.gathered(&needs, deep)).await?)
    }

    /// The address of a crate's page, with `{name}` and `{version}`. Empty where none is known.
    #[must_use]
    pub fn crate_page(&self) -> String {
        self.shared.index.page()
    }

    fn gathered(&self, needs: &Needs, deep: bool) -> Evidence {
        let shared = &self.shared;
        let index = if needs.names.is_empty() {
            Source::Got(BTreeMap::new())
        } else {
            Source::Got(shared.index.lookup(&needs.names))
        };
        let archives = if deep { crates::facts(&shared.index, &needs.archives) } else { BTreeMap::new() };
        let advisories = advisories::advisories(shared.advisories.as_deref(), &needs.listed);
        Evidence { index, advisories, archives, now: shared.now }
    }
}
