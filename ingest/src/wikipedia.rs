//! MediaWiki's dumps: their pages, redirects, namespaces and titles; and DBpedia's abstracts.

mod abstracts;
mod cut;
mod interwiki;
mod page;
mod redirects;
mod site;
mod title;
mod utf16;

pub use self::abstracts::{Abstract, dbpedia_language, parse_abstract};
pub use self::cut::{MAX_PAGE_BYTES, PageBlock, PageBlocks};
pub use self::page::{DumpPage, parse_page};
pub use self::redirects::{RedirectLoss, Redirects, RedirectsBuilder};
pub use self::site::Site;
pub use self::title::{Target, clean_title};
