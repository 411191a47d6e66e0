//! The files of downstream benchmarks, one reader a format, and the way from their records to rows.
//!
//! A record that gives no row is a [`Fault`] with its reason: it costs itself alone.

mod answers;
mod blocks;
mod classes;
mod cosmosqa;
mod csv_record;
mod csv_rows;
mod fault;
mod figer;
mod figer_mentions;
mod lama;
mod quasar;
mod searchqa;
mod semeval;
mod tacred;
mod typing;

pub use answers::{Places, find_answers};
pub use blocks::{Blocks, MAX_BLOCK_BYTES};
pub use classes::Classes;
pub use cosmosqa::{CosmosQa, CosmosQaRows};
pub use csv_rows::{CsvRows, MAX_ROW_BYTES};
pub use fault::{Fault, MALFORMED, Parsed};
pub use figer::{FigerMention, FigerSentence};
pub use figer_mentions::{FigerMentions, MAX_MENTION_BYTES};
pub use lama::{LamaFact, LamaRelation, google_re_template};
pub use quasar::{QuasarContexts, QuasarQuestion};
pub use searchqa::{Jeopardy, Mrqa, SearchQa};
pub use semeval::{SemEval, semeval_classes};
pub use tacred::{Patch, TacredExample};
pub use typing::{TypedMention, Typing};
