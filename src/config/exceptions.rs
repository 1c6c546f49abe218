//! The exceptions of a configuration, as a list: for findings on those that have expired, and for the dashboard.

use super::{CONFIG, Config, Date};
use crate::finding::Finding;
use crate::finding::rules;
use crate::text::Location;

/// One exception of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    /// What it is about: a lower-case fragment.
    pub what: String,
    /// The element that it is for, if it is for one.
    pub element: Option<String>,
    /// Its reason.
    pub reason: String,
    /// The last day on which it applies.
    pub until: Option<Date>,
}

impl Config {
    /// All exceptions, in the order of the file's keys.
    pub(crate) fn exceptions(&self) -> Vec<Exception> {
        let mut all = Vec::new();
        let mut add = |what: String, until: Option<Date>, reason: &str, element: Option<&str>| {
            let (reason, element) = (reason.to_owned(), element.map(str::to_owned));
            all.push(Exception { what, element, reason, until });
        };
        if let Some(allowed) = &self.approvers.allow_author {
            add("the permission of authors to approve".into(), allowed.until, &allowed.reason, None);
        }
        for rule in &self.guard {
            add(format!("the rule for `{}`", rule.path.as_str()), rule.until, &rule.reason, None);
        }
        for (id, rule) in &self.rules {
            add(format!("the severity of the rule `{id}`"), rule.until, &rule.reason, None);
        }
        for (name, element) in &self.elements {
            let of = Some(name.as_str());
            if let Some(exempt) = &element.exempt {
                add("the exemption".into(), exempt.until, &exempt.reason, of);
            }
            if let Some(lock) = &element.cargo_lock {
                add(format!("the lock path `{}`", lock.path), lock.until, &lock.reason, of);
            }
            for krate in &element.crates {
                add(format!("the exception for the crate `{}`", krate.name), krate.until, &krate.reason, of);
            }
            for (id, rule) in &element.rules {
                add(format!("the severity of the rule `{id}`"), rule.until, &rule.reason, of);
            }
        }
        all
    }

    /// Reports the exceptions that have expired. They no longer apply.
    #[must_use]
    pub fn expired(&self, today: Date) -> Vec<Finding> {
        let all = self.exceptions().into_iter();
        let expired = all.filter_map(|exception| {
            let until = exception.until.filter(|until| *until < today)?;
            let finding = Finding::new(&rules::OVERRIDE_EXPIRED, format!("{} expired after {until}", exception.what))
                .at(Location::file(CONFIG))
                .note(format!("its reason was: {}", exception.reason));
            Some(match &exception.element {
                Some(element) => finding.of(element),
                None => finding,
            })
        });
        expired.collect()
    }
}
