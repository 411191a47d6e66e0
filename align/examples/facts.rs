//! How fast tables of facts are made and looked up: `cargo run --release --example facts --
//! 20000000` makes them of as many statements in no order.

#![allow(clippy::print_stdout)] // what it is for

use std::error::Error;
use std::time::Instant;

use kprep_align::distant::{Facts, FactsWriter};
use kprep_schemas::{EntityId, Rank, Statement, Value};

fn main() -> Result<(), Box<dyn Error>> {
    let facts: u64 = std::env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |n| n.parse())?;
    let items = facts / 7 + 1; // about as many as an item of Wikidata has
    let dir = tempfile::tempdir()?;
    let start = Instant::now();
    let mut writer = FactsWriter::new(dir.path());
    for i in 0..facts {
        let subject = (i / 7).wrapping_mul(2_654_435_761) % items + 1;
        let object = i.wrapping_mul(40_503) % items + 1;
        writer.add(Statement {
            subject: EntityId::item(subject),
            property: EntityId::property(i % 7 + 17),
            rank: Rank::Normal,
            value: Some(Value::Entity(EntityId::item(object))),
        })?;
    }
    writer.finish(&[0; 32])?;
    let made = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let tables = Facts::open(dir.path(), &[0; 32])?;
    let opened = start.elapsed().as_secs_f64();
    let bytes = std::fs::metadata(dir.path().join("items.facts"))?.len();
    let start = Instant::now();
    let lookups = 1_000_000;
    let mut found = 0;
    for i in 0..lookups {
        let item = (i * 7919) % items + 1;
        found += tables.of(item as u32)?.items.len();
    }
    let looked = start.elapsed().as_secs_f64();
    println!(
        "{} facts, {bytes} bytes: made in {made:.1} s, opened in {opened:.1} s; {:.0} lookups/s of \
         {:.1} facts",
        tables.counts()[0],
        lookups as f64 / looked,
        found as f64 / lookups as f64,
    );
    Ok(())
}
