//! An iterator that ends after its first error.

use std::iter::FusedIterator;

/// Gives what an iterator gives, up to its first error and with it, and nothing more.
///
/// A reader that stands behind an error may give the same one for ever: a loop that skips errors
/// would never end.
pub struct UntilError<I> {
    inner: Option<I>,
}

impl<I> UntilError<I> {
    /// Ends `iterator` after its first error.
    pub fn new(iterator: impl IntoIterator<IntoIter = I>) -> Self {
        Self {
            inner: Some(iterator.into_iter()),
        }
    }
}

impl<T, E, I: Iterator<Item = Result<T, E>>> Iterator for UntilError<I> {
    type Item = Result<T, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.inner.as_mut()?.next();
        if !matches!(item, Some(Ok(_))) {
            self.inner = None;
        }
        item
    }
}

impl<T, E, I: Iterator<Item = Result<T, E>>> FusedIterator for UntilError<I> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_comes_for_ever_is_given_once() {
        let mut calls = 0;
        let endless = std::iter::from_fn(|| {
            calls += 1;
            Some(if calls < 3 { Ok(calls) } else { Err("damaged") })
        });
        let given: Vec<_> = UntilError::new(endless).collect();
        assert_eq!(given, [Ok(1), Ok(2), Err("damaged")]);
        // Nor does an iterator go on behind its end.
        let mut ended = UntilError::new([Ok::<_, ()>(1)]);
        assert_eq!((ended.next(), ended.next()), (Some(Ok(1)), None));
    }
}
