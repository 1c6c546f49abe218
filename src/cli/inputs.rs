//! The inputs of the action as options of the command line.

use super::args::Cli;
use clap::CommandFactory as _;

/// The inputs of the action that set options of all commands.
const SHARED: [&str; 3] = ["project", "alias", "verbose"];

/// Adds the inputs of the action to the arguments as options, if the command is `run`. `input` gives an input by its name in
/// capitals. An option that is given wins, and an empty input is none: the runner sets every input that is declared.
#[must_use]
pub fn with_inputs(mut args: Vec<String>, input: impl Fn(&str) -> Option<String>) -> Vec<String> {
    if args.iter().skip(1).find(|arg| !arg.starts_with('-')).map(String::as_str) != Some("run") {
        return args;
    }
    let command = Cli::command();
    let own = command.find_subcommand("run").into_iter().flat_map(clap::Command::get_arguments);
    let names: Vec<String> = own.filter_map(|arg| arg.get_long().map(str::to_owned)).collect();
    for name in names.iter().map(String::as_str).chain(SHARED).filter(|name| *name != "help") {
        let flag = format!("--{name}");
        let given = args.iter().any(|arg| *arg == flag || arg.starts_with(&format!("{flag}=")));
        let value = input(&name.to_uppercase()).filter(|value| !value.trim().is_empty() && !given);
        match (name, value) {
            ("alias", Some(lines)) => {
                let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
                args.extend(lines.map(|line| format!("--alias={line}")));
            }
            ("verbose", Some(value)) if value.trim() == "true" => args.push("-v".to_owned()),
            ("verbose", _) | (_, None) => {}
            (_, Some(value)) => args.push(format!("{flag}={}", value.trim_end())),
        }
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(given: &[&str], inputs: &[(&str, &str)]) -> Vec<String> {
        let given = given.iter().map(|arg| (*arg).to_owned()).collect();
        with_inputs(given, |name| inputs.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn inputs_become_options_and_empty_ones_nothing() {
        let inputs =
            [("DRY-RUN", "true"), ("LABEL", ""), ("ALIAS", "a=b\nc=d\n"), ("VERBOSE", "true"), ("PROJECT", "p")];
        let all = args(&["cargo2-bot", "run"], &inputs);
        assert_eq!(all[2..], ["--dry-run=true", "--project=p", "--alias=a=b", "--alias=c=d", "-v"]);
    }

    #[test]
    fn an_option_wins_over_its_input_and_only_run_has_inputs() {
        assert_eq!(args(&["x", "run", "--label=mine"], &[("LABEL", "theirs")]), ["x", "run", "--label=mine"]);
        assert_eq!(args(&["x", "check"], &[("PROJECT", "p")]), ["x", "check"]);
    }
}
