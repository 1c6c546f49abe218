//! The paths that a text with variables can become, where a variable can have many values.

use crate::bst::project::{normal_path, variables};
use std::collections::{BTreeMap, BTreeSet};

/// The maximum number of values of one text.
const MAX_VALUES: usize = 64;

/// The maximum number of steps to them.
const MAX_STEPS: usize = 1024;

/// The paths that a text can be, from the project's folder: each as a file and, with a slash at its end, as a folder.
///
/// Where a variable is not known, it is everything below the last folder before it. `/` is everything in the project.
pub(super) fn paths(text: &str, values: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut open = vec![text.to_owned()];
    let mut steps = 0;
    while let Some(next) = open.pop() {
        steps += 1;
        let Some((from, to)) = variables::find(&next) else {
            add(&next, &mut out);
            continue;
        };
        let known = values.get(&next[from + 2..to]).filter(|known| !known.is_empty());
        match known {
            Some(known) if steps < MAX_STEPS && open.len() + known.len() <= MAX_VALUES && next.len() < 4096 => {
                open.extend(known.iter().map(|value| format!("{}{value}{}", &next[..from], &next[to + 1..])));
            }
            _ => {
                let folder = next[..from].rfind('/').map_or("", |at| &next[..at]);
                out.extend(normal_path(folder).map(|folder| format!("{folder}/")));
            }
        }
    }
    out
}

fn add(text: &str, out: &mut BTreeSet<String>) {
    // BuildStream takes no path that begins with a slash for one of the project.
    if let Some(path) = normal_path(text.trim()) {
        out.insert(format!("{path}/"));
        if !path.is_empty() {
            out.insert(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let set = |list: &[&str]| list.iter().map(|value| (*value).to_owned()).collect::<BTreeSet<_>>();
        let values = [("a", set(&["x", "y"])), ("b", set(&["%{a}/z"])), ("loop", set(&["%{loop}"]))];
        paths(text, &values.map(|(name, set)| (name.to_owned(), set)).into()).into_iter().collect()
    }

    #[test]
    fn all_values_of_all_variables_count() {
        assert_eq!(of("./p//q"), ["p/q", "p/q/"]);
        assert_eq!(of("f/%{b}"), ["f/x/z", "f/x/z/", "f/y/z", "f/y/z/"]);
    }

    #[test]
    fn where_a_variable_is_not_known_the_folder_before_it_counts() {
        assert_eq!(of("f/g-%{no}/h"), ["f/"]);
        assert_eq!(of("%{no}"), ["/"]);
        assert_eq!(of("f/%{loop}"), ["f/"]);
        assert_eq!(of("."), ["/"]);
        assert_eq!(of("/etc"), [""; 0]);
    }
}
