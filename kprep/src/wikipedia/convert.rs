//! A page as it is read to a row of the dataset.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kprep_ingest::{
    Abstract, DumpPage, PlainText, Redirects, Sections, Site, Target, article, clean_title,
    plain_text,
};
use kprep_schemas::{Page, Reject};

use super::loss::{LinkLoss, Loss, LostLinks};
use super::read::Item;

/// What is wanted of the pages.
pub(super) struct Wanted<'a> {
    pub(super) namespaces: &'a [i32],
    pub(super) sections: Sections,
    /// Language of abstracts, which do not say.
    pub(super) redirects: &'a Redirects,
}

/// What a page gave.
pub(super) enum Outcome {
    Row(Box<Page>, LostLinks),
    Lost(Loss, Option<Reject>),
}

/// A redirect as the dump states it: its title, and where it leads if it leads to a page.
pub(super) fn redirect(item: Item<'_>, namespaces: &[i32]) -> Option<(String, Option<String>)> {
    let Item::Page(page, site) = item else {
        return None;
    };
    let target = page.redirect.as_deref()?;
    if !namespaces.contains(&namespace(&page, site)) {
        return None;
    }
    let target = match site.target(target) {
        Target::Page(title, _) => Some(title),
        Target::SamePage | Target::Elsewhere | Target::Invalid => None,
    };
    Some((clean_title(&page.title), target))
}

impl Wanted<'_> {
    /// Makes a row of a page.
    pub(super) fn outcome(&self, item: Item<'_>) -> Outcome {
        match item {
            Item::Lost(reject) => {
                let is_large = reject.reason == Loss::TooLarge.reason();
                let loss = if is_large {
                    Loss::TooLarge
                } else {
                    Loss::Malformed
                };
                Outcome::Lost(loss, Some(reject))
            }
            Item::Abstract(Abstract { uri, title, text }) => {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let text = PlainText {
                    text,
                    links: Vec::new(),
                };
                let row = article((uri, None, title), text, "en", |_| None);
                Outcome::Row(Box::new(row), LostLinks::default())
            }
            Item::Page(page, site) => self.page(&page, site),
        }
    }

    fn page(&self, page: &DumpPage, site: &Site) -> Outcome {
        if !self.namespaces.contains(&namespace(page, site)) {
            return Outcome::Lost(Loss::OtherNamespace, None);
        }
        if page.redirect.is_some() {
            return Outcome::Lost(Loss::Redirect, None);
        }
        let title = clean_title(&page.title);
        let lost = |loss: Loss, detail: &str| {
            let reject = Reject {
                doc_id: Some(page.id.clone()),
                reason: loss.reason(),
                detail: format!("{title}{detail}"),
                ..Reject::default()
            };
            Outcome::Lost(loss, Some(reject))
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
            Ok((row, links)) => Outcome::Row(Box::new(row), links),
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
                    let behind = self.redirects.get(&title).map(str::to_owned);
                    return Some(behind.unwrap_or(title));
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
