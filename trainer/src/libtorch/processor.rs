//! What the CPU can: its instructions, and which of them libtorch and oneDNN use.

use std::env;

use crate::libtorch;

/// The variables by which oneDNN is told to use fewer instructions, in the order in which it reads
/// them.
const LIMITS: [&str; 2] = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];

/// The limits under which oneDNN still takes bf16, but computes it with the instructions of fp32.
const WITHOUT_BF16: [&str; 2] = ["AVX512_CORE", "AVX512_CORE_VNNI"];

/// Of the instructions that products are made of, those that this processor has.
#[cfg(target_arch = "x86_64")]
pub fn features() -> Vec<&'static str> {
    let all = [
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("FMA", is_x86_feature_detected!("fma")),
        ("F16C", is_x86_feature_detected!("f16c")),
        ("AVX512F", is_x86_feature_detected!("avx512f")),
        ("AVX512BW", is_x86_feature_detected!("avx512bw")),
        ("AVX512VL", is_x86_feature_detected!("avx512vl")),
        ("AVX512DQ", is_x86_feature_detected!("avx512dq")),
        ("AVX512_BF16", is_x86_feature_detected!("avx512bf16")),
    ];
    let present = all.into_iter().filter(|(_, is_present)| *is_present);
    present.map(|(name, _)| name).collect()
}

/// Of the instructions that products are made of, those that this processor has.
#[cfg(not(target_arch = "x86_64"))]
pub fn features() -> Vec<&'static str> {
    Vec::new()
}

/// The instructions that libtorch's own kernels use, by libtorch's name for them.
pub fn capability() -> String {
    libtorch::cpu_capability()
}

/// Whether oneDNN multiplies bf16 matrices here, at whatever speed.
pub fn multiplies_bf16() -> bool {
    libtorch::multiplies_bf16()
}

/// Whether it does so faster than in fp32: with instructions for bf16 itself. (Processors with AMX
/// have AVX512-BF16, too.)
pub fn is_faster_in_bf16() -> bool {
    multiplies_bf16()
        && features().contains(&"AVX512_BF16")
        && !hides_bf16(|name| env::var(name).ok())
}

/// Whether a limit of oneDNN's leaves bf16 without instructions of its own.
fn hides_bf16(variable: impl Fn(&str) -> Option<String>) -> bool {
    let limit = LIMITS.iter().find_map(|name| variable(name));
    limit.is_some_and(|limit| {
        WITHOUT_BF16
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&limit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_below_bf16_s_instructions_is_heeded() {
        let hides = |name: &'static str, value: &'static str| {
            hides_bf16(move |variable| (variable == name).then(|| value.to_owned()))
        };
        assert!(hides("ONEDNN_MAX_CPU_ISA", "avx512_core"));
        assert!(hides("DNNL_MAX_CPU_ISA", "AVX512_CORE_VNNI"));
        assert!(!hides("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_AMX"));
        assert!(!hides_bf16(|_| None));
    }

    #[test]
    fn without_bf16_products_it_is_not_the_faster_one() {
        assert!(multiplies_bf16() || !is_faster_in_bf16());
    }
}
