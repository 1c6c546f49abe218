//! A group of the merge queue: it may merge if everything in it that decides was released, entry by entry.

use super::content::{Content, Decisive};
use super::ids::PullNumber;

/// A pull request of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its number.
    pub number: PullNumber,
    /// What it changes, in the tip of the base branch.
    pub content: Content,
    /// Why it is held; None where it is released, or harmless.
    pub held: Option<String>,
}

/// The reasons why a group must not merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held(Vec<String>);

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for Held {}

/// Evaluates a group: `content` is what it changes as a whole, from the tip of the base branch to the group's head.
///
/// # Errors
/// Why it must not merge, with the pull request that is the reason where one is.
pub(crate) fn evaluate(content: &Content, members: &[Member]) -> Result<(), Held> {
    let problems: Vec<String> = content.decisive.iter().filter_map(|path| problem(path, members)).collect();
    if problems.is_empty() { Ok(()) } else { Err(Held(problems)) }
}

/// Why a path of the group holds it.
fn problem(path: &Decisive, members: &[Member]) -> Option<String> {
    let name = path.path.escape_debug();
    let mut reason = format!("no queued pull request changes `{name}` ({}: {})", path.class, path.why);
    for member in members {
        let Some(own) = member.content.decisive.iter().find(|own| own.path == path.path) else { continue };
        let known = member.content.id().is_some();
        let same = known && own.before == path.before && own.after == path.after;
        match &member.held {
            Some(why) => reason = format!("#{} is held: {why}", member.number),
            None if same => return None,
            None => {
                reason = format!("in the group `{name}` is not what was approved in #{}", member.number);
            }
        }
    }
    Some(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::content::Class;
    use crate::github::tree::Item;

    fn path(name: &str, class: Class, before: &str, after: &str) -> Decisive {
        let item = |id: &str| (!id.is_empty()).then(|| Item { mode: Item::FILE, id: id.to_owned() });
        Decisive {
            path: name.into(),
            class,
            why: "w".into(),
            elements: Vec::new(),
            before: item(before),
            after: item(after),
        }
    }

    fn content(decisive: Vec<Decisive>) -> Content {
        Content { branch: "main".into(), paths: decisive.len(), decisive }
    }

    fn member(number: u64, held: Option<&str>, decisive: Vec<Decisive>) -> Member {
        Member { number: PullNumber(number), content: content(decisive), held: held.map(str::to_owned) }
    }

    const A: fn() -> Decisive = || path("a", Class::Input, "1", "2");

    #[test]
    fn a_group_of_released_and_harmless_changes_may_merge() {
        let group = content(vec![A()]);
        assert_eq!(evaluate(&group, &[member(1, None, vec![A()]), member(2, None, Vec::new())]), Ok(()));
        assert_eq!(evaluate(&content(Vec::new()), &[]), Ok(()));
    }

    #[test]
    fn a_path_that_nobody_released_holds_the_group() {
        let group = content(vec![A(), path("b", Class::Element, "", "1")]);
        let why = evaluate(&group, &[member(1, None, vec![A()])]).unwrap_err().to_string();
        assert!(why.contains("no queued pull request changes `b`"), "{why}");
        let why =
            evaluate(&content(vec![A()]), &[member(1, Some("nobody approved it"), vec![A()])]).unwrap_err().to_string();
        assert_eq!(why, "#1 is held: nobody approved it");
    }

    #[test]
    fn another_entry_than_the_released_one_holds_the_group() {
        for other in [
            path("a", Class::Input, "1", "3"),
            path("a", Class::Input, "", "2"),
            path("a", Class::Input, "1", ""),
            Decisive { after: Some(Item { mode: 0o100_755, id: "2".into() }), ..A() },
        ] {
            assert!(evaluate(&content(vec![other]), &[member(1, None, vec![A()])]).is_err());
        }
    }

    #[test]
    fn one_released_member_with_the_entry_is_enough_whatever_the_order() {
        let group = content(vec![A()]);
        let released = member(2, None, vec![A()]);
        let held = member(1, Some("no"), vec![path("a", Class::Input, "1", "9")]);
        assert_eq!(evaluate(&group, &[released.clone(), held.clone()]), Ok(()));
        assert_eq!(evaluate(&group, &[held, released]), Ok(()));
    }

    #[test]
    fn what_is_not_known_in_a_member_releases_nothing() {
        let unknown = member(1, None, vec![A(), path("z", Class::Unknown, "", "1")]);
        assert!(evaluate(&content(vec![A()]), &[unknown]).is_err());
        assert!(evaluate(&content(vec![path("a", Class::Unknown, "1", "2")]), &[member(1, None, vec![A()])]).is_ok());
    }
}
