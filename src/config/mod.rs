//! The bot's configuration in the project: `.github/cargo2-bot.yml`. Every exception in it has a reason.

mod bot;
mod date;
mod exceptions;
mod hold;
mod pattern;
mod quiet;
mod tracking;

use crate::bst::project::clean_path;
use crate::finding::rules;
use crate::finding::{Finding, Rule, Severity};
use crate::text::{Location, SourceText, Span, closest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub use bot::{BaseDrift, BotConfig, Mode};
pub use date::Date;
pub(crate) use exceptions::Exception;
pub use hold::{Allowed, Approvers, GuardRule};
pub use pattern::Pattern;
pub use quiet::QuietDays;
pub use tracking::TrackingConfig;

/// The path of the configuration, below the project folder.
pub const CONFIG: &str = ".github/cargo2-bot.yml";

/// Configuration of cargo2-bot.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Whether the bot acts, or only reports. Only the default branch's configuration decides this.
    pub mode: Mode,
    /// The settings of the bot on GitHub.
    pub bot: BotConfig,
    /// The workflow that moves refs. Default: `.github/workflows/track-bst-sources.yml`; where that is not there, the workflow that tracks
    /// most.
    pub tracker: Option<String>,
    /// The element that brings the project's own elements, such as `bluefin/deps.bst`.
    pub stack: Option<String>,
    /// Further elements that are built for themselves.
    pub targets: Vec<String>,
    /// URLs for aliases that are defined in files of junctions.
    pub aliases: BTreeMap<String, String>,
    /// Hosts inside the runner's network that may be fetched from.
    pub hosts: Vec<String>,
    /// Licences that are fine for new and changed crates, by their SPDX names. Empty: every licence is.
    pub licenses: Vec<String>,
    /// The days for which a release counts as too young to be taken without a look.
    pub quiet_days: QuietDays,
    /// Services that are not asked about crates, each with the reason.
    pub switched_off: SwitchedOff,
    /// Further branches, besides the default one, into which no unapproved change of a Rust element may merge. Exact names.
    /// Only the default branch's configuration decides this.
    pub branches: Vec<String>,
    /// The people whose approvals count.
    pub approvers: Approvers,
    /// Paths that hold a pull request, or that do not hold it although they could decide what merges.
    pub guard: Vec<GuardRule>,
    /// Whether the bot tracks the git sources of Rust elements itself, in pull requests of its own.
    pub track: bool,
    /// How it does that.
    pub tracking: TrackingConfig,
    /// The severity of rules, by their ids.
    pub rules: BTreeMap<String, RuleOverride>,
    /// Settings for single elements, by the names that BuildStream uses.
    pub elements: BTreeMap<String, ElementConfig>,
}

/// Services that are not asked about crates, each with the reason.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SwitchedOff {
    /// The registry's archives of changed crates.
    pub archives: Option<String>,
    /// Advisories, malicious crates included.
    pub advisories: Option<String>,
    /// The records of malicious crates of OSV.
    pub malicious: Option<String>,
    /// The registry's web API: who published a crate.
    pub publishers: Option<String>,
}

/// Settings for one element.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ElementConfig {
    /// The element's block is neither verified nor regenerated.
    pub exempt: Option<Exempt>,
    /// The lock is elsewhere in the staged sources.
    pub cargo_lock: Option<LockOverride>,
    /// Crates that are deliberately left out of the block or changed in it.
    pub crates: Vec<CrateOverride>,
    /// Whether the bot tracks this element itself. Default: what `track` says for all.
    pub track: Option<bool>,
    /// Whether pre-releases are tracked, where the pattern of `track:` in the element names them.
    pub pre_releases: bool,
    /// The severity of rules for this element.
    pub rules: BTreeMap<String, RuleOverride>,
}

/// The exemption of an element.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exempt {
    /// The reason.
    pub reason: String,
    /// The last day on which this applies.
    #[serde(default)]
    pub until: Option<Date>,
}

/// Another place for the lock.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LockOverride {
    /// The path below the staged sources.
    pub path: String,
    /// The reason.
    pub reason: String,
    /// The last day on which this applies.
    #[serde(default)]
    pub until: Option<Date>,
}

/// The severity of a rule.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RuleOverride {
    /// The severity.
    pub severity: Level,
    /// The reason.
    pub reason: String,
    /// The last day on which this applies.
    #[serde(default)]
    pub until: Option<Date>,
}

