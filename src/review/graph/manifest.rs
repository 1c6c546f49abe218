//! The root's manifest: which of its dependencies only other platforms need.

use super::platform;
use std::collections::BTreeSet;
use toml::{Table, Value};

/// The maximum size of a manifest, in bytes.
const LARGEST: usize = 1 << 20;

/// The facts of a manifest. Empty where it cannot be read.
#[derive(Default)]
pub(super) struct Manifest {
    /// The package that it is of.
    package: String,
    /// The packages that only other platforms need.
    elsewhere: BTreeSet<String>,
}

impl Manifest {
    /// Reads a manifest.
    pub(super) fn read(text: &str) -> Self {
        let Some(table) = (text.len() <= LARGEST).then(|| text.parse::<Table>().ok()).flatten() else {
            return Self::default();
        };
        let name = table.get("package").and_then(|p| p.get("name")).and_then(Value::as_str);
        let Some(package) = name.map(ToOwned::to_owned) else { return Self::default() };
        let shared = table.get("workspace").and_then(|w| w.get("dependencies"));
        let (mut here, mut there) = (BTreeSet::new(), BTreeSet::new());
        packages(&table, shared, &mut here);
        for (target, parts) in table.get("target").and_then(Value::as_table).into_iter().flatten() {
            let Some(parts) = parts.as_table() else { continue };
            packages(parts, shared, if platform::maybe_linux(target) { &mut here } else { &mut there });
        }
        Self { package, elsewhere: &there - &here }
    }

    /// The names of packages that a root package needs on other platforms only.
    pub(super) fn elsewhere(&self, package: &str) -> BTreeSet<&str> {
        if package == self.package { self.elsewhere.iter().map(String::as_str).collect() } else { BTreeSet::new() }
    }
}

/// The packages that the dependency tables name, tests and build scripts included.
fn packages(parts: &Table, shared: Option<&Value>, names: &mut BTreeSet<String>) {
    let tables = ["dependencies", "build-dependencies", "dev-dependencies", "build_dependencies", "dev_dependencies"];
    for (name, dependency) in tables.iter().filter_map(|t| parts.get(*t)?.as_table()).flatten() {
        let inherited = dependency.get("workspace").and_then(|_| shared?.get(name));
        let renamed = |d: &Value| d.get("package").and_then(Value::as_str).map(ToOwned::to_owned);
        names.insert(renamed(dependency).or_else(|| renamed(inherited?)).unwrap_or_else(|| name.clone()));
    }
}
