//! Fat link-time optimisation in one codegen unit.

use crate::finding::read::Unreadable;
use crate::finding::{Finding, Rule, Severity};
use crate::lint::{Context, Subject, cargo};
use toml::{Table, Value};

/// The compiler can be killed by its own allocator on some machines.
pub(crate) static RULE: Rule = Rule {
    id: "fat-lto-one-unit",
    severity: Severity::Notice,
    means: "Upstream's release profile asks for fat LTO in one codegen unit. On machines that build on a btrfs overlay LLVM has corrupted its heap under that load (`realloc(): invalid next size`, SIGABRT); elsewhere it only needs much memory.",
    remedy: "Where builds end that way, set `CARGO_PROFILE_RELEASE_LTO: \"thin\"` for the element in that machine's user configuration. Leave the element as it is: a change would invalidate the cached artifact for everyone.",
};

/// The number of `inherits` that are followed.
const MAX_INHERITS: usize = 16;

pub(crate) fn check(context: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    let Some(manifest) = context.manifests.iter().find(|m| m.element == subject.name).filter(|_| subject.rust) else {
        return Vec::new();
    };
    let Some(profile) = profile_of(subject) else { return Vec::new() };
    if sets_lto(subject, &profile) {
        return Vec::new();
    }
    let root = match &manifest.root {
        Ok(root) => root,
        Err(why) => return vec![not_known(subject, &profile, why)],
    };
    if !is_heavy(root, &profile) {
        return Vec::new();
    }
    let message = format!("upstream's profile `{profile}` asks for fat LTO in one codegen unit");
    let mut finding = Finding::new(&RULE, message).at(subject.place());
    finding
        .notes
        .push("in the user configuration (buildstream.conf) of a machine on which the build is aborted:".into());
    finding.notes.extend(snippet(context.project, &subject.name, &profile));
    vec![finding.help("do not change the element: that would invalidate its cached artifact for everyone")]
}

/// The finding where upstream's manifest cannot be read: nothing is claimed, and nobody takes it for a light profile.
fn not_known(subject: &Subject, profile: &str, why: &Unreadable) -> Finding {
    let message = format!("upstream's `Cargo.toml` cannot be read, so its profile `{profile}` is not known");
    Finding::new(&RULE, message).at(subject.place()).note(format!("reason: {why}"))
}

/// The lines of a user configuration that make the element's LTO thin.
fn snippet(project: &str, element: &str, profile: &str) -> Vec<String> {
    let project = if project.is_empty() { "PROJECT" } else { project };
    let key = |text: &str| {
        let plain =
            text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./@".contains(&b)) && !text.starts_with(['@', '-']);
        if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
    };
    vec![
        "projects:".into(),
        format!("  {}:", key(project)),
        "    elements:".into(),
        format!("      {}:", key(element)),
        "        environment:".into(),
        format!("          {}: \"thin\"", variable(profile)),
    ]
}

/// The environment variable that overrides a profile's LTO.
fn variable(profile: &str) -> String {
    format!("CARGO_PROFILE_{}_LTO", profile.to_ascii_uppercase().replace('-', "_"))
}

/// The profile that the element builds with. None where that is not an optimised one, or is unknown.
fn profile_of(subject: &Subject) -> Option<String> {
    let mut direct = false;
    for call in cargo::calls(subject).filter(cargo::Cargo::builds) {
        direct = true;
        if call.value("--config").is_some_and(|config| config.contains("profile")) || !call.flags_known() {
            return None;
        }
        if call.gives("--profile") {
            return call.value("--profile").filter(|name| plain(name));
        }
        let installs = call.subcommand == "install" && !call.has("--debug");
        if installs || call.has("--release") || call.has("-r") {
            return Some("release".into());
        }
    }
    // Through make and meson it is the release profile, as far as anyone knows.
    (!direct).then(|| "release".into())
}

fn plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Returns whether the element itself already says what LTO to use.
fn sets_lto(subject: &Subject, profile: &str) -> bool {
    let variable = variable(profile);
    let environment = subject.root.get("environment").is_some_and(|node| node.get(&variable).is_some());
    environment || subject.scripts.iter().any(|script| script.text.contains(&variable))
}

/// Returns whether a profile has fat LTO and one codegen unit.
fn is_heavy(manifest: &str, profile: &str) -> bool {
    let Ok(table) = manifest.parse::<Table>() else { return false };
    let Some(profiles) = table.get("profile").and_then(Value::as_table) else { return false };
    let fat = match setting(profiles, profile, "lto") {
        Some(Value::Boolean(on)) => *on,
        Some(Value::String(text)) => text == "fat",
        _ => false,
    };
    fat && setting(profiles, profile, "codegen-units").and_then(Value::as_integer) == Some(1)
}

