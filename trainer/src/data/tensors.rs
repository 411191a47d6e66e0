//! Numbers as tensors: b = row, t = position.

use tch::{Device, Kind, Tensor};

/// Numbers as a tensor.
pub(crate) fn int64(values: impl Iterator<Item = usize>) -> Tensor {
    Tensor::from_slice(&values.map(|value| value as i64).collect::<Vec<_>>())
}

/// Rows of these lengths side by side in `width` positions: the ids, b × t in int64, that `copy` puts
/// at the start of a row, pads behind them, and the mask b × t that is false at pads, if there are
/// any.
pub(crate) fn side_by_side(
    lengths: &[usize],
    width: usize,
    pad: u32,
    copy: impl Fn(usize, &mut [i64]),
) -> (Tensor, Option<Tensor>) {
    let mut ids = vec![i64::from(pad); lengths.len() * width];
    for (row, ids) in ids.chunks_mut(width.max(1)).enumerate() {
        copy(row, ids);
    }
    let mask_bt = lengths.iter().any(|&length| length < width).then(|| {
        let length_b1 = int64(lengths.iter().copied()).unsqueeze(1);
        Tensor::arange(width as i64, (Kind::Int64, Device::Cpu))
            .unsqueeze(0)
            .lt_tensor(&length_b1)
    });
    let shape = [lengths.len() as i64, width as i64];
    (Tensor::from_slice(&ids).view(shape), mask_bt)
}
