//! One file for each command: it reads through [`io`](crate::io), lets the rooms below decide, and hands back what they found.

pub mod check;
pub mod demo;
pub mod doctor;
pub mod generate;
pub mod new;
pub mod regenerate;
pub mod review;
pub mod run;
