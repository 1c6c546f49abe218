use super::*;

fn workflow(text: &str) -> Workflow {
    read(&Arc::new(SourceText::new("w.yml", text)), "elements").unwrap()
}

/// The first job of a workflow whose job has these lines.
fn only_job(lines: &str) -> Job {
    let lines: String = lines.lines().map(|l| format!("    {l}\n")).collect();
    workflow(&format!("jobs:\n  j:\n{lines}")).jobs.remove(0)
}

fn matrix(include: &str) -> Job {
    only_job(&format!(
        "strategy:\n  matrix:\n    include:\n{}",
        include.lines().map(|l| format!("    {l}\n")).collect::<String>()
    ))
}

#[test]
fn groups_and_flags_say_what_merges() {
    let policy = |keys: &str| matrix(&format!("- element: a.bst\n{keys}")).entries[0].policy();
    assert_eq!(policy("  group: auto-merge\n"), Policy::Auto);
    assert_eq!(policy("  group: 'Manual_Merge'\n"), Policy::Manual);
    assert_eq!(policy("  group: bluefin\n"), Policy::Open);
    assert_eq!(policy("  group: manual-merge\n  auto_merge: true\n"), Policy::Auto);
    assert_eq!(policy("  group: elements\n  automerge: false\n"), Policy::Manual);
    assert_eq!(policy(""), Policy::Open);
}

#[test]
fn a_matrix_that_is_made_while_running_is_dynamic() {
    for dynamic in [
        "matrix: ${{ fromJSON(needs.a.outputs.m) }}",
        "matrix:\n    include: ${{ fromJSON(x) }}",
        "matrix:\n    include:\n    - element: ${{ inputs.e }}",
    ] {
        let job = only_job(&format!("strategy:\n  {dynamic}\n"));
        assert!(matches!(job.matrix, Matrix::Dynamic(_)), "{dynamic}");
    }
    assert_eq!(only_job("strategy:\n  matrix:\n    arch: [a, b]\n").matrix, Matrix::None);
}

#[test]
fn an_axis_of_elements_is_a_list_of_entries() {
    let job = only_job("strategy:\n  matrix:\n    element: [a.bst, elements/b.bst]\n");
    assert_eq!(job.entries.iter().flat_map(MatrixEntry::elements).collect::<Vec<_>>(), ["a.bst", "b.bst"]);
}

#[test]
fn scripts_name_elements_and_leave_some_out() {
    let job = only_job(
        "steps:\n- run: |\n    # c.bst\n    F=\"elements/a.bst\"\n    TRACK_EXCLUDE=\"d.bst x/e.bst\"\n    bst source track --except f.bst x/b.bst\n    sed -i s/x/y/ \"$F\"\n",
    );
    assert_eq!(job.named.iter().collect::<Vec<_>>(), ["a.bst", "x/b.bst"]);
    assert_eq!(job.excluded.iter().collect::<Vec<_>>(), ["d.bst", "f.bst", "x/e.bst"]);
}

#[test]
fn tracking_without_names_tracks_all() {
    let tracks = |command: &str| only_job(&format!("steps:\n- run: |\n    {command}\n")).tracks;
    assert_eq!(tracks("bst source track \\\n      --except a.bst"), Tracks::All);
    assert_eq!(tracks("just track-all"), Tracks::All);
    assert_eq!(tracks("bst source track $ELEMENTS"), Tracks::Named);
    assert_eq!(tracks("echo source tracking"), Tracks::Nothing);
}

#[test]
fn what_is_too_large_or_no_yaml_is_refused() {
    let error = |text: String| read(&Arc::new(SourceText::new("w.yml", text)), "").unwrap_err().message;
    assert!(error("# x\n".repeat(300_000)).contains("more than 1048576 are not read"));
    assert_eq!(error("a: &x 1\n".into()), "anchors and tags are not read here");
    let many = format!(
        "jobs:\n  j:\n    strategy:\n      matrix:\n        include:\n        - elements: {}\n",
        "a.bst ".repeat(6000)
    );
    assert!(error(many).contains("more than 5000 elements"));
}

#[test]
fn the_groups_that_are_offered_are_found() {
    let text = "on:\n  workflow_dispatch:\n    inputs:\n      group:\n        options: [all, x]\njobs: {}\n";
    assert_eq!(workflow(text).offered.unwrap().as_list().unwrap().len(), 2);
    assert!(workflow("on: push\n").offered.is_none());
}
