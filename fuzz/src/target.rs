//! What a fuzz target is, and inputs for it that do not depend on a fuzzer.

use std::path::{Path, PathBuf};
use std::{fs, panic};

use kprep_schemas::stable_hash;

/// A reader of files from elsewhere, and good inputs to start from.
pub struct Target {
    /// Its name, which is that of the file in `fuzz_targets`, too.
    pub name: &'static str,
    /// Reads an input. It panics where the reader breaks a promise.
    pub read: fn(&[u8]),
    /// Inputs as the reader's own tests have them.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Gives each target its seeds, and so many damaged copies of each.
///
/// # Panics
/// With the target and the input, if a reader breaks a promise.
pub fn check_all(targets: impl Iterator<Item = Target>, copies: u64) {
    std::thread::scope(|scope| {
        for target in targets {
            scope.spawn(move || target.check(copies));
        }
    });
}

impl Target {
    fn check(&self, copies: u64) {
        for (number, seed) in (self.seeds)().into_iter().enumerate() {
            let inputs = [seed.clone()].into_iter().chain(damaged(&seed, copies));
            for (copy, input) in inputs.enumerate() {
                let read = panic::catch_unwind(|| (self.read)(&input));
                assert!(
                    read.is_ok(),
                    "{}: seed {number}, copy {copy}: {:?}",
                    self.name,
                    String::from_utf8_lossy(&input)
                );
            }
        }
    }
}

/// More items than any input of a fuzzer holds: a reader that gives so many does not end.
const ENDLESS: usize = 1 << 20;

/// Panics where a reader goes on for ever, as one does that gives its error again and again.
pub(crate) fn ending<T>(items: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    items.into_iter().enumerate().map(|(i, item)| {
        assert!(i < ENDLESS, "the reader does not end");
        item
    })
}

/// A file of the repository.
pub(crate) fn file(path: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join(path);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Files of the repository, each after a byte that chooses among a target's readers.
pub(crate) fn chosen<'a>(files: impl IntoIterator<Item = (u8, &'a str)>) -> Vec<Vec<u8>> {
    let files = files.into_iter();
    files
        .map(|(choice, path)| [&[choice], file(path).as_slice()].concat())
        .collect()
}

/// The first bytes of a file, up to a mark: a fuzzer is quick with small inputs alone.
pub(crate) fn beginning(mut bytes: Vec<u8>, at_most: usize, mark: &[u8]) -> Vec<u8> {
    bytes.truncate(at_most);
    let mut windows = bytes.windows(mark.len());
    let end = windows.rposition(|window| window == mark);
    bytes.truncate(end.map_or(bytes.len(), |end| end + mark.len()));
    bytes
}

/// A file of these bytes for a reader that opens files itself. It lies in memory where TMPDIR does.
pub(crate) fn with_folder<T>(files: &[(&str, &[u8])], read: impl FnOnce(&Path) -> T) -> T {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        let path: PathBuf = dir.path().join(name);
        fs::write(&path, bytes).expect("a file in a temporary folder");
    }
    read(dir.path())
}

/// Damaged copies of an input, always the same ones: bits flipped, bytes and numbers at their
/// limits, parts taken out, doubled and moved.
pub fn damaged(seed: &[u8], copies: u64) -> impl Iterator<Item = Vec<u8>> {
    (0..copies).map(move |copy| {
        let mut bytes = seed.to_vec();
        let mut draws = Draws { copy, drawn: 0 };
        for _ in 0..=draws.below(4) {
            damage(&mut bytes, &mut draws);
        }
        bytes
    })
}

/// Numbers drawn by a hash.
struct Draws {
    copy: u64,
    drawn: u64,
}

impl Draws {
    fn below(&mut self, end: usize) -> usize {
        self.drawn += 1;
        let key = [self.copy.to_le_bytes(), self.drawn.to_le_bytes()];
        let hash = stable_hash([key[0].as_slice(), key[1].as_slice()]);
        (hash % end.max(1) as u64) as usize
    }
}

const LIMITS: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'\n', b'\t'];

const NUMBERS: [&[u8]; 5] = [
    b"-1",
    b"0",
    b"1e999",
    b"9223372036854775807",
    b"18446744073709551616",
];

fn damage(bytes: &mut Vec<u8>, draws: &mut Draws) {
    let length = bytes.len();
    let at = draws.below(length);
    let end = length.min(at + 1 + draws.below(1 + length / 8));
    match draws.below(7) {
        0 if length > 0 => bytes[at] ^= 1 << draws.below(8),
        1 if length > 0 => bytes[at] = LIMITS[draws.below(LIMITS.len())],
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let part = bytes[at..end].to_vec();
            let to = draws.below(length + 1);
            bytes.splice(to..to, part);
        }
        5 => {
            let number = |byte: &u8| byte.is_ascii_digit();
            let start = bytes[at..].iter().position(number).map_or(at, |n| at + n);
            let digits = bytes[start..].iter().take_while(|&byte| number(byte));
            let end = start + digits.count();
            let number = NUMBERS[draws.below(NUMBERS.len())];
            bytes.splice(start..end, number.iter().copied());
        }
        _ => {
            let limit = LIMITS[draws.below(LIMITS.len())];
            bytes[at..end].fill(limit);
        }
    }
}
