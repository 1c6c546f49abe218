use super::*;
use proptest::prelude::*;

/// The programs and arguments, one command each; `?` marks those that need not run, `<>` marks what is known only by
/// running.
fn shown(text: &str) -> String {
    let shell = read(text);
    let word = |w: &Word| w.text().unwrap_or_else(|| format!("<{}>", &text[w.span.start..w.span.end]));
    let command = |c: &Simple| {
        let sets = c.assignments.iter().map(|a| format!("{}={}", a.name, word(&a.value)));
        let files = c.redirects.iter().map(|r| format!("{}{}", if r.writes { ">" } else { "<" }, word(&r.target)));
        let words: Vec<String> = sets.chain(c.words.iter().map(word)).chain(files).collect();
        format!("{}{}", if c.sure { "" } else { "?" }, words.join(" "))
    };
    let commands: Vec<String> = shell.commands.iter().map(command).collect();
    let unread: String = shell.unread.iter().map(|why| format!(" !{why}")).collect();
    format!("{}{unread}", commands.join(" | "))
}

fn programs(text: &str) -> Vec<String> {
    read(text).commands.iter().flat_map(Simple::calls).map(|c| c.program).collect()
}

#[test]
fn lists_pipes_and_continuations_separate_commands() {
    assert_eq!(shown("a b; c && d || e | f & g\nh \\\n  i # no\n# no\n"), "a b | c | d | ?e | f | g | h i");
    assert_eq!(shown("a#b 'c # d' \"e # f\""), "a#b c # d e # f");
}

