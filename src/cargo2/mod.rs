//! Crate lists: the lock, the block that matches it, the lists in elements, and the edit from one to the other.

pub mod block;
pub mod discover;
pub mod drift;
pub mod edit;
pub mod element;
pub(crate) mod element_file;
pub(crate) mod generated_lock;
pub(crate) mod inputs;
pub mod lock;
pub(crate) mod overrides;
pub mod plan;
pub(crate) mod rust_source;
pub mod shards;
pub(crate) mod snapshot;
pub mod verify;
pub(crate) mod walk;
