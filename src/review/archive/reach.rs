//! What a changed build script newly reaches for: by the words, texts and numbers of its code, not by their meaning.
//!
//! A word counts where it could be a way to files, processes, hosts or other crates: all that is neither a local name nor one of
//! [`PLAIN`]. What the script said before it may say again, as often. A script that needs no more than that can still do what it
//! could before, in another order.

use super::lexer::{Token, tokens};
use std::collections::{BTreeMap, BTreeSet};

/// Words that reach nothing by themselves: of the language, and of strings, lists and paths.
const PLAIN: &str = "Err None Ok OsStr OsString Option Path PathBuf Result Self Some String Vec all and_then any as as_deref as_ref \
    as_str assert bool break cfg clone cmp const contains continue else ends_with env eprintln eq expect ffi filter find first fn \
    for format from get i32 i64 if in into into_iter is_empty is_err is_none is_ok is_some is_some_and iter join last len let loop \
    main map map_or match matches max min mut ne new next not nth ok option or or_else panic parse path pub ref return rsplit rustfmt self skip \
    split split_once splitn starts_with static std str strip_prefix strip_suffix string take target_os to_owned to_str to_string trim true \
    false u16 u32 u64 unwrap unwrap_or unwrap_or_default unwrap_or_else use usize var var_os vec while println";

/// Those of them that a path may begin with: what else begins one may be another crate.
const FIRST: [&str; 18] = [
    "Option", "OsStr", "OsString", "Path", "PathBuf", "Result", "Self", "String", "Vec", "env", "i32", "i64", "self",
    "std", "str", "u32", "u64", "usize",
];

/// Words behind which a name is a local one.
const BINDS: [&str; 6] = ["const", "fn", "let", "mut", "ref", "static"];

/// Attributes that only say what the compiler complains about.
const LINTS: [&str; 6] = ["allow", "deny", "doc", "expect", "forbid", "warn"];

/// Lines for cargo that decide no more than which of the crate's own code is built, and when.
const DIRECTIVES: [&str; 5] =
    ["rerun-if-changed=", "rerun-if-env-changed=", "rustc-cfg=", "rustc-check-cfg=", "warning="];

/// Variables that cargo sets, and that hold nothing which a crate's manifest or a secret could.
const VARIABLES: [&str; 12] = [
    "CARGO",
    "CARGO_ENCODED_RUSTFLAGS",
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "TARGET",
];

/// What the code after has and the code before had not, in the order in which it comes.
pub(super) fn news(before: &[&str], after: &[&str]) -> Vec<String> {
    let [before, after] = [before, after].map(Code::of);
    let mut news: Vec<&str> = Vec::new();
    let more = |word: &&&str| after.words.get(**word) > before.words.get(**word);
    news.extend(after.order.iter().filter(more));
    let unable = after.words.is_empty();
    let texts = after.texts.iter().filter(|(text, used)| before.texts.get(*text) < Some(*used));
    news.extend(texts.filter(|(text, used)| !is_plain(text, **used, unable)).map(|(text, _)| *text));
    let values = after.values.iter().filter(|(value, times)| before.values.get(*value) < Some(*times));
    news.extend(values.filter(|_| !unable).map(|(value, _)| *value));
    let mut seen = BTreeSet::new();
    news.into_iter().filter(|one| seen.insert(*one)).map(str::to_owned).collect()
}

/// How a text is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// Something is compared with it.
    Compared,
    /// It is the first that `println!` gets.
    Printed,
    /// Anything could be done with it.
    Value,
}

/// Whether a new text, or one that is newly used so, gives a script nothing. One that is `unable` to reach anything may have any word.
fn is_plain(text: &str, used: Use, unable: bool) -> bool {
    let directive = text.strip_prefix("cargo::").or_else(|| text.strip_prefix("cargo:"));
    let told = directive.is_some_and(|text| DIRECTIVES.iter().any(|one| text.starts_with(one)));
    let line = used == Use::Printed && told && !text.replace("\\\"", "").contains(['\\', '\n']);
    let cargos = ["CARGO_CFG_", "CARGO_FEATURE_"].iter().any(|one| text.starts_with(one)) || VARIABLES.contains(&text);
    used == Use::Compared
        || line
        || cargos
        || (unable && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()))
}

