//! The Rust elements in parts of about the same size, for machines that work side by side.

use crate::cargo2::discover::Discovered;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// One of several parts: `2/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

/// The most parts: the jobs of a matrix.
pub const MOST: usize = 256;

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| part.parse().ok().filter(|number| (1..=MOST).contains(number));
        let shard = text.split_once('/').and_then(|(index, of)| Some(Self { index: number(index)?, of: number(of)? }));
        shard.filter(|shard| shard.index <= shard.of).ok_or("this is written K/N, as 2/8; N is 256 at most")
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The elements, sorted.
    pub elements: Vec<String>,
    /// How many crates they have together, about.
    pub crates: usize,
}

/// A crate list, or what cannot be read, as far as it says which elements belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Member<'a> {
    /// The elements that use it.
    elements: Vec<&'a str>,
    /// The file that it is in. None for an element that cannot be read.
    file: Option<Arc<str>>,
    /// The number of its crates.
    crates: usize,
}

/// Splits what was discovered into `of` parts. The same project gives the same parts, in whatever order its files are listed. Elements
/// that share a file stay together, since its crate lists are verified and written as one.
#[must_use]
pub fn split(found: &Discovered, of: usize) -> Vec<Part> {
    let lists = found.crate_lists.iter().map(|list| Member {
        elements: list.elements.iter().map(String::as_str).collect(),
        file: Some(list.key().0),
        // One that cannot be read is reported where it is verified.
        crates: list.current().map_or(0, |current| current.entries.len()),
    });
    let unreadable = found.findings.iter().filter_map(|finding| finding.element.as_deref());
    let names = found.elements.iter().map(String::as_str).chain(unreadable);
    let names = names.map(|name| Member { elements: vec![name], file: None, crates: 0 });
    parts(&lists.chain(names).collect::<Vec<_>>(), of)
}

fn parts(members: &[Member<'_>], of: usize) -> Vec<Part> {
    let mut groups = groups(members);
    // The largest first, each to the smallest part so far: no part is larger than 4/3 of what is possible.
    groups.sort_by(|a, b| b.crates.cmp(&a.crates).then_with(|| a.elements.cmp(&b.elements)));
    let mut parts = vec![Part::default(); of];
    for group in groups {
        let Some(part) = parts.iter_mut().min_by_key(|part| part.crates) else { break };
        // A list without crates takes its time, too.
        part.crates += group.crates.max(1);
        part.elements.extend(group.elements);
    }
    parts.iter_mut().for_each(|part| part.elements.sort());
    parts
}

/// The elements that share files, each group sorted, with the number of its crates.
fn groups(members: &[Member<'_>]) -> Vec<Part> {
    let names: BTreeSet<&str> = members.iter().flat_map(|member| member.elements.iter().copied()).collect();
    let at: BTreeMap<&str, usize> = names.into_iter().zip(0..).collect();
    // Each element points at an earlier one of its group, the first one at itself.
    let mut leader: Vec<usize> = (0..at.len()).collect();
    let first = |leader: &[usize], mut of: usize| {
        while leader[of] != of {
            of = leader[of];
        }
        of
    };
    let mut by_file: BTreeMap<&str, usize> = BTreeMap::new();
    for member in members {
        for name in &member.elements {
            let one = first(&leader, at[name]);
            let known = member.file.as_deref().map(|file| *by_file.entry(file).or_insert(one));
            let other = first(&leader, known.unwrap_or(one));
            leader[one.max(other)] = one.min(other);
        }
    }
    let mut groups: BTreeMap<usize, Part> = BTreeMap::new();
    for (name, at) in &at {
        groups.entry(first(&leader, *at)).or_default().elements.push((*name).to_owned());
    }
    for member in members {
        let group = member.elements.first().and_then(|name| groups.get_mut(&first(&leader, at[name])));
        group.into_iter().for_each(|group| group.crates += member.crates);
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_read_and_what_is_none_is_refused() {
        assert_eq!("2/8".parse(), Ok(Shard { index: 2, of: 8 }));
        for bad in ["", "2", "0/8", "9/8", "1/257", "a/b", "1/-1", "1/2/3"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }

    fn member<'a>(elements: &[&'a str], file: &str, crates: usize) -> Member<'a> {
        Member { elements: elements.to_vec(), file: (!file.is_empty()).then(|| file.into()), crates }
    }

    #[test]
    fn parts_are_balanced_and_the_same_in_every_order() {
        let mut members = [
            member(&["a"], "a.bst", 90),
            member(&["b"], "b.bst", 50),
            member(&["c"], "c.bst", 40),
            member(&["d"], "", 0),
        ];
        let split = parts(&members, 2);
        let shown: Vec<_> = split.iter().map(|part| (part.elements.join(" "), part.crates)).collect();
        assert_eq!(shown, [("a d".into(), 91), ("b c".to_owned(), 90)]);
        members.reverse();
        assert_eq!(parts(&members, 2), split);
        assert_eq!(parts(&members, 9).iter().filter(|part| part.elements.is_empty()).count(), 5);
    }

    #[test]
    fn elements_that_cannot_be_read_are_in_a_part_too() {
        let finding = crate::finding::Finding::new(&crate::finding::rules::ELEMENT_UNREADABLE, "no").of("c.bst");
        let elements = vec!["a.bst".into(), "b.bst".into()];
        let parts = split(&Discovered { elements, findings: vec![finding], ..Discovered::default() }, 2);
        let shown: Vec<_> = parts.iter().map(|part| part.elements.join(" ")).collect();
        assert_eq!(shown, ["a.bst c.bst", "b.bst"]);
    }

    #[test]
    fn elements_that_share_a_file_stay_together() {
        let members = [
            member(&["z"], "x.yml", 5),
            member(&["b"], "y.yml", 5),
            member(&["d"], "d.bst", 1),
            member(&["c", "b"], "x.yml", 5),
            member(&["b"], "", 0),
        ];
        let split = parts(&members, 3);
        assert_eq!(split[0], Part { elements: vec!["b".into(), "c".into(), "z".into()], crates: 15 });
        assert_eq!(split[1].elements, ["d"]);
    }
}
