//! The only folder that may name the file system, the clock and the network.

pub mod archive;
pub mod downloads;
