//! The commands `completions` and `man`.

use super::Usage;
use super::args::{Cli, Completions, Man};
use super::output::print;
use crate::io::files;
use crate::report::Exit;
use clap::CommandFactory as _;

/// Prints the completions for a shell.
pub(super) fn completions(args: &Completions) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cargo2-bot", &mut text);
    print(&String::from_utf8_lossy(&text)).map(|()| Exit::Done)
}

/// Prints the manual page of the program, or writes one for it and one for each command to a folder.
pub(super) fn man(args: &Man) -> anyhow::Result<Exit> {
    let mut cli = Cli::command();
    cli.build();
    let Some(folder) = &args.folder else {
        return print(&page(&cli)?).map(|()| Exit::Done);
    };
    if !files::is_folder(folder) {
        return Err(Usage(format!("`{}` is not a folder", folder.display())).into());
    }
    let commands = cli.get_subcommands().filter(|command| command.get_name() != "help");
    for command in std::iter::once(&cli).chain(commands) {
        // `cargo2-bot-check` and so on, since the command was built.
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        files::write_named(&folder.join(format!("{name}.1")), &page(command)?)?;
    }
    Ok(Exit::Done)
}

fn page(command: &clap::Command) -> anyhow::Result<String> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    Ok(String::from_utf8(text)?)
}
