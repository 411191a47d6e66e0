//! All sentences of all inputs, parsed in parallel, in order.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_ingest::{Error, Input, is_named, without_compression};
use kprep_parse::{Block, Chunks, Format, Parsed, Structure};

use super::WANTED;
use crate::build::inputs;
use crate::build::pipeline;

/// The inputs of a pass.
pub(crate) struct Source<'a> {
    pub(crate) inputs: &'a [Input],
    /// How the names of inputs in zip archives end, before the suffix of a compression.
    pub(crate) suffixes: &'a [&'a str],
    /// The format of all inputs; else their content tells it.
    pub(crate) format: Option<Format>,
    /// What heads must form.
    pub(crate) structure: Structure,
    pub(crate) threads: usize,
    /// Counts the stored bytes read.
    pub(crate) read: &'a Arc<AtomicU64>,
}

/// What the inputs hold, part by part.
pub(crate) enum Part {
    /// An input starts.
    Start {
        source: String,
        /// The document of its sentences, unless they name one.
        doc_id: String,
    },
    /// Sentences of the input.
    Sentences(Parsed),
    /// A file in an archive that is called otherwise than inputs are.
    PassedOver(String),
    /// The input cannot be read to its end, or not at all; the next one follows.
    Broken(String),
}

/// What is on the way to a worker.
enum Task {
    Block(Block),
    Done(Part),
}

type Send<'a> = &'a mut dyn FnMut(Task) -> ControlFlow<()>;

impl Source<'_> {
    /// Parses on several threads and gives the parts to `consume` in input order until it breaks.
    pub(crate) fn parts(&self, consume: impl FnMut(Part) -> Result<ControlFlow<()>>) -> Result<()> {
        pipeline::ordered(
            self.threads,
            |send| {
                // A break means that nobody listens any more, which is nothing to report.
                let _ = self
                    .inputs
                    .iter()
                    .try_for_each(|input| self.read(input, send));
                Ok(())
            },
            |task| match task {
                Task::Block(block) => Part::Sentences(block.read(self.structure)),
                Task::Done(part) => part,
            },
            consume,
        )
    }

    fn read(&self, input: &Input, send: Send<'_>) -> ControlFlow<()> {
        // `None` says that nobody listens any more.
        let visited = input.visit(self.read, |name, content| -> Result<(), Option<Error>> {
            let entry = name
                .strip_prefix(&*input.name)
                .and_then(|rest| rest.strip_prefix('/'));
            let doc_id = without_compression(entry.unwrap_or(name));
            let taken = if entry.is_some() && !is_named(doc_id, self.suffixes) {
                send(Task::Done(Part::PassedOver(name.to_owned())))
            } else {
                self.send_blocks(name, doc_id, content, send)
            };
            match taken {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(None),
            }
        });
        match visited {
            Ok(()) => ControlFlow::Continue(()),
            Err(Some(error)) => send(Task::Done(Part::Broken(error.to_string()))),
            Err(None) => ControlFlow::Break(()),
        }
    }

    fn send_blocks(
        &self,
        source: &str,
        doc_id: &str,
        content: &mut dyn BufRead,
        send: Send<'_>,
    ) -> ControlFlow<()> {
        send(Task::Done(Part::Start {
            source: source.to_owned(),
            doc_id: doc_id.to_owned(),
        }))?;
        // Who names the format knows better.
        if self.format.is_none()
            && let Some(other) = inputs::refused(content, &WANTED)
        {
            return send(Task::Done(Part::Broken(format!("{source}: {other}"))));
        }
        let mut blocks = Chunks::new(content);
        let format = match self.format.map_or_else(|| blocks.sniff(), Ok) {
            Ok(format) => format,
            Err(error) => {
                return send(Task::Done(Part::Broken(format!("{source}: {error}"))));
            }
        };
        blocks.blocks(format, self.structure, &mut |block| {
            send(Task::Block(block))
        })
    }
}
