//! BuildStream's own files as values: projects, sources, what a source tracks, patches.

pub mod patch;
pub(crate) mod place;
pub mod project;
pub(crate) mod source;
pub mod track;
