//! Nothing from outside becomes markup: a document of our own pieces is read by a renderer as nothing but these.

use cargo2_bot::report::markdown::{code, fence, fold, list, table, text};

#[allow(dead_code, reason = "shared with the tests")]
#[path = "../../tests/it/review_render/reader.rs"]
mod reader;

/// The property.
pub(crate) fn holds(input: (&str, &str)) {
    let (a, b) = input;
    let pieces = [
        format!("### {}\n", text(a)),
        list(&[text(a), code(b), format!("{} {}", text(a), code(b))]),
        table(&["A", "B", "C", "D"], &[vec![code(a), text(b), code(b), text(a)]]),
        fold(a, &format!("{}\n", text(b))),
        fence("diff", b),
        format!("{}\n", text(b)),
    ];
    let document = pieces.join("\n");
    reader::read(&document);
    assert_eq!(text(a), text(a));
}
