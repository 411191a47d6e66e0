//! Charts and reports as people see them: SVG pictures, and HTML pages that need nothing from elsewhere. kprep shows
//! datasets with it, ktrain runs; both have one palette and one page design.
//!
//! It knows counts and shares, no records and no models, and opens no files.
//!
//! ```
//! use kprep_report::{BLUE, Bar, Page, Section, Table};
//! use kprep_schemas::Share;
//!
//! let bars = [Bar::new("capital", Share::new(3, 4), BLUE)];
//! let page = Page {
//!     title: "cities".into(),
//!     sections: vec![Section::bars("Relations", "all of them", "% of rows", &bars, Table::default())],
//!     ..Page::default()
//! };
//! assert!(page.html().starts_with("<!DOCTYPE html>"));
//! ```

mod bars;
mod chart;
mod histogram;
mod lines;
mod page;
mod picture;
mod section;
mod table;
mod text;

pub use bars::Bar;
pub use chart::{AMBER, BLUE, Colour, GREY, PALE, TEAL};
pub use lines::{Axes, Line};
pub use page::Page;
pub use picture::Picture;
pub use section::Section;
pub use table::{Heat, Table};
pub use text::{clean, counted, escaped, figures, percent};
