//! Changed files that may be, or may become, Rust elements.

use crate::cargo2::rust_source::{self, RustSource};
use crate::finding::read::Read;
use crate::github::content::Side;
use crate::github::tree::Item;
use crate::text::SourceText;
use std::sync::Arc;

/// The endings of the names of files that elements include.
const WRITTEN: [&str; 5] = [".yml", ".yaml", ".inc", ".conf", ".refs"];

/// Whether a file, by its path in lower case, has the name of one that elements include.
pub(super) fn is_written(path: &str) -> bool {
    WRITTEN.iter().any(|ending| path.ends_with(ending))
}

/// Answers whether an element file has the source of a Rust element.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn element(side: &Side<'_>, path: &str, item: &Item) -> Result<RustSource, String> {
    match item.mode {
        Item::LINK => Ok(RustSource::MayBe("it is a link".into())),
        Item::SUBMODULE => Ok(RustSource::MayBe("it is a submodule".into())),
        _ => match text(side, path, item)? {
            Some(text) => Ok(rust_source::of_element(&text)),
            None => Ok(RustSource::MayBe("it is not UTF-8".into())),
        },
    }
}

/// Answers whether a file that an element may include holds the source of a Rust element. What BuildStream does not read, nothing
/// can include: a perhaps is a no here.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn include(side: &Side<'_>, path: &str, item: &Item) -> Result<RustSource, String> {
    if matches!(item.mode, Item::LINK | Item::SUBMODULE) {
        return Ok(RustSource::No);
    }
    let answer = text(side, path, item)?.map_or(RustSource::No, |text| rust_source::of_include(&text));
    Ok(if answer == RustSource::Present { answer } else { RustSource::No })
}

/// The text of a file. None where it is not UTF-8.
fn text(side: &Side<'_>, path: &str, item: &Item) -> Result<Option<Arc<SourceText>>, String> {
    match (side.blob)(item) {
        Read::Known(bytes) => Ok(std::str::from_utf8(&bytes).ok().map(|text| Arc::new(SourceText::new(path, text)))),
        Read::Absent => Err("its content is missing".into()),
        Read::Unreadable(why) => Err(why.into()),
    }
}

/// The reason why a file holds, from the answers for the states before and after. None where it does not.
pub(super) fn together(answers: [Result<RustSource, String>; 2], is_element: bool) -> Result<Option<String>, String> {
    let [before, after] = answers;
    Ok(match (before?, after?) {
        (_, RustSource::Present) | (RustSource::Present, _) if !is_element => {
            Some("it has a source of crates that no element includes yet".into())
        }
        (_, RustSource::Present) => Some("it is a Rust element".into()),
        (RustSource::Present, _) => Some("it was a Rust element".into()),
        (_, RustSource::MayBe(why)) => Some(format!("it may be a Rust element: {why}")),
        (RustSource::MayBe(why), _) => Some(format!("it may have been a Rust element: {why}")),
        (RustSource::No, RustSource::No) => None,
    })
}
