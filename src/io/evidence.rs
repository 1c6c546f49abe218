//! Gathers the evidence of a review: few requests, and none where nothing changed.

use super::advisories::of_folder;
use super::crates::{self, Budget};
use super::{AdvisorySource, Workspace, blocking};
use crate::finding::read::Unreadable;
use crate::review::evidence::{Advisories, Archives, Evidence, Needs, PublisherNeed, Publishers, Source};
use std::sync::Arc;

impl Workspace {
    /// Looks up what is needed. `deep` reads the archives of changed crates, too. What does not answer is in the result.
    ///
    /// # Errors
    /// When the bot itself fails.
    pub async fn evidence(self: &Arc<Self>, needs: &Needs, deep: bool) -> anyhow::Result<Evidence> {
        let shared = &self.shared;
        let index = shared.index.lookup(&needs.names).await;
        let index =
            index.into_iter().map(|(name, answer)| (name, answer.map_err(|error| Unreadable::new(error.to_string()))));
        let off = match deep {
            true => because(&self.config.switched_off.archives),
            false => Some("switched off".to_owned()),
        };
        let archives = async {
            match off {
                None => crates::archives(&shared.index, &needs.archives, Budget::default()).await,
                off => Archives { off, ..Archives::default() },
            }
        };
        let (advisories, archives) = futures_util::join!(self.advisories(needs), archives);
        let index = Source::Got(index.collect());
        let publishers = Source::Got(Publishers::default());
        Ok(Evidence { index, advisories: advisories?, archives, publishers, now: shared.now, bumped: None })
    }

    /// Looks up who published the crates that are `wanted`.
    pub async fn publishers(&self, wanted: &[PublisherNeed]) -> Source<Publishers> {
        match (because(&self.config.switched_off.publishers), &self.shared.publishers) {
            _ if wanted.is_empty() => Source::Got(Publishers::default()),
            (Some(why), _) => Source::NotRequested(why),
            (None, None) => Source::NotRequested("switched off".to_owned()),
            (None, Some(api)) => api.look_up(&self.shared.index, wanted).await,
        }
    }

    async fn advisories(&self, needs: &Needs) -> anyhow::Result<Source<Advisories>> {
        if let Some(why) = because(&self.config.switched_off.advisories) {
            return Ok(Source::NotRequested(why));
        }
        if needs.listed.is_empty() {
            return Ok(Source::Got(Advisories::default()));
        }
        let malicious = because(&self.config.switched_off.malicious);
        let web = &self.shared.web_advisories;
        let mut found = match &self.shared.advisories {
            AdvisorySource::None => return Ok(Source::NotRequested("switched off".to_owned())),
            AdvisorySource::Services | AdvisorySource::Mirror(_) => {
                web.look_up(&needs.names, &needs.listed, malicious.is_none()).await
            }
            AdvisorySource::Folder(folder) => {
                let (folder, listed) = (folder.clone(), needs.listed.clone());
                match blocking::run(move || of_folder(&folder, &listed)).await? {
                    Ok(known) => Source::Got(known),
                    Err(why) => Source::Failed(why),
                }
            }
        };
        if let (Source::Got(known), Some(why)) = (&mut found, malicious) {
            known.list.retain(|advisory| !advisory.id.starts_with("MAL-"));
            known.left_out.push(format!("malicious crates: {why}"));
        }
        Ok(found)
    }

    /// The address of a crate's page, with `{name}` and `{version}`. Empty where none is known.
    #[must_use]
    pub fn crate_page(&self) -> String {
        self.shared.index.page()
    }
}

/// Why a service is not asked, where the configuration says so.
fn because(reason: &Option<String>) -> Option<String> {
    reason.as_ref().map(|reason| format!("switched off: {reason}"))
}
