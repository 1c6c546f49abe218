//! A source that comes from elsewhere.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::{ElementReview, Pin};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-changed",
    severity: Severity::Error,
    means: "A source of the element comes from another repository or host than before: its `url` changed, or the alias in project.conf that the `url` begins with. It is a warning where a source is added to those that stay.",
    remedy: "Make sure that the new place belongs to the upstream project.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    let remote = |pin: &Option<Pin>| pin.clone().filter(|p| p.commit.is_some() || p.url.contains("://"));
    let before: Vec<String> = element.sources.iter().filter_map(|m| Some(remote(&m.old)?.home())).collect();
    let found = element.sources.iter().filter_map(|m| {
        let (old, new) = (remote(&m.old), remote(&m.new)?);
        if before.contains(&new.home()) {
            return None;
        }
        let finding_of = |message: String| Finding::new(&RULE, message).of(&element.element).help(RULE.remedy);
        match old {
            Some(old) => {
                Some(finding_of(format!("the upstream is {} instead of {}", shown(&new.url), shown(&old.url))))
            }
            // In a whole new element all is new.
            None if element.crates.0 == 0 => None,
            None => {
                let mut finding = finding_of(format!("{} is a new source of the element", shown(&new.url)));
                finding.severity = Severity::Warning;
                Some(finding)
            }
        }
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::review::testing::*;
    use crate::review::{Pin, SourceMove};

    #[test]
    fn a_new_source_is_news_where_the_element_is_not_new_itself() {
        let found = |crates: (usize, usize)| {
            let (url, commit) = ("https://x.example/a".to_owned(), "a".repeat(40));
            let new = Some(Pin { url, pinned: commit.clone(), commit: Some(commit), ..Pin::default() });
            let mut own = element(&[], &[]);
            own.crates = crates;
            own.sources = vec![SourceMove { new, ..SourceMove::default() }];
            messages(&mut [own], &evidence(index(&[]))).join("\n")
        };
        let warning = "warning upstream-changed: `https://x.example/a` is a new source of the element";
        assert_eq!((found((3, 3)).as_str(), found((0, 3)).as_str()), (warning, ""));
    }
}
