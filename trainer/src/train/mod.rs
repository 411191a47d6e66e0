//! Training: the loop, the optimizer, checkpoints and the folder of a run.

pub mod checkpoint;
pub mod checkpoint_files;
pub(crate) mod finish;
pub mod finished;
pub mod gradients;
pub mod imported;
pub mod last_good_state;
pub mod metrics_log;
pub mod mlm_objective;
pub mod mlm_run;
pub mod objective;
pub mod optimizer;
pub mod publish;
pub mod run;
pub mod run_files;
pub mod run_folder;
pub mod run_mark;
pub mod run_replaced;
pub mod run_spec;
pub mod shared;
pub mod steps;
pub mod training;
pub mod training_loop;
pub mod transe;
pub mod unlogged_steps;
