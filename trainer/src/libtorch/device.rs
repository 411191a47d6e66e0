//! Where the tensors live, and in which precision the matrix products run.

use clap::ValueEnum;
use kprep_schemas::with_causes;
use serde::{Deserialize, Serialize};
use tch::{Cuda, Device, Kind};

use crate::libtorch;
use crate::libtorch::processor;
use crate::{Error, Result};

/// The device named by `--device`: `cpu`, `cuda` or `cuda:N`.
///
/// # Errors
/// [`Error::Device`] for another name, and if CUDA is asked for and not there.
pub fn open(name: &str) -> Result<Device> {
    let index = match name {
        "cpu" => return Ok(Device::Cpu),
        "cuda" => 0,
        _ => name
            .strip_prefix("cuda:")
            .and_then(|n| n.parse().ok())
            .ok_or_else(|| {
                Error::Device(format!(
                    "--device is {name:?}, expected cpu, cuda or cuda:N"
                ))
            })?,
    };
    libtorch::load_cuda().map_err(|error| {
        let reason = with_causes(&error); // which library is missing
        Error::Device(format!(
            "--device {name}: this libtorch has no CUDA ({reason}): README.md says how to install one that has (`ktrain setup --cuda`)"
        ))
    })?;
    let count = Cuda::device_count() as usize;
    if index >= count {
        let found = match count {
            0 => "no GPU is visible: `nvidia-smi` says whether there is one, and a driver".into(),
            1 => "one CUDA device is visible".into(),
            _ => format!("{count} CUDA devices are visible"),
        };
        return Err(Error::Device(format!("--device {name}: {found}")));
    }
    Ok(Device::Cuda(index))
}

/// The precision of the frozen backbone and of the adapter's matrix products. Trained parameters,
/// layer norms, heads and losses are always fp32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
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
            Self::Auto => auto(device).0,
            other => other,
        }
    }

    /// The precision with its reason, where it was left to the device: for people.
    #[must_use]
    pub fn in_words(self, device: Device) -> String {
        let name = |precision| match precision {
            Self::Auto => "auto",
            Self::Fp32 => "fp32",
            Self::Bf16 => "bf16",
        };
        match self {
            Self::Auto => {
                let (precision, why) = auto(device);
                format!("{} ({why})", name(precision))
            }
            other => name(other).to_owned(),
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

/// The precision that is faster on this device, and why.
#[must_use]
pub fn auto(device: Device) -> (Precision, &'static str) {
    if device.is_cuda() {
        (Precision::Bf16, "the GPU multiplies it faster than fp32")
    } else if processor::is_faster_in_bf16() {
        (Precision::Bf16, "this processor has instructions for it")
    } else {
        (
            Precision::Fp32,
            "bf16 is no faster on this processor, which has no instructions for it",
        )
    }
}

/// How products are computed in bf16 on this device.
#[must_use]
pub fn bf16_products(device: Device) -> &'static str {
    if device.is_cuda() {
        "by the GPU"
    } else if processor::is_faster_in_bf16() {
        "by oneDNN, with weights packed once"
    } else if processor::multiplies_bf16() {
        "by oneDNN with the instructions of fp32, with weights packed once"
    } else {
        "in fp32, then rounded: oneDNN multiplies no bf16 on this processor"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_says_what_it_chose_and_why() {
        let (chosen, why) = auto(Device::Cpu);
        assert_eq!(Precision::Auto.resolve(Device::Cpu), chosen);
        let words = Precision::Auto.in_words(Device::Cpu);
        assert_eq!(words, format!("{} ({why})", chosen.in_words(Device::Cpu)));
        assert_eq!(Precision::Bf16.in_words(Device::Cpu), "bf16");
    }

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
