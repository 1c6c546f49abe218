//! The paths that an element's commands install, as far as they can be read.
//!
//! Paths are given below `%{install-root}`. A variable that is not known stays in a path as it is written, so that two
//! paths that are written alike are alike, and others make no claim.

mod arguments;
mod reader;

use super::script::Script;
use crate::shell::Simple;
use crate::text::Span;
use reader::Reader;
use std::collections::BTreeMap;

/// The paths that an element installs.
#[derive(Clone, Debug, Default)]
pub struct Installs {
    /// The paths that were read.
    pub paths: Vec<Path>,
    /// Whether these are all: nothing else could install anything.
    pub complete: bool,
}

/// One installed file or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The path in the artifact, with a slash first.
    pub text: String,
    /// The command, by its number in the element.
    pub script: usize,
    /// The bytes of the command that say so.
    pub span: Span,
    /// Whether it is installed whenever the commands run.
    pub sure: bool,
}

/// Reads what commands install. `replaced` names the command lists that replace those of the `kind`.
#[must_use]
pub(crate) fn read(scripts: &[Script], replaced: &[String], kind: &str) -> Installs {
    let own = kind == "manual" || replaced.iter().any(|key| key == "install-commands");
    let mut reader = Reader::new(own);
    for (index, script) in scripts.iter().enumerate() {
        reader.begin(index, script, variables(&script.shell.commands));
    }
    reader.done()
}

/// Returns whether two paths can be the same. Those with unknown variables can, unless their last parts differ.
#[must_use]
pub(crate) fn may_be_same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let (x, y) = (last(a), last(b));
    let open = |text: &str| text.contains("%{");
    (open(a) || open(b)) && (x == y || open(&x) || open(&y))
}

/// Returns whether a path is known to its last byte.
#[must_use]
pub(crate) fn is_known(path: &str) -> bool {
    !path.contains("%{")
}

/// The shell variables of one command that are set once, for sure, to plain text.
fn variables(commands: &[Simple]) -> BTreeMap<String, Option<String>> {
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut set = |name: &str, value: Option<String>| {
        known.entry(name.to_owned()).and_modify(|old| *old = None).or_insert(value);
    };
    for command in commands {
        if command.words.is_empty() {
            for assignment in &command.assignments {
                set(&assignment.name, assignment.value.text().filter(|_| command.sure && !assignment.value.pattern));
            }
        }
        for call in command.calls() {
            let names = matches!(call.program.as_str(), "export" | "local" | "readonly" | "declare" | "read");
            for word in call.args.iter().filter(|_| names) {
                match word.head().split_once('=') {
                    Some((name, _)) => {
                        let value = word.text().and_then(|t| Some(t.split_once('=')?.1.to_owned()));
                        set(name, value.filter(|_| command.sure));
                    }
                    None if call.program == "read" => set(word.head(), None),
                    None => {}
                }
            }
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use crate::lint::names::Names;
    use crate::lint::script::scripts;
    use crate::text::SourceText;
    use std::sync::Arc;

    /// Lists the paths that commands install: `?` marks what may not be there, `…` that there may be more.
    fn installed(commands: &str) -> String {
        let lines =
            commands.replace("R/", "%{install-root}/").replace("R%", "%{install-root}%").replace('\n', "\n    ");
        let text = format!("kind: manual\nconfig:\n  install-commands:\n  - |\n    {lines}\n");
        let root = crate::yaml::parse(&Arc::new(SourceText::new("a.bst", text))).unwrap();
        let (scripts, replaced) = scripts(&root, &Names::default());
        let found = super::read(&scripts, &replaced, "manual");
        let paths = found.paths.iter().map(|p| format!("{}{}", if p.sure { "" } else { "?" }, p.text));
        let more = (!found.complete).then(|| "…".to_owned());
        paths.chain(more).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn files_and_links_are_listed_by_their_paths() {
        for (commands, paths) in [
            ("install -Dm755 target/release/a \"R/usr/bin/b\"", "/usr/bin/b"),
            ("install -m 755 -D a 'R/usr//bin/./b'", "/usr/bin/b"),
            ("install -Dm755 -t \"R%{bindir}\" x/a b", "%{bindir}/a %{bindir}/b"),
            ("install -Dpm0644 a -tR/etc", "/etc/a"),
            ("install --target-directory=R/etc --mode 644 a", "/etc/a"),
            ("install -Dm644 a b R/etc/", "/etc/a /etc/b"),
            ("install -d R/etc\ninstall a R/etc\ninstall -T b R/etc/c", "/etc/a /etc/c"),
            ("mkdir -p R/etc/x\ncp a R/etc\ncp b R/etc/y", "/etc/a /etc/y"),
            ("ln -sr R/usr/bin/a \"R/usr/bin/b\"\nln --symbolic a R/c", "/usr/bin/b /c"),
            ("cat > R/etc/a <<'E'\ntext > R/no\nE\necho x | tee R/etc/b", "/etc/a /etc/b"),
            ("d=R/usr/bin\nexport e=x\ninstall -Dm755 $e \"${d}/$e\"", "/usr/bin/x"),
            ("install -Dm755 a R/b\nrm R/b", ""),
            ("cp a b\ncd sub\nln -s x y", ""),
        ] {
            assert_eq!(installed(commands), paths, "{commands}");
        }
    }

    #[test]
    fn what_cannot_be_read_leaves_the_list_open() {
        for (commands, paths) in [
            ("make install", "…"),
            ("'%{install-extra}'", "…"),
            ("install -Dm755 a R/b\ncp -r c R/d", "/b …"),
            ("install -Dm755 \"$x\" -t R/b", "…"),
            ("install -Dm755 $x R/b", "/b"),
            ("install -Dm755 a \"$DESTDIR/b\"", "…"),
            ("install -Dm755 *.so -t R/lib", "…"),
            ("install -Dm755 a-{b,c} -t R/lib", "…"),
            ("find x -exec install -Dm755 -t R/bin {} +", "…"),
            ("if x; then install -Dm755 a R/b; fi", "?/b …"),
            ("make install\ninstall a R/usr/bin", "?/usr/bin …"),
            ("install -Dm755 a R/b\nrm R/*", "…"),
            ("install -Dm755 a R/../b", ""),
            ("echo 'unclosed", "…"),
        ] {
            assert_eq!(installed(commands), paths, "{commands}");
        }
    }
}