/// Code by what it is made of.
#[derive(Default)]
struct Code<'t> {
    /// The words that could reach something, and how often each is there.
    words: BTreeMap<&'t str, usize>,
    /// The same in their order.
    order: Vec<&'t str>,
    /// The texts, and the most that is done with each.
    texts: BTreeMap<&'t str, Use>,
    /// The letters, and the numbers in lists, of which texts can be made.
    values: BTreeMap<&'t str, usize>,
}

impl<'t> Code<'t> {
    fn of(files: &[&'t str]) -> Self {
        let mut code = Self::default();
        let files: Vec<Vec<Token<'t>>> =
            files.iter().map(|text| without_lints(&tokens(text).collect::<Vec<_>>())).collect();
        let mut names = Names { plain: PLAIN.split_whitespace().collect(), ..Names::default() };
        files.iter().for_each(|tokens| names.bind(tokens));
        for (tokens, here) in files.iter().flat_map(|tokens| (0..tokens.len()).map(move |here| (tokens, here))) {
            let around = |by: isize| here.checked_add_signed(by).and_then(|at| tokens.get(at).copied());
            match tokens[here] {
                Token::Word(word) if names.reaches(word, around) => {
                    code.reaches(word);
                }
                // All names of something else are as good as one of its names.
                Token::Mark('*') if around(-1) == Some(Token::Mark(':')) => code.reaches("*"),
                Token::Text(text) => {
                    let used = used([-3, -2, -1, 1].map(around));
                    let most = code.texts.entry(text).or_insert(used);
                    *most = used.max(*most);
                }
                Token::Number(number) => {
                    let alone = matches!(around(-1), Some(Token::Mark('<' | '>' | '=' | '(' | '.')));
                    if !alone || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                        *code.values.entry(number).or_default() += 1;
                    }
                }
                Token::Char(c) if c.contains(char::is_alphanumeric) => *code.values.entry(c).or_default() += 1,
                Token::Word(_) | Token::Char(_) | Token::Mark(_) => {}
            }
        }
        code
    }

    fn reaches(&mut self, word: &'t str) {
        *self.words.entry(word).or_default() += 1;
        self.order.push(word);
    }
}

/// How a text is used, by the three tokens before it and the one behind it.
fn used([third, second, first, next]: [Option<Token<'_>>; 4]) -> Use {
    let mark = |token: Option<Token<'_>>, mark: char| token == Some(Token::Mark(mark));
    if third == Some(Token::Word("println")) && mark(second, '!') && mark(first, '(') {
        Use::Printed
    } else if mark(first, '=') && (mark(second, '=') || mark(second, '!')) && !mark(next, '.') {
        Use::Compared
    } else {
        Use::Value
    }
}

/// Names that reach nothing by themselves.
#[derive(Default)]
struct Names<'t> {
    /// [`PLAIN`].
    plain: BTreeSet<&'t str>,
    /// Those of the code's own values.
    values: BTreeSet<&'t str>,
    /// Those of the code's own functions.
    functions: BTreeSet<&'t str>,
}

