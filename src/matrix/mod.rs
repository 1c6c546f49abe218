//! x
pub mod expr;
pub mod merging;
pub mod shell;
pub mod words;
pub mod workflow;
