//! The magic numbers of bzip2 at any bit.

/// The magic number of a block: the digits of pi.
pub(super) const BLOCK: u64 = 0x3141_5926_5359;

/// The magic number of a stream's end: the digits of pi's root.
pub(super) const END: u64 = 0x1772_4538_5090;

/// Bits of both.
pub(super) const MAGIC_BITS: u64 = 48;

/// The low 48 bits.
const MASK: u64 = (1 << MAGIC_BITS) - 1;

/// Bytes that [`find`] looks at from a place on.
pub(super) const WINDOW: usize = 8;

/// Which values two bytes can have that stand, at any of the eight shifts, in a magic number from
/// its third byte on: 16 of 65,536, so that hardly any other place needs a closer look.
static CANDIDATES: [u64; 1024] = candidates();

const fn candidates() -> [u64; 1024] {
    let mut set = [0; 1024];
    let mut shift = 0;
    while shift < 8 {
        let mut magic = 0;
        while magic < 2 {
            let bits = if magic == 0 { BLOCK } else { END };
            // The magic number starts `shift` bits into the window; bits 16 to 32 of it are these.
            let pair = ((bits >> (16 + shift)) & 0xffff) as usize;
            set[pair / 64] |= 1 << (pair % 64);
            magic += 1;
        }
        shift += 1;
    }
    set
}

/// The first bit, from bit `from` on, at which one of the magic numbers starts. Both are followed
/// by a checksum, so that it is no loss that the last seven bytes are not looked at.
pub(super) fn find(bytes: &[u8], from: u64) -> Option<u64> {
    let mut at = (from / 8) as usize;
    while at + WINDOW <= bytes.len() {
        let pair = usize::from(bytes[at + 2]) << 8 | usize::from(bytes[at + 3]);
        if CANDIDATES[pair / 64] >> (pair % 64) & 1 == 1 {
            let window = word(&bytes[at..]);
            for shift in 0..8 {
                let bits = window >> (64 - MAGIC_BITS - shift) & MASK;
                let bit = at as u64 * 8 + shift;
                if (bits == BLOCK || bits == END) && bit >= from {
                    return Some(bit);
                }
            }
        }
        at += 1;
    }
    None
}

/// The first eight bytes as a number.
fn word(bytes: &[u8]) -> u64 {
    let first = bytes.iter().take(8);
    first.fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// `count` (at most 48) bits from bit `at` on; bits behind the end are zero.
pub(super) fn read(bytes: &[u8], at: u64, count: u64) -> u64 {
    let start = ((at / 8) as usize).min(bytes.len());
    let mut window = [0; 8];
    let have = bytes.len().min(start + 8) - start;
    window[..have].copy_from_slice(&bytes[start..start + have]);
    let bits = u64::from_be_bytes(window) << (at % 8);
    bits.checked_shr(64 - count as u32).unwrap_or(0)
}

/// Appends the bits `from..to` of `bytes`, and then the bits of `tail`, to whole bytes.
pub(super) fn append(bytes: &[u8], from: u64, to: u64, tail: &[(u64, u64)], out: &mut Vec<u8>) {
    let shift = (from % 8) as u32;
    let start = (from / 8) as usize;
    let whole = ((to - from) / 8) as usize;
    let body = &bytes[start..];
    if shift == 0 {
        out.extend_from_slice(&body[..whole]);
    } else {
        let pairs = body[..=whole].windows(2);
        out.extend(pairs.map(|pair| pair[0] << shift | pair[1] >> (8 - shift)));
    }
    let rest = (to - from) % 8;
    let mut have = rest;
    let mut word = u128::from(read(bytes, to - rest, 8) >> (8 - rest));
    for &(bits, count) in tail {
        word = word << count | u128::from(bits);
        have += count;
    }
    let padding = have.next_multiple_of(8) - have;
    word <<= padding;
    let bytes = ((have + padding) / 8) as usize;
    out.extend_from_slice(&word.to_be_bytes()[16 - bytes..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_magic_number_is_found_at_every_bit() {
        for magic in [BLOCK, END] {
            for bit in 0..40u64 {
                let mut bytes = Vec::new();
                append(&[0xa5; 9], 0, bit, &[(magic, 48), (0x5a, 8)], &mut bytes);
                bytes.extend([0xff; WINDOW]);
                assert_eq!(find(&bytes, 0), Some(bit));
                assert_eq!(find(&bytes, bit), Some(bit));
                assert_eq!(find(&bytes, bit + 1), None);
                assert_eq!(read(&bytes, bit, 48), magic);
                // Shifted back, it is what it was.
                let mut again = Vec::new();
                append(&bytes, bit, bit + 51, &[(0b10110, 5)], &mut again);
                assert_eq!(read(&again, 0, 48), magic);
                assert_eq!(read(&again, 48, 8), 0b010_10110);
                assert_eq!(again.len(), 7);
            }
        }
    }
}
