//! A page as it is read to a row of the dataset.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kprep_ingest::{
    Abstract, DumpPage, PlainText, Sections, Site, Target, article, clean_title, plain_text,
};
use kprep_schemas::{Page, Position};

use super::loss::{LinkLoss, Loss, LostLinks};

/// What is wanted of the pages.
pub(crate) struct Conversion<'a> {
    pub(crate) namespaces: &'a [i32],
    pub(crate) sections: Sections,
}

/// What stands where a page is expected, and where that is.
pub(crate) struct Item<'a> {
    pub(crate) source: &'a Arc<str>,
    pub(crate) at: Position,
    pub(crate) content: Content<'a>,
}

pub(crate) enum Content<'a> {
    Page(DumpPage, &'a Site),
    Abstract(Abstract),
    /// No page, for this reason.
    Lost(Loss, String),
}

/// What a page gave, and where it stands.
pub(crate) struct Outcome {
    pub(crate) source: Arc<str>,
    pub(crate) at: Position,
    pub(crate) made: Made,
}

pub(crate) enum Made {
    Row(Box<Page>, LostLinks),
    Redirect(Redirect),
    /// Nothing: why, the page's id if it is known, and what was found.
    Lost(Loss, Option<String>, String),
}

/// A redirect as the dump states it: its title, and where it leads if it leads to a page.
pub(crate) struct Redirect {
    pub(crate) title: String,
    pub(crate) target: Option<String>,
}

impl Conversion<'_> {
    /// The redirect that a page is, if it is one.
    pub(crate) fn redirect(&self, page: &DumpPage, site: &Site) -> Option<Redirect> {
        let target = page.redirect.as_deref()?;
        if !self.namespaces.contains(&namespace(page, site)) {
            return None;
        }
        let target = match site.target(target) {
            Target::Page(title, _) => Some(title),
            Target::SamePage | Target::Elsewhere | Target::Invalid => None,
        };
        let title = clean_title(&page.title);
        Some(Redirect { title, target })
    }

    /// Makes a row of a page.
    pub(crate) fn outcome(&self, item: Item<'_>) -> Outcome {
        let made = match item.content {
            Content::Lost(loss, why) => Made::Lost(loss, None, why),
            Content::Abstract(Abstract {
                uri, title, text, ..
            }) if text.trim().is_empty() => Made::Lost(Loss::NoText, Some(uri), title),
            Content::Abstract(Abstract {
                uri,
                title,
                text,
                language,
            }) => {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let text = PlainText {
                    text,
                    links: Vec::new(),
                };
                let row = article((uri, None, title), text, &language, |_| None);
                Made::Row(Box::new(row), LostLinks::default())
            }
            Content::Page(page, site) => self.page(&page, site),
        };
        Outcome {
            source: Arc::clone(item.source),
            at: item.at,
            made,
        }
    }

    fn page(&self, page: &DumpPage, site: &Site) -> Made {
        if !self.namespaces.contains(&namespace(page, site)) {
            return Made::Lost(Loss::OtherNamespace, None, String::new());
        }
        if let Some(redirect) = self.redirect(page, site) {
            return Made::Redirect(redirect);
        }
        let title = clean_title(&page.title);
        let lost = |loss: Loss, detail: &str| {
            Made::Lost(loss, Some(page.id.clone()), format!("{title}{detail}"))
        };
        if page.model != "wikitext" {
            return lost(Loss::OtherModel, &format!(": {}", page.model));
        }
        let head = (page.id.clone(), page.revision, title.clone());
        // A page that nobody thought of must not cost the others.
        let row = catch_unwind(AssertUnwindSafe(|| self.row(head, &page.text, site)));
        match row {
            Err(_) => lost(Loss::Failed, ""),
            Ok((row, _)) if row.text.is_empty() => lost(Loss::NoText, ""),
            Ok((row, links)) => Made::Row(Box::new(row), links),
        }
    }

    fn row(
        &self,
        head: (String, Option<i64>, String),
        wikitext: &str,
        site: &Site,
    ) -> (Page, LostLinks) {
        let mut no_mentions = LostLinks::default();
        let text = plain_text(wikitext, site, &self.sections);
        let row = article(head, text, &site.language, |link| {
            let loss = match site.target(&link.target) {
                Target::Page(title, namespace) if self.namespaces.contains(&namespace) => {
                    return Some(title);
                }
                Target::Page(..) => LinkLoss::OtherNamespace,
                Target::Elsewhere => LinkLoss::Elsewhere,
                Target::SamePage => LinkLoss::SamePage,
                Target::Invalid => LinkLoss::Invalid,
            };
            no_mentions.add(loss);
            None
        });
        (row, no_mentions)
    }
}

/// The page's namespace; old dumps say it by the title alone.
fn namespace(page: &DumpPage, site: &Site) -> i32 {
    let by_title = || match site.target(&page.title) {
        Target::Page(_, namespace) => namespace,
        Target::SamePage | Target::Elsewhere | Target::Invalid => 0,
    };
    page.namespace.unwrap_or_else(by_title)
}
