//! `ktrain`: knowledge adapters from kprep's datasets.

use std::process::ExitCode;

/// libtorch's allocations come here, too.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    ktrain::run_command_line()
}
