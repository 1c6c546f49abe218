//! Random files, edits and patches.

use std::collections::BTreeMap;

/// Small, seeded, good enough.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len())]
    }
}

pub type Tree = BTreeMap<String, Vec<u8>>;
pub type Lines = Vec<String>;

/// Lines from a small alphabet repeat, so that hunks fit at wrong places too.
pub fn file(rng: &mut Rng, most: usize) -> Lines {
    let alphabet = [3, 8, 1000][rng.below(3)];
    let mut lines: Lines = (0..rng.below(most + 1)).map(|_| line(rng, alphabet)).collect();
    if rng.one_in(6)
        && let Some(last) = lines.last_mut()
    {
        last.pop();
    }
    lines
}

pub fn line(rng: &mut Rng, alphabet: usize) -> String {
    match rng.below(alphabet + 2) {
        0 => "\n".into(),
        1 if alphabet > 3 => {
            rng.pick(&["-- a/Cargo.lock\n", "++ b/Cargo.lock\n", "@@ -1 +1 @@\n", "# note\n", "\tx\n", "=\n"]).into()
        }
        n => format!("name = {n}\n"),
    }
}

#[derive(Clone)]
pub enum Op {
    Keep(String),
    Drop(String),
    Add(String),
}

/// A random edit of a file, as a script.
pub fn edit(rng: &mut Rng, old: &Lines) -> Vec<Op> {
    let rate = [3, 8, 20][rng.below(3)];
    let mut ops = Vec::new();
    for text in old {
        if rng.one_in(rate) {
            ops.push(Op::Add(line(rng, 8)));
        }
        ops.push(if rng.one_in(rate) { Op::Drop(text.clone()) } else { Op::Keep(text.clone()) });
    }
    while rng.one_in(4) {
        let incomplete = ops.iter().rev().find_map(|op| match op {
            Op::Keep(text) | Op::Add(text) => Some(!text.ends_with('\n')),
            Op::Drop(_) => None,
        });
        if incomplete == Some(true) {
            break;
        }
        let mut text = line(rng, 8);
        if rng.one_in(5) {
            text.pop();
        }
        ops.push(Op::Add(text));
    }
    // An incomplete line may only be the last.
    let last = ops.iter().rposition(|op| !matches!(op, Op::Drop(_)));
    for (index, op) in ops.iter_mut().enumerate() {
        match op {
            Op::Keep(text) if !text.ends_with('\n') && Some(index) != last => *op = Op::Drop(text.clone()),
            Op::Add(text) if !text.ends_with('\n') && Some(index) != last => text.push('\n'),
            _ => {}
        }
    }
    ops
}

pub fn after(ops: &[Op]) -> Lines {
    ops.iter()
        .filter_map(|op| if let Op::Keep(text) | Op::Add(text) = op { Some(text.clone()) } else { None })
        .collect()
}

/// The hunks of a unified diff with some lines of context.
pub fn hunks(ops: &[Op], context: usize) -> String {
    let mut out = String::new();
    let mut index = 0;
    let changed = |op: &Op| !matches!(op, Op::Keep(_));
    while let Some(first) = (index..ops.len()).find(|&at| changed(&ops[at])) {
        let mut end = first + 1;
        while let Some(next) = (end..ops.len().min(end + 2 * context + 1)).find(|&at| changed(&ops[at])) {
            end = next + 1;
        }
        let start = first.saturating_sub(context).max(index);
        let stop = (end + context).min(ops.len());
        out.push_str(&hunk(ops, start, stop));
        index = stop;
    }
    out
}

fn hunk(ops: &[Op], start: usize, stop: usize) -> String {
    let count = |ops: &[Op], old: bool| {
        ops.iter()
            .filter(|op| matches!((op, old), (Op::Keep(_), _) | (Op::Drop(_), true) | (Op::Add(_), false)))
            .count()
    };
    let side = |old| {
        let (before, lines) = (count(&ops[..start], old), count(&ops[start..stop], old));
        let first = if lines == 0 { before } else { before + 1 };
        if lines == 1 { first.to_string() } else { format!("{first},{lines}") }
    };
    let mut out = format!("@@ -{} +{} @@ context\n", side(true), side(false));
    for op in &ops[start..stop] {
        let (mark, text) = match op {
            Op::Keep(text) => (' ', text),
            Op::Drop(text) => ('-', text),
            Op::Add(text) => ('+', text),
        };
        out.push(mark);
        out.push_str(text);
        if !text.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
    out
}

/// Inserts, removes and changes lines, so that hunks have to move or ignore context.
pub fn disturb(rng: &mut Rng, lines: &mut Lines) {
    for _ in 0..rng.below(5) {
        let at = rng.below(lines.len() + 1);
        match rng.below(4) {
            0 => (0..=rng.below(4)).for_each(|_| lines.insert(at, line(rng, 8))),
            1 if at < lines.len() => drop(lines.remove(at)),
            2 if at < lines.len() => lines[at] = "changed\n".into(),
            _ => {}
        }
    }
    let last = lines.len().saturating_sub(1);
    for text in lines.iter_mut().take(last) {
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
}

pub fn bytes(lines: &Lines) -> Vec<u8> {
    lines.concat().into_bytes()
}

/// Damages a patch text by lines.
pub fn damage(rng: &mut Rng, text: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..=rng.below(3) {
        if lines.is_empty() {
            break;
        }
        let at = rng.below(lines.len());
        let other = lines[rng.below(lines.len())].clone();
        match rng.below(9) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, other),
            2 => lines[at] = other,
            3 => lines[at] = format!(" {}", lines[at]),
            4 => lines[at] = lines[at].replace('\n', "\r\n"),
            5 => lines[at] = lines[at].replacen(|c: char| c.is_ascii_digit(), rng.pick(&["0", "1", "2", "9", ""]), 1),
            6 => lines.truncate(at + 1),
            7 => lines.insert(at, rng.pick(&NOISE).to_owned()),
            _ => {
                if let Some(last) = lines.last_mut() {
                    last.pop();
                }
            }
        }
    }
    lines.concat()
}

