//! Finds crate lists: the Rust elements of a project, and those that cannot be read.

use crate::bst::project::Project;
use crate::bst::project::compose::ReadFile;
use crate::cargo2::element::{self, CrateList, Found};
use crate::cargo2::element_file::Element;
use crate::finding::Finding;
use crate::finding::rules;
use crate::text::closest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The crate lists of a project.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// Each crate list once, however many elements include it, in the order of the files.
    pub crate_lists: Vec<CrateList>,
    /// The problems that prevent the verification of elements.
    pub findings: Vec<Finding>,
    /// The Rust elements, by the names that BuildStream uses.
    pub elements: Vec<String>,
    /// The paths of the project that decide about each Rust element, by the element's name: its file, project.conf, the
    /// includes of both, and its local sources and patches. A path that ends in `/` means everything below that folder.
    /// Elements that might be Rust and cannot be read are among them.
    pub reads: BTreeMap<String, BTreeSet<String>>,
}

/// The elements to which a run is limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names or paths; empty for all.
    pub names: Vec<String>,
}

impl Selection {
    /// The selected elements by the names that BuildStream uses: a path below the project folder counts too.
    #[must_use]
    pub fn elements(&self, project: &Project) -> Vec<String> {
        let name = |n: &String| {
            let path = crate::bst::project::clean_path(n).unwrap_or_else(|| n.clone());
            project.element_of(&path).filter(|_| !project.element_path.is_empty()).map_or(path.clone(), str::to_owned)
        };
        self.names.iter().map(name).collect()
    }
}

/// Finds the crate lists in all elements of a project.
#[must_use]
pub fn crate_lists(project: &Project, elements: &[Element], read: &ReadFile<'_>) -> Discovered {
    let mut out = Discovered::default();
    let mut by_key: BTreeMap<(Arc<str>, usize), Vec<usize>> = BTreeMap::new();
    for Element { name, path, parsed } in elements {
        let found = match parsed {
            Ok(root) => element::of_root(name, root, project, read),
            Err(finding) => Found { findings: vec![(**finding).clone()], ..Found::default() },
        };
        if !found.crate_lists.is_empty() {
            out.elements.push(name.to_owned());
        }
        if !found.crate_lists.is_empty() || !found.findings.is_empty() {
            let reads = out.reads.entry(name.to_owned()).or_default();
            reads.extend(found.reads.into_iter().chain(project.files.iter().cloned()).chain([path.clone()]));
        }
        out.findings.extend(found.findings);
        for crate_list in found.crate_lists {
            add(crate_list, &mut out.crate_lists, &mut by_key);
        }
    }
    out
}

impl Discovered {
    /// Adds the results of further elements.
    pub fn append(&mut self, other: Self) {
        self.crate_lists.extend(other.crate_lists);
        self.findings.extend(other.findings);
        self.elements.extend(other.elements);
        self.reads.extend(other.reads);
    }

    /// Limits the results to a selection. A selected name that is not a Rust element becomes a finding: an error where there is
    /// no element of that name among `all`, else a notice that it is skipped, as hooks name every file.
    #[must_use]
    pub fn select(mut self, project: &Project, selection: &Selection, all: &[Element]) -> Self {
        let selected = selection.elements(project);
        if selected.is_empty() {
            return self;
        }
        let known = self.elements.clone();
        self.elements.retain(|name| selected.contains(name));
        self.reads.retain(|name, _| selected.contains(name));
        self.findings.retain(|finding| finding.element.as_ref().is_some_and(|name| selected.contains(name)));
        for crate_list in &mut self.crate_lists {
            crate_list.elements.retain(|name| selected.contains(name));
        }
        self.crate_lists.retain(|crate_list| !crate_list.elements.is_empty());
        let found = |name: &String| {
            self.elements.contains(name) || self.findings.iter().any(|f| f.element.as_ref() == Some(name))
        };
        let left_out = selected.iter().filter(|name| !found(name)).map(|name| {
            let other = all.iter().any(|element| element.name == *name);
            if other { skipped(name) } else { meant(name, &known) }
        });
        let unknown: Vec<Finding> = left_out.collect();
        self.findings.extend(unknown);
        self
    }
}

