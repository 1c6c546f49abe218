//! What the bot looks for. Ids are stable.

mod core;
pub mod matrix;

pub use core::*;

use crate::finding::Rule;

/// Every rule, in the order of their ids.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    let mut all = [core::CORE, matrix::ALL].concat();
    all.sort_by_key(|rule| rule.id);
    all
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_unique_and_kebab_case() {
        let all = super::all();
        assert!(all.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(all.iter().all(|r| r.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit())));
    }
}
