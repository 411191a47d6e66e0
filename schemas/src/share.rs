//! How many of how many.

use serde::Serialize;

/// A part of a whole, counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// `count / of`, 0 to 1; `None` of nothing.
    pub share: Option<f64>,
}

impl Share {
    /// `count` of `of`.
    pub fn new(count: u64, of: u64) -> Self {
        let share = (of > 0).then(|| count as f64 / of as f64);
        Self { count, of, share }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_none() {
        assert_eq!(Share::new(1, 4).share, Some(0.25));
        assert_eq!(Share::new(0, 0).share, None);
    }
}
