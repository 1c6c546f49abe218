//! One file for each command: it reads through [`io`](crate::io), lets the rooms below decide, and hands back what they found.

pub(crate) mod check;
pub mod demo;
pub(crate) mod doctor;
pub mod generate;
pub(crate) mod new;
pub mod regenerate;
pub mod review;
pub mod run;
