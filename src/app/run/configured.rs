//! What the configuration says about the bot itself.

use super::facts::Reader;
use crate::config::{Config, Mode};

impl Reader {
    /// Takes over what the default branch's configuration says about the bot, and what the inputs of the action say over it.
    /// Returns whether the bot acts: where the configuration cannot be read it does, and everything stays held.
    pub(super) async fn configure(&mut self) -> Mode {
        let default = self.overview.repository.default_branch.clone();
        let config = match self.overview.head {
            Some(_) => self.base_of(&default).await.map(|base| base.workspace().config.clone()),
            None => Ok(Config::default()),
        };
        // What kept it from being read is reported when the branch is read again.
        let config = config.unwrap_or_else(|error| {
            tracing::debug!("{default}: {error:#}");
            Config::default()
        });
        let inputs = self.request.inputs.clone();
        for said in [&config.bot, &inputs] {
            let request = &mut self.request;
            request.settings.take(said);
            request.deep = said.deep.unwrap_or(request.deep);
            request.validate = said.validate_check.clone().unwrap_or_else(|| std::mem::take(&mut request.validate));
            request.build = said.build_check.clone().unwrap_or_else(|| std::mem::take(&mut request.build));
        }
        config.mode
    }
}
