//! The command `review`.

use super::args::{Evidence, Format, Review};
use super::output::print;
use super::{Context, Usage};
use crate::app::review::{self as app, Options};
use crate::config::Date;
use crate::finding::read::Unreadable;
use crate::io::commit::LocalObjects;
use crate::io::files::Files;
use crate::io::{AdvisorySource, Setup, Workspace};
use crate::registry;
use crate::report::{self, Exit, Report};
use crate::review::checklist::{self, quoted};
use crate::review::render;
use std::sync::Arc;

/// Reviews the change of the checkout.
pub(super) async fn review(args: &Review, context: Context<'_>) -> anyhow::Result<Exit> {
    let usage = |why: Unreadable| anyhow::Error::from(Usage(why.into()));
    let mut setup = context.setup(&args.locks);
    setup.project = context.project();
    set_evidence(&args.evidence, &mut setup);
    let local = LocalObjects::around(&setup.project).map_err(usage)?;
    let local = Arc::new(local.ok_or_else(|| Usage("the project is in no git repository".into()))?);
    let folder = local.prefix_of(&setup.project).map_err(usage)?;
    let head = match &args.head {
        Some(rev) => local.rev(rev).map_err(usage)?,
        None => local.head().map_err(usage)?,
    };
    let named = args.base.clone().or_else(|| local.default_base());
    let named =
        named.ok_or_else(|| Usage("there is no main branch here; name what to compare with: --base REV".into()))?;
    let base = local.rev(&named).map_err(usage)?;
    let base = local.merge_base(&base, &head).map_err(usage)?.unwrap_or(base);
    let at = |commit: &str| Files::at(local.clone(), commit, &folder).map_err(usage);
    let new = match &args.head {
        Some(_) => at(&head)?,
        None => Files::new(&setup.project)?,
    };
    let old = Arc::new(Workspace::over(at(&base)?, setup, Arc::new(|_| ()))?);
    let new = Arc::new(old.beside(new));
    let committed = if args.head.is_none() { Some(at(&head)?) } else { None };
    let options = Options {
        elements: args.elements.clone(),
        deep: args.evidence.deep.or(old.config.bot.deep).unwrap_or(true),
        regenerated: false,
        bumped: bumped(&local, &head, committed.as_ref().map(|files| (&*new, files)))?,
        as_of: args.as_of.map(Date::end),
    };
    let mut reviewed = app::review(&old, &new, &options).await?;
    // Without a change there is nothing to tick.
    if !reviewed.touched.is_empty() {
        reviewed.review.checklist = checklist::points(&reviewed.report, &[], ("", ""));
    }
    reviewed.review.findings.splice(0..0, std::mem::take(&mut reviewed.unknown));
    reviewed.review.reproduce = vec![format!("cargo2-bot review --base {base} {}", quoted(&reviewed.touched))];
    let color = context.colored(&std::io::stdout());
    let findings = reviewed.review.findings.clone();
    let report = Report { findings, ..reviewed.report };
    print(&match context.common.format {
        Format::Human => render::human(&reviewed.review, color),
        Format::Json => format!("{:#}\n", render::json(&reviewed.review)),
        Format::Markdown => {
            let crate_diff = render::CRATE_DIFF.to_owned();
            let links = render::Links { crate_page: old.crate_page(), crate_diff, ..render::Links::default() };
            render::comment(
                &reviewed.review,
                &render::Frame { links, ..render::Frame::default() },
                render::COMMENT_LIMIT,
            )
        }
        Format::Github => report::github::report(&report),
        Format::Gitlab => report::gitlab::report(&report),
        Format::Sarif => report::sarif::report(&report, &registry::all()),
    })?;
    Ok(report.exit())
}

/// The time of the change: that of its commit. Elements that are not as in the commit that is checked out are not committed, and have none.
fn bumped(local: &LocalObjects, head: &str, checkout: Option<(&Workspace, &Files)>) -> anyhow::Result<Option<i64>> {
    if let Some((now, committed)) = checkout {
        let folder = format!("{}/", now.snapshot()?.project.element_path);
        if !now.files.same(committed, &folder) {
            return Ok(None);
        }
    }
    Ok(Some(local.committed(head).map_err(|why| Usage(why.into()))?))
}

/// Applies the sources of evidence. An index or a mirror that the command line names is trusted.
pub(super) fn set_evidence(evidence: &Evidence, setup: &mut Setup) {
    setup.index.clone_from(&evidence.index);
    setup.trusted.extend(evidence.index.iter().map(|url| url.trim_start_matches("sparse+").to_owned()));
    setup.services = true;
    setup.publishers = evidence.publishers;
    setup.advisories = evidence.advisories.as_deref().map(AdvisorySource::named);
    if let Some(AdvisorySource::Mirror(url)) = &setup.advisories {
        setup.trusted.push(url.clone());
    }
}
