//! Tables of numbers.

use crate::text::escaped;

/// The numbers of a chart: names on the left, figures right of them.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What each column is called.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table whose columns are called so.
    pub fn new(head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            head: head.iter().map(|&name| name.to_owned()).collect(),
            rows,
        }
    }

    pub(crate) fn html(&self) -> String {
        let rows = self.rows.iter().map(|row| {
            let cells = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell)));
            format!("<tr>{}</tr>\n", cells.collect::<String>())
        });
        whole(&self.head, rows)
    }
}

/// A table of counts whose cells are the darker the larger their share of the row.
#[derive(Debug, Clone)]
pub struct Heat {
    /// What each column is called, the names' column first.
    pub head: Vec<String>,
    /// A name, and a count for each other column.
    pub rows: Vec<(String, Vec<u64>)>,
}

impl Heat {
    pub(crate) fn html(&self) -> String {
        let rows = self.rows.iter().map(|(name, counts)| {
            let all = counts.iter().sum::<u64>().max(1) as f64;
            let cell = |&count: &u64| match count {
                0 => "<td></td>".to_owned(),
                _ => format!(
                    "<td class=\"heat\" style=\"--share: {:.3}\">{count}</td>",
                    count as f64 / all
                ),
            };
            let cells: String = counts.iter().map(cell).collect();
            format!("<tr><td>{}</td>{cells}</tr>\n", escaped(name))
        });
        whole(&self.head, rows)
    }
}

fn whole(head: &[String], rows: impl Iterator<Item = String>) -> String {
    let head = head
        .iter()
        .map(|name| format!("<th>{}</th>", escaped(name)));
    format!(
        "<table><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table>",
        head.collect::<String>(),
        rows.collect::<String>()
    )
}
