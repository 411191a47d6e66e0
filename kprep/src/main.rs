//! `kprep`: knowledge sources to sharded Parquet datasets.

use std::process::ExitCode;

/// Rows are made on one thread and dropped on another, a dozen small allocations each. With the C
/// library's allocator `kprep deps` takes 15% more processor time for the same peak memory.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    kprep::main()
}
