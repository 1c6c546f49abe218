#![no_main]
//! A pack is taken or refused, whatever its pieces.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (cut, bytes) = input;
    // The version is right: most of what is behind it would not be reached otherwise.
    let pack = [b"PACK\0\0\0\x02", bytes].concat();
    cargo2_bot::fuzzing::pack(&pack, usize::from(cut));
});
