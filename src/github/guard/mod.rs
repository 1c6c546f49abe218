//! What decides what merges: workflows, local actions, owners, the configurations of merge tools, and scripts. Each change of
//! such a file holds a pull request unless it is proven harmless.
//!
//! ```text
//! path ─> paths ─┬─ workflow, action ─> compare (only comments, names of steps, pins?) ─> unable (can write nothing?)
//!                │                     ─> rows (only rows of elements that are not Rust?)
//!                ├─ owners, configurations ─> held
//!                └─ others ─> state (a script? named by one?) ─> scripts, words (can a changed line merge?)
//! ```

mod around;
mod compare;
mod paths;
mod rights;
mod rows;
mod scripts;
mod state;
mod unable;
mod words;

use super::content::{Change, Side};
use super::tree::Item;
use crate::config::{Config, GuardRule};
use around::Around;
use paths::Kind;
use state::{File, NoText, State};
use std::sync::{Arc, OnceLock};
use unable::Version;

pub(crate) use compare::PinMove;

/// The rules of the configuration for files that decide what merges.
#[derive(Clone, Debug, Default)]
pub(crate) struct GuardRules {
    rules: Vec<GuardRule>,
}

impl GuardRules {
    /// The rules of a configuration. It must be that of the guarded branch, without what has expired.
    #[must_use]
    pub(crate) fn new(config: &Config) -> Self {
        Self { rules: config.guard.clone() }
    }

    /// The rule that decides about a path: the last one that covers it.
    fn of(&self, path: &str) -> Option<&GuardRule> {
        self.rules.iter().rev().find(|rule| rule.path.covers(path))
    }
}

/// The answer about a changed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It decides nothing about what merges.
    NotGuarded,
    /// It is such a file, and this change of it is harmless, for this reason.
    Harmless(String),
    /// It changes nothing but these pins: harmless if each of them is proven.
    Pins(Vec<PinMove>),
    /// It holds the pull request, for this reason.
    Held(String),
    /// It is a script, and a changed line could merge, or it cannot be read. It holds the pull request too, except where
    /// rules of GitHub stop what a script could do.
    Suspicious(String),
}

/// Judges one changed path. For several paths of a change, [`Guard`] reads the workflows once.
#[cfg(test)]
#[must_use]
pub(crate) fn evaluate(change: &Change, before: &Side<'_>, after: &Side<'_>, rules: &GuardRules) -> Verdict {
    Guard::new(before, after, rules).verdict(change)
}

/// Judges the changed paths between two states. Their workflows are read when the first path needs them.
pub(crate) struct Guard<'a> {
    sides: [&'a Side<'a>; 2],
    rules: &'a GuardRules,
    states: OnceLock<[State; 2]>,
    around: OnceLock<Around>,
}

const BOTH: &str = "both branches changed it; update the branch";
const IRREGULAR: &str = "it is a link or a submodule where a file is expected";

impl<'a> Guard<'a> {
    /// A judge of what changes between two states.
    #[must_use]
    pub(crate) fn new(before: &'a Side<'a>, after: &'a Side<'a>, rules: &'a GuardRules) -> Self {
        Self { sides: [before, after], rules, states: OnceLock::new(), around: OnceLock::new() }
    }

    fn states(&self) -> &[State; 2] {
        self.states.get_or_init(|| self.sides.map(State::read))
    }

    /// Judges one path.
    #[must_use]
    pub(crate) fn verdict(&self, change: &Change) -> Verdict {
        let kind = paths::kind(&change.path, self.sides.map(|side| side.files));
        if let Some(rule) = self.rules.of(&change.path) {
            if rule.hold {
                return Verdict::Held(format!("the configuration says so: {}", rule.reason));
            }
            if self.may_be_exempt(change, kind) {
                return Verdict::Harmless(format!("the configuration says so: {}", rule.reason));
            }
        }
        match kind {
            None => self.script(change),
            Some(Kind::Other(why) | Kind::Root(why)) => Verdict::Held(why.to_owned()),
            Some(_) if change.conflict => Verdict::Held(BOTH.to_owned()),
            Some(_) if is_irregular(change) => Verdict::Held(IRREGULAR.to_owned()),
            Some(Kind::ActionFile) if scripts::is_shell(&change.path) => self.script(change),
            Some(Kind::ActionFile) => {
                Verdict::Held("it belongs to a local action, whose programs are not read".to_owned())
            }
            Some(kind @ (Kind::Workflow | Kind::Action)) => self.automation(change, kind),
        }
    }

