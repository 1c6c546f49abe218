//! The command `demo`: runs the steps of [`Demo`] as if a user had typed them, and stops at one that does not do what it should.

use super::args::{Cli, Common};
use super::output::print;
use super::{Context, dispatch};
use crate::app::demo::{CONCLUSION, Demo, INTRODUCTION, STEPS};
use crate::report::Exit;
use clap::Parser as _;

/// Plays the demo.
pub(super) async fn demo(context: Context<'_>) -> anyhow::Result<Exit> {
    let demo = Demo::prepare()?;
    print(INTRODUCTION)?;
    for step in &STEPS {
        let command = step.shown.join(" ");
        print(&format!("\n{}\n\n$ cargo2-bot {command}\n", step.purpose))?;
        let parsed = Cli::try_parse_from(std::iter::once("cargo2-bot".to_owned()).chain(demo.arguments(step)))?;
        let common = Common { color: context.common.color, ..parsed.common };
        let exit = dispatch(&parsed.command, Context { common: &common, ..context }).await?;
        print(&format!("(exit code {})\n", exit as u8))?;
        anyhow::ensure!(exit == step.expected, "`{command}` ended with another exit code than {}", step.expected as u8);
    }
    drop(demo);
    print(&format!("\n{CONCLUSION}"))?;
    Ok(Exit::Done)
}
