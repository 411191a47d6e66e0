//! What the lines of a dump flow into.

use std::ops::ControlFlow;

use anyhow::{Context, Result};
use kprep_ingest::wikidata::{Counts, Extract, KnownIds, Line, Row};
use kprep_schemas::{
    Entity, EntityId, Manifest, Parts, Place, Position, Property, Provenance, Reject, Table,
    Triple, visit_text_column,
};
use serde_json::json;

use super::read::Piece;
use super::{Args, card};
use crate::errors::Errors;

/// The three tables, and what is known of the lines so far.
pub(super) struct Build {
    parts: Parts,
    entities: Table<Entity>,
    triples: Table<Triple>,
    properties: Table<Property>,
    /// Every id that a line defines, kept or not.
    known: KnownIds,
    pub(super) counts: Counts,
    errors: Errors,
    source: String,
    /// Where the part starts, and how long it is at least.
    part_start: u64,
    part_bytes: u64,
    /// Entities to read at most.
    limit: u64,
}

impl Build {
    /// Starts, or goes on behind the finished parts.
    pub(super) fn open(parts: Parts, args: &Args) -> Result<Self> {
        let mut errors = Errors::new(args.tables.max_errors, args.tables.quiet);
        let mut counts = Counts::default();
        let damaged = || format!("{}: its progress file is damaged", args.out.display());
        if parts.finished() > 0 {
            let state = parts.state();
            counts = serde_json::from_value(state["counts"].clone()).with_context(damaged)?;
            errors.count = state["errors"].as_u64().with_context(damaged)?;
        }
        let name = args.dump.file_name().unwrap_or_default();
        Ok(Self {
            entities: parts.table("entities")?,
            triples: parts.table("triples")?,
            properties: parts.table("properties")?,
            known: KnownIds::from_bytes(&parts.memory()?).with_context(damaged)?,
            counts,
            errors,
            source: name.to_string_lossy().into_owned(),
            part_start: parts.next().byte,
            part_bytes: args.tables.part_bytes,
            limit: args.limit.unwrap_or(u64::MAX),
            parts,
        })
    }

    pub(super) fn add(&mut self, piece: Piece) -> Result<ControlFlow<()>> {
        let (lines, end) = match piece {
            Piece::Lines(lines, end) => (lines, end),
            Piece::Broken(message) => {
                self.errors.file(&message)?;
                return Ok(ControlFlow::Continue(()));
            }
        };
        for (at, line) in lines {
            if self.counts.lines == self.limit {
                return Ok(ControlFlow::Break(()));
            }
            self.add_line(at, line)?;
        }
        if end.byte - self.part_start >= self.part_bytes {
            self.end_part(end)?;
        }
        Ok(ControlFlow::Continue(()))
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
                self.known.insert(id);
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
        } = extract;
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
            input: 0,
            byte: end.byte,
            line: end.line,
            record: self.counts.lines,
        };
        let state = json!({"counts": self.counts, "errors": self.errors.count});
        self.part_start = end.byte;
        Ok(self
            .parts
            .end_part(tables, next, state, &self.known.to_bytes())?)
    }

    /// A second pass, over the objects of the statements alone: those that no line defines.
    pub(super) fn count_dangling(&mut self) -> Result<()> {
        self.triples.end_part()?;
        for shard in self.triples.shards() {
            visit_text_column(&shard, "object_id", |id| {
                let known = id.parse().is_ok_and(|id| self.known.contains(id));
                self.counts.dangling += u64::from(!known);
            })?;
        }
        Ok(())
    }

    /// Completes the tables and puts them in their place.
    pub(super) fn finish(self, provenance: &Provenance) -> Result<(Vec<Manifest>, Errors)> {
        let Self {
            parts,
            entities,
            triples,
            properties,
            counts,
            errors,
            ..
        } = self;
        let with = |funnel| Provenance {
            funnel,
            ..provenance.clone()
        };
        let manifests = vec![
            entities.finish(with(counts.items_funnel()), &card::entities())?,
            triples.finish(with(counts.triples_funnel()), &card::triples())?,
            properties.finish(with(counts.properties_funnel()), &card::properties())?,
        ];
        parts.publish()?;
        Ok((manifests, errors))
    }
}
