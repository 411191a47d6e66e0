//! What the pages of a dump flow into.

use std::collections::HashSet;
use std::mem;
use std::ops::ControlFlow;

use anyhow::{Context, Result};
use kprep_ingest::{RedirectLoss, Redirects, RedirectsBuilder};
use kprep_schemas::{
    Funnel, Manifest, Page, Parts, Place, Provenance, Redirect, Reject, Table, stable_hash,
};
use serde_json::json;

use super::args::Args;
use super::card;
use super::convert::{self, Made, Outcome};
use super::loss::{Counts, Loss};
use super::read::Part;
use crate::build::errors::Errors;

/// The two tables, and what is known of the pages so far.
pub(crate) struct Build {
    parts: Parts,
    pages: Table<Page>,
    redirects: Table<Redirect>,
    /// The languages of the files so far.
    languages: Vec<String>,
    /// The redirects so far, as the dump states them.
    stated: RedirectsBuilder,
    pub(crate) counts: Counts,
    errors: Errors,
    /// Hashes of the titles so far.
    titles: HashSet<u64>,
    /// Where the part starts, and how long it is at least.
    part_start: Place,
    part_bytes: u64,
    /// Pages to read at most.
    limit: u64,
}

impl Build {
    /// Starts, or goes on behind the finished parts.
    pub(crate) fn open(parts: Parts, args: &Args) -> Result<Self> {
        let mut errors = Errors::new(args.tables.errors.max_errors, args.tables.run.quiet);
        let mut counts = Counts::default();
        let damaged = || format!("{}: its progress file is damaged", args.out.display());
        if parts.finished() > 0 {
            let state = parts.state();
            counts = serde_json::from_value(state["counts"].clone()).with_context(damaged)?;
            errors.count = state["errors"].as_u64().with_context(damaged)?;
        }
        let memory = parts.memory()?;
        let (hashes, _) = memory.as_chunks();
        Ok(Self {
            pages: parts.table("pages")?,
            redirects: parts.table("redirects")?,
            languages: Vec::new(),
            stated: RedirectsBuilder::default(),
            counts,
            errors,
            titles: hashes
                .iter()
                .map(|hash| u64::from_le_bytes(*hash))
                .collect(),
            part_start: parts.next(),
            part_bytes: args.tables.part_bytes,
            limit: args.limit.unwrap_or(u64::MAX),
            parts,
        })
    }

    pub(crate) fn add(&mut self, part: Part<Outcome>) -> Result<ControlFlow<()>> {
        match part {
            Part::Language(language) => self.languages.push(language),
            Part::Before(redirects) => {
                for redirect in &redirects {
                    self.add_redirect(redirect);
                }
            }
            // What is wrong behind the last page that was asked for is nobody's concern.
            Part::Pages(..) | Part::Broken(_) if self.counts.read == self.limit => {
                return Ok(ControlFlow::Break(()));
            }
            Part::Pages(pages, end) => return self.add_pages(pages, end),
            Part::Broken(message) => self.errors.file(&message)?,
        }
        Ok(ControlFlow::Continue(()))
    }

    fn add_pages(&mut self, pages: Vec<Outcome>, end: Place) -> Result<ControlFlow<()>> {
        for page in pages {
            if self.counts.read == self.limit {
                return Ok(ControlFlow::Break(()));
            }
            self.counts.read += 1;
            self.add_page(page)?;
        }
        if self.part_start.input != end.input {
            self.part_start = Place {
                input: end.input,
                ..Place::default()
            };
        }
        if end.byte.saturating_sub(self.part_start.byte) >= self.part_bytes {
            self.end_part(end)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn add_page(&mut self, page: Outcome) -> Result<()> {
        let Outcome { source, at, made } = page;
        let (loss, id, detail) = match made {
            Made::Row(row, links) => {
                if self.titles.insert(stable_hash([row.title.as_bytes()])) {
                    self.counts.add(&row, &links);
                    return Ok(self.pages.push(*row)?);
                }
                (Loss::Repeated, Some(row.id), row.title)
            }
            Made::Redirect(redirect) => {
                self.add_redirect(&redirect);
                (Loss::Redirect, None, String::new())
            }
            Made::Lost(loss, id, detail) => (loss, id, detail),
        };
        self.counts.lose(loss);
        if loss.is_passed_over() {
            return Ok(());
        }
        let reject = Reject {
            doc_id: id,
            ..Reject::at(&source, at, loss.reason(), detail)
        };
        if loss.is_error() {
            let (reason, detail) = (reject.reason, &reject.detail);
            self.errors
                .record(&format!("{source}, {at}: {reason}: {detail}"));
        }
        Ok(self.pages.reject(&reject)?)
    }

    fn add_redirect(&mut self, redirect: &convert::Redirect) {
        let title = &redirect.title;
        match &redirect.target {
            Some(target) => self.stated.add(title, target),
            None => self.stated.lose(RedirectLoss::NoPage, title),
        }
    }

    fn end_part(&mut self, end: Place) -> Result<()> {
        let tables = [self.pages.end_part()?, self.redirects.end_part()?];
        let state = json!({"counts": self.counts, "errors": self.errors.count});
        let mut titles: Vec<u64> = self.titles.iter().copied().collect();
        titles.sort_unstable();
        let memory: Vec<u8> = titles.into_iter().flat_map(u64::to_le_bytes).collect();
        self.part_start = end;
        Ok(self.parts.end_part(tables, end, state, &memory)?)
    }

    /// The second table, once all pages are read.
    pub(crate) fn add_redirects(&mut self) -> Result<Redirects> {
        let redirects = mem::take(&mut self.stated).finish();
        for (title, target) in redirects.iter() {
            self.redirects.push(Redirect {
                title: title.to_owned(),
                target: target.to_owned(),
            })?;
        }
        for (loss, title) in &redirects.lost {
            self.redirects.reject(&Reject {
                reason: loss.reason(),
                detail: title.clone(),
                ..Reject::default()
            })?;
        }
        Ok(redirects)
    }

    /// Completes the tables and puts them in their place.
    pub(crate) fn finish(
        self,
        provenance: &Provenance,
        redirects: &Redirects,
        command_line: &[String],
    ) -> Result<(Vec<Manifest>, Errors)> {
        let languages = kprep_schemas::languages(self.languages.iter().map(String::as_str));
        let of_redirects = Provenance {
            funnel: redirects_funnel(redirects),
            ..provenance.clone()
        };
        let manifests = vec![
            self.pages.finish(
                provenance.clone(),
                &card::pages(&self.counts, languages.clone(), command_line.to_vec()),
            )?,
            self.redirects.finish(
                of_redirects,
                &card::redirects(languages, command_line.to_vec()),
            )?,
        ];
        self.parts.publish(&manifests)?;
        Ok((manifests, self.errors))
    }
}

fn redirects_funnel(redirects: &Redirects) -> Funnel {
    let read = redirects.iter().len() + redirects.lost.len();
    let mut funnel = Funnel::new("redirects", read as u64);
    let losses = RedirectLoss::ALL.map(|loss| {
        let lost = redirects.lost.iter().filter(|(other, _)| *other == loss);
        (loss.reason(), lost.count() as u64)
    });
    funnel.stage("kept", losses);
    funnel
}
