//! Priors of entity linking in the form that `KnowBERT` has `CrossWikis` in.

use std::io::BufRead;

use kprep_schemas::Position;

use crate::wordnet::WordNetResult;
use crate::wordnet::error::Unexpected;
use crate::wordnet::lines::Lines;

/// What a mention may mean.
#[derive(Debug, Clone, PartialEq)]
pub struct MentionPriors {
    /// The mention.
    pub mention: String,
    /// Titles of pages, with blanks, each with its share.
    pub titles: Vec<(String, f64)>,
}

/// The lines of a file of priors: `mention`, a total, and for each page `id,share,Title`, with tabs
/// between them. A title may have commas. Memory: a line.
pub fn mention_priors<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, MentionPriors)>> {
    Lines::new(reader, |line, _| {
        let mut cells = line.split('\t');
        let mention = cells.next().unwrap_or_default();
        if mention.is_empty() {
            return Err(Unexpected::new(
                "a mention, a total and pages with tabs between them",
                line,
            ));
        }
        let total = cells.next().ok_or_else(|| Unexpected::end("a total"))?;
        if total.parse::<f64>().is_err() {
            return Err(Unexpected::new("a total", total));
        }
        let titles = cells.filter(|cell| !cell.is_empty()).map(page);
        Ok(Some(MentionPriors {
            mention: mention.to_owned(),
            titles: titles.collect::<Result<_, _>>()?,
        }))
    })
}

/// `id,share,Title`.
fn page(cell: &str) -> Result<(String, f64), Unexpected> {
    let fault = || Unexpected::new("a page, its share and its title, as in 42,0.5,Bern", cell);
    let (_, rest) = cell.split_once(',').ok_or_else(fault)?;
    let (share, title) = rest.split_once(',').ok_or_else(fault)?;
    let share: f64 = share.parse().map_err(|_| fault())?;
    if !(0.0..=1.0).contains(&share) || title.is_empty() {
        return Err(fault());
    }
    Ok((title.replace('_', " "), share))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read(text: &str, buffer: usize) -> Vec<Result<MentionPriors, String>> {
        let lines = mention_priors(BufReader::with_capacity(buffer, text.as_bytes()));
        let lines = lines.map(|line| line.map(|(_, line)| line).map_err(|e| e.to_string()));
        lines.collect()
    }

    #[test]
    fn one_bad_line_between_two_good_ones() {
        let text = "Bern\t4\t70,0.75,Bern\t9,0.25,Bern,_New_York\nBern\t4\t70,1.5,Bern\nBasel\t1\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let found = read(&text, 64);
            assert_eq!(found, read(&text, 1));
            let titles = vec![
                ("Bern".to_owned(), 0.75),
                ("Bern, New York".to_owned(), 0.25),
            ];
            let first = MentionPriors {
                mention: "Bern".into(),
                titles,
            };
            assert_eq!(found[0], Ok(first));
            let byte = text.find("Bern\t4\t70,1").unwrap();
            let expected = format!(
                "line 2, byte {byte}: expected a page, its share and its title, as in 42,0.5,Bern, \
                 found \"70,1.5,Bern\""
            );
            assert_eq!(found[1], Err(expected));
            assert_eq!(found[2].as_ref().map(|last| last.titles.len()), Ok(0));
        }
        assert!(read("Bern\tmany\n", 9)[0].is_err() && read("Bern\n", 9)[0].is_err());
        assert!(read("\t4\n", 9)[0].is_err());
    }

    #[test]
    fn a_file_cut_anywhere_gives_whole_lines_and_one_error() {
        let text = "Bern\t4\t70,0.75,Bern\nBasel\t1\t7,1,Basel\n";
        for end in 0..text.len() {
            let found = read(&text[..end], 3);
            let whole = text[..end].matches('\n').count();
            assert_eq!(
                found.iter().take_while(|line| line.is_ok()).count(),
                whole,
                "{end}"
            );
        }
    }
}
