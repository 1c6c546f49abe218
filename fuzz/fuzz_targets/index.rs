#![no_main]
//! What an index says of a crate is refused, or has every version once, each with a checksum.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| cargo2_bot::fuzzing::index("a", body));