impl<'t> Names<'t> {
    /// Adds the names that code gives to values and to functions of its own.
    fn bind(&mut self, tokens: &[Token<'t>]) {
        let mut pattern = false;
        for (here, token) in tokens.iter().enumerate() {
            let around = |by: isize| here.checked_add_signed(by).and_then(|at| tokens.get(at).copied());
            match *token {
                Token::Word("let" | "for") => pattern = true,
                Token::Word("in") | Token::Mark('=' | ';' | ':' | '{') => pattern = false,
                Token::Word(name) => {
                    let binds = matches!(around(-1), Some(Token::Word(word)) if BINDS.contains(&word));
                    let bound = match around(1) {
                        Some(Token::Mark(':')) => matches!(around(-1), Some(Token::Mark('(' | ',' | '|'))),
                        Some(Token::Mark('|' | ',')) => around(-1) == Some(Token::Mark('|')),
                        Some(Token::Mark(')')) => [around(-1), around(2)] == ['(', '='].map(|c| Some(Token::Mark(c))),
                        _ => false,
                    };
                    if binds || pattern || bound {
                        self.values.insert(name);
                    }
                    if around(-1) == Some(Token::Word("fn")) {
                        self.functions.insert(name);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a word could reach something, by the tokens around it.
    fn reaches(&self, word: &str, around: impl Fn(isize) -> Option<Token<'t>>) -> bool {
        let is = |by: isize, mark: char| around(by) == Some(Token::Mark(mark));
        let path = (is(-1, ':') && is(-2, ':')) || (is(1, ':') && is(2, ':'));
        let called = is(1, '(') || (is(1, '!') && !is(2, '='));
        let own = if called { !is(-1, '.') && self.functions.contains(word) } else { self.values.contains(word) };
        let begins = is(1, ':') && is(2, ':') && !is(-1, ':');
        if self.plain.contains(word) { begins && !FIRST.contains(&word) } else { path || !own }
    }
}

/// The tokens without attributes for the compiler's complaints.
fn without_lints<'t>(tokens: &[Token<'t>]) -> Vec<Token<'t>> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let inner = usize::from(tokens.get(at + 1) == Some(&Token::Mark('!')));
        let lint = matches!(
            (tokens[at], tokens.get(at + inner + 1), tokens.get(at + inner + 2)),
            (Token::Mark('#'), Some(Token::Mark('[')), Some(Token::Word(word))) if LINTS.contains(word)
        );
        if lint {
            let end = tokens[at..].iter().position(|token| *token == Token::Mark(']'));
            at = end.map_or(tokens.len(), |end| at + end + 1);
        } else {
            out.push(tokens[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBE: &str = r#"
        use std::{env, process::Command, str};
        fn main() {
            let rustc = match version() { Some(rustc) => rustc, None => return };
            if rustc < 61 { println!("cargo:rustc-cfg=no_derive"); }
        }
        fn version() -> Option<u32> {
            let rustc = env::var_os("RUSTC")?;
            let output = Command::new(rustc).arg("--version").output().ok()?;
            let version = str::from_utf8(&output.stdout).ok()?;
            version.split('.').nth(1)?.parse().ok()
        }"#;

    fn changed(from: &str, to: &str) -> String {
        assert!(PROBE.contains(from), "{from}");
        news(&[PROBE], &[&PROBE.replacen(from, to, 1)]).join(" ")
    }

    #[test]
    fn what_patch_releases_do_is_no_news() {
        for (from, to) in [
            ("61", "71"),
            (
                "match version() { Some(rustc) => rustc, None => return };",
                "version(); let Some(rustc) = rustc else { return };",
            ),
            ("if rustc", "if rustc < 80 { println!(\"cargo::rustc-check-cfg=cfg(a, values(\\\"b\\\"))\"); } if rustc"),
            ("if rustc", "let level = env::var(\"OPT_LEVEL\"); if level.unwrap() == \"s\" { main() } if rustc"),
            ("if rustc", "// Command::new(\"sh\")\n if rustc"),
            ("fn main", "#![allow(clippy::needless_return, evil)] fn main"),
            ("env::var_os(\"RUSTC\")?", "env::var_os(\"CARGO_CFG_TARGET_OS\").or(env::var_os(\"RUSTC\"))?"),
            (".arg(\"--version\")", ""),
            ("fn version", "fn older(minor: u32) -> bool { minor < 8 } fn version"),
            (
                "let output",
                "let out = std::path::PathBuf::from(env::var(\"OUT_DIR\").unwrap()).join(\"--version\"); let output",
            ),
            ("version.split('.').nth(1)?", "version.split('.').filter(|part| !part.is_empty()).nth(1)?"),
        ] {
            assert_eq!(changed(from, to), "", "{to}");
        }
    }

    #[test]
    fn what_reaches_further_is_named() {
        for (from, to, news) in [
            ("if rustc", "Command::new(\"sh\"); if rustc", "Command sh"),
            ("Command::new(rustc)", "Command::new(\"curl\")", "curl"),
            ("Command::new(rustc)", "Command::new(&\"cargo:rustc-cfg=curl\"[16..])", "cargo:rustc-cfg=curl 16"),
            ("&output.stdout", "&[99, 117, 114, 108]", "108 114 117 99"),
            ("&output.stdout", "&[b'c', b'u']", "c u"),
            ("let output", "let _ = std::net::TcpStream::connect(rustc); let output", "net TcpStream connect"),
            ("\"RUSTC\"", "\"GITHUB_TOKEN\"", "GITHUB_TOKEN"),
            ("\"RUSTC\"", "\"CARGO_REGISTRY_TOKEN\"", "CARGO_REGISTRY_TOKEN"),
            ("\"RUSTC\"", "\"CARGO_PKG_DESCRIPTION\"", "CARGO_PKG_DESCRIPTION"),
            ("fn main() {", "fn main() { for (name, _) in env::vars() {}", "vars"),
            ("fn main() {", "fn main() { evil();", "evil"),
            ("fn main() {", "fn main() { let evil = 1; evil::run();", "evil run"),
            ("fn main() {", "fn main() { let evil = 1; rustc.evil();", "evil"),
            ("fn main() {", "use skip::take; fn main() { take();", "skip"),
            ("fn main() {", "use std::*; fn main() {", "*"),
            ("fn main() {", "fn main() { include!(\"a.rs\");", "include a.rs"),
            ("fn main() {", "#[path = \"a.rs\"] mod a; fn main() {", "mod a a.rs"),
            ("fn main() {", "fn main() { unsafe { main() }", "unsafe"),
            ("rustc-cfg=no_derive", "rustc-link-arg=-fuse-ld=x", "cargo:rustc-link-arg=-fuse-ld=x"),
            (
                "rustc-cfg=no_derive",
                "rustc-cfg=a\\ncargo:rustc-link-arg=x",
                "cargo:rustc-cfg=a\\ncargo:rustc-link-arg=x",
            ),
            ("\"cargo:rustc-cfg=no_derive\"", "\"{}\", \"cargo:rustc-cfg=no_derive\"", "cargo:rustc-cfg=no_derive {}"),
            ("--version", "--test", "--test"),
        ] {
            assert_eq!(changed(from, to), news, "{to}");
        }
    }

    #[test]
    fn a_text_that_was_only_shown_is_news_where_it_becomes_more() {
        for shown in ["if rustc != \"curl\" {}", "println!(\"cargo:rustc-cfg=no_derive\");", "println!(\"curl\");"] {
            let before = PROBE.replacen("let output", &format!("{shown} let output"), 1);
            let text = shown.split('"').nth(1).unwrap_or_default();
            let after = before.replacen("Command::new(rustc)", &format!("Command::new(\"{text}\")"), 1);
            assert_eq!(news(&[&before], &[&after]), [text], "{shown}");
        }
    }

    #[test]
    fn a_script_that_can_do_nothing_may_compare_with_any_word() {
        let quiet = "fn main() { if std::env::var(\"TARGET\").unwrap().contains(\"linux\") { println!(\"cargo:rustc-cfg=a\"); } }";
        assert_eq!(news(&[quiet], &[&quiet.replace("linux", "android")]), [""; 0]);
        assert_eq!(news(&[quiet], &[&quiet.replace("linux", "x\\ncargo:y")]), ["x\\ncargo:y"]);
    }
}
