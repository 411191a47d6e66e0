//! How many threads work.

use crate::console::tell;

/// Threads a core at most: more of them only wait for each other, which takes the longer the more
/// they are.
const THREADS_A_CORE: usize = 4;

/// Gives rayon's pool `wanted` threads, as far as the machine has work for them, or one a core, and
/// says how many these are.
pub(crate) fn start_threads(wanted: Option<usize>, quiet: bool) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = THREADS_A_CORE * cores;
    let wanted = wanted.unwrap_or(cores).max(1);
    let threads = wanted.min(most);
    if threads < wanted && !quiet {
        tell(&format_args!(
            "--threads {wanted}: {threads} are started, {THREADS_A_CORE} for each of {cores} cores"
        ));
    }
    // Fails only where the pool is already there, with this very size.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global();
    threads
}
