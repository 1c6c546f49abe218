//! Pages of GraphQL's lists.

use super::wire::nullable;
use serde::Deserialize;

/// A page of a list. GitHub gives null for an item that may not be seen.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    #[serde(default, deserialize_with = "nullable")]
    page_info: PageInfo,
    nodes: Option<Vec<Option<T>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    #[serde(default)]
    has_next_page: bool,
    // Only where it was asked for.
    has_previous_page: Option<bool>,
    end_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Returns where the next page begins, if there is one.
    pub(super) fn next(&self) -> Option<String> {
        self.page_info.end_cursor.clone().filter(|_| self.page_info.has_next_page)
    }

    /// Returns whether there is more.
    pub(super) fn more(&self) -> bool {
        self.page_info.has_next_page
    }

    /// Returns whether it is known that nothing comes before it, and that all of it may be seen.
    pub(super) fn begins_here(&self) -> bool {
        let seen = self.nodes.as_ref().is_some_and(|nodes| nodes.iter().all(Option::is_some));
        seen && self.page_info.has_previous_page == Some(false)
    }

    /// Its items, without those that may not be seen.
    pub(super) fn into_items(self) -> impl Iterator<Item = T> {
        self.nodes.into_iter().flatten().flatten()
    }

    /// Its items, as far as they may be seen.
    pub(super) fn items(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().flatten().flatten()
    }

    /// Returns whether an item may not be seen, or the next page cannot be asked for.
    pub(super) fn hidden(&self) -> bool {
        let lost = self.page_info.has_next_page && self.page_info.end_cursor.is_none();
        lost || self.nodes.iter().flatten().any(Option::is_none)
    }
}

impl<T> Page<T> {
    /// One without items.
    pub(super) fn empty() -> Self {
        Self { page_info: PageInfo::default(), nodes: None }
    }
}

/// Takes null for an empty page.
pub(super) fn page<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Page<T>, D::Error> {
    Ok(Option::<Page<T>>::deserialize(from)?.unwrap_or_else(Page::empty))
}