/// The severity that a rule can be given.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not reported at all.
    Off,
    /// Good to know.
    Notice,
    /// Should be looked at.
    Warning,
    /// Ends with exit code 3.
    Error,
}

/// A crate whose entry deliberately differs from the lock.
#[derive(Clone, Debug, Deserialize, Hash, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CrateOverride {
    /// The crate's name.
    pub name: String,
    /// Only this version of it.
    #[serde(default)]
    pub version: Option<String>,
    /// It is left out of the block.
    #[serde(default)]
    pub leave_out: bool,
    /// The entry names this repository instead (git crates).
    #[serde(default)]
    pub repo: Option<String>,
    /// The entry names this commit instead (git crates).
    #[serde(default)]
    pub commit: Option<String>,
    /// The entry names this query instead (git crates).
    #[serde(default)]
    pub query: Option<BTreeMap<String, String>>,
    /// The reason.
    pub reason: String,
    /// The last day on which this applies.
    #[serde(default)]
    pub until: Option<Date>,
}

/// The reason why a configuration cannot be used, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The problem.
    pub message: String,
    /// The place.
    pub location: Location,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.location, self.message)?;
        if self.location.line > 0 {
            write!(f, "\n  {} | {}", self.location.line, self.location.excerpt)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Reads a configuration. `known` are the rules whose severity it may change.
///
/// # Errors
/// When it is not YAML, has an unknown key, lacks a reason, or names a rule that does not exist.
pub fn parse(file: &SourceText, known: &[&Rule]) -> Result<Config, Error> {
    if file.text.trim().is_empty() {
        return Ok(Config::default());
    }
    let reader = serde_yaml::Deserializer::from_str(&file.text);
    let config: Config = serde_path_to_error::deserialize(reader).map_err(|e| {
        let path = e.path().to_string();
        let inner = e.inner();
        let at = inner.location().map_or(0, |place| place.index());
        let place = inner.location().map_or_else(|| Location::file(&file.path), |_| file.locate(Span::new(at, at)));
        let text = inner.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        // The parser names the key too, or the one around it.
        let text = text.split_once(": ").filter(|(own, _)| path.starts_with(own)).map_or(text, |(_, rest)| rest);
        Error { message: if path == "." { text.to_owned() } else { format!("{path}: {text}") }, location: place }
    })?;
    check(&config, file, known)?;
    Ok(config)
}

/// Checks what the types cannot express.
fn check(config: &Config, file: &SourceText, known: &[&Rule]) -> Result<(), Error> {
    let place = |word: &str| {
        file.text
            .find(word)
            .map_or_else(|| Location::file(&file.path), |at| file.locate(Span::new(at, at + word.len())))
    };
    hold::check(&config.branches, &config.approvers, &place)?;
    bot::check(&config.bot, &place)?;
    let SwitchedOff { archives, advisories, malicious, publishers } = &config.switched_off;
    for why in [archives, advisories, malicious, publishers].into_iter().flatten() {
        reason(why, "switched-off", &place)?;
    }
    if let Some(allowed) = &config.approvers.allow_author {
        reason(&allowed.reason, "allow-author", &place)?;
    }
    for rule in &config.guard {
        reason(&rule.reason, rule.path.as_str(), &place)?;
    }
    let all = config.rules.iter().chain(config.elements.values().flat_map(|e| &e.rules));
    for (id, rule) in all {
        if !known.iter().any(|r| r.id == id) {
            let ids: Vec<&str> = known.iter().map(|rule| rule.id).collect();
            let meant = closest(id, &ids).map(|id| format!(": did you mean `{id}`?")).unwrap_or_default();
            let message = format!("there is no rule `{}`{meant}; `cargo2-bot rules` lists them", id.escape_debug());
            return Err(Error { message, location: place(id) });
        }
        reason(&rule.reason, id, &place)?;
    }
    for (name, element) in &config.elements {
        let reasons = element.exempt.iter().map(|e| &e.reason).chain(element.cargo_lock.iter().map(|l| &l.reason));
        for text in reasons.chain(element.crates.iter().map(|c| &c.reason)) {
            reason(text, name, &place)?;
        }
        if let Some(lock) = element.cargo_lock.as_ref().filter(|l| clean_path(&l.path).is_none_or(|p| p != l.path)) {
            let message = format!("`{}` is not a path below the staged sources", lock.path.escape_debug());
            return Err(Error { message, location: place(&lock.path) });
        }
        for krate in &element.crates {
            let changes = krate.repo.is_some() || krate.commit.is_some() || krate.query.is_some();
            if krate.leave_out == changes {
                let message = format!(
                    "the crate `{}` is either left out (`leave-out: true`) or changed",
                    krate.name.escape_debug()
                );
                return Err(Error { message, location: place(&krate.name) });
            }
        }
    }
    Ok(())
}

/// Requires that an exception has a reason.
fn reason(text: &str, of: &str, place: &dyn Fn(&str) -> Location) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error { message: format!("`{}` has an empty reason", of.escape_debug()), location: place(of) });
    }
    Ok(())
}

