//! What the sentences of parses flow into.

use std::ops::ControlFlow;

use super::WANTED;
use anyhow::{Error, Result, anyhow};
use kprep_ingest::Input;
use kprep_parse::{HeadSet, Loss, Sentence};
use kprep_schemas::Funnel;
use kprep_schemas::{DatasetWriter, DependencyExample};

use crate::build::errors::Errors;
use crate::build::inputs;
use crate::sources::deps::read::Part;
use crate::sources::deps::sample::Sample;

/// What the sentences flow into.
pub(crate) struct Build {
    pub(crate) set: HeadSet,
    /// What is kept, where not all of it is.
    pub(crate) sample: Option<Sample>,
    pub(crate) writer: DatasetWriter<DependencyExample>,
    pub(crate) errors: Errors,
    /// Whether the input cannot be read any further.
    pub(crate) broken: bool,
    /// Files in archives that are not read.
    pub(crate) passed_over: Vec<String>,
    /// Sentences to read at most.
    pub(crate) limit: u64,
}

impl Build {
    pub(crate) fn add(&mut self, part: Part) -> Result<ControlFlow<()>> {
        match part {
            Part::Start { source, doc_id } => {
                self.set.start_input(source, doc_id);
                self.broken = false;
            }
            Part::PassedOver(name) => self.passed_over.push(name),
            Part::Broken(message) => self.errors.file(&message)?,
            // What was cut out before it was known that the input is no XML means nothing.
            Part::Sentences(_) if self.broken => {}
            Part::Sentences(parsed) => {
                for sentence in parsed.sentences {
                    self.add_sentence(sentence)?;
                    if self.set.read_count() == self.limit {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                if let Some(document) = parsed.new_document {
                    self.set.expect_document(document);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Writes the sample, in the order of the inputs.
    pub(crate) fn write_sample(&mut self) -> Result<()> {
        for row in self.sample.take().map(Sample::rows).into_iter().flatten() {
            self.writer.push(row.split, row.row)?;
        }
        Ok(())
    }

    fn add_sentence(&mut self, sentence: kprep_parse::Result<Sentence>) -> Result<()> {
        match sentence {
            Ok(sentence) => {
                let row = match self.set.add(sentence) {
                    Ok(row) => row,
                    Err(reject) => return Ok(self.writer.reject(&reject)?),
                };
                match &mut self.sample {
                    None => self.writer.push(row.split, row.row)?,
                    Some(sample) => {
                        if sample.add(row) {
                            self.set.leave_out();
                        }
                    }
                }
            }
            Err(error) => {
                let message = format!("{}: {error}", self.set.source());
                let Some(reject) = self.set.lose(&error) else {
                    self.broken = true;
                    return self.errors.file(&message);
                };
                if reject.reason == Loss::Malformed.reason() {
                    self.errors.record(&message);
                }
                self.writer.reject(&reject)?;
            }
        }
        Ok(())
    }
}

/// Why no sentence is left, and what to do about it.
pub(crate) fn nothing_kept(set: &HeadSet, funnel: &Funnel, inputs: &[Input]) -> Error {
    let advice = if set.lost(Loss::NotBasic) > 0 {
        "collapsed and enhanced dependencies are no tree: have the parser write the basic ones (CoreNLP: \
         -outputFormat conllu; lexparser: -outputFormatOptions basicDependencies), or take them as they are \
         with --allow-non-tree\n"
    } else if set.lost(Loss::NoWords) > 0 {
        "the treebank comes without its text: underscores stand for its words. Fill them in as its publisher \
         says (its README names the source and the script), and read the result\n"
    } else {
        ""
    };
    let looks = if advice.is_empty() {
        inputs::looks(inputs, &WANTED)
    } else {
        String::new()
    };
    anyhow!("no sentence of the inputs is left:\n{funnel}{advice}{looks}")
}
