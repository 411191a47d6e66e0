//! One producer, many workers, one consumer that sees the results in the producer's order.

use std::ops::ControlFlow;
use std::thread;

use anyhow::{Result, anyhow};
use crossbeam_channel::{Sender, bounded};

/// Items under way a thread: enough that a slow one holds nobody up.
const IN_FLIGHT: usize = 16;

/// Passes what `produce` sends through `work` on `threads` threads and gives the results to
/// `consume` in the order in which they were sent. `produce` runs on a thread of its own, `consume`
/// on the caller's.
///
/// At most `IN_FLIGHT` items a thread are under way at a time, which bounds memory. When `consume`
/// breaks or fails, the producer is told at its next send and everything winds down.
pub(crate) fn ordered<I: Send, O: Send>(
    threads: usize,
    produce: impl FnOnce(&mut dyn FnMut(I) -> ControlFlow<()>) -> Result<()> + Send,
    work: impl Fn(I) -> O + Sync,
    mut consume: impl FnMut(O) -> Result<ControlFlow<()>>,
) -> Result<()> {
    // Each item travels with a channel of its own for the result. The channels' other ends stand
    // in line in the order of sending, so the consumer simply waits for the next one.
    let (to_workers, tasks) = bounded::<(I, Sender<O>)>(IN_FLIGHT / 2 * threads);
    let (to_line, line) = bounded(IN_FLIGHT / 2 * threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            let tasks = tasks.clone();
            scope.spawn(|| {
                for (item, result) in tasks {
                    // The consumer may have given up: then nobody waits for the result.
                    let _ = result.send(work(item));
                }
            });
        }
        drop(tasks);
        let reading = scope.spawn(move || {
            produce(&mut |item| {
                let (result, place) = bounded(1);
                let sent = to_line.send(place).is_ok() && to_workers.send((item, result)).is_ok();
                if sent {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })
        });
        let consumed = (|| {
            for place in &line {
                let result = place
                    .recv()
                    .map_err(|_| anyhow!("a worker thread broke down"))?;
                if consume(result)?.is_break() {
                    break;
                }
            }
            Ok(())
        })();
        drop(line);
        let produced = reading
            .join()
            .map_err(|_| anyhow!("the reading thread broke down"))?;
        consumed.and(produced)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_on_any_number_of_threads() {
        for threads in [1, 2, 8] {
            let mut seen = Vec::new();
            ordered(
                threads,
                |send| {
                    for i in 0..1000u64 {
                        let _ = send(i);
                    }
                    Ok(())
                },
                |i| (0..(1000 - i) * 10).fold(i, |a, _| std::hint::black_box(a)),
                |i| {
                    seen.push(i);
                    Ok(ControlFlow::Continue(()))
                },
            )
            .unwrap();
            assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_failing_consumer_stops_the_producer() {
        let mut sent = 0;
        let result = ordered(
            2,
            |send| {
                while send(sent).is_continue() {
                    sent += 1;
                }
                Ok(())
            },
            |i| i,
            |i| {
                if i < 5 {
                    Ok(ControlFlow::Continue(()))
                } else {
                    Err(anyhow!("five"))
                }
            },
        );
        assert_eq!(result.unwrap_err().to_string(), "five");
        assert!((5..200).contains(&sent), "{sent}");
    }
}
