//! The elements that the scripts of a job track: those that their texts name.

use super::job::{Job, Tracks};
use super::words::{self, Target};
use crate::shell;
use crate::text::Span;
use crate::yaml::{Node, Style, Value};

/// Notes the elements that the texts of a job name. Recursion is bounded by the depth of the tree.
pub(super) fn read(job: &mut Job, node: &Node, element_path: &str) {
    match &node.value {
        Value::Scalar(text, style) if *style == Style::Block || text.contains(".bst") || text.contains("track") => {
            for line in logical_lines(text) {
                read_line(job, &line, element_path);
            }
        }
        Value::List(items, _) => items.iter().for_each(|n| read(job, n, element_path)),
        Value::Map(pairs, _) => pairs.iter().for_each(|(_, v)| read(job, v, element_path)),
        _ => {}
    }
}

fn read_line(job: &mut Job, line: &str, element_path: &str) {
    // `TRACK_EXCLUDE="a.bst b.bst"` and `--except a.bst` are what trackers write.
    let left_out = words(line).any(|word| word.contains("EXCLUDE=") || word.contains("SKIP="));
    let mut except = false;
    for word in words(line) {
        except |= word.starts_with("--except");
        if let Target::Element(name) = words::target(word.rsplit('=').next().unwrap_or_default(), element_path) {
            if left_out || except {
                job.excluded.insert(name)
            } else {
                job.named.insert(name)
            };
        }
        except = word == "--except";
    }
    job.deep |= line.contains("find ") || line.contains("globstar") || line.contains("/**");
    let tracks = tracks(line);
    if tracks != Tracks::Nothing && job.tracks != Tracks::All {
        job.tracks = tracks;
    }
}

/// The words of a line that may be names and paths, and assignments of such.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '+' | '@' | '-' | '$' | '=');
    line.split(move |c: char| !part(c)).filter(|word| !word.is_empty())
}

/// What a line of commands tracks by itself.
pub(super) fn tracks(line: &str) -> Tracks {
    if line.trim_start().starts_with("echo") {
        return Tracks::Nothing;
    }
    let Some((_, arguments)) = line.split_once("source track") else {
        return if line.contains("track-all") { Tracks::All } else { Tracks::Nothing };
    };
    let arguments: Vec<&str> = arguments.split_whitespace().take_while(|a| !a.starts_with([';', '|', '&'])).collect();
    let value = |i: usize| i > 0 && arguments[i - 1].starts_with("--") && !arguments[i - 1].contains('=');
    let named = arguments.iter().enumerate().any(|(i, a)| !a.starts_with(['-', '>', '2']) && !value(i));
    if named { Tracks::Named } else { Tracks::All }
}

/// The lines of a text that has commands: joined where a command goes on, without comments and here-documents. A text
/// that is no shell gives its lines.
fn logical_lines(text: &str) -> Vec<String> {
    let shell = shell::read(text);
    if !shell.is_complete() {
        let lines = text.lines().map(str::to_owned);
        return if text.trim_end().contains('\n') {
            lines.flat_map(|l| logical_lines(&l)).collect()
        } else {
            lines.collect()
        };
    }
    let end = Span::new(text.len(), text.len());
    let mut gaps = shell.gaps;
    gaps.sort_unstable_by_key(|gap| gap.start);
    gaps.push(end);
    let mut from = 0;
    let mut out = Vec::new();
    for gap in gaps {
        let line = text.get(from..gap.start).unwrap_or_default().replace("\\\n", " ");
        out.extend((!line.trim().is_empty()).then_some(line));
        from = from.max(gap.end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_on_after_a_backslash_and_inside_quotes() {
        assert_eq!(logical_lines("a \\\n  b\nc 'd\ne' f\n"), ["a    b", "c 'd\ne' f"]);
    }

    #[test]
    fn comments_and_here_documents_are_left_out() {
        assert_eq!(
            logical_lines("a # b\nc <<'EOF'\nit's\nEOF\nd ${e##*/} <<< f"),
            ["a ", "c <<'EOF'", "d ${e##*/} <<< f"]
        );
        assert_eq!(logical_lines("x=\"$(cat <<'EOF'\nit's a \"thing\nEOF\n)\"\ny"), ["x=\"$(cat <<'EOF'", ")\"", "y"]);
    }

    #[test]
    fn quotes_and_documents_that_never_end_swallow_nothing() {
        assert_eq!(logical_lines("a 'b\nc\n"), ["a 'b", "c"]);
        assert_eq!(logical_lines("a <<X\nb\n"), ["a <<X", "b"]);
        assert_eq!(logical_lines("don't track (a.bst"), ["don't track (a.bst"]);
    }
}
