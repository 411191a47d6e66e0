//! Distant supervision: pages of Wikipedia and facts of Wikidata to pages with the facts that stand
//! in their text, as T-REx makes them.
//!
//! [`World`] is what is known; [`align_page`] makes one page of it. Facts lie in files that
//! [`FactsWriter`] makes once and [`Facts`] reads: the only files that this crate opens.

mod aligners;
mod dates;
mod decimal;
mod entity_names;
mod error;
mod facts;
mod linker;
mod literal;
mod matcher;
mod mention;
mod page_aligner;
mod page_loss;
mod property_names;
mod quantities;
mod sorted_file;
mod sorter;
mod titles;
mod units;

pub use dates::Dates;
pub use decimal::Decimal;
pub use entity_names::{EntityNames, TypeFilter, Verdict};
pub use error::{Error, Result};
pub use facts::{FactCounts, Facts, FactsOf, FactsWriter};
pub use literal::{Literal, Quantity, Time};
pub use page_aligner::{AlignError, PageOptions, PageOutcome, World, align_page};
pub use page_loss::PageLoss;
pub use property_names::PropertyNames;
pub use quantities::Quantities;
pub use sorted_file::Identity;
pub use sorter::UNFINISHED;
pub use titles::Titles;
pub use units::Units;
