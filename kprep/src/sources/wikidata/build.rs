//! What the lines of a dump flow into.

mod rdf;

use std::ops::ControlFlow;

use anyhow::{Context, Result};
use kprep_ingest::wikidata::{Counts, Extract, KnownIds, Line, RdfEntity, Row, Selection};
use kprep_schemas::{
    Entity, EntityId, Manifest, Parts, Place, Position, Property, Provenance, Reject, Table,
    Triple, visit_text_column,
};
use serde_json::json;

use super::args::Args;
use super::card;
use super::read::Piece;
use crate::build::errors::Errors;

/// The three tables, and what is known of the lines so far.
pub(crate) struct Build {
    parts: Parts,
    entities: Table<Entity>,
    triples: Table<Triple>,
    properties: Table<Property>,
    /// Every id that a line defines, kept or not.
    known: KnownIds,
    /// Every id that stands for another one.
    redirects: KnownIds,
    pub(crate) counts: Counts,
    errors: Errors,
    /// The file of the dump: its number, and its name for messages.
    file: usize,
    source: String,
    /// Where the part starts, and how long it is at least.
    part_start: u64,
    part_bytes: u64,
    /// Entities to read at most.
    limit: u64,
    selection: Selection,
    /// The last entity of N-Triples so far, which may go on.
    pending: Option<RdfEntity>,
}

impl Build {
    /// Starts, or goes on behind the finished parts.
    pub(crate) fn open(parts: Parts, args: &Args, selection: &Selection) -> Result<Self> {
        let mut errors = Errors::new(args.tables.errors.max_errors, args.tables.run.quiet);
        let mut counts = Counts::default();
        let damaged = || format!("{}: its progress file is damaged", args.out.display());
        if parts.finished() > 0 {
            let state = parts.state();
            counts = serde_json::from_value(state["counts"].clone()).with_context(damaged)?;
            errors.count = state["errors"].as_u64().with_context(damaged)?;
        }
        let memory = parts.memory()?;
        let ids = KnownIds::read(&memory)
            .and_then(|(known, rest)| Some((known, KnownIds::read(rest)?.0)));
        let (known, redirects) = ids.with_context(damaged)?;
        Ok(Self {
            entities: parts.table("entities")?,
            triples: parts.table("triples")?,
            properties: parts.table("properties")?,
            known,
            redirects,
            counts,
            errors,
            file: parts.next().input,
            source: String::new(),
            part_start: parts.next().byte,
            part_bytes: args.tables.part_bytes,
            limit: args.limit.unwrap_or(u64::MAX),
            selection: selection.clone(),
            pending: None,
            parts,
        })
    }

    pub(crate) fn add(&mut self, piece: Piece) -> Result<ControlFlow<()>> {
        // What is wrong behind the last line that was asked for is nobody's concern.
        if self.counts.lines == self.limit {
            return Ok(ControlFlow::Break(()));
        }
        match piece {
            Piece::File(number, name) => return self.start_file(number, name),
            Piece::Lines(lines, end) => {
                for (at, line) in lines {
                    if self.counts.lines == self.limit {
                        return Ok(ControlFlow::Break(()));
                    }
                    self.add_line(at, line)?;
                }
                self.end_part_at(end)?;
            }
            Piece::Rdf(block) => return self.add_rdf(block),
            Piece::Broken(message) => self.errors.file(&message)?,
        }
        Ok(ControlFlow::Continue(()))
    }

    /// An entity does not go on in another file.
    fn start_file(&mut self, number: usize, name: String) -> Result<ControlFlow<()>> {
        let pending = self.pending.take();
        let more = self.add_pending(pending)?;
        if number != self.file {
            self.file = number;
            self.part_start = 0;
        }
        self.source = name;
        Ok(more)
    }

    /// Ends the part here if it is long enough.
    fn end_part_at(&mut self, place: Position) -> Result<()> {
        if place.byte.saturating_sub(self.part_start) >= self.part_bytes {
            self.end_part(place)?;
        }
        Ok(())
    }

