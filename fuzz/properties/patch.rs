//! No patch makes the evaluation panic or run away.

use cargo2_bot::bst::patch::{Dialect, PatchLimits, parse};

/// The property.
pub(crate) fn holds(input: (u8, &[u8], &[u8])) {
    let (choice, patch, file) = input;
    let dialect = match choice % 4 {
        3 => Dialect::GitApply,
        strip => Dialect::GnuPatch { strip: u32::from(strip) },
    };
    let limits = PatchLimits { work: 1 << 20, ..PatchLimits::default() };
    if let Ok(patch) = parse(patch, dialect, &limits) {
        let mut before = |path: &str| Ok::<_, ()>((path == "Cargo.lock" && choice < 128).then(|| file.to_vec()));
        let _ = patch.apply_to("Cargo.lock", &mut before);
    }
}
