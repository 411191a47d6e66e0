//! `Redirect`: another title of a Wikipedia page.

use crate::column::{Column, text};
use crate::{Classes, GroupBy, Record, Rules};

/// A title and the one that it redirects to, which may redirect, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redirect {
    /// The title that redirects.
    pub title: String,
    /// The title that it leads to.
    pub target: String,
}

impl Classes for Redirect {}

impl Record for Redirect {
    const NAME: &'static str = "Redirect";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("title", "the title that redirects", |r| &r.title, |r| &mut r.title),
        text("target", "the title that it leads to", |r| &r.target, |r| &mut r.target),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        if self.title == self.target {
            return Err(format!("{:?} redirects to itself", self.title));
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.title
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.title.clone().into_bytes()
    }
}