    /// The configuration cannot exempt itself, the owners, links, and what names the bot: whoever merges one exemption would
    /// be free of all.
    fn may_be_exempt(&self, change: &Change, kind: Option<Kind>) -> bool {
        match kind {
            Some(Kind::Root(_)) => false,
            Some(_) if is_irregular(change) => false,
            Some(Kind::Workflow | Kind::Action) => {
                let versions = self.states().iter().map(|state| state.file(&change.path));
                let mut both = versions.zip([&change.before, &change.after]);
                both.all(|(file, item)| match file {
                    Some(file) => !file.mentions(&["cargo2"]),
                    None => item.is_none(),
                })
            }
            _ => true,
        }
    }

    /// A workflow or the definition of an action.
    fn automation(&self, change: &Change, kind: Kind) -> Verdict {
        let path = &change.path;
        let [before, after] = self.states();
        let (first, second) = (before.file(path), after.file(path));
        let missing = (change.before.is_some() && first.is_none()) || (change.after.is_some() && second.is_none());
        if missing {
            return Verdict::Held("there are too many workflows and actions to read".to_owned());
        }
        let mut roots = Vec::new();
        for file in [first, second].into_iter().flatten() {
            match &file.root {
                Ok(root) => roots.push(root),
                Err(why) => return Verdict::Held(why.clone()),
            }
        }
        let compared = match roots.as_slice() {
            [before, after] => compare::pins(before, after),
            _ if change.before.is_none() => Err("it is new".to_owned()),
            _ => Err("it is removed".to_owned()),
        };
        if compared.as_ref().is_ok_and(Vec::is_empty) {
            return Verdict::Harmless("only comments and names of steps differ".to_owned());
        }
        let unable = match kind {
            Kind::Workflow => self.unable_workflow(path, [first, second]),
            _ => self.unable_action(path, [first, second]),
        };
        let rows = match roots.as_slice() {
            [before, after] if kind == Kind::Workflow && unable.is_err() => rows::only(self.sides, before, after),
            _ => None,
        };
        match rows {
            Some(Ok(())) => {
                return Verdict::Harmless("only matrix rows of elements that are not Rust differ".to_owned());
            }
            Some(Err(why)) => return Verdict::Held(format!("rows of its matrix differ, and {why}")),
            None => {}
        }
        match (compared, unable) {
            (_, Ok(())) => Verdict::Harmless("it can write nothing, neither before nor after".to_owned()),
            (Ok(moves), Err(_)) => Verdict::Pins(moves),
            (Err(place), Err(why)) if roots.len() == 2 => Verdict::Held(format!("{place} differs, and {why}")),
            (Err(place), Err(why)) => Verdict::Held(format!("{place}, and {why}")),
        }
    }

    /// Returns why a version of a workflow may write something, or make another workflow run that does.
    fn unable_workflow(&self, path: &str, versions: [Option<&File>; 2]) -> Result<(), String> {
        let states = self.states();
        for (state, file) in states.iter().zip(versions) {
            if let Some(file) = file {
                self.version(state, path).workflow(file)?;
            }
        }
        let [before, after] = versions.map(|file| file.map(name).transpose());
        let (before, after) = (before?, after?);
        for name in [before, after].into_iter().flatten() {
            if states.iter().any(|state| state.listens_to(name, false)) {
                return Err("a workflow of cargo2-bot runs after it".to_owned());
            }
        }
        let renamed = after.filter(|after| before != Some(after));
        if renamed.is_some_and(|name| states.iter().any(|state| state.listens_to(name, true))) {
            return Err("another workflow runs after those of its new name".to_owned());
        }
        Ok(())
    }

