//! How fast a compressed file can be read: decodes it and tells its size. For benchmarks.

use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    let mut content = kprep_ingest::decompress(std::fs::File::open(path)?)?;
    let mut bytes = 0;
    loop {
        let read = content.fill_buf()?.len();
        if read == 0 {
            break;
        }
        bytes += read;
        content.consume(read);
    }
    writeln!(io::stdout(), "{bytes} bytes")
}