/// The finding on a requested name that is not a Rust element.
#[must_use]
pub fn unknown(name: &str) -> Finding {
    let message = format!("`{}` is not a Rust element of this project", name.escape_debug());
    Finding::new(&rules::ELEMENT_UNKNOWN, message).of(name)
}

/// The same, with what may have been meant: `core/bootc` and `bootc.bst` for `core/bootc.bst`.
fn meant(name: &str, known: &[String]) -> Finding {
    let stem = |element: &str| element.strip_suffix(".bst").unwrap_or(element).to_owned();
    let (own, last) = (stem(name), format!("/{}", stem(name)));
    let same = known.iter().find(|element| stem(element) == own).or_else(|| {
        let mut ends = known.iter().filter(|element| stem(element).ends_with(&last));
        ends.next().filter(|_| ends.next().is_none())
    });
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let meant = same.map(String::as_str).or_else(|| closest(name, &names));
    match meant {
        Some(meant) => unknown(name).help(format!("did you mean `{meant}`?")),
        None => unknown(name),
    }
}

/// The finding on a requested element without crates.
fn skipped(name: &str) -> Finding {
    let message = format!("`{}` is not a Rust element: it is skipped", name.escape_debug());
    Finding::new(&rules::ELEMENT_SKIPPED, message).of(name)
}

