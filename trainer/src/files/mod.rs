//! Files of weights and settings, from here and from elsewhere.

pub mod adapter_config;
pub mod adapter_shapes;
pub mod backbone_config;
pub mod checkpoint_folder;
pub mod class_names;
pub mod entity_vectors;
pub mod feature_file;
pub mod file_kind;
pub mod header;
pub mod identity;
pub mod partial_file;
pub mod paths;
pub mod sealed;
pub mod torch_file;
pub mod weights;
