//! Markdown from texts that nobody vouches for.
//!
//! ```text
//! outside text ─> visible ─> text, code, ident ─> fold, table, fence
//! ```
//! Every text goes through [`text()`], [`code`] or [`fence`]. What GitHub could take as more than plain words (a mention, a reference to an
//! issue or a commit, an address, an emoji, HTML, a mark of Markdown) ends in a code span, where GitHub changes nothing. A backslash would
//! not do: mentions and references are looked for after Markdown was read.

mod block;
mod href;
mod inline;
mod visible;

pub use block::{MAX_CELLS, fence, fold, list, table};
pub use href::Href;
pub use inline::{CODE_LIMIT, TEXT_LIMIT, code, html, link, text, text_to};
pub use visible::{ident, middle, quoted, visible};
