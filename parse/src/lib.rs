//! Dependency parses in the formats that parsers and treebanks write, as sentences with the head of
//! each word.
//!
//! [`Format`] lists what is read, and [`Format::sniff`] tells which it is. [`ConllReader`] streams
//! the sentences of one input whose rows are words, [`read_sentences`] those of any format,
//! [`Chunks`] cuts an input into blocks of whole sentences for several threads, and [`HeadSet`] makes
//! sentences rows of a dataset. [`HeadStats`] counts what such rows are like.
//!
//! This crate opens no files and decompresses nothing: it reads what implements
//! [`BufRead`](std::io::BufRead). Unless
//! [any structure](Structure::Any) will do, it gives out no sentence whose heads form no tree.
//!
//! ```
//! use kprep_parse::{ConllReader, Format};
//!
//! let file = "\
//! ## sent_id = s1
//! 1\tBirds\tbird\tNOUN\tNNS\t_\t2\tnsubj\t_\t_
//! 2\tsing\tsing\tVERB\tVBP\t_\t0\troot\t_\t_
//! ";
//! let format = Format::sniff(file.as_bytes())?;
//! assert_eq!(format, Format::ConllU);
//! for sentence in ConllReader::new(file.as_bytes(), format) {
//!     let sentence = sentence?;
//!     assert_eq!(sentence.sent_id.as_deref(), Some("s1"));
//!     assert_eq!(sentence.token, ["Birds", "sing"]);
//!     assert_eq!(sentence.head, [2, 0]);
//! }
//! # Ok::<(), kprep_parse::Error>(())
//! ```

mod arcs;
mod block;
mod choice;
mod chunks;
mod columns;
mod conll;
mod conllu_writer;
mod conllulex;
mod corenlp_json;
mod corenlp_text;
mod corenlp_xml;
mod error;
mod format;
mod head_set;
mod head_stats;
mod head_summary;
mod lexparser;
mod lines;
mod loss;
mod parsed;
mod part;
mod penn;
mod pieces;
mod placed;
mod placed_lines;
mod read;
mod row;
mod sentence;
mod shape;
mod structure;
mod typed;
mod typed_list;

pub use block::Block;
pub use choice::Choice;
pub use chunks::Chunks;
pub use conll::{ConllReader, MAX_SENTENCE};
pub use conllu_writer::write_conllu;
pub use conllulex::{LexLabel, LexReader, LexSentence};
pub use error::{Error, Fault, Result};
pub use format::Format;
pub use head_set::{HeadRow, HeadSet};
pub use head_stats::{HeadStats, LabelCount};
pub use head_summary::{Arcs, HeadSummary, Label, Trees};
pub use loss::Loss;
pub use parsed::Parsed;
pub use read::read_sentences;
pub use sentence::{NewDocument, Sentence};
pub use structure::Structure;
