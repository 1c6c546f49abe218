//! systemd units that are enabled by hand.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::{Context, MAX_TOLD, Subject};
use crate::shell::{Call, Part, Simple, Word};
use crate::text::Span;

/// A preset is the distribution's place for that.
pub(crate) static RULE: Rule = Rule {
    id: "unit-enabled-by-hand",
    severity: Severity::Notice,
    means: "A command enables a systemd unit with `systemctl enable` or a link into a `.wants` folder. Users cannot switch such a unit off for good, and presets do not know of it.",
    remedy: "Install a preset, as `%{indep-libdir}/systemd/system-preset/80-NAME.preset` with `enable NAME.service`.",
};

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    if !subject.rust {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for script in &subject.scripts {
        for call in script.shell.commands.iter().flat_map(Simple::calls) {
            if findings.len() >= MAX_TOLD {
                return findings;
            }
            if let Some(what) = enables(&call) {
                let end = call.args.last().map_or(call.word.span.end, |word| word.span.end);
                let place = script.location(Span::new(call.word.span.start, end));
                findings.push(Finding::new(&RULE, format!("{what} enables a unit by hand")).at(place));
            }
        }
    }
    findings
}

/// Returns how a call enables a unit.
fn enables(call: &Call<'_>) -> Option<&'static str> {
    match call.program.as_str() {
        "systemctl" => {
            let verb = call.args.iter().find(|word| !word.head().starts_with('-'))?;
            matches!(verb.head(), "enable" | "reenable").then_some("`systemctl enable`")
        }
        "ln" => {
            let wants = |word: &Word| {
                word.parts.iter().any(|part| match part {
                    Part::Text(text) => [".wants", ".requires"]
                        .iter()
                        .any(|folder| text.ends_with(folder) || text.contains(&format!("{folder}/"))),
                    _ => false,
                })
            };
            // The link is what counts, not what it points to.
            let target =
                call.args.iter().find(|w| w.head().starts_with("-t") || w.head().starts_with("--target-directory"));
            let link = target.or_else(|| call.args.last())?;
            (wants(link) || (target.is_some() && call.args.iter().any(wants))).then_some("a link in a `.wants` folder")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    fn messages(line: &str) -> Vec<String> {
        let text = format!(
            "kind: manual\nsources:\n- kind: cargo2\nconfig:\n  install-commands:\n  - |\n    {}\n",
            line.replace('\n', "\n    ")
        );
        found("unit-enabled-by-hand", &text)
    }

    #[test]
    fn units_that_are_enabled_by_hand_are_reported() {
        let folder = "\"%{install-root}%{indep-libdir}/systemd/system/multi-user.target.wants";
        for line in [
            "systemctl --root=\"%{install-root}\" enable x.service".to_owned(),
            "systemctl enable x.service".to_owned(),
            format!("ln -s ../x.service {folder}/x.service\""),
            format!("ln -sr x.service -t {folder}/\""),
            format!("ln -s ../x.service {folder}\""),
        ] {
            assert_eq!(messages(&line).len(), 1, "{line}");
        }
        assert_eq!(messages("systemctl enable x"), ["7:5 `systemctl enable` enables a unit by hand"]);
    }

    #[test]
    fn presets_and_other_calls_are_not_reported() {
        for line in [
            "install -Dm644 /dev/stdin \"%{install-root}/usr/lib/systemd/system-preset/80-x.preset\" <<'EOF'\nenable x.service\nEOF",
            "systemctl --version",
            "ln -s a.target.wants.txt \"%{install-root}/usr/share/a\"",
            "ln -s x \"%{install-root}%{bindir}/y\"",
            "echo systemctl enable x",
        ] {
            assert!(messages(line).is_empty(), "{line}");
        }
    }
}