/// A setting of a profile, or of the one that it inherits from.
fn setting<'a>(profiles: &'a Table, profile: &str, key: &str) -> Option<&'a Value> {
    let mut name = profile;
    for _ in 0..MAX_INHERITS {
        let table = profiles.get(name).and_then(Value::as_table)?;
        if let Some(value) = table.get(key) {
            return Some(value);
        }
        name = table.get("inherits")?.as_str()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Manifest;
    use crate::lint::rules::testing::{Project, messages};

    const HEAVY: &str = "[profile.release]\nlto = true\ncodegen-units = 1\n";

    fn lint(element: &str, root: &str) -> Vec<Finding> {
        lint_with(element, Ok(root.into()))
    }

    fn lint_with(element: &str, root: Result<String, Unreadable>) -> Vec<Finding> {
        let mut project = Project::new(&[("bluefin/x.bst", element)]);
        let manifest = Manifest { element: "bluefin/x.bst".into(), root };
        project.manifests = vec![manifest];
        project.lint().into_iter().filter(|f| f.rule.id == "fat-lto-one-unit").collect()
    }

    fn count(commands: &str, root: &str) -> usize {
        lint(&format!("kind: make\nsources:\n- kind: cargo2\n{commands}"), root).len()
    }

    #[test]
    fn the_snippet_names_the_element_and_nothing_else_is_to_be_done() {
        let findings = lint("kind: make\nsources:\n- kind: cargo2\n", HEAVY);
        assert_eq!(
            messages("fat-lto-one-unit", &findings),
            ["bluefin/x.bst 1:1 upstream's profile `release` asks for fat LTO in one codegen unit"]
        );
        let snippet = findings[0].notes[1..].join("\n");
        assert_eq!(
            snippet,
            "projects:\n  p:\n    elements:\n      bluefin/x.bst:\n        environment:\n          CARGO_PROFILE_RELEASE_LTO: \"thin\""
        );
        assert!(findings[0].help.as_ref().unwrap().contains("do not change the element") && findings[0].fix.is_none());
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_a_notice() {
        let unreadable = || Err(Unreadable::new("it is not UTF-8"));
        let element = "kind: make\nsources:\n- kind: cargo2\n";
        let findings = lint_with(element, unreadable());
        assert_eq!(
            messages("fat-lto-one-unit", &findings),
            ["bluefin/x.bst 1:1 upstream's `Cargo.toml` cannot be read, so its profile `release` is not known"]
        );
        assert_eq!(
            (findings[0].severity, findings[0].notes.as_slice()),
            (Severity::Notice, &["reason: it is not UTF-8".to_owned()][..])
        );
        let sets_it = format!("{element}environment:\n  CARGO_PROFILE_RELEASE_LTO: thin\n");
        assert_eq!(lint_with(&sets_it, unreadable()), [], "its profile decides nothing");
    }

    #[test]
    fn only_fat_and_one_unit_together_count() {
        for (manifest, claims) in [
            ("[profile.release]\nlto = \"fat\"\ncodegen-units = 1\n", 1),
            ("[profile.release]\nlto = \"thin\"\ncodegen-units = 1\n", 0),
            ("[profile.release]\nlto = true\n", 0),
            ("[profile.release]\ncodegen-units = 1\n", 0),
            ("[profile.release]\nlto = false\ncodegen-units = 1\n", 0),
            ("[profile.release.package.x]\nlto = true\ncodegen-units = 1\n", 0),
            ("[package]\nname = \"x\"\n", 0),
            ("not toml", 0),
        ] {
            assert_eq!(count("", manifest), claims, "{manifest}");
        }
    }

    #[test]
    fn the_profile_that_is_built_with_counts_and_inherits() {
        let dist = "[profile.release]\nlto = true\n[profile.dist]\ninherits = \"release\"\ncodegen-units = 1\n";
        let build = |flags: &str| format!("config:\n  build-commands:\n  - cargo build {flags}\n");
        assert_eq!(count(&build("--profile dist"), dist), 1);
        assert_eq!(count(&build("--profile=dist"), dist), 1);
        assert_eq!(count(&build("--release"), dist), 0);
        assert_eq!(count(&build(""), HEAVY), 0);
        assert_eq!(count(&build("--release --config 'profile.release.lto=\"thin\"'"), HEAVY), 0);
        let looped = "[profile.a]\ninherits = \"b\"\n[profile.b]\ninherits = \"a\"\n";
        assert_eq!(count(&build("--profile a"), looped), 0);
    }

    #[test]
    fn an_element_that_says_it_itself_is_left_alone() {
        assert_eq!(count("environment:\n  CARGO_PROFILE_RELEASE_LTO: thin\n", HEAVY), 0);
        let export =
            "config:\n  build-commands:\n  - |\n    export CARGO_PROFILE_RELEASE_LTO=off\n    cargo build --release\n";
        assert_eq!(count(export, HEAVY), 0);
    }
}
