//! The entities of N-Triples, which may go on in the next block.

use std::mem;
use std::ops::ControlFlow;

use anyhow::Result;
use kprep_ingest::wikidata::{Faults, Line, RdfBlock, RdfEntity};

use super::Build;

impl Build {
    /// Adds the entities of a block of N-Triples but for the last one, which may go on in the next.
    /// A part ends before an entity, wherever the blocks do.
    pub(super) fn add_rdf(&mut self, block: RdfBlock) -> Result<ControlFlow<()>> {
        match &mut self.pending {
            Some(pending) => pending.faults.extend(block.before),
            None => self.add_faults(block.before)?,
        }
        for entity in block.entities {
            match &mut self.pending {
                Some(pending) if pending.id == entity.id => pending.merge(entity),
                _ => {
                    let start = entity.start;
                    let before = self.pending.replace(entity);
                    if self.add_pending(before)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    self.end_part_at(start)?;
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Adds the entity before, which is complete.
    pub(super) fn add_pending(&mut self, entity: Option<RdfEntity>) -> Result<ControlFlow<()>> {
        let Some(mut entity) = entity else {
            return Ok(ControlFlow::Continue(()));
        };
        if self.counts.lines == self.limit {
            self.pending = None;
            return Ok(ControlFlow::Break(()));
        }
        let (at, faults) = (entity.start, mem::take(&mut entity.faults));
        let line = entity.finish(&self.selection);
        self.add_line(at, line)?;
        self.add_faults(faults)?;
        Ok(ControlFlow::Continue(()))
    }

    fn add_faults(&mut self, faults: Faults) -> Result<()> {
        self.counts.unknown += faults.unknown;
        for (at, why) in faults.malformed {
            self.add_line(at, Line::Malformed(why))?;
        }
        Ok(())
    }

    /// Adds what is left when the dump was read.
    pub(crate) fn finish_reading(&mut self) -> Result<()> {
        let pending = self.pending.take();
        self.add_pending(pending).map(drop)
    }
}
