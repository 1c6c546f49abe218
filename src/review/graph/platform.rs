//! Whether a condition of a dependency may hold on Linux. An unknown one may.

use cargo_platform::{Cfg, CfgExpr, Platform};
use std::str::FromStr;

/// The maximum length of a condition: the reader of conditions goes one call deeper for each bracket.
const LONGEST: usize = 1_000;

/// The value of a condition on Linux.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Never,
    Maybe,
    Always,
}

/// Returns whether `cfg(…)` or a target's name may hold for a build on Linux, of whatever architecture.
pub(in crate::review) fn maybe_linux(target: &str) -> bool {
    if target.len() > LONGEST {
        return true;
    }
    match Platform::from_str(target) {
        Ok(Platform::Name(name)) => {
            !["-windows", "-apple-", "wasm32-", "wasm64-", "-android"].iter().any(|other| name.contains(other))
        }
        Ok(Platform::Cfg(condition)) => holds(&condition) != Holds::Never,
        Err(_) => true,
    }
}

/// Three-valued, so that `not` of an unknown condition is unknown, too.
fn holds(condition: &CfgExpr) -> Holds {
    match condition {
        CfgExpr::Not(inner) => match holds(inner) {
            Holds::Never => Holds::Always,
            Holds::Maybe => Holds::Maybe,
            Holds::Always => Holds::Never,
        },
        CfgExpr::All(all) => all.iter().map(holds).min().unwrap_or(Holds::Always),
        CfgExpr::Any(any) => any.iter().map(holds).max().unwrap_or(Holds::Never),
        CfgExpr::True => Holds::Always,
        CfgExpr::False => Holds::Never,
        CfgExpr::Value(Cfg::Name(name)) => match name.name.as_str() {
            "unix" => Holds::Always,
            "windows" => Holds::Never,
            _ => Holds::Maybe,
        },
        CfgExpr::Value(Cfg::KeyPair(key, value)) => match (key.name.as_str(), value.as_str()) {
            ("target_os", "linux") | ("target_family", "unix") => Holds::Always,
            ("target_os" | "target_family", _)
            | ("target_env", "msvc" | "sgx")
            | ("target_vendor", "apple")
            | ("target_arch", "wasm32" | "wasm64") => Holds::Never,
            _ => Holds::Maybe,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::maybe_linux;

    #[test]
    fn only_what_never_holds_on_linux_is_elsewhere() {
        for target in [
            "cfg(any())",
            "cfg(not(all()))",
            "cfg(windows)",
            "cfg(target_os = \"macos\")",
            "cfg(any(windows, target_os = \"redox\"))",
            "cfg(all(unix, target_vendor = \"apple\"))",
            "cfg(not(unix))",
            "cfg(all(target_arch = \"wasm32\", feature_of_ours))",
            "x86_64-pc-windows-gnu",
            "aarch64-apple-darwin",
        ] {
            assert!(!maybe_linux(target), "{target}");
        }
        for target in [
            "cfg(unix)",
            "cfg(not(windows))",
            "cfg(any(windows, unix))",
            "cfg(target_arch = \"aarch64\")",
            "cfg(tokio_unstable)",
            "cfg(not(tokio_unstable))",
            "cfg(target_env = \"musl\")",
            "x86_64-unknown-linux-gnu",
            "cfg(broken",
            "",
        ] {
            assert!(maybe_linux(target), "{target}");
        }
        assert!(maybe_linux(&format!("cfg({}windows{})", "not(".repeat(100_000), ")".repeat(100_000))));
    }
}
