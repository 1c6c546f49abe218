//! The inputs of the action are the flags of `run`.

use super::{action, mapping};
use clap::CommandFactory as _;
use std::collections::BTreeMap;

/// Flags of `run` with their defaults: its own, and those that all commands share.
fn flags(global: bool) -> BTreeMap<String, String> {
    let mut cli = cargo2_bot::cli::args::Cli::command();
    cli.build();
    let run = cli.find_subcommand("run").expect("`run` is a command");
    let flags = run.get_arguments().filter(|flag| flag.is_global_set() == global);
    let default = |flag: &clap::Arg| {
        flag.get_default_values().iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(",")
    };
    let named = flags.filter_map(|flag| Some((flag.get_long()?.to_owned(), default(flag))));
    named.filter(|(name, _)| name != "help" && name != "version").collect()
}

fn inputs() -> BTreeMap<String, String> {
    let words = |value: &serde_yaml::Value| value.as_str().unwrap().to_owned();
    let mut inputs: BTreeMap<_, _> =
        mapping(&action(), "inputs").iter().map(|(name, input)| (words(name), words(&input["default"]))).collect();
    // A command line can be read by others: the token goes by the environment.
    inputs.remove("token").unwrap();
    inputs
}

#[test]
fn inputs_are_the_flags_of_run() {
    let (own, shared, inputs) = (flags(false), flags(true), inputs());
    let missing: Vec<_> =
        inputs.keys().filter(|name| !own.contains_key(*name) && !shared.contains_key(*name)).collect();
    assert!(missing.is_empty(), "no flags for {missing:?}");
    // A mirror of the index is named by the environment.
    let more: Vec<_> = own.keys().filter(|name| !inputs.contains_key(*name) && *name != "index").collect();
    assert!(more.is_empty(), "no inputs for {more:?}");
}

#[test]
fn defaults_of_inputs_are_those_of_the_flags() {
    let mut flags = self::flags(false);
    flags.extend(self::flags(true));
    for (name, default) in inputs() {
        let flag = &flags[&name];
        // A switch has the default `false` by its nature, and some have the default in the code.
        let same = *flag == default || flag.is_empty() && (default.is_empty() || default == "false");
        assert!(same || name == "verbose", "{name}: `{default}` and `{flag}`");
    }
}
