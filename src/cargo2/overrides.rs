//! The configured exceptions for crates: those left out of a block, and those changed in it.

use crate::cargo2::block::{BlockEntry, Origin};
use crate::cargo2::lock::Lock;
use crate::config::CrateOverride;

/// Removes the crates to leave out from a lock. Returns the exceptions that matched none.
pub(crate) fn leave_out<'o>(lock: &mut Lock<'_>, overrides: &'o [CrateOverride]) -> Vec<&'o CrateOverride> {
    let mut without_effect = Vec::new();
    for krate in overrides.iter().filter(|o| o.leave_out) {
        let before = lock.packages.len();
        lock.packages.retain(|p| {
            p.source.is_none()
                || p.name != krate.name.as_str()
                || krate.version.as_deref().is_some_and(|v| v != p.version)
        });
        if lock.packages.len() == before {
            without_effect.push(krate);
        }
    }
    without_effect
}

/// Applies the changes to the entries of a block. Returns the exceptions that changed none.
pub(crate) fn change<'o>(entries: &mut [BlockEntry], overrides: &'o [CrateOverride]) -> Vec<&'o CrateOverride> {
    let mut without_effect = Vec::new();
    for krate in overrides.iter().filter(|o| !o.leave_out) {
        let matching =
            |e: &&mut BlockEntry| e.name == krate.name && krate.version.as_deref().is_none_or(|v| v == e.version);
        let mut changed = false;
        for entry in entries.iter_mut().filter(matching) {
            if let Origin::Git { commit, repo, query } = &mut entry.from {
                let expected = krate.query.as_ref().map_or_else(|| query.clone(), |q| q.clone().into_iter().collect());
                for (now, then) in [(&mut *commit, &krate.commit), (&mut *repo, &krate.repo)] {
                    if let Some(then) = then.as_ref().filter(|then| *then != now) {
                        now.clone_from(then);
                        changed = true;
                    }
                }
                changed |= *query != expected;
                *query = expected;
            }
        }
        if !changed {
            without_effect.push(krate);
        }
    }
    entries.sort_by(BlockEntry::order);
    without_effect
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo2::lock;

    #[test]
    fn crates_are_left_out_and_changed_and_exceptions_without_effect_are_told() {
        let text = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"svn+x\"\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"svn+x\"\n";
        let mut lock = lock::parse(text).unwrap();
        let krate = |name: &str, leave_out: bool, repo: Option<&str>| CrateOverride {
            name: name.into(),
            version: None,
            leave_out,
            repo: repo.map(str::to_owned),
            commit: None,
            query: None,
            reason: "x".into(),
            until: None,
        };
        let overrides = [
            krate("a", true, None),
            krate("gone", true, None),
            krate("g", false, Some("new")),
            krate("h", false, Some("new")),
        ];
        let unused: Vec<&str> = leave_out(&mut lock, &overrides).iter().map(|o| o.name.as_str()).collect();
        assert_eq!((unused, lock.packages.len()), (vec!["gone"], 1));
        let git = |name: &str, repo: &str| BlockEntry {
            name: name.into(),
            version: "1.0.0".into(),
            from: Origin::Git { commit: "c".into(), repo: repo.into(), query: Vec::new() },
        };
        let mut entries = [git("g", "old"), git("h", "new"), git("i", "old")];
        let unused: Vec<&str> = change(&mut entries, &overrides).iter().map(|o| o.name.as_str()).collect();
        assert_eq!((unused, entries), (vec!["h"], [git("g", "new"), git("h", "new"), git("i", "old")]));
    }
}
