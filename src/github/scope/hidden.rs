//! Elements that no listing of a project shows and that others can depend on all the same: in the folders of caches, and behind
//! links to folders.

use super::links::follow;
use super::paths::{is_below, join, rooted};
use crate::bst::project::Project;
use crate::cargo2::element_file::Element;
use crate::cargo2::inputs::RustInputs;
use crate::finding::read::Read;
use crate::finding::{Finding, rules};
use crate::github::content::Side;
use crate::github::tree::Item;
use crate::text::SourceText;
use crate::yaml;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The inputs of the hidden elements of a project, and the paths of these elements from the repository's root. `known` are the
/// elements that are listed.
pub(super) fn inputs(
    side: &Side<'_>,
    folder: &str,
    project: &Project,
    known: &BTreeSet<String>,
) -> (RustInputs, BTreeSet<String>) {
    let paths: BTreeSet<String> = reachable(side, folder, project).difference(known).cloned().collect();
    if paths.is_empty() {
        return (RustInputs::default(), paths);
    }
    let up = "../".repeat(folder.split('/').filter(|part| !part.is_empty()).count());
    let read = |path: &str| text(side, folder, path);
    let element = |path: &String| {
        let unreadable = |why: String| Err(Box::new(Finding::new(&rules::ELEMENT_UNREADABLE, why)));
        let inside = format!("{up}{path}");
        let parsed = match read(&inside) {
            Read::Known(text) => yaml::parse(&text).or_else(|e| unreadable(e.message)),
            Read::Absent => unreadable("it is missing".into()),
            Read::Unreadable(why) => unreadable(why.into()),
        };
        Element { name: path.clone(), path: inside, parsed }
    };
    let elements: Vec<Element> = paths.iter().map(element).collect();
    (RustInputs::new(project, &elements, &read), paths)
}

/// All element files that can be reached below the element path, by their own paths.
fn reachable(side: &Side<'_>, folder: &str, project: &Project) -> BTreeSet<String> {
    let mut open: Vec<String> =
        rooted(folder, &project.element_path).and_then(|path| follow(side, &path).end).into_iter().collect();
    let (mut seen, mut found) = (Vec::<String>::new(), BTreeSet::new());
    while let Some(root) = open.pop() {
        if seen.iter().any(|above| is_below(&root, above)) {
            continue;
        }
        for (below, item) in side.files.below(&root) {
            let path = join(&root, below);
            if below.ends_with(".bst") && item.mode != Item::SUBMODULE {
                found.insert(path);
            } else if item.mode == Item::LINK {
                // A link to a file is no element: its name has another ending.
                open.extend(follow(side, &path).end.filter(|end| side.files.is_folder(end)));
            }
        }
        seen.push(root);
    }
    found
}

/// The text of a file of a project, as a checkout gives it.
pub(super) fn text(side: &Side<'_>, folder: &str, path: &str) -> Read<Arc<SourceText>> {
    let Some(full) = rooted(folder, path) else { return Read::unreadable("the path leaves the repository") };
    let followed = follow(side, &full);
    if let Some((_, why)) = followed.doubt {
        return Read::unreadable(why);
    }
    let in_module = |path: &String| side.files.get(path).is_some_and(|item| item.mode == Item::SUBMODULE);
    if followed.links.iter().any(in_module) {
        return Read::unreadable("this is in a submodule, which is not read");
    }
    let Some(item) = followed.end.as_ref().and_then(|end| side.files.get(end)) else {
        return match followed.end.filter(|end| side.files.is_folder(end)) {
            Some(_) => Read::unreadable("this is not a file"),
            None => Read::Absent,
        };
    };
    (side.blob)(item).and_then(|bytes| match std::str::from_utf8(&bytes) {
        Ok(text) => Read::Known(Arc::new(SourceText::new(path, text))),
        Err(_) => Read::unreadable("the file is not UTF-8"),
    })
}
