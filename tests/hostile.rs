//! Hostile input end to end: each case feeds the program something that somebody made to break it, and says exactly what must
//! happen. The tables are in the files below, one line a case: its name, what is fed, what must happen, how it is fed.
//!
//! | what is fed | files |
//! | --- | --- |
//! | files of the checkout | `yaml`, `paths`, `locks`, `generated`, `workflows` |
//! | what sources stage | `archives`, `patches`, `objects`, `git` |
//! | addresses, and who answers there | `urls`, `redirects`, `registry` |
//! | what GitHub sends | `events`, `comments` |
//! | text that is shown | `shown` |
//! | seeds of the fuzz targets, changed at random | `mutated`, inside the process |
//!
//! Every case that starts the program also asserts, in `lab` and `canary`: it ends within a bounded time and a bounded address
//! space, it leaves no temporary file, it changes no file where it must not, and no secret of its surroundings is in what it
//! prints or logs, in any file that it writes, or in any request that it sends to a foreign host.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    reason = "a test that reports, whose tables read better with values"
)]

#[macro_use]
#[path = "hostile/case.rs"]
mod case;
#[path = "hostile/archives.rs"]
mod archives;
#[path = "hostile/canary.rs"]
mod canary;
#[path = "hostile/comments.rs"]
mod comments;
#[path = "hostile/events.rs"]
mod events;
#[path = "hostile/generated.rs"]
mod generated;
#[path = "hostile/git.rs"]
mod git;
#[path = "hostile/lab.rs"]
mod lab;
#[path = "hostile/locks.rs"]
mod locks;
#[path = "hostile/mutated.rs"]
mod mutated;
#[path = "hostile/objects.rs"]
mod objects;
#[path = "hostile/patches.rs"]
mod patches;
#[path = "hostile/paths.rs"]
mod paths;
#[path = "hostile/redirects.rs"]
mod redirects;
#[path = "hostile/registry.rs"]
mod registry;
#[path = "hostile/served.rs"]
mod served;
#[path = "hostile/shown.rs"]
mod shown;
#[path = "hostile/urls.rs"]
mod urls;
#[path = "hostile/workflows.rs"]
mod workflows;
#[path = "hostile/yaml.rs"]
mod yaml;

#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "support/git_http.rs"]
mod git_http;
#[allow(dead_code, reason = "shared with the runs")]
#[path = "run/world.rs"]
mod github;
#[path = "../src/io/archive/testing.rs"]
mod packed;
#[path = "support/packs.rs"]
mod packs;
mod support;

/// The cases of all tables.
fn all() -> Vec<(&'static str, &'static str)> {
    let tables: [&[(&str, &str)]; 14] = [
        archives::CASES,
        comments::CASES,
        events::CASES,
        generated::CASES,
        git::CASES,
        locks::CASES,
        objects::CASES,
        patches::CASES,
        paths::CASES,
        redirects::CASES,
        registry::CASES,
        shown::CASES,
        urls::CASES,
        workflows::CASES,
    ];
    [tables.concat(), yaml::CASES.to_vec()].concat()
}

#[test]
fn every_case_has_a_name_and_a_feed_of_its_own() {
    let all = all();
    for (name, fed) in &all {
        let same = all.iter().filter(|(n, f)| n == name || f == fed).count();
        assert_eq!(same, 1, "{name}: {fed}");
    }
    assert!(all.len() >= 100, "{} cases", all.len());
}
