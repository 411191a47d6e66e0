//! Pre-trains knowledge adapters (K-Adapter) on a frozen backbone from kprep's datasets.
//!
//! It reads Parquet datasets and Hugging Face checkpoints, and no dump: making datasets is
//! `kprep`'s work. The binary is `ktrain`; this library is what its tests and measurements use.
//!
//! # Example: encode with an adapter
//!
//! The features of a text, as `ktrain encode` writes them: for each token the backbone's last hidden
//! state s, then the adapter's output o.
//!
//! ```
//! use std::path::Path;
//!
//! use ktrain::{Backbone, BackboneIdentity, FeatureExtractor, Limit, Lines, Vocabulary, checksums};
//! use tch::{Device, Kind, Tensor};
//!
//! fn encode(text: &str, backbone: &Path, adapter: &Path) -> ktrain::Result<Tensor> {
//!     let model = Backbone::load(backbone, Device::Cpu, Kind::Float)?;
//!     let identity = BackboneIdentity::new(backbone, model.config(), &checksums(backbone)?)?;
//!     let mut encoder = FeatureExtractor::new(model, identity, Kind::Float);
//!     encoder.add(adapter)?; // an error if it was trained on another backbone
//!
//!     let vocabulary = Vocabulary::load(backbone)?;
//!     let limit = Limit::Refuse(encoder.max_length());
//!     let lines = Lines::read(text.as_bytes(), Path::new("text"), &vocabulary, limit)?;
//!     let (ids_bt, mask_bt) = lines.batch(&[0, 1], encoder.pads_to(), encoder.device());
//!     Ok(encoder.forward(&ids_bt, mask_bt.as_ref()))
//! }
//!
//! # // The adapter of the tests, as a run would have left it.
//! # use ktrain::{Config, Preset, Task};
//! # use ktrain::files::adapter_config;
//! # use ktrain::files::identity::{DatasetIdentity, Identity};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/backbone");
//! # let backbone = &data.join("bert-tiny");
//! # let folder = tempfile::tempdir()?;
//! # let adapter = folder.path();
//! # std::fs::copy(data.join("adapter/adapter.safetensors"), adapter.join("adapter.safetensors"))?;
//! # let model = Backbone::load(backbone, Device::Cpu, Kind::Float)?;
//! # let run = Identity {
//! #     config: Config {
//! #         adapter_hidden_size: 48,
//! #         adapter_attention_heads: 4,
//! #         adapter_ffn_size: 96,
//! #         ..Config::preset(Preset::Paper, Task::Relation)
//! #     },
//! #     backbone: BackboneIdentity::new(backbone, model.config(), &checksums(backbone)?)?,
//! #     dataset: DatasetIdentity { name: "rc".into(), manifest_sha256: String::new() },
//! #     second: None,
//! #     adapter_weights_sha256: None,
//! #     adapters: Vec::new(),
//! # };
//! # let files = [adapter_config::WEIGHTS.to_owned()];
//! # adapter_config::write(adapter, &run, &files, serde_json::Value::Null)?;
//! let features_btf = encode("the river\nthe capital of france\n", backbone, adapter)?;
//! let width = 32; // of this backbone
//! assert_eq!(features_btf.size()[0], 2);
//! assert_eq!(features_btf.size()[2], 2 * width);
//! # Ok(())
//! # }
//! ```

mod commands;
mod error;

// Public for the tests in `tests/ktrain` alone, which look into them. They promise nothing: what other
// crates may use stands below.
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod console;
#[doc(hidden)]
pub mod data;
#[doc(hidden)]
pub mod evaluate;
#[doc(hidden)]
pub mod files;
#[doc(hidden)]
pub mod libtorch;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod stop;
#[doc(hidden)]
pub mod tasks;
#[doc(hidden)]
pub mod train;

pub use commands::run_command_line;
pub use config::{Config, Preset, Task};
pub use data::text_corpus::{Limit, Lines};
pub use data::tokenizer::Vocabulary;
pub use error::{Error, Result};
pub use files::checkpoint_folder::checksums;
pub use files::identity::BackboneIdentity;
pub use model::backbone::Backbone;
pub use model::features::FeatureExtractor;
