//! Why a page gives no aligned page.

/// Each way to lose a page, in the order of the funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PageLoss {
    /// Its offsets do not fit its text.
    Malformed,
    /// No item has its title.
    NoItem,
    /// Its item is none of the wanted types.
    OtherType,
    /// Its item is of an excluded type.
    ExcludedType,
    /// It has too few mentions.
    FewEntities,
    /// It has too many mentions.
    ManyEntities,
    /// No fact holds between its mentions.
    NoFact,
}

impl PageLoss {
    /// All losses in order.
    pub const ALL: [Self; 7] = [
        Self::Malformed,
        Self::NoItem,
        Self::OtherType,
        Self::ExcludedType,
        Self::FewEntities,
        Self::ManyEntities,
        Self::NoFact,
    ];

    /// The reason in words, for the funnel and the rejects.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "offsets that do not fit the text",
            Self::NoItem => "no item has the page's title",
            Self::OtherType => "none of the wanted types",
            Self::ExcludedType => "of an excluded type",
            Self::FewEntities => "too few entities",
            Self::ManyEntities => "too many entities",
            Self::NoFact => "no fact between its entities",
        }
    }

    /// The funnel's stage that this loss belongs to.
    pub fn stage(self) -> &'static str {
        match self {
            Self::Malformed | Self::NoItem => "with an item",
            Self::OtherType | Self::ExcludedType => "of the wanted types",
            Self::FewEntities | Self::ManyEntities => "within the limits",
            Self::NoFact => "with facts",
        }
    }
}
