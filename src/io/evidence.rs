//! Gathers the evidence of a review: few requests, and none where nothing changed.

use super::Workspace;
use super::{advisories, blocking, crates};
use crate::finding::read::Unreadable;
use crate::review::evidence::{Evidence, Needs, Source};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Workspace {
    /// Looks up what is needed. `deep` reads the archives of changed crates, too. What does not answer is in the result.
    ///
    /// # Errors
    /// When the bot itself fails.
    pub async fn evidence(self: &Arc<Self>, needs: Needs, deep: bool) -> anyhow::Result<Evidence> {
        let shared = &self.shared;
        let index = shared.index.lookup(&needs.names).await;
        let index =
            index.into_iter().map(|(name, answer)| (name, answer.map_err(|error| Unreadable::new(error.to_string()))));
        let archives = if deep { crates::facts(&shared.index, &needs.archives).await } else { BTreeMap::new() };
        let folder = shared.advisories.clone();
        let advisories = move || advisories::advisories(folder.as_deref(), &needs.listed);
        let advisories = blocking::run(advisories).await?;
        Ok(Evidence { index: Source::Got(index.collect()), advisories, archives, now: shared.now, bumped: None })
    }

    /// The address of a crate's page, with `{name}` and `{version}`. Empty where none is known.
    #[must_use]
    pub fn crate_page(&self) -> String {
        self.shared.index.page()
    }
}
