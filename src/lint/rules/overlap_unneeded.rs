//! Entries of an overlap whitelist for paths that are not installed any more.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::rules::overlap_undeclared::may_match;
use crate::lint::{Context, MAX_TOLD, Subject};

/// The entry would hide a later overlap.
pub(crate) static RULE: Rule = Rule {
    id: "overlap-unneeded",
    severity: Severity::Notice,
    means: "The `overlap-whitelist` lists a path that this element does not install, as far as all of its commands can be read. Such an entry would hide a later overlap.",
    remedy: "Remove the entry.",
};

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    let all = subject.rust && subject.installs.complete && subject.complete && subject.whitelist_known();
    if !all {
        return Vec::new();
    }
    let unneeded = subject.whitelist().iter().filter_map(|node| {
        let entry = node.as_str()?;
        let expanded = subject.names.expand(entry);
        // Debug files are made by the strip step.
        let made_later = expanded.contains("debug") || !expanded.starts_with(['/', '%']);
        let installed = subject.installs.paths.iter().any(|path| may_match(&expanded, &path.text));
        (!made_later && !installed).then(|| {
            let message = format!("`{}` may be overlapped, but this element does not install it", entry.escape_debug());
            Finding::new(&RULE, message).at(node.location())
        })
    });
    unneeded.take(MAX_TOLD).collect()
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    fn messages(whitelist: &str, commands: &str) -> Vec<String> {
        let commands: String = commands.lines().map(|line| format!("  - {line}\n")).collect();
        let head = "kind: make\nsources:\n- kind: cargo2\npublic:\n  bst:\n    overlap-whitelist:\n";
        let build = "config:\n  build-commands:\n  - cargo build --release --locked\n  install-commands:\n";
        found("overlap-unneeded", &format!("{head}    - {whitelist}\n{build}{commands}"))
    }

    const SUDO: &str = "install -Dm4755 target/release/sudo \"%{install-root}/usr/bin/sudo\"\nln -sr \"%{install-root}/usr/bin/sudo\" \"%{install-root}%{bindir}/sudoedit\"";

    #[test]
    fn an_entry_that_nothing_installs_is_reported() {
        assert_eq!(
            messages("/usr/bin/su", SUDO),
            ["7:7 `/usr/bin/su` may be overlapped, but this element does not install it"]
        );
        let removed = format!("{SUDO}\nrm \"%{{install-root}}/usr/bin/sudoedit\"");
        assert_eq!(messages("/usr/bin/sudoedit", &removed).len(), 1);
    }

    #[test]
    fn entries_that_are_installed_are_needed_whoever_they_overlap() {
        for entry in [
            "/usr/bin/sudo",
            "/usr/bin/sudoedit",
            "/usr/bin/*",
            "'%{bindir}/sudo'",
            "/usr/lib/debug/usr/bin/sudo.debug",
        ] {
            assert!(messages(entry, SUDO).is_empty(), "{entry}");
        }
    }

    #[test]
    fn what_cannot_be_read_makes_no_claim() {
        for more in [
            "make install DESTDIR=\"%{install-root}\"",
            "'%{install-extra}'",
            "cp -r etc \"%{install-root}/\"",
            "for p in $(x --list); do ln -s a \"%{install-root}/usr/bin/${p}\"; done",
            "./install.sh",
            "install -Dm755 bin/* -t \"%{install-root}%{bindir}\"",
            "$RUN",
        ] {
            assert!(messages("/usr/bin/su", &format!("{SUDO}\n{more}")).is_empty(), "{more}");
        }
        let kept = "kind: make\nsources:\n- kind: cargo2\npublic:\n  bst:\n    overlap-whitelist: [/a]\n";
        assert!(found("overlap-unneeded", kept).is_empty());
    }

    #[test]
    fn a_loop_over_known_words_is_not_read_as_one_of_them() {
        let text = "for p in a b; do install -Dm755 $p \"%{install-root}%{bindir}/$p\"; done";
        assert!(messages("/usr/bin/a", text).is_empty());
    }
}
