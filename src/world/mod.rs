//! The outside world: the only folder that may name the network, git, the file system and the clock.

pub mod git;
pub mod http;
