//! Commands whose output differs from build to build.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::{Context, MAX_TOLD, Subject};
use crate::shell::{Call, Part, Word};
use crate::text::Span;

/// The same element would give another artifact.
pub(crate) static RULE: Rule = Rule {
    id: "nondeterministic-command",
    severity: Severity::Warning,
    means: "A command reads the time, the machine, the user or a random number. What it prints gets into the artifact, which then differs from build to build although its cache key is the same.",
    remedy: "Take the value from the sources or from a variable; for a time use `SOURCE_DATE_EPOCH`, as in `date -u -d \"@$SOURCE_DATE_EPOCH\"`.",
};

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    if !subject.rust {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for script in &subject.scripts {
        for command in &script.shell.commands {
            if findings.len() >= MAX_TOLD {
                return findings;
            }
            let mut report = |what: &str, span: Span| {
                let message = format!("`{what}` gives another value in every build");
                findings.push(Finding::new(&RULE, message).at(script.location(span)));
            };
            for call in command.calls() {
                if let Some(what) = differs(&call) {
                    report(what, call.word.span);
                }
            }
            let values = command.assignments.iter().map(|a| &a.value);
            if let Some(word) = command.words.iter().chain(values).find(|word| is_random(word)) {
                report("$RANDOM", word.span);
            }
        }
    }
    findings
}

/// Names the value of a call that differs from build to build.
fn differs(call: &Call<'_>) -> Option<&'static str> {
    let has = |short: char, long: &[&str]| {
        call.args.iter().any(|word| {
            let text = word.head();
            let bundle = text.starts_with('-') && !text.starts_with("--") && text.contains(short);
            bundle || long.iter().any(|long| text.starts_with(long))
        })
    };
    let fixed = match call.program.as_str() {
        // With a time of its own.
        "date" => {
            has('d', &["--date"])
                || has('r', &["--reference"])
                || has('f', &["--file"])
                || has('\0', &["--version", "--help"])
        }
        "hostname" => {
            call.args.iter().any(|word| !word.head().starts_with('-')) || has('F', &["--file", "--version", "--help"])
        }
        "whoami" => has('\0', &["--version", "--help"]),
        "uname" => !(has('n', &["--nodename"]) || has('a', &["--all"])),
        "uuidgen" => has('s', &["--sha1"]) || has('m', &["--md5"]) || has('\0', &["--version", "--help"]),
        _ => return None,
    };
    let name = match call.program.as_str() {
        "date" => "date",
        "hostname" => "hostname",
        "whoami" => "whoami",
        "uname" => "uname -n",
        _ => "uuidgen",
    };
    (!fixed).then_some(name)
}

/// Returns whether a word takes the shell's random number.
fn is_random(word: &Word) -> bool {
    word.parts.iter().any(|part| match part {
        Part::Variable { name, .. } => name == "RANDOM" || name == "SRANDOM",
        Part::Opaque { raw, .. } if raw.starts_with("$((") || raw.starts_with("${") => {
            raw.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|name| name == "RANDOM")
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    fn messages(line: &str) -> Vec<String> {
        let text = format!(
            "kind: manual\nsources:\n- kind: cargo2\nconfig:\n  install-commands:\n  - |\n    {}\n",
            line.replace('\n', "\n    ")
        );
        found("nondeterministic-command", &text)
    }

    #[test]
    fn values_of_the_moment_are_reported() {
        for (line, what) in [
            ("echo \"$(date +%Y)\" > x", "7:13 `date`"),
            ("export BUILD_DATE=`date -u`", "7:24 `date`"),
            ("B=$(hostname) make", "7:9 `hostname`"),
            ("whoami", "7:5 `whoami`"),
            ("uname -a", "7:5 `uname -n`"),
            ("x=$RANDOM", "7:7 `$RANDOM`"),
            ("echo a$((RANDOM % 5))", "7:10 `$RANDOM`"),
            ("uuidgen > id", "7:5 `uuidgen`"),
        ] {
            let all = messages(line);
            assert!(all.len() == 1 && all[0].starts_with(what), "{line}: {all:?}");
        }
    }

    #[test]
    fn values_that_are_given_and_mere_words_are_not_reported() {
        for line in [
            "date -u -d \"@$SOURCE_DATE_EPOCH\" +%F",
            "date -ud @0",
            "date -r Cargo.toml",
            "install -Dm755 date \"%{install-root}%{bindir}/date\"",
            "ln -s coreutils \"%{install-root}%{bindir}/whoami\"",
            "# date",
            "cat > x <<EOF\n$(date)\nEOF",
            "uname -m",
            "uuidgen --sha1 --namespace @dns --name x",
            "echo '$RANDOM'",
            "make date",
        ] {
            assert!(messages(line).is_empty(), "{line}: {:?}", messages(line));
        }
    }
}