/// Merges a shared crate list of several elements into one, if they agree about it.
fn add(crate_list: CrateList, crate_lists: &mut Vec<CrateList>, by_key: &mut BTreeMap<(Arc<str>, usize), Vec<usize>>) {
    let known = by_key.entry(crate_list.key()).or_default();
    let same = known.iter().find(|at| {
        let other = &crate_lists[**at];
        other.config == crate_list.config
            && other.plan.as_ref().ok() == crate_list.plan.as_ref().ok()
            && other.plan.is_ok()
    });
    if let Some(at) = same {
        crate_lists[*at].elements.extend(crate_list.elements);
    } else {
        known.push(crate_lists.len());
        crate_lists.push(crate_list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::read::Read;
    use crate::text::SourceText;

    fn discovered(files: &[(&str, &str)], names: &[&str]) -> Discovered {
        let texts: Vec<_> =
            files.iter().map(|(p, t)| ((*p).to_owned(), Read::Known(Arc::new(SourceText::new(p, *t))))).collect();
        let read = |path: &str| texts.iter().find(|(p, _)| p == path).map_or(Read::Absent, |(_, t)| t.clone());
        let conf = Arc::new(SourceText::new("project.conf", "name: p\nelement-path: elements\n"));
        let project = crate::bst::project::parse(&conf, &read, &[]).unwrap();
        let selection = Selection { names: names.iter().map(|n| (*n).to_owned()).collect() };
        let elements: Vec<Element> = texts.iter().cloned().filter_map(|file| Element::parse(&project, file)).collect();
        crate_lists(&project, &elements, &read).select(&project, &selection, &elements)
    }

    const RUST: &str = "sources:\n- kind: local\n  path: x\n- kind: cargo2\n";

    #[test]
    fn a_block_in_an_include_is_one_site_for_all_elements() {
        let files = [("elements/a.bst", "(@): i.inc\n"), ("elements/b.bst", "(@): i.inc\n"), ("i.inc", RUST)];
        let out = discovered(&files, &[]);
        assert_eq!(out.crate_lists.len(), 1);
        assert_eq!(out.crate_lists[0].elements, ["a.bst", "b.bst"]);
    }

    #[test]
    fn elements_with_other_sources_before_a_shared_block_have_it_each_for_itself() {
        let include = RUST.replace("path: x", "path: \"%{where}\"");
        let element = |value: &str| format!("(@): i.inc\nvariables: {{where: {value}}}\n");
        let files = [("elements/a.bst", &*element("x")), ("elements/b.bst", &element("y")), ("i.inc", &include)];
        let lists = discovered(&files, &[]).crate_lists;
        assert!(lists.iter().all(|list| list.plan.is_ok()));
        assert_eq!(lists.iter().map(CrateList::name).collect::<Vec<_>>(), ["a.bst", "b.bst"]);
    }

    #[test]
    fn what_an_element_depends_on_is_known_with_all_includes_and_local_sources() {
        let conf =
            Arc::new(SourceText::new("project.conf", "name: p\n(@): [conf.yml, j.bst:x.yml]\nelement-path: e\n"));
        let element = "\
(@): ./inc/a.yml
variables: {where: files}
sources:
- kind: git_repo
  url: https://x/y
- kind: local
  path: '%{where}/lock'
- kind: patch
  path: p/1.patch
- kind: patch_queue
  path: p/q
- kind: cargo2
- kind: local
  path: after
";
        let files = [("e/a.bst", element), ("e/no.bst", "kind: stack\n"), ("e/bad.bst", "sources: [cargo\n")]
            .map(|(p, t)| (p.to_owned(), Read::Known(Arc::new(SourceText::new(p, t)))));
        let read = |path: &str| {
            let text = match path {
                "./inc/a.yml" => "(@): inc/b.yml\n",
                "conf.yml" => "(@): more.yml\n",
                "more.yml" | "inc/b.yml" => "a: b\n",
                _ => return Read::Absent,
            };
            Read::Known(Arc::new(SourceText::new(path, text)))
        };
        let project = crate::bst::project::parse(&conf, &read, &[]).unwrap();
        let elements: Vec<Element> = files.into_iter().filter_map(|file| Element::parse(&project, file)).collect();
        let out = crate_lists(&project, &elements, &read);
        let of = |name: &str| out.reads[name].iter().map(String::as_str).collect::<Vec<_>>();
        let conf = ["conf.yml", "more.yml", "project.conf"];
        let own = ["e/a.bst", "files/lock", "files/lock/", "inc/a.yml", "inc/b.yml", "p/1.patch", "p/q/"];
        let mut all = [&conf[..], &own, &["after", "after/"]].concat();
        all.sort_unstable();
        assert_eq!(of("a.bst"), all);
        assert_eq!(of("bad.bst"), ["conf.yml", "e/bad.bst", "more.yml", "project.conf"]);
        assert_eq!(out.reads.len(), 2);
    }

    #[test]
    fn elements_are_selected_by_name_or_path() {
        let files = [("elements/a.bst", RUST), ("elements/b.bst", RUST), ("elements/c.bst", "kind: stack\n")];
        assert_eq!(discovered(&files, &["a.bst", "elements/b.bst", "./elements/b.bst"]).elements, ["a.bst", "b.bst"]);
        let skipped = discovered(&files, &["elements/c.bst", "a.bst"]);
        assert_eq!((skipped.findings.len(), skipped.findings[0].rule.id), (1, "element-skipped"));
        assert_eq!(skipped.crate_lists.len(), 1);
    }

    #[test]
    fn what_was_meant_is_said() {
        let files = [("elements/core/bootc.bst", RUST), ("elements/bluefin/sudo-rs.bst", RUST)];
        let help = |name: &str| {
            let found = discovered(&files, &[name]);
            assert_eq!(found.findings[0].message, format!("`{name}` is not a Rust element of this project"));
            found.findings[0].help.clone().unwrap_or_default()
        };
        for name in ["core/bootc", "bootc.bst", "bootc", "elements/core/bootc", "core/boot.bst"] {
            let name = name.strip_prefix("elements/").unwrap_or(name);
            assert_eq!(help(name), "did you mean `core/bootc.bst`?", "{name}");
        }
        assert_eq!(help("something/else.bst"), "");
    }

    #[test]
    fn one_broken_element_does_not_hide_the_others() {
        let files = [("elements/a.bst", "sources: [cargo\n"), ("elements/b.bst", RUST)];
        let out = discovered(&files, &[]);
        assert_eq!((out.crate_lists.len(), out.findings.len()), (1, 1));
    }
}
