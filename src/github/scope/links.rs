//! Links of git on the way to inputs.

use super::paths::{is_below, join};
use crate::finding::read::Read;
use crate::github::content::Side;
use crate::github::tree::Item;

/// The number of links that are followed on the way to one file: as many as Linux follows.
const MAX_LINKS: usize = 40;

/// What is on the way to a path.
pub(super) struct Followed {
    /// The links and submodules on the way, the path itself included.
    pub links: Vec<String>,
    /// The path without links. None where that is not known.
    pub end: Option<String>,
    /// The link that cannot be followed, and why.
    pub doubt: Option<(String, String)>,
}

/// Follows a path from the repository's root as a file system does.
pub(super) fn follow(side: &Side<'_>, path: &str) -> Followed {
    let mut out = Followed { links: Vec::new(), end: None, doubt: None };
    let mut at = String::new();
    let mut last = path.to_owned();
    let mut count = 0;
    let mut left: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
    while let Some(part) = left.pop() {
        match part.as_str() {
            "" | "." => continue,
            ".." if at.is_empty() => {
                out.doubt = Some((last, "this link leads out of the repository".into()));
                return out;
            }
            ".." => {
                at.truncate(at.rfind('/').unwrap_or_default());
                continue;
            }
            part => at = join(&at, part),
        }
        let Some(item) = side.files.get(&at).filter(|item| matches!(item.mode, Item::LINK | Item::SUBMODULE)) else {
            continue;
        };
        out.links.push(at.clone());
        if item.mode == Item::SUBMODULE {
            continue;
        }
        last.clone_from(&at);
        count += 1;
        let target = if count > MAX_LINKS { Err("it leads through too many links".into()) } else { target(side, item) };
        match target {
            Ok(target) => {
                at.truncate(at.rfind('/').unwrap_or_default());
                left.extend(target.rsplit('/').map(str::to_owned));
            }
            Err(why) => {
                out.doubt = Some((last, format!("this link cannot be followed: {why}")));
                return out;
            }
        }
    }
    out.end = Some(at);
    out
}

/// The links below a folder, each with the path that it leads to, or why that is not known. Those that lead out of the
/// repository, or to a folder that they are in, bring nothing of the repository and are left out.
pub(super) fn links_below(side: &Side<'_>, folder: &str) -> Vec<(String, Result<String, String>)> {
    let mut out = Vec::new();
    for (below, item) in side.files.below(folder).filter(|(_, item)| item.mode == Item::LINK) {
        let link = join(folder, below);
        let followed = follow(side, &link);
        match (followed.end, followed.doubt) {
            (Some(end), _) if is_below(&link, &end) => {}
            (Some(end), _) => {
                let on_the_way = followed.links.into_iter().filter(|other| *other != link);
                out.extend(on_the_way.map(|other| (link.clone(), Ok(other))));
                out.push((link, Ok(end)));
            }
            (None, Some((at, why))) if (side.blob)(item).may_exist() && unread(side, &at) => out.push((at, Err(why))),
            (None, _) => {}
        }
    }
    out
}

/// Whether the target of a link could not be read.
fn unread(side: &Side<'_>, link: &str) -> bool {
    side.files.get(link).is_some_and(|item| !matches!((side.blob)(item), Read::Known(_)))
}

fn target(side: &Side<'_>, item: &Item) -> Result<String, String> {
    let bytes = match (side.blob)(item) {
        Read::Known(bytes) => bytes,
        Read::Absent => return Err("its target is missing".into()),
        Read::Unreadable(why) => return Err(why.into()),
    };
    match std::str::from_utf8(&bytes) {
        Ok(target) if target.starts_with('/') => Err("it leads out of the repository".into()),
        Ok(target) if !target.is_empty() && !target.contains('\0') => Ok(target.to_owned()),
        _ => Err("its target is no path".into()),
    }
}