impl Config {
    /// The configuration without expired exceptions.
    #[must_use]
    pub fn on(mut self, today: Date) -> Self {
        let holds = |until: Option<Date>| until.is_none_or(|until| until >= today);
        self.approvers.allow_author = self.approvers.allow_author.take().filter(|allowed| holds(allowed.until));
        self.guard.retain(|rule| holds(rule.until));
        self.rules.retain(|_, rule| holds(rule.until));
        for element in self.elements.values_mut() {
            element.exempt = element.exempt.take().filter(|e| holds(e.until));
            element.cargo_lock = element.cargo_lock.take().filter(|l| holds(l.until));
            element.crates.retain(|c| holds(c.until));
            element.rules.retain(|_, rule| holds(rule.until));
        }
        self
    }

    /// The branches that the configuration guards besides the default one, sorted.
    #[must_use]
    pub fn guarded_branches(&self) -> BTreeSet<&str> {
        self.branches.iter().map(String::as_str).collect()
    }

    /// The settings for an element.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&ElementConfig> {
        self.elements.get(name)
    }

    /// Gives findings their configured severity, and drops those that are off.
    pub fn apply_severity_overrides(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| match self.level(finding.rule, finding.element.as_deref()) {
            None => true,
            Some(Level::Off) => false,
            Some(level) => {
                finding.severity = match level {
                    Level::Notice | Level::Off => Severity::Notice,
                    Level::Warning => Severity::Warning,
                    Level::Error => Severity::Error,
                };
                true
            }
        });
    }

    /// Returns whether a finding is switched off.
    #[must_use]
    pub fn is_off(&self, finding: &Finding) -> bool {
        self.level(finding.rule, finding.element.as_deref()) == Some(Level::Off)
    }

    /// The reason that the configuration gives for how it takes a rule on an element, if it says something about the two.
    #[must_use]
    pub fn reason_of(&self, rule: &Rule, element: &str) -> Option<String> {
        self.elements.get(element)?.rules.get(rule.id).map(|own| own.reason.clone())
    }

    fn level(&self, rule: &Rule, element: Option<&str>) -> Option<Level> {
        let own = element.and_then(|name| self.elements.get(name)?.rules.get(rule.id));
        own.or_else(|| self.rules.get(rule.id)).map(|rule| rule.severity)
    }

    /// Reports severities of rules for elements that have no such finding: exceptions without an effect.
    #[must_use]
    pub fn unused_rules(&self, findings: &[Finding]) -> Vec<Finding> {
        let of = |name: &str, id: &str| findings.iter().any(|f| f.rule.id == id && f.element.as_deref() == Some(name));
        let all = self.elements.iter().flat_map(|(name, e)| e.rules.iter().map(move |(id, rule)| (name, id, rule)));
        all.filter(|(name, id, _)| !of(name, id))
            .map(|(name, id, rule)| unused(name, &format!("the severity of the rule `{id}`"), &rule.reason))
            .collect()
    }

    /// Reports names that are not elements of the project.
    #[must_use]
    pub fn unknown_elements(&self, exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
        self.elements
            .keys()
            .filter(|name| !exists(name))
            .map(|name| unused(name, "the configuration of this element", "it does not exist"))
            .collect()
    }
}

/// The finding on an exception without an effect.
#[must_use]
pub fn unused(element: &str, what: &str, reason: &str) -> Finding {
    let message = format!("{what} no longer has an effect");
    Finding::new(&rules::OVERRIDE_UNUSED, message)
        .at(Location::file(CONFIG))
        .of(element)
        .note(format!("its reason: {reason}"))
}

/// The JSON schema of the configuration, as `docs/config.schema.json` has it.
#[must_use]
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Config)).map(|text| text + "\n").unwrap_or_default()
}

#[cfg(test)]
mod tests;
