//! The funnel: how many records came in, and where each lost one was lost.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Counts of records along the stages of a command.
///
/// Each stage starts with what the one before it kept, so `read = kept + all losses` always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// What is counted, e.g. `triples`.
    pub unit: String,
    /// Records that came in.
    pub read: u64,
    /// The stages in order.
    pub stages: Vec<Stage>,
    /// What was left out of records that count as read, in units of its own, by reason; reasons
    /// that did not occur are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<Loss>,
}

/// One stage of the funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// What the records that pass have, e.g. `both spans`.
    pub name: String,
    /// Records that pass.
    pub kept: u64,
    /// Records that do not, by reason, in a fixed order; reasons that did not occur are left out.
    pub lost: Vec<Loss>,
}

/// Records lost for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// The reason.
    pub reason: String,
    /// How many.
    pub count: u64,
}

impl Funnel {
    /// A funnel into which `read` records went.
    pub fn new(unit: &str, read: u64) -> Self {
        Self {
            unit: unit.to_owned(),
            read,
            stages: Vec::new(),
            within: Vec::new(),
        }
    }

    /// Adds a stage that loses `(reason, count)`s; what it keeps follows from the stage before.
    pub fn stage<'a>(&mut self, name: &str, lost: impl IntoIterator<Item = (&'a str, u64)>) {
        let lost = occurred(lost);
        let kept = self
            .kept()
            .saturating_sub(lost.iter().map(|l| l.count).sum());
        self.stages.push(Stage {
            name: name.to_owned(),
            kept,
            lost,
        });
    }

    /// States what was left out of records, as `(reason, count)`s.
    pub fn within<'a>(&mut self, lost: impl IntoIterator<Item = (&'a str, u64)>) {
        self.within = occurred(lost);
    }

    /// Records that passed every stage so far.
    pub fn kept(&self) -> u64 {
        self.stages.last().map_or(self.read, |stage| stage.kept)
    }
}

/// Those that occurred.
fn occurred<'a>(lost: impl IntoIterator<Item = (&'a str, u64)>) -> Vec<Loss> {
    lost.into_iter()
        .filter(|&(_, count)| count > 0)
        .map(|(reason, count)| Loss {
            reason: reason.to_owned(),
            count,
        })
        .collect()
}

impl fmt::Display for Funnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stages = self.stages.iter();
        let lost = stages
            .clone()
            .flat_map(|stage| &stage.lost)
            .chain(&self.within)
            .map(|loss| loss.reason.len() + 4);
        let names = stages.map(|stage| stage.name.len()).chain(lost);
        let width = names.max().unwrap_or(0).max(24);
        let line = |f: &mut fmt::Formatter<'_>, name: &str, count: u64| {
            writeln!(f, "  {name:<width$} {:>14}", thousands(count))
        };
        line(f, &format!("{} read", self.unit), self.read)?;
        for stage in &self.stages {
            for loss in &stage.lost {
                line(f, &format!("  - {}", loss.reason), loss.count)?;
            }
            line(f, &stage.name, stage.kept)?;
        }
        if !self.within.is_empty() {
            writeln!(f, "  within {}", self.unit)?;
        }
        for loss in &self.within {
            line(f, &format!("  - {}", loss.reason), loss.count)?;
        }
        Ok(())
    }
}

/// `1234567` as `1,234,567`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_is_kept_plus_lost() {
        let mut funnel = Funnel::new("triples", 1_234_567);
        funnel.stage(
            "both spans",
            [("no subject span", 234_567), ("no object span", 0)],
        );
        funnel.stage("distinct", [("duplicate", 1)]);
        assert_eq!(funnel.kept(), 999_999);
        assert_eq!(
            funnel.to_string(),
            "  triples read                  1,234,567\n    - no subject span             234,567\n  \
             both spans                    1,000,000\n    - duplicate                         1\n  \
             distinct                        999,999\n"
        );
        funnel.within([("words without a form", 7), ("further heads", 0)]);
        let text = funnel.to_string();
        let end = "  within triples\n    - words without a form              7\n";
        assert!(text.ends_with(end), "{text}");
    }
}