pub const NOISE: [&str; 24] = [
    "--- a/Cargo.lock\n",
    "+++ b/Cargo.lock\n",
    "--- /dev/null\n",
    "+++ /dev/null\n",
    "--- a/Cargo.lock\t1970-01-01 00:00:00.000000000 +0000\n",
    "+++ b/Cargo.lock\t1970-01-01 01:00:00.000000000 +0100\n",
    "+++ b/Cargo.lock\t2024-05-01 10:00:00.000000000 +0000\n",
    "Index: Cargo.lock\n",
    "Index: a/other.txt\n",
    "diff --git a/Cargo.lock b/Cargo.lock\n",
    "diff --git a/other.txt b/other.txt\n",
    "index 0000000..e69de29\n",
    "index 1234567..89abcde 100644\n",
    "new file mode 100644\n",
    "deleted file mode 100644\n",
    "rename from Cargo.lock\n",
    "rename to other.txt\n",
    "@@ -0,0 +1 @@\n",
    "@@ -1 +0,0 @@\n",
    "\\ No newline at end of file\n",
    "*** a/Cargo.lock\n",
    "-- \n2.40.1\n\n",
    "# a comment\n",
    "GIT binary patch\n",
];

/// What may stand behind `---` and `+++`.
pub fn header_name(rng: &mut Rng) -> String {
    if rng.one_in(3) {
        return rng.pick(&["a/Cargo.lock", "a/sub/Cargo.lock"]).to_owned();
    }
    let folder = rng.pick(&["a/", "b/", "", "a/sub/", "./", "a//", "x/y/", "/", "../"]);
    let base = rng.pick(&["Cargo.lock", "Cargo.lock", "Cargo.lock.orig", "other.txt", "\"Cargo.lock\""]);
    let time = rng.pick(&[
        "",
        "",
        "",
        "\t2024-05-01 10:00:00.000000000 +0000",
        "\t1970-01-01 00:00:00.000000000 +0000",
        "\t1969-12-31 19:00:00 -0500",
        "\t(revision 3)",
        " trailing words",
        "\r",
    ]);
    let name = if base.starts_with('"') { format!("\"{folder}Cargo\\056lock\"") } else { format!("{folder}{base}") };
    if rng.one_in(8) { "/dev/null".to_owned() } else { format!("{name}{time}") }
}

/// The `---` and `+++` lines of a text of hunks, if it has any.
fn names(text: &str, one: &str, two: &str) -> String {
    if text.is_empty() { String::new() } else { format!("--- {one}\n+++ {two}\n{text}") }
}

/// One section of a git diff: created, deleted, renamed, copied, changed.
pub fn section(rng: &mut Rng, files: &mut BTreeMap<&'static str, Lines>) -> String {
    let path = ["Cargo.lock", "other.txt", "sub/third.lock"][rng.below(3)];
    let other = ["Cargo.lock", "moved.lock", "sub/third.lock"][rng.below(3)];
    let old = files.get(path).cloned().unwrap_or_default();
    let head = |new: &str| format!("diff --git a/{path} b/{new}\n");
    match rng.below(if files.contains_key(path) { 5 } else { 1 }) {
        0 => {
            let new = file(rng, 6);
            let ops: Vec<Op> = new.iter().cloned().map(Op::Add).collect();
            files.insert(path, new.clone());
            let id = if new.is_empty() { "e69de29" } else { "89abcde" };
            let text = names(&hunks(&ops, 3), "/dev/null", &format!("b/{path}"));
            format!("{}new file mode 100644\nindex 0000000..{id}\n{text}", head(path))
        }
        1 => {
            let ops: Vec<Op> = old.iter().cloned().map(Op::Drop).collect();
            files.remove(path);
            let id = if old.is_empty() { "e69de29" } else { "89abcde" };
            let text = names(&hunks(&ops, 3), &format!("a/{path}"), "/dev/null");
            format!("{}deleted file mode 100644\nindex {id}..0000000\n{text}", head(path))
        }
        kind => moved(rng, files, kind, (path, other)),
    }
}

/// A section that renames, copies or changes a file.
fn moved(
    rng: &mut Rng,
    files: &mut BTreeMap<&'static str, Lines>,
    kind: usize,
    (path, other): (&'static str, &'static str),
) -> String {
    let old = files.get(path).cloned().unwrap_or_default();
    let head = |new: &str| format!("diff --git a/{path} b/{new}\n");

    let ops = edit(rng, &old);
    let text = if rng.one_in(3) { String::new() } else { hunks(&ops, 3) };
    let new = if text.is_empty() { old } else { after(&ops) };
    let word = match kind {
        2 => "rename",
        3 => "copy",
        _ => {
            files.insert(path, new);
            let text = names(&text, &format!("a/{path}"), &format!("b/{path}"));
            let mode = if text.is_empty() { "old mode 100644\nnew mode 100755\n" } else { "" };
            return format!("{}{mode}{text}", head(path));
        }
    };
    if word == "rename" {
        files.remove(path);
    }
    files.insert(other, new);
    let text = names(&text, &format!("a/{path}"), &format!("b/{other}"));
    format!("{}similarity index 90%\n{word} from {path}\n{word} to {other}\n{text}", head(other))
}
