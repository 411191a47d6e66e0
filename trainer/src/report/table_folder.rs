//! The files of a table, in the folder above its runs.

use std::path::Path;

use kprep_schemas::Dataset;

use crate::Result;
use crate::console::printable_lines;
use crate::files::weights::{write_atomically, write_json};
use crate::report::bar_chart;
use crate::report::table::Table;
use crate::report::table_page;

impl Table {
    /// Writes README.md, rows.json, rows.svg and metrics.jsonl into the folder above the runs.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn write(&self, dataset: &Dataset, dir: &Path) -> Result<()> {
        write_json(&dir.join("rows.json"), self)?;
        write_atomically(&dir.join("metrics.jsonl"), self.lines().as_bytes())?;
        bar_chart::draw(self, &dir.join("rows.svg"))?;
        let page = printable_lines(&table_page::page(self, dataset));
        write_atomically(&dir.join("README.md"), page.as_bytes())
    }
}
