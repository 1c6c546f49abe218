//! One file for each command: it reads through [`io`](crate::io), lets the rooms below decide, and returns their results.

pub mod audit;
pub(crate) mod check;
pub mod demo;
pub(crate) mod doctor;
pub mod generate;
pub(crate) mod init;
pub(crate) mod new;
pub mod regenerate;
pub mod review;
pub mod run;
pub mod track;
