//! The first pass over a dump: its redirects.

use std::ops::ControlFlow;

use anyhow::Result;
use kprep_ingest::{RedirectLoss, Redirects, RedirectsBuilder};

use crate::build::errors::Errors;
use crate::sources::wikipedia::read::{Part, Source};

use crate::sources::wikipedia::convert;

use super::args::Args;

/// First pass: the redirects. What is malformed is told of in the
/// second pass; here a broken file ends the run before anything is written.
pub(crate) fn redirects(args: &Args, source: &Source<'_>) -> Result<Redirects> {
    let mut builder = RedirectsBuilder::default();
    let mut errors = Errors::new(args.tables.errors.max_errors, true);
    let mut read = 0;
    let limit = args.limit.unwrap_or(u64::MAX);
    source.pages(
        |item| convert::redirect(item, &args.namespace),
        |part| {
            if read == limit {
                return Ok(ControlFlow::Break(()));
            }
            let pages = match part {
                Part::Pages(pages, _) => pages,
                Part::Broken(message) => {
                    errors.file(&message)?;
                    return Ok(ControlFlow::Continue(()));
                }
            };
            for page in pages {
                if read == limit {
                    return Ok(ControlFlow::Break(()));
                }
                read += 1;
                match page {
                    Some((title, Some(target))) => builder.add(&title, &target),
                    Some((title, None)) => builder.lose(RedirectLoss::NoPage, &title),
                    None => {}
                }
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    Ok(builder.finish())
}