    /// Returns why a version of an action may write something: it does what the workflows that use it may.
    fn unable_action(&self, path: &str, versions: [Option<&File>; 2]) -> Result<(), String> {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder);
        let folder = folder.ok_or("an action at the root may be used from anywhere")?;
        let mut unused = true;
        for (state, file) in self.states().iter().zip(versions) {
            for user in state.files() {
                let root = user
                    .root
                    .as_ref()
                    .map_err(|why| format!("of `{}` is not known whether it uses it: {why}", user.path))?;
                if !unable::used(root).iter().any(|uses| refers(uses, folder)) {
                    continue;
                }
                unused = false;
                if paths::is_action(&user.path) {
                    return Err(format!("the action `{}` uses it", user.path));
                }
                let why = |why| format!("`{}` uses it: {why}", user.path);
                self.version(state, &user.path).workflow(user).map_err(why)?;
            }
            if let Some(file) = file {
                self.version(state, path).action(file, 0)?;
            }
        }
        // Who reviews the workflow that uses it one day does not see it.
        if unused { Err("no workflow here uses it, and any may later".into()) } else { Ok(()) }
    }

    fn version<'b>(&'b self, state: &'b State, path: &str) -> Version<'b> {
        let states = self.states();
        let artifacts = states.iter().any(|state| state.downloads_beside(path));
        let around = self.around.get_or_init(|| Around::new(states));
        Version { state, before: &states[0], around, artifacts }
    }

    /// Another file, which may be a script.
    fn script(&self, change: &Change) -> Verdict {
        let path = &change.path;
        if scripts::is_element(path) {
            return Verdict::NotGuarded;
        }
        let named = self.states().each_ref().map(|state| state.names(path));
        let items = [change.before.as_ref(), change.after.as_ref()];
        let by_name = items.map(|item| item.is_some_and(|item| scripts::is_script(path, item)));
        let certain = named.contains(&true) || by_name.contains(&true);
        if is_irregular(change) {
            return if certain { Verdict::Suspicious(IRREGULAR.to_owned()) } else { Verdict::NotGuarded };
        }
        if !by_name.contains(&true) && (scripts::is_picture(path) || (scripts::is_data(path) && !certain)) {
            return Verdict::NotGuarded;
        }
        let mut texts: [Option<Arc<str>>; 2] = [None, None];
        let mut interpreted = [false; 2];
        for at in 0..2 {
            let Some(item) = items[at] else { continue };
            match state::text(self.sides[at], item, scripts::MAX_SCRIPT) {
                Ok(text) => {
                    interpreted[at] = scripts::has_interpreter(&text);
                    texts[at] = Some(text);
                }
                Err(NoText::TooLarge(_, false) | NoText::Binary(false)) if !certain => {}
                Err(why) => return Verdict::Suspicious(why.to_string()),
            }
        }
        if !certain && !interpreted.contains(&true) {
            return Verdict::NotGuarded;
        }
        if change.conflict {
            return Verdict::Suspicious(BOTH.to_owned());
        }
        // What becomes a script is new as a whole.
        let was = named[0] || by_name[0] || interpreted[0];
        let is = named[1] || by_name[1] || interpreted[1];
        let (before, after) = (texts[0].as_deref().filter(|_| was), texts[1].as_deref().filter(|_| is));
        match scripts::change(path, before, after) {
            Some(why) => Verdict::Suspicious(why),
            None => Verdict::Harmless("no changed line of it can merge, push, approve or call GitHub".to_owned()),
        }
    }
}

/// Returns whether an entry is a link or a submodule.
fn is_irregular(change: &Change) -> bool {
    let items = [&change.before, &change.after];
    items.into_iter().flatten().any(|item| matches!(item.mode, Item::LINK | Item::SUBMODULE))
}

/// The name of a workflow: other workflows run after it by this.
fn name(file: &File) -> Result<&str, String> {
    let root = file.root.as_ref().map_err(Clone::clone)?;
    root.get("name").map_or(Ok(&*file.path), |name| name.as_str().ok_or_else(|| "its name is not read".to_owned()))
}

/// Returns whether a `uses:` may mean the action in a folder: of this checkout, of another checkout below it, or by the
/// repository's name.
fn refers(uses: &str, folder: &str) -> bool {
    let path = uses.split('@').next().unwrap_or_default().trim_end_matches('/');
    path.ends_with(&format!("/{folder}")) || path.contains("..")
}

#[cfg(test)]
mod tests;
