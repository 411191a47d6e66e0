//! What is counted of the tables of Wikidata, Wikipedia, and of both aligned.

use kprep_schemas::{AlignedPage, Entity, Page, Property, Redirect, Triple, Value, Words};

use super::counted::{Counted, words};
use super::tally::Tally;

impl Counted for Entity {
    const ROWS: &'static str = "items";

    fn count(&self, tally: &mut Tally) {
        tally.share("items_with_a_label", self.label.is_some());
        tally.share("items_with_a_description", self.description.is_some());
        tally.share("items_with_a_page_on_the_site", self.title.is_some());
        tally.share("items_that_say_what_they_are", !self.instance_of.is_empty());
        tally.length("other_names_an_item", self.aliases.len());
        tally.length(
            "sites_an_item",
            usize::try_from(self.sitelinks).unwrap_or(0),
        );
        tally.name(
            "languages_of_labels",
            self.label_lang.as_deref().unwrap_or("none"),
        );
        names(tally, "kinds", &self.instance_of);
    }
}

impl Counted for Property {
    const ROWS: &'static str = "properties";

    fn count(&self, tally: &mut Tally) {
        tally.share("properties_with_a_label", self.label.is_some());
        tally.share("properties_with_a_description", self.description.is_some());
        tally.length("other_names_a_property", self.aliases.len());
        tally.name("kinds_of_values", &self.datatype);
    }
}

impl Counted for Triple {
    const ROWS: &'static str = "statements";

    fn count(&self, tally: &mut Tally) {
        tally.length("qualifiers_a_statement", self.qualifiers.len());
        tally.share(
            "values_that_are_items",
            matches!(self.value, Value::Entity(_)),
        );
        tally.share("values_that_are_not_known", self.value == Value::SomeValue);
        tally.share(
            "statements_that_there_is_none",
            self.value == Value::NoValue,
        );
        tally.name("kinds_of_values", &self.datatype);
        tally.name("properties", &self.property.to_string());
        tally.name("ranks", self.rank.name());
    }
}

impl Counted for Page {
    const ROWS: &'static str = "pages";

    fn count(&self, tally: &mut Tally) {
        tally.length("words_a_page", self.word_start.len());
        tally.length("sentences_a_page", self.sentence_start.len());
        tally.length("links_a_page", self.mention_start.len());
        tally.share("pages_with_a_link", !self.mention_start.is_empty());
    }
}

impl Counted for Redirect {
    const ROWS: &'static str = "redirects";

    fn count(&self, tally: &mut Tally) {
        tally.length("words_a_title", words(&self.title));
        let other_case = self.title.to_lowercase() == self.target.to_lowercase();
        tally.share("redirects_that_differ_in_capitals_alone", other_case);
    }
}

impl Counted for AlignedPage {
    const ROWS: &'static str = "pages";

    fn count(&self, tally: &mut Tally) {
        tally.length("words_a_page", self.word_start.len());
        tally.length("mentions_a_page", self.mentions());
        tally.length("triples_a_page", self.triples());
        tally.share("pages_with_a_triple", self.triples() > 0);
        names(tally, "finders_of_mentions", &self.mention_source);
        names(tally, "aligners_of_triples", &self.triple_aligner);
        names(tally, "properties_of_triples", &self.triple_property);
    }
}

fn names(tally: &mut Tally, of: &'static str, names: &Words) {
    for name in names.iter() {
        tally.name(of, name);
    }
}
