//! `ktrain`: knowledge adapters from kprep's datasets.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// libtorch's allocations come here, too.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    ktrain::run_command_line()
}
