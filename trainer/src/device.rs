//! Where the tensors live, and in which precision the matrix products run.

use serde::{Deserialize, Serialize};
use tch::{Cuda, Device, Kind};

use crate::{Error, Result, libtorch};

/// The device named by `--device`: `cpu`, `cuda` or `cuda:N`.
///
/// # Errors
/// [`Error::Config`] for another name; [`Error::Device`] if CUDA is asked for and not there.
pub fn open(name: &str) -> Result<Device> {
    let index = match name {
        "cpu" => return Ok(Device::Cpu),
        "cuda" => 0,
        _ => name
            .strip_prefix("cuda:")
            .and_then(|n| n.parse().ok())
            .ok_or_else(|| {
                Error::Config(format!(
                    "--device is {name:?}, expected cpu, cuda or cuda:N"
                ))
            })?,
    };
    libtorch::load_cuda().map_err(|e| Error::Device(format!("--device {name}: {e}")))?;
    let count = Cuda::device_count() as usize;
    if index >= count {
        let found = if count == 1 {
            "one CUDA device is".into()
        } else {
            format!("{count} CUDA devices are")
        };
        return Err(Error::Device(format!("--device {name}: {found} visible")));
    }
    Ok(Device::Cuda(index))
}

/// The precision of the frozen backbone and of the adapter's matrix products. Trained parameters,
/// layer norms, heads and losses are always fp32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// bf16 where the hardware multiplies it faster, else fp32.
    Auto,
    /// 32 bits throughout.
    Fp32,
    /// bf16 products with fp32 sums.
    Bf16,
}

impl Precision {
    /// What `auto` means on this device.
    #[must_use]
    pub fn resolve(self, device: Device) -> Self {
        match self {
            Self::Auto if device.is_cuda() || cpu_multiplies_bf16() => Self::Bf16,
            Self::Auto => Self::Fp32,
            other => other,
        }
    }

    /// The tensors' type; `auto` must be resolved first and counts as fp32.
    pub fn kind(self) -> Kind {
        if self == Self::Bf16 {
            Kind::BFloat16
        } else {
            Kind::Float
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn cpu_multiplies_bf16() -> bool {
    // Processors with AMX have this, too.
    std::is_x86_feature_detected!("avx512bf16")
}

#[cfg(not(target_arch = "x86_64"))]
fn cpu_multiplies_bf16() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_and_missing_cuda_is_said() {
        assert_eq!(open("cpu").unwrap(), Device::Cpu);
        let message = |name| open(name).unwrap_err().to_string();
        assert_eq!(
            message("gpu"),
            "--device is \"gpu\", expected cpu, cuda or cuda:N"
        );
        assert_eq!(
            message("cuda:x"),
            "--device is \"cuda:x\", expected cpu, cuda or cuda:N"
        );
        // Holds on every machine: without CUDA, and with fewer than a thousand devices.
        assert!(message("cuda:999").starts_with("--device cuda:999: "));
    }
}
