//! Pages with known answers.

#![allow(clippy::unwrap_used)] // a test may panic

mod worlds;

use kprep_align::distant::{PageLoss, PageOptions, PageOutcome, TypeFilter, World, align_page};
use kprep_schemas::{AlignedPage, Page, Record, Rules};
use worlds::{Tables, item, mentions, page, quantity, time, triples};

const OPTIONS: PageOptions = PageOptions {
    min_entities: 2,
    max_entities: 100,
    coreference: true,
};

fn aligned(page: &Page, world: &World) -> AlignedPage {
    let PageOutcome { page, .. } = align_page(page, world, &OPTIONS).unwrap();
    let page = page.unwrap();
    assert_eq!(page.check(&Rules::default()), Ok(()));
    page
}

/// Switzerland and what a page about Bern says of it.
fn switzerland() -> Tables {
    Tables {
        items: vec![
            (70, "Bern", &["Berne", "City of Bern"], "Q515"),
            (39, "Switzerland", &["Swiss Confederation", "CH"], "Q6256"),
            (72, "Zürich", &["Zurich"], "Q515"),
            (11_573, "metre", &["m", "meter"], "Q3647172"),
            (712_226, "square kilometre", &["km²"], "Q3647172"),
            (1, "Aare", &[], "Q4022"),
        ],
        properties: vec![
            (36, "capital", &["capital city", "seat"]),
            (17, "country", &["state"]),
            (571, "inception", &["founded"]),
            (2046, "area", &[]),
            (2044, "elevation", &["height"]),
        ],
        facts: vec![
            (39, 36, item(70)),
            (70, 17, item(39)),
            (72, 17, item(39)),
            (70, 571, time("+1191-00-00T00:00:00Z", 9)),
            (70, 2046, quantity("+51.62", Some(712_226))),
            (70, 2044, quantity("+542", Some(11_573))),
            (70, 2044, quantity("+99999", Some(712_226))),
        ],
        redirects: vec![("Swiss", "Switzerland")],
        types: TypeFilter::default(),
    }
}

#[test]
fn a_page_with_known_answers_gives_exactly_those() {
    let (world, _dir) = switzerland().world();
    let page = page(
        "Bern",
        &[
            "Bern is the capital city of [[Switzerland]], a state.",
            "It was founded in 1191 by Zähringen and lies at 542 m.",
            "The [[Swiss]] city has an area of 51.62 km2, Zürich is larger.",
            "[[Nowhere|Berne]] and the City of Bern: one city.",
            "[[Zürich]] and CH lie on the [[Aare]], they say; it is 542 km² large.",
            "They say that Berner lie.",
        ],
    );
    let aligned = aligned(&page, &world);
    let expected = [
        "name Bern Q70",
        "link Switzerland Q39",
        "pronoun It Q70",
        "date 1191 1191-00-00T00:00:00Z",
        "quantity 542 m +542 Q11573",
        "link Swiss Q39",
        "quantity 51.62 km2 +51.62 Q712226",
        "name Zürich Q72",
        "name City of Bern Q70", // the longest name; the link to nowhere is left alone
        "link Zürich Q72",
        "name CH Q39",
        "link Aare Q1",
        "quantity 542 km² +542 Q712226",
        "property capital city P36", // and not `capital`, a part of it
        "property state P17",
        "property founded P571", // `area` is named, but no subject beside it
    ];
    assert_eq!(mentions(&aligned), expected);
    let expected = [
        "NoSubject 0: Bern P17 Switzerland",
        "NoSubject 1: - P571 1191",
        "NoSubject 1: - P2044 542 m",
        "NoSubject 2: - P17 Swiss",
        "NoSubject 2: - P2046 51.62 km2",
        "NoSubject 4: - P17 CH",
        "Simple 0: Bern P17 Switzerland",
        "Simple 0: Switzerland P36 Bern",
        "Simple 1: It P571 1191",
        "Simple 1: It P2044 542 m",
        "Simple 2: Zürich P17 Swiss",
        "Simple 4: Zürich P17 CH",
        "SPO 0: Bern (state) P17 Switzerland",
        "SPO 0: Switzerland (capital city) P36 Bern",
        "SPO 1: It (founded) P571 1191",
    ];
    assert_eq!(triples(&aligned), expected);
    let link = aligned.mention_source.iter().position(|s| s == "link");
    assert_eq!(&aligned.mention_link[link.unwrap()], "Switzerland");
    assert_eq!(
        (aligned.entity.as_str(), aligned.revision),
        ("Q70", Some(2))
    );
}

#[test]
fn the_text_of_a_link_to_nowhere_names_nothing_else_later() {
    let (world, _dir) = switzerland().world();
    let page = page(
        "Bern",
        &[
            "Bern is in [[Switzerland]], not the [[Nowhere|CH]].",
            "The CH is not meant, but the Swiss Confederation is.",
        ],
    );
    let expected = [
        "name Bern Q70",
        "link Switzerland Q39",
        "name Swiss Confederation Q39",
    ];
    assert_eq!(mentions(&aligned(&page, &world)), expected);
}

