//! How much a step computes, and how much the machine can.

use std::fs;
use std::time::Instant;

use crate::config::{Config, Variant};
use crate::files::backbone_config::BackboneConfig;
use crate::model::adapter;
use crate::model::params::Spec;
use crate::model::product;
use tch::{Device, Kind, Tensor};

/// Floating-point operations that a token costs in products with weights: once through the
/// backbone, three times through the adapter (forward, and twice backward). Attention between
/// tokens and the head come to some per cent more and are left out.
pub(super) fn operations_a_token(config: &Config, backbone: &BackboneConfig) -> f64 {
    let hidden = backbone.hidden_size;
    let layer = 4 * hidden * hidden + 2 * hidden * backbone.intermediate_size;
    let frozen = backbone.num_hidden_layers as i64 * layer;
    let is_matrix = |spec: &&Spec| spec.shape.len() == 2;
    let specs = adapter::specs(config, hidden);
    let adapter: i64 = specs.iter().filter(is_matrix).map(Spec::numel).sum();
    let passes = match config.variant {
        Variant::Adapter => 3,
        Variant::Random => 1,
        Variant::Backbone | Variant::Multitask | Variant::Finetune => 0,
    };
    2.0 * (frozen + passes * adapter) as f64
}

/// Floating-point operations a second in a product as the adapter's widest layer has: the best of
/// several.
pub(super) fn operations_a_second(config: &Config, device: Device) -> f64 {
    const ROWS: i64 = 4096;
    let (narrow, wide) = (config.adapter_hidden_size, config.adapter_ffn_size);
    let options = (config.precision.kind(), device);
    let x = Tensor::randn([ROWS, narrow], (Kind::Float, device)).to_kind(options.0);
    let weight = Tensor::randn([wide, narrow], (Kind::Float, device)).to_kind(options.0);
    let seconds = (0..8).map(|_| {
        super::synchronize(device);
        let start = Instant::now();
        let _y = product::linear(&x, &weight, None);
        super::synchronize(device);
        start.elapsed().as_secs_f64()
    });
    let best = seconds.fold(f64::INFINITY, f64::min);
    (2 * ROWS * narrow * wide) as f64 / best
}

/// The most memory that this process has had, in MB; `None` where the system does not tell.
pub(super) fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}
