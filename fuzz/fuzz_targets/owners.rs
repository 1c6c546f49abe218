#![no_main]
//! Owners are words, whatever stands in CODEOWNERS.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (text, path) = input;
    let paths = [path.to_owned(), "elements/bluefin/a.bst".to_owned(), "README.md".to_owned()];
    cargo2_bot::fuzzing::owners(text, &paths);
});
