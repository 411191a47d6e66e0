//! Why a page or a link is not in the dataset.

use kprep_schemas::{Funnel, Page};
use serde::{Deserialize, Serialize};

/// Why a page is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    Malformed,
    TooLarge,
    OtherNamespace,
    Redirect,
    Repeated,
    OtherModel,
    NoText,
    Failed,
}

/// Why a link is no mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkLoss {
    OtherNamespace,
    Elsewhere,
    SamePage,
    Invalid,
}

impl Loss {
    const ALL: [Self; 8] = [
        Self::Malformed,
        Self::TooLarge,
        Self::OtherNamespace,
        Self::Redirect,
        Self::Repeated,
        Self::OtherModel,
        Self::NoText,
        Self::Failed,
    ];

    /// Whether it is the input's fault, or this program's, and no choice.
    pub(crate) fn is_error(self) -> bool {
        matches!(self, Self::Malformed | Self::TooLarge | Self::Failed)
    }

    /// Whether it is not worth a line in `rejects.jsonl.zst`: the dump has millions of them, and
    /// they were not asked for.
    pub(crate) fn is_passed_over(self) -> bool {
        matches!(self, Self::OtherNamespace | Self::Redirect)
    }

    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed page",
            Self::TooLarge => "too large",
            Self::OtherNamespace => "another namespace",
            Self::Redirect => "redirect",
            Self::Repeated => "title of an earlier page",
            Self::OtherModel => "no wikitext",
            Self::NoText => "no text",
            Self::Failed => "a fault of this program",
        }
    }
}

impl LinkLoss {
    const ALL: [Self; 4] = [
        Self::OtherNamespace,
        Self::Elsewhere,
        Self::SamePage,
        Self::Invalid,
    ];

    fn reason(self) -> &'static str {
        match self {
            Self::OtherNamespace => "links to other namespaces",
            Self::Elsewhere => "links to other wikis",
            Self::SamePage => "links within a page",
            Self::Invalid => "links that no page can have",
        }
    }
}

/// Links of a page, or of all, that are no mentions.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LostLinks([u64; LinkLoss::ALL.len()]);

impl LostLinks {
    pub(crate) fn add(&mut self, loss: LinkLoss) {
        self.0[loss as usize] += 1;
    }
}

/// Counts of all pages.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) kept: u64,
    pub(crate) sentences: u64,
    pub(crate) words: u64,
    pub(crate) mentions: u64,
    lost: [u64; Loss::ALL.len()],
    links: LostLinks,
}

impl Counts {
    pub(crate) fn lose(&mut self, loss: Loss) {
        self.lost[loss as usize] += 1;
    }

    /// Adds a page that is kept, and its links that are no mentions.
    pub(crate) fn add(&mut self, row: &Page, links: &LostLinks) {
        self.kept += 1;
        self.sentences += row.sentence_start.len() as u64;
        self.words += row.word_start.len() as u64;
        self.mentions += row.mention_start.len() as u64;
        for (all, some) in self.links.0.iter_mut().zip(links.0) {
            *all += some;
        }
    }

    /// Pages lost so far that should have been kept.
    pub(crate) fn lost(&self) -> u64 {
        let all: u64 = self.lost.iter().sum();
        all - self.lost[Loss::OtherNamespace as usize] - self.lost[Loss::Redirect as usize]
    }

    /// Every page under its reason.
    pub(crate) fn funnel(&self) -> Funnel {
        let lost = |loss: Loss| (loss.reason(), self.lost[loss as usize]);
        let mut funnel = Funnel::new("pages", self.read);
        funnel.stage("read well", [lost(Loss::Malformed), lost(Loss::TooLarge)]);
        funnel.stage("in the namespace", [lost(Loss::OtherNamespace)]);
        funnel.stage("not redirects", [lost(Loss::Redirect)]);
        let rest = [Loss::Repeated, Loss::OtherModel, Loss::NoText, Loss::Failed];
        funnel.stage("kept", rest.map(lost));
        let links = LinkLoss::ALL.map(|loss| (loss.reason(), self.links.0[loss as usize]));
        funnel.within(links);
        funnel
    }
}
