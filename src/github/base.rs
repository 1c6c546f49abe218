//! The base branch itself: drift there has a pull request of the bot's own, one for each file, on a branch of its own.

use super::decide::missing_label;
use super::facts::{Actor, Comment, PullRequest};
use super::ids::CommitId;
use super::plan::{Action, ClosePull, EditPull, OpenPull, WriteBranch};
use super::settings::Settings;
use crate::encode;

/// The prefix of the names of the bot's own branches.
pub(crate) const PREFIX: &str = "cargo2-bot/";

/// The branch for the tracker's matrix, behind the prefix.
pub(crate) const MATRIX: &str = "matrix";

/// The branch for all files that drifted, behind the prefix.
pub(crate) const GROUP: &str = "all";

/// The branch with the refs that the bot moves itself, behind the prefix; for single elements the beginning of its name.
pub(crate) const TRACK: &str = "track";

/// Returns whether a branch, by its name behind the prefix, is one with refs that the bot moves itself.
#[must_use]
pub(crate) fn is_tracking(slug: &str) -> bool {
    slug == TRACK || slug.starts_with("track.each/")
}

/// The last comment on a pull request of the bot's own.
const NOT_NEEDED: &str = "The base branch is right again: this is no longer needed.";

/// A file of the base branch that has to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The name of the branch, without the prefix.
    pub slug: String,
    /// The elements that it is about.
    pub elements: Vec<String>,
    /// Paths from the repository's root, and their new texts.
    pub files: Vec<(String, String)>,
    /// Those of these paths that are executable.
    pub executable: Vec<String>,
    /// The title of the pull request and first line of the commit.
    pub title: String,
    /// The text of the pull request.
    pub body: String,
}

/// A branch of the bot's own, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Own<'a> {
    /// The branch.
    pub branch: &'a str,
    /// Its head.
    pub head: &'a CommitId,
    /// Its open pull request.
    pub pull: Option<&'a PullRequest>,
    /// Whether the files there are those that are wanted.
    pub equal: bool,
    /// Whether all its commits are the bot's.
    pub own_commits: bool,
    /// Whether there was a pull request of it that somebody closed.
    pub closed: bool,
}

/// The name of the branch for an element, behind the prefix: `bluefin/sudo-rs.bst`. With `.bst` none is a folder of another.
/// A name that git does not take is changed, and then ends in a digest, so that no two elements share a branch.
#[must_use]
pub(crate) fn slug(element: &str) -> String {
    let stem = element.strip_suffix(".bst").unwrap_or(element);
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_/".contains(c) { c } else { '-' };
    let name: String = stem.chars().map(safe).collect();
    let parts: Vec<&str> = name.split('/').map(|part| part.trim_matches('-')).filter(|part| !part.is_empty()).collect();
    let name = parts.join("/");
    if name == stem {
        return format!("{name}.bst");
    }
    let mut digest = encode::sha256(element);
    digest.truncate(8);
    format!("{name}-{digest}.bst")
}

/// Returns whether a pull request is one of the bot's own for the base branch.
#[must_use]
pub(crate) fn is_own(pull: &PullRequest, repository: &str, viewer: &Actor) -> bool {
    pull.head_ref.starts_with(PREFIX)
        && pull.head_repository.as_deref() == Some(repository)
        && pull.author.login == viewer.login
}

/// One change of all files.
#[must_use]
pub(crate) fn grouped(all: &[Wanted], settings: &Settings) -> Wanted {
    let elements: Vec<String> = all.iter().flat_map(|wanted| wanted.elements.clone()).collect();
    let collected =
        |of: fn(&Wanted) -> &[(String, String)]| all.iter().flat_map(|wanted| of(wanted).to_vec()).collect();
    Wanted {
        slug: GROUP.into(),
        title: settings.headline(&elements),
        elements,
        files: collected(|wanted| &wanted.files),
        executable: all.iter().flat_map(|wanted| wanted.executable.clone()).collect(),
        body: all.iter().map(|wanted| wanted.body.trim_end()).collect::<Vec<_>>().join("\n\n---\n\n") + "\n",
    }
}

/// Plans the actions for one file that has to change. `own` is its branch, if there is one.
#[must_use]
pub(crate) fn refresh(
    wanted: &Wanted,
    own: Option<&Own<'_>>,
    base: (&str, &CommitId),
    settings: &Settings,
) -> Vec<Action> {
    let (base_ref, base_sha) = base;
    let branch = format!("{PREFIX}{}", wanted.slug);
    let message = format!("{}\n\n{}", wanted.title, settings.body(&wanted.elements));
    let write = |head: Option<&CommitId>| {
        Action::Branch(WriteBranch {
            branch: branch.clone(),
            head: head.cloned(),
            base: base_sha.clone(),
            message: message.clone(),
            files: wanted.files.clone(),
            executable: wanted.executable.clone(),
        })
    };
    let open = || {
        Action::OpenPull(OpenPull {
            head: branch.clone(),
            base: base_ref.to_owned(),
            title: wanted.title.clone(),
            body: wanted.body.clone(),
            labels: Some(settings.label.clone()).filter(|label| !label.is_empty()).into_iter().collect(),
        })
    };
    match own {
        None => vec![write(None), open()],
        // Somebody wrote to it, or closed it and left the branch: that was an answer, until something else is wanted.
        Some(Own { own_commits: false, .. } | Own { pull: None, equal: true, closed: true, .. }) => Vec::new(),
        // The run ended before it was opened.
        Some(Own { pull: None, equal: true, .. }) => vec![open()],
        Some(Own { pull: None, head, .. }) => vec![write(Some(head)), open()],
        Some(Own { pull: Some(pull), equal, head, .. }) => {
            let mut actions = Vec::new();
            if !equal {
                actions.push(write(Some(head)));
            }
            let same = |a: &str, b: &str| a.replace("\r\n", "\n").trim_end() == b.trim_end();
            if pull.title != wanted.title || !same(&pull.body, &wanted.body) {
                let (title, body) = (wanted.title.clone(), wanted.body.clone());
                actions.push(Action::EditPull(EditPull { number: pull.number, title, body }));
            }
            // The run ended before it was labelled, and there is no report with which it would be.
            actions.extend(missing_label(pull, settings).filter(|_| pull.comments.is_empty()));
            actions
        }
    }
}

