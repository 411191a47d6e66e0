//! Where a JSON document ends.

use memchr::{memchr2, memchr3};

/// Finds the brace that closes a document, over buffers that may be cut anywhere.
#[derive(Default)]
pub(super) struct Scan {
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Length of the document's rest in `buffer`, or `None` if it goes on after it.
    pub(super) fn find_end(&mut self, buffer: &[u8]) -> Option<usize> {
        let mut at = usize::from(self.escaped && !buffer.is_empty());
        self.escaped &= buffer.is_empty();
        while at < buffer.len() {
            let rest = &buffer[at..];
            let hit = if self.in_string {
                memchr2(b'"', b'\\', rest)
            } else {
                memchr3(b'"', b'{', b'}', rest)
            };
            at += hit? + 1;
            match buffer[at - 1] {
                b'"' => self.in_string = !self.in_string,
                b'\\' if at < buffer.len() => at += 1,
                b'\\' => self.escaped = true,
                b'{' => self.depth += 1,
                _ => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at);
                    }
                }
            }
        }
        None
    }
}
