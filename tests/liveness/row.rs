//! A row of the table: an ordinary pull request, and what it takes to merge it.

use crate::scene::{Entry, Scene};

/// What people have to do before it merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    OneApproval,
}

pub struct Row {
    pub name: String,
    /// What is on the base branch.
    pub base: Vec<Entry>,
    pub who: &'static str,
    pub files: Vec<Entry>,
    pub takes: Takes,
}

/// A harmless row of somebody's.
pub fn harmless(name: &str, who: &'static str, base: &[Entry], files: &[Entry]) -> Row {
    Row { name: name.to_owned(), base: base.to_vec(), who, files: files.to_vec(), takes: Takes::Nothing }
}

/// A row that is held until somebody approves it.
pub fn approved(name: &str, who: &'static str, base: &[Entry], files: &[Entry]) -> Row {
    Row { takes: Takes::OneApproval, ..harmless(name, who, base, files) }
}

/// Carries a row out. Err: what went wrong.
fn lived(row: &Row) -> Result<(), String> {
    let scene = Scene::on(&row.base);
    let number = scene.pull_by(row.who, "topic", &row.files);
    scene.run();
    if row.takes == Takes::OneApproval {
        if scene.is_green(number) {
            return Err("it is not held".into());
        }
        // Whoever did not write it.
        scene.approve(number, if row.who == "ann" { "bob" } else { "ann" });
        scene.run();
    }
    let shown = |scene: &Scene| {
        let all = scene.holds(&scene.sha(number)).into_iter();
        all.map(|run| format!("{:?} {:?} {:?}", run.conclusion, run.title, run.summary)).collect::<Vec<_>>().join("; ")
    };
    scene.ask_merge("tracker[bot]", number, "merge").map(drop).map_err(|why| format!("{why}: {}", shown(&scene)))
}

/// Carries rows out, and asserts that each merges. Returns how many there are.
#[track_caller]
pub fn live(rows: &[Row]) -> usize {
    let failed: Vec<String> =
        rows.iter().filter_map(|row| Some(format!("{}: {}", row.name, lived(row).err()?))).collect();
    assert!(failed.is_empty(), "{} of {} do not merge:\n{}", failed.len(), rows.len(), failed.join("\n"));
    rows.len()
}
