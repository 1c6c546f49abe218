//! Crate lists: the lock, the block that it asks for, the lists in elements, and the edit from one to the other.

pub mod block;
pub mod discover;
pub mod drift;
pub mod edit;
pub mod element;
pub mod element_file;
pub mod generated_lock;
pub mod lock;
pub(crate) mod overrides;
pub mod plan;
pub mod snapshot;
pub mod verify;
