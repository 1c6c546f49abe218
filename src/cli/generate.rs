//! The command `generate`.

use super::args::{Format, Generate};
use super::output::{print, rendered};
use super::{Context, Usage};
use crate::app::generate as app;
use crate::cargo2::{block, lock};
use crate::io::files;
use crate::report::{self, Exit, Report};
use crate::text::SourceText;
use anyhow::Context as _;
use std::io::{Read as _, Write as _};
use std::path::Path;

/// Prints the block for a lock.
pub(super) fn generate(args: &Generate, context: Context<'_>) -> anyhow::Result<Exit> {
    let name = args.lock.display().to_string();
    let bytes = if args.lock == Path::new("-") {
        let mut bytes = Vec::new();
        // One byte more than a lock may have, so that a longer one is refused as such.
        let limit = u64::try_from(lock::MAX_LOCK).unwrap_or(u64::MAX).saturating_add(1);
        std::io::stdin().take(limit).read_to_end(&mut bytes).context("standard input cannot be read")?;
        bytes
    } else {
        files::read(&args.lock).map_err(|e| Usage(format!("the lock `{name}`: {e}")))?
    };
    let text = String::from_utf8(bytes).map_err(|_| Usage(format!("the lock `{name}` is not UTF-8")))?;
    let config = block::Config { git_mirrors: args.git_mirror.clone() };
    let request = app::Request { layout: args.layout.into(), config, crates_url: args.crates_url.clone() };
    match app::generate(&SourceText::new(&name, text), &request) {
        Ok(block) => print(&block).map(|()| Exit::Done),
        Err(findings) => {
            let report = Report { findings, ..Report::default() };
            let text = match context.common.format {
                Format::Human => report::human::findings(&report.findings, context.colored(&std::io::stderr())),
                _ => rendered(&report, context.common.format, false),
            };
            std::io::stderr().write_all(text.as_bytes())?;
            Ok(Exit::Findings)
        }
    }
}
