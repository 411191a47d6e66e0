//! The tensors of a file, matched strictly against those that a model has.

use std::fmt;
use std::path::{Path, PathBuf};

use tch::{Kind, Tensor};

use super::Named;
use crate::Result;

/// A tensor that a model has: its name in the file, and its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The name.
    pub name: String,
    /// The shape.
    pub shape: Vec<i64>,
}

impl Expected {
    /// A tensor of this name and shape.
    pub fn new(name: &str, shape: &[i64]) -> Self {
        Self {
            name: name.to_owned(),
            shape: shape.to_vec(),
        }
    }
}

/// A file's tensors are not those of the model.
#[derive(Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The file.
    pub path: PathBuf,
    /// Names that the model has and the file lacks.
    pub missing: Vec<String>,
    /// Names that the file has and the model does not know.
    pub unexpected: Vec<String>,
    /// Name, shape of the model, shape in the file.
    pub misshapen: Vec<(String, Vec<i64>, Vec<i64>)>,
    /// Name of a tensor of numbers that are no weights, and its type.
    pub mistyped: Vec<(String, &'static str)>,
    /// Name of a tensor, and how many of its values are NaN or infinite.
    pub not_finite: Vec<(String, i64)>,
}

impl std::error::Error for Mismatch {}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: the tensors do not fit the model",
            self.path.display()
        )?;
        list(f, "missing", &self.missing, Clone::clone)?;
        list(f, "unexpected", &self.unexpected, Clone::clone)?;
        list(
            f,
            "misshapen",
            &self.misshapen,
            |(name, expected, found)| format!("{name}: expected {expected:?}, found {found:?}"),
        )?;
        list(f, "wrong type", &self.mistyped, |(name, kind)| {
            format!("{name}: expected F32, F16, BF16 or F64, found {kind}")
        })?;
        list(f, "not finite", &self.not_finite, |(name, count)| {
            format!("{name}: {count} of its values are NaN or infinite")
        })
    }
}

/// Tensors that are named of each fault: a file of another model has all faults in all tensors.
const NAMED: usize = 50;

/// A line for each tensor with a fault.
fn list<T>(
    f: &mut fmt::Formatter<'_>,
    fault: &str,
    all: &[T],
    line: impl Fn(&T) -> String,
) -> fmt::Result {
    for one in all.iter().take(NAMED) {
        write!(f, "\n  {fault:<11} {}", line(one))?;
    }
    match all.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => write!(f, "\n  {fault:<11} {more} more"),
    }
}

impl Mismatch {
    fn is_empty(&self) -> bool {
        self.missing.is_empty()
            && self.unexpected.is_empty()
            && self.misshapen.is_empty()
            && self.mistyped.is_empty()
            && self.not_finite.is_empty()
    }
}

/// The tensors that the model expects, as fp32. `ignore` names extras that do no harm.
///
/// # Errors
/// [`Mismatch`] with everything that is wrong at once: names, shapes, types, and values that are not
/// finite, which would make every result NaN.
pub fn match_strictly(
    path: &Path,
    mut found: Named,
    expected: &[Expected],
    ignore: impl Fn(&str) -> bool,
) -> Result<Named> {
    let mut matched = Named::new();
    let mut mismatch = Mismatch {
        path: path.to_owned(),
        missing: Vec::new(),
        unexpected: Vec::new(),
        misshapen: Vec::new(),
        mistyped: Vec::new(),
        not_finite: Vec::new(),
    };
    for Expected { name, shape } in expected {
        match found.remove(name) {
            None => mismatch.missing.push(name.clone()),
            Some(tensor) if tensor.size() != *shape => {
                mismatch
                    .misshapen
                    .push((name.clone(), shape.clone(), tensor.size()));
            }
            Some(tensor) => {
                if let Some(kind) = no_weights(tensor.kind()) {
                    mismatch.mistyped.push((name.clone(), kind));
                    continue;
                }
                let tensor = tensor.to_kind(Kind::Float).contiguous();
                match count_not_finite(&tensor)? {
                    0 => drop(matched.insert(name.clone(), tensor)),
                    count => mismatch.not_finite.push((name.clone(), count)),
                }
            }
        }
    }
    mismatch
        .unexpected
        .extend(found.into_keys().filter(|name| !ignore(name)));
    if mismatch.is_empty() {
        Ok(matched)
    } else {
        Err(mismatch.into())
    }
}

/// The type of numbers that are no weights, as safetensors names it; `None` for weights.
fn no_weights(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Float | Kind::Half | Kind::BFloat16 | Kind::Double => return None,
        Kind::Int64 => "I64",
        Kind::Int => "I32",
        Kind::Int16 => "I16",
        Kind::Int8 | Kind::QInt8 => "I8",
        Kind::Uint8 | Kind::QUInt8 => "U8",
        Kind::Bool => "BOOL",
        Kind::QInt32 => "I32 (quantised)",
        Kind::ComplexHalf | Kind::ComplexFloat | Kind::ComplexDouble => "complex",
        Kind::Float8e5m2 | Kind::Float8e4m3fn | Kind::Float8e5m2fnuz | Kind::Float8e4m3fnuz => "F8",
    })
}

/// How many values are NaN or infinite.
fn count_not_finite(tensor: &Tensor) -> Result<i64> {
    // One such value makes the sum one, too. (So can finite ones: then they are counted.)
    let sum = tensor.f_sum(Kind::Float)?;
    if sum.f_double_value(&[])?.is_finite() {
        return Ok(0);
    }
    let finite = tensor.f_isfinite()?.f_sum(Kind::Int64)?;
    Ok(tensor.numel() as i64 - finite.f_int64_value(&[])?)
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    fn named(tensors: &[(&str, &[i64])]) -> Named {
        let zeros = |shape: &[i64]| Tensor::zeros(shape, (Kind::Float, Device::Cpu));
        tensors
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), zeros(shape)))
            .collect()
    }

    #[test]
    fn every_fault_is_named_in_one_error() {
        let expected =
            [("a", vec![2, 3]), ("b", vec![4]), ("c", vec![1])].map(|(name, shape)| Expected {
                name: name.into(),
                shape,
            });
        let found = named(&[("b", &[5]), ("c", &[1]), ("d", &[1]), ("pooler.x", &[1])]);
        let ignore = |name: &str| name.starts_with("pooler.");
        let error = match_strictly(Path::new("m"), found, &expected, ignore).unwrap_err();
        assert_eq!(
            error.to_string(),
            "m: the tensors do not fit the model\n  missing     a\n  unexpected  d\n  \
             misshapen   b: expected [4], found [5]"
        );
    }

    #[test]
    fn numbers_that_are_no_weights_are_named() {
        let expected = ["a", "b", "c", "d"].map(|name| Expected {
            name: name.into(),
            shape: vec![3],
        });
        let found = Named::from([
            ("a".into(), Tensor::from_slice(&[1.0f32, f32::NAN, 1.0])),
            (
                "b".into(),
                Tensor::from_slice(&[f32::NEG_INFINITY, f32::INFINITY, 0.0]),
            ),
            ("c".into(), Tensor::from_slice(&[1i8, 2, 3])),
            ("d".into(), Tensor::from_slice(&[f32::MAX; 3])), // whose sum is infinite
        ]);
        let error = match_strictly(Path::new("m"), found, &expected, |_| false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "m: the tensors do not fit the model\n  \
             wrong type  c: expected F32, F16, BF16 or F64, found I8\n  \
             not finite  a: 1 of its values are NaN or infinite\n  \
             not finite  b: 2 of its values are NaN or infinite"
        );
    }
}
