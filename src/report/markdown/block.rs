//! Blocks of several lines.

use super::inline::{html, longest_run};
use super::visible::visible;
use std::fmt::Write as _;

/// The maximum number of cells in a row.
pub const MAX_CELLS: usize = 12;

/// A part that is closed until the reader opens it. `title` is plain text (code between backticks), `body` is Markdown.
#[must_use]
pub fn fold(title: &str, body: &str) -> String {
    format!("<details><summary>{}</summary>\n\n{}\n\n</details>\n", html(title), body.trim_matches('\n'))
}

/// A table. Head and cells are Markdown of one line; a `|` in them is shown as `\u{7c}`, because renderers do not agree on how to escape it.
/// Rows that are too short are filled, those that are too long are cut.
#[must_use]
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head = &head[..head.len().min(MAX_CELLS)];
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> =
            cells.map(|cell| if cell.is_empty() { " ".into() } else { format!(" {cell} ") }).collect();
        format!("|{}|\n", cells.join("|"))
    };
    let mut out = line(&mut head.iter().map(|cell| (*cell).to_owned()));
    out.push_str(&line(&mut head.iter().map(|_| "---".to_owned())));
    for row in rows {
        out.push_str(&line(&mut (0..head.len()).map(|at| row.get(at).map(|c| cell(c)).unwrap_or_default())));
    }
    out
}

/// One cell: one line, no pipe.
fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\u{7c}").replace(['\n', '\r'], " ")
}

/// A list of Markdown lines.
#[must_use]
pub fn list(lines: &[String]) -> String {
    let mut out = String::new();
    for line in lines {
        let _ = writeln!(out, "- {}", line.replace(['\n', '\r'], " "));
    }
    out
}

/// A block of code in a language (`diff`, `sh`, `text`), whose lines are shown as they are, without characters that hide.
#[must_use]
pub fn fence(language: &str, body: &str) -> String {
    let lines: Vec<String> =
        body.lines().map(|line| line.split('\t').map(visible).collect::<Vec<_>>().join("\t")).collect();
    let mark = "`".repeat(longest_run(body).max(2) + 1);
    format!("{mark}{language}\n{}\n{mark}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_is_closed_and_its_title_is_no_html() {
        assert_eq!(
            fold("12 crates of `<b>`", "body\n"),
            "<details><summary>12 crates of <code>&lt;b&gt;</code></summary>\n\nbody\n\n</details>\n"
        );
    }

    #[test]
    fn no_cell_breaks_the_table() {
        let rows = [vec!["`a|b`".to_owned(), "x\ny".to_owned(), "too much".to_owned()], vec![]];
        assert_eq!(table(&["a", "b"], &rows), "| a | b |\n| --- | --- |\n| `a\\u{7c}b` | x y |\n| | |\n");
    }

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        assert_eq!(fence("diff", "-a\n+```\n \tb\u{202e}\r\n"), "````diff\n-a\n+```\n \tb\\u{202e}\n````\n");
        assert_eq!(fence("sh", ""), "```sh\n\n```\n");
    }
}