#[test]
fn quotes_are_taken_off_and_variables_are_kept_apart() {
    assert_eq!(shown(r#"a 'b c' "d\" $e" f\ g "%{h}%{i}/j" "#), r#"a b c <"d\" $e"> f g %{h}%{i}/j"#);
    assert_eq!(shown("a \"\" '' $x ${y} ${z:-a b}"), "a   <$x> <${y}> <${z:-a b}>");
    assert_eq!(shown("X=1 Y='a b' run c=d"), "X=1 Y=a b run c=d");
    assert_eq!(shown("X=1\nY=$(date)\nZ=(a b)\n"), "X=1 | ?date | Y=<$(date)> | Z=<(a b)>");
}

#[test]
fn the_content_of_here_documents_is_not_read() {
    let text = "cat > f <<'EOF' && next\ncurl x | sh\nEOF\nafter <<-E\n\t$(date)\n\tE\nlast <<<word\n";
    assert_eq!(shown(text), "cat >f | next | after | last <word");
    assert_eq!(shown("a <<A <<B\n1\nA\n2\nB\nb\n"), "a | b");
    assert_eq!(shown("a <<A\n1\n"), "a !a here-document does not end");
}

#[test]
fn redirections_are_no_arguments() {
    assert_eq!(shown("a 2>&1 >b 2>>c <d &>e >|f"), "a >b >c <d >e >f");
    assert_eq!(shown("diff <(date) b"), "?date | diff <<(date)> b");
}

#[test]
fn compound_commands_give_their_commands_and_none_is_sure() {
    let text = "for p in $(a --list); do\n  ln -s \"$p\"\n  case \"${p}\" in\n    cp|mv) continue ;;\n    (x) y;;\n  esac\n  z\ndone\nend\n";
    assert_eq!(shown(text), "?a --list | ?ln -s <\"$p\"> | ?continue | ?y | ?z | end");
    assert_eq!(shown("if ! a; then b; elif c; then d; else e; fi; f"), "?a | ?b | ?c | ?d | ?e | f");
    assert_eq!(shown("while read x; do a; done < f\n{ b; }\n(c)\n"), "?read x | ?a | <f | b | c");
    assert_eq!(shown("f() { a; }\nfunction g { b; }\nc\n"), "?a | ?b | c");
    assert_eq!(shown("[[ a && b < c ]] && d; ((i++)); for ((;;)); do e; done"), "d | ?e");
}

#[test]
fn substitutions_and_shells_give_their_commands() {
    assert_eq!(shown("a \"$(b \"$(c)\")\" `d e`"), r#"?c | ?b <"$(c)"> | ?d e | a <"$(b "$(c)")"> <`d e`>"#);
    assert_eq!(shown("sh -ec 'a; b'"), "sh -ec a; b | ?a | ?b");
    assert_eq!(shown("eval \"$x\"").split('!').nth(1), Some("`eval` runs a text that is only known at run time"));
    assert_eq!(shown("a $((1 + (2 * RANDOM))) b"), "a <$((1 + (2 * RANDOM)))> b");
}

#[test]
fn wrappers_are_seen_through() {
    let text =
        "env -i A=1 curl a\nexec -a n wget b\nsudo -u x git c\ntimeout -k 5 60 nice -n 5 make d\n/usr/bin/date\n";
    assert_eq!(programs(text), ["curl", "wget", "git", "make", "date"]);
    assert_eq!(programs("find . -exec install -D {} + -o -exec rm {} \\;"), ["find", "install", "rm"]);
    assert_eq!(programs("command -v curl; echo curl; ./curl; xargs -n 1 curl"), ["command", "echo", "./curl", "curl"]);
}

#[test]
fn an_operator_at_the_end_of_a_line_joins_the_next_one() {
    assert_eq!(shown("a ||\n\n  # no\n  b\nc"), "a | ?b | c");
    assert_eq!(shown("if a; then b; fi ||\nc"), "?a | ?b | ?c");
}

#[test]
fn functions_in_brackets_and_arrays_are_read() {
    assert_eq!(shown("f() (a)\nb"), "?a | b");
    assert_eq!(shown("x=(1 $(a))"), "?a | x=<(1 $(a))>");
    assert_eq!(shown("a \"${x:-$(b '}')}\" c"), "?b } | a <\"${x:-$(b '}')}\"> c");
}

#[test]
fn an_expression_of_a_workflow_is_one_part_in_every_quote() {
    assert_eq!(shown("a ${{ b c }}d"), "a <${{ b c }}d>");
    assert_eq!(shown("a \"${{ m.g || 'x y' }}\" e"), "a <\"${{ m.g || 'x y' }}\"> e");
    assert_eq!(shown("a '${{ m == 'x' }}' e"), "a <'${{ m == 'x' }}'> e");
}

#[test]
fn what_cannot_be_read_is_said() {
    for (text, why) in [
        ("a 'b", "a quote does not end"),
        ("a \"b", "a quote does not end"),
        ("a $(b", "a bracket does not end"),
        ("a `b", "a backtick does not end"),
        ("a ${b", "a brace does not end"),
        ("if a; then b", "a compound command does not end"),
        ("a )", "a bracket closes nothing"),
        ("a >", "a redirection without a file"),
    ] {
        assert!(read(text).unread.contains(&why), "{text}: {}", shown(text));
    }
    let deep = "$(".repeat(1000);
    assert!(read(&deep).unread.contains(&"substitutions nest too deeply"));
    assert!(read(&"a".repeat(MAX_TEXT + 1)).commands.is_empty());
}

proptest! {
    #[test]
    fn any_text_is_read_to_its_end_and_spans_are_its_own(text in "[a-z \\n;|&<>(){}\"'`$\\\\#=ä%*-]{0,80}") {
        let shell = read(&text);
        for command in &shell.commands {
            for word in &command.words {
                prop_assert!(word.span.start < word.span.end && text.get(word.span.start..word.span.end).is_some());
            }
        }
    }

    #[test]
    fn quoted_words_come_back(words in prop::collection::vec("[ -&(-~ä]{0,8}", 1..6)) {
        let text: String = words.iter().map(|w| format!("'{w}' ")).collect();
        let shell = read(&text);
        let back: Vec<String> = shell.commands[0].words.iter().map(|w| w.text().unwrap()).collect();
        prop_assert_eq!(back, words);
    }
}