/// Closes what is no longer wanted. A branch with a person's commits is left alone.
#[must_use]
pub(crate) fn close(own: &Own<'_>) -> Vec<Action> {
    match own.pull {
        Some(pull) if own.own_commits => {
            let there = |c: &Comment| c.body.trim() == NOT_NEEDED && c.author.login == pull.author.login;
            let comment = (!pull.comments.iter().any(there)).then(|| NOT_NEEDED.to_owned());
            vec![Action::ClosePull(ClosePull { number: pull.number, branch: own.branch.to_owned(), comment })]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::ids::PullNumber;
    use std::sync::LazyLock;

    static HEAD: LazyLock<CommitId> = LazyLock::new(|| CommitId::of("h"));

    fn wanted() -> Wanted {
        Wanted {
            executable: Vec::new(),
            slug: slug("bluefin/a.bst"),
            elements: vec!["bluefin/a.bst".into()],
            files: vec![("elements/bluefin/a.bst".into(), "new".into())],
            title: "chore(deps): regenerate a".into(),
            body: "report\n".into(),
        }
    }

    fn pull() -> PullRequest {
        let labels = vec![Settings::default().label];
        PullRequest { number: 3.into(), title: wanted().title, body: "report".into(), labels, ..PullRequest::default() }
    }

    fn own(pull: Option<&PullRequest>, equal: bool, own_commits: bool) -> Own<'_> {
        Own { branch: "cargo2-bot/bluefin/a.bst", head: &HEAD, pull, equal, own_commits, closed: true }
    }

    fn refreshed(own: Option<&Own<'_>>) -> Vec<String> {
        let actions = refresh(&wanted(), own, ("main", &HEAD), &Settings::default());
        actions.iter().map(|a| serde_json::to_value(a).unwrap()["do"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn drift_opens_one_pull_request_and_refreshes_it() {
        assert_eq!(refreshed(None), ["branch", "open-pull"]);
        let there = pull();
        assert_eq!(refreshed(Some(&own(Some(&there), true, true))), [""; 0]);
        assert_eq!(refreshed(Some(&own(Some(&there), false, true))), ["branch"]);
        let old = PullRequest { body: "older".into(), ..pull() };
        assert_eq!(refreshed(Some(&own(Some(&old), false, true))), ["branch", "edit-pull"]);
        let bare = PullRequest { labels: Vec::new(), ..pull() };
        assert_eq!(refreshed(Some(&own(Some(&bare), true, true))), ["label"]);
    }

    #[test]
    fn a_pull_request_that_somebody_closed_is_not_opened_again_for_the_same() {
        assert_eq!(refreshed(Some(&own(None, true, true))), [""; 0]);
        assert_eq!(refreshed(Some(&own(None, false, true))), ["branch", "open-pull"]);
    }

    #[test]
    fn a_branch_whose_pull_request_was_never_opened_gets_it() {
        let never = Own { closed: false, ..own(None, true, true) };
        assert_eq!(refreshed(Some(&never)), ["open-pull"]);
    }

    #[test]
    fn a_branch_with_the_commits_of_a_person_is_left_alone() {
        let there = pull();
        assert_eq!(refreshed(Some(&own(Some(&there), false, false))), [""; 0]);
        assert_eq!(close(&own(Some(&there), false, false)), []);
    }

    #[test]
    fn what_is_no_longer_wanted_is_closed() {
        let there = pull();
        assert!(matches!(
            &close(&own(Some(&there), false, true))[..],
            [Action::ClosePull(ClosePull { number: PullNumber(3), .. })]
        ));
        assert_eq!(close(&own(None, false, true)), []);
    }

    #[test]
    fn a_few_are_open_at_a_time_and_what_is_open_stays() {
        let one = |slug: &str| Wanted { slug: slug.into(), elements: vec![slug.into()], ..wanted() };
        let all = ["a", "b"].map(one);
        let group = grouped(&all, &Settings::default());
        assert_eq!((group.slug.as_str(), group.files.len()), (GROUP, 2));
        assert!(group.title.ends_with("a and 1 more") && group.body == "report\n\n---\n\nreport\n", "{group:?}");
    }

    #[test]
    fn branch_names_are_ones_that_git_takes() {
        assert_eq!(slug("bluefin/sudo-rs.bst"), "bluefin/sudo-rs.bst");
        for odd in ["a b/..lock~^:.bst", "x.lock.bst", "/.bst", "ä.bst"] {
            let slug = slug(odd);
            assert!(slug.ends_with(".bst") && !slug.contains([' ', ':', '~', '^']) && !slug.contains(".."), "{slug}");
        }
        assert_ne!(slug("a b.bst"), slug("a-b.bst"));
    }
}