    fn add_line(&mut self, at: Position, line: Line) -> Result<()> {
        self.counts.lines += 1;
        match line {
            Line::Bracket => {}
            Line::Malformed(why) => {
                self.counts.malformed += 1;
                self.errors.record(&format!("{}, {at}: {why}", self.source));
                let reject = Reject::at(&self.source, at, "malformed line", why);
                self.entities.reject(&reject)?;
            }
            Line::OtherKind(id) => {
                self.counts.other_kind += 1;
                self.known.insert(id);
            }
            Line::Redirect(id) => {
                self.counts.redirects += 1;
                self.redirects.insert(id);
            }
            Line::NotKept(id) => {
                if self.is_new(at, id)? {
                    self.counts.not_kept += 1;
                }
            }
            Line::Entity(extract) => {
                if self.is_new(at, extract.id)? {
                    self.add_entity(at, *extract)?;
                }
            }
        }
        Ok(())
    }

    fn is_new(&mut self, at: Position, id: EntityId) -> Result<bool> {
        let new = self.known.insert(id);
        if !new {
            self.counts.repeated += 1;
            let reject = Reject::at(&self.source, at, "id came before", id.to_string());
            self.entities.reject(&reject)?;
        }
        Ok(new)
    }

    fn add_entity(&mut self, at: Position, extract: Extract) -> Result<()> {
        let Extract {
            id,
            row,
            triples,
            counts,
            unreadable,
            odd_terms,
        } = extract;
        self.counts.odd_terms += odd_terms;
        match row {
            Row::Item(item) => self.entities.push(item)?,
            Row::Property(property) | Row::Name(property) => {
                self.counts.properties += 1;
                self.properties.push(property)?;
            }
        }
        self.counts.statements.add(counts);
        for triple in triples {
            self.triples.push(triple)?;
        }
        for (property, why) in unreadable {
            let mut reject = Reject::at(
                &self.source,
                at,
                "unreadable value",
                format!("{property}: {why}"),
            );
            reject.doc_id = Some(id.to_string());
            self.triples.reject(&reject)?;
        }
        Ok(())
    }

    fn end_part(&mut self, end: Position) -> Result<()> {
        let tables = [
            self.entities.end_part()?,
            self.triples.end_part()?,
            self.properties.end_part()?,
        ];
        let next = Place {
            input: self.file,
            byte: end.byte,
            line: end.line,
            record: self.counts.lines,
        };
        let state = json!({"counts": self.counts, "errors": self.errors.count});
        self.part_start = end.byte;
        let mut memory = self.known.to_bytes();
        memory.extend(self.redirects.to_bytes());
        Ok(self.parts.end_part(tables, next, state, &memory)?)
    }

    /// A second pass, over the objects of the statements alone: those that stand for another
    /// entity, and those that no line defines.
    pub(crate) fn count_objects(&mut self) -> Result<()> {
        self.triples.end_part()?;
        for shard in self.triples.shards() {
            visit_text_column(&shard, "object_id", |id| {
                let id = id.parse().ok();
                let is_in = |ids: &KnownIds| id.is_some_and(|id| ids.contains(id));
                let count = match (is_in(&self.known), is_in(&self.redirects)) {
                    (true, _) => return,
                    (false, true) => &mut self.counts.redirected,
                    (false, false) => &mut self.counts.dangling,
                };
                *count += 1;
            })?;
        }
        Ok(())
    }

    /// Completes the tables and puts them in their place.
    pub(crate) fn finish(
        self,
        provenance: &Provenance,
        command_line: &[String],
    ) -> Result<(Vec<Manifest>, Errors)> {
        let Self {
            parts,
            entities,
            triples,
            properties,
            counts,
            errors,
            selection,
            ..
        } = self;
        let with = |funnel| Provenance {
            funnel,
            ..provenance.clone()
        };
        let manifests = vec![
            entities.finish(
                with(counts.items_funnel()),
                &card::entities(&selection.langs, command_line),
            )?,
            triples.finish(
                with(counts.triples_funnel()),
                &card::triples(&selection.langs, command_line),
            )?,
            properties.finish(
                with(counts.properties_funnel()),
                &card::properties(&selection.langs, command_line),
            )?,
        ];
        parts.publish(&manifests)?;
        Ok((manifests, errors))
    }
}