#[test]
fn a_link_does_not_take_its_title_from_the_page() {
    let (world, _dir) = switzerland().world();
    let page = page(
        "Bern",
        &[
            "Bern is in [[Switzerland]].",
            "Not [[Zürich|Bern]], nor [[Nowhere|Bern]], but the Bern in Switzerland.",
        ],
    );
    let expected = [
        "name Bern Q70",
        "link Switzerland Q39",
        "link Bern Q72",
        "name Bern Q70",
        "name Switzerland Q39",
    ];
    assert_eq!(mentions(&aligned(&page, &world)), expected);
}

#[test]
fn an_item_has_no_fact_with_itself() {
    let mut tables = switzerland();
    tables.facts.push((39, 17, item(39)));
    let (world, _dir) = tables.world();
    let page = page(
        "Switzerland",
        &["Switzerland, officially the Swiss Confederation, has [[Bern]]."],
    );
    let expected = [
        "NoSubject 0: Switzerland P36 Bern",
        "Simple 0: Switzerland P36 Bern",
        "Simple 0: Bern P17 Switzerland",
        "Simple 0: Bern P17 Swiss Confederation",
        "Simple 0: Swiss Confederation P36 Bern",
    ];
    assert_eq!(
        sorted(triples(&aligned(&page, &world))),
        sorted(expected.map(String::from).to_vec())
    );
}

fn sorted(mut triples: Vec<String>) -> Vec<String> {
    triples.sort();
    triples
}

#[test]
fn without_coreference_pronouns_are_no_mentions() {
    let (world, _dir) = switzerland().world();
    let page = page(
        "Bern",
        &["Bern is in [[Switzerland]].", "It dates from 1191."],
    );
    let options = PageOptions {
        coreference: false,
        ..OPTIONS
    };
    let outcome = align_page(&page, &world, &options).unwrap();
    assert!(
        !mentions(&outcome.page.unwrap())
            .iter()
            .any(|m| m.starts_with("pronoun"))
    );
}

#[test]
fn a_name_of_two_items_stands_for_the_closer_one_or_for_none() {
    let mut tables = switzerland();
    tables.items.push((2, "Aare (ship)", &["Aare"], "Q11446"));
    tables.items.push((3, "Limmat", &["River"], "Q4022"));
    tables.items.push((4, "Reuss", &["River"], "Q4022"));
    let (world, _dir) = tables.world();
    let page = page(
        "Bern",
        &[
            "Bern in [[Switzerland]] is on the [[Aare]], not the [[Aare (ship)|ship]].",
            "The Aare, like the [[Limmat]] and the [[Reuss]], is a River with a ship.",
        ],
    );
    let found = mentions(&aligned(&page, &world));
    assert!(found.contains(&"name Aare Q1".to_owned()), "{found:?}");
    assert!(found.contains(&"name ship Q2".to_owned()), "{found:?}");
    assert!(!found.iter().any(|m| m.contains("River")), "{found:?}");
}

#[test]
fn each_loss_has_its_reason() {
    let loss = |tables: Tables, page: &Page, options: PageOptions| {
        let (world, _dir) = tables.world();
        align_page(page, &world, &options)
            .unwrap()
            .page
            .unwrap_err()
    };
    let bern = page("Bern", &["Bern is in [[Switzerland]]."]);
    let mut damaged = bern.clone();
    damaged.word_end[0] = 99;
    let fault = "a word is code points 0..99, after 0 of 23".to_owned();
    assert_eq!(
        loss(switzerland(), &damaged, OPTIONS),
        (PageLoss::Malformed, fault)
    );
    let other = page("Basel", &["Basel is in [[Switzerland]]."]);
    assert_eq!(loss(switzerland(), &other, OPTIONS).0, PageLoss::NoItem);
    let typed = |types| Tables {
        types,
        ..switzerland()
    };
    let humans = TypeFilter {
        wanted: ["Q5".to_owned()].into_iter().collect(),
        ..TypeFilter::default()
    };
    assert_eq!(loss(typed(humans), &bern, OPTIONS).0, PageLoss::OtherType);
    let no_cities = TypeFilter {
        excluded: ["Q515".to_owned()].into_iter().collect(),
        ..TypeFilter::default()
    };
    assert_eq!(
        loss(typed(no_cities), &bern, OPTIONS).0,
        PageLoss::ExcludedType
    );
    let limits = |min_entities, max_entities| PageOptions {
        min_entities,
        max_entities,
        ..OPTIONS
    };
    let few = (PageLoss::FewEntities, "2".to_owned());
    assert_eq!(loss(switzerland(), &bern, limits(3, 9)), few);
    assert_eq!(
        loss(switzerland(), &bern, limits(0, 1)).0,
        PageLoss::ManyEntities
    );
    let fruitless = page("Bern", &["Bern is on the [[Aare]]."]);
    assert_eq!(loss(switzerland(), &fruitless, OPTIONS).0, PageLoss::NoFact);
}

#[test]
fn offsets_count_code_points() {
    let (world, _dir) = switzerland().world();
    let page = page(
        "Zürich",
        &["🂡 Zürich 🂢 lies in [[Switzerland|Ścḥwyz]], in Zürich 🂡."],
    );
    let aligned = aligned(&page, &world);
    assert_eq!(
        mentions(&aligned),
        ["name Zürich Q72", "link Ścḥwyz Q39", "name Zürich Q72"]
    );
}
