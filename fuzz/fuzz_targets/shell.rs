#![no_main]
//! A shell text is read the same each time, and every place that is named lies in it.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| cargo2_bot::fuzzing::shell(text));
