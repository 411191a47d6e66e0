//! The tensors that a pickle describes: views of storages, checked against them.

use std::collections::BTreeMap;

use tch::Kind;

use super::Parsed;
use super::pickle::{Pickle, Value};

/// More than any weight has.
const MOST_DIMENSIONS: usize = 16;

/// Numbers that tensors are views of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Storage {
    pub(super) kind: Kind,
    pub(super) count: i64,
}

/// A tensor of the dict.
pub(super) struct View<'a> {
    pub(super) name: &'a str,
    pub(super) key: &'a str,
    pub(super) storage: Storage,
    pub(super) offset: i64,
    pub(super) shape: Vec<i64>,
    pub(super) strides: Vec<i64>,
}

/// The tensors of a pickled state dict.
pub(super) fn views<'a>(pickle: &Pickle<'a>) -> Parsed<Vec<View<'a>>> {
    let entries = state_dict(pickle).ok_or("the file holds no dict of tensors (a state dict)")?;
    let view = |&(name, value): &(Value, Value)| {
        let name = pickle.text(name).ok_or("a tensor's name is no text")?;
        view(pickle, name, value)
            .ok_or_else(|| format!("{name} is no tensor as torch.save writes it"))
            .and_then(|view| view)
    };
    entries.iter().map(view).collect()
}

/// Under what training programs save a model's tensors beside their own state.
const NESTED: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// The dict of tensors: the file's only value, or one of its values.
fn state_dict<'a>(pickle: &'a Pickle<'_>) -> Option<&'a [(Value, Value)]> {
    let entries = pickle.entries(pickle.root?)?;
    let inner = entries.iter().find_map(|&(name, value)| {
        let name = pickle.text(name)?;
        NESTED.contains(&name).then(|| pickle.entries(value))?
    });
    Some(inner.unwrap_or(entries))
}

/// `None` for what is no tensor.
fn view<'a>(pickle: &Pickle<'a>, name: &'a str, value: Value) -> Option<Parsed<View<'a>>> {
    let (function, arguments) = pickle.call(value)?;
    let (storage, offset, shape, strides) = match (function, arguments) {
        ("_rebuild_parameter", &[inner, ..]) => match pickle.call(inner)? {
            ("_rebuild_parameter", _) => return None, // or else they could nest without end
            _ => return view(pickle, name, inner),
        },
        ("_rebuild_tensor", &[storage, offset, shape, strides])
        | ("_rebuild_tensor_v2", &[storage, offset, shape, strides, _, _]) => {
            (storage, offset, shape, strides)
        }
        _ => return None,
    };
    let ([_, class, key, _, count] | [_, class, key, _, count, Value::None]) =
        *pickle.items(storage)?
    else {
        return None; // of the older format, a storage that is itself a view
    };
    let kind = match Pickle::global(class)? {
        "FloatStorage" => Kind::Float,
        "HalfStorage" => Kind::Half,
        "BFloat16Storage" => Kind::BFloat16,
        "LongStorage" => Kind::Int64,
        _ => return None,
    };
    let numbers = |value| {
        // Bounded, since many tensors may refer to one list.
        let items = pickle.items(value)?;
        if items.len() > MOST_DIMENSIONS {
            return None;
        }
        let numbers = items.iter().map(|&item| natural(item));
        numbers.collect::<Option<Vec<_>>>()
    };
    let view = View {
        name,
        key: pickle.text(key)?,
        storage: Storage {
            kind,
            count: natural(count)?,
        },
        offset: natural(offset)?,
        shape: numbers(shape)?,
        strides: numbers(strides)?,
    };
    Some(view.check())
}

/// No number of a file is negative, or so large that bytes cannot be counted.
fn natural(value: Value) -> Option<i64> {
    match value {
        Value::Int(number) if (0..=i64::MAX / 16).contains(&number) => Some(number),
        _ => None,
    }
}

impl View<'_> {
    /// Refuses a view that leaves its storage, or has more elements than it.
    fn check(self) -> Parsed<Self> {
        let outside = || {
            let Self {
                name,
                shape,
                strides,
                offset,
                storage,
                ..
            } = &self;
            let count = storage.count;
            format!(
                "{name}: shape {shape:?} with strides {strides:?} from {offset} does not fit its \
                 storage of {count} numbers"
            )
        };
        if self.shape.len() != self.strides.len() {
            return Err(outside());
        }
        let product = |all: i64, &n: &i64| all.checked_mul(n);
        let elements = self.shape.iter().try_fold(1, product);
        if elements == Some(0) {
            return Ok(self);
        }
        let steps = self.shape.iter().zip(&self.strides);
        let last = steps
            .into_iter()
            .try_fold(self.offset, |last, (n, stride)| {
                last.checked_add((n - 1).checked_mul(*stride)?)
            });
        match (elements, last) {
            (Some(elements), Some(last))
                if elements <= self.storage.count && last < self.storage.count =>
            {
                Ok(self)
            }
            _ => Err(outside()),
        }
    }
}

/// Each storage once.
pub(super) fn distinct<'a>(views: &[View<'a>]) -> Parsed<BTreeMap<&'a str, Storage>> {
    let mut storages = BTreeMap::new();
    for view in views {
        if *storages.entry(view.key).or_insert(view.storage) != view.storage {
            let reason = format!(
                "{}: another tensor says otherwise of its storage",
                view.name
            );
            return Err(reason);
        }
    }
    Ok(storages)
}
