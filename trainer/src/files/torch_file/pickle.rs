//! The part of Python's pickle format that PyTorch's checkpoints of weights use.
//!
//! Not a general unpickler: it knows the instructions below and makes plain values from them. It
//! calls nothing, imports nothing, and every class or function but the few in [`GLOBALS`] is
//! refused by name. Memory grows with the input's length alone, by less than a hundred bytes for each
//! of its bytes in the worst case, and nothing recurses, whatever the input. The format: `pickletools.py` of `CPython`.

/// What checkpoints name, and no more: `(module, name)`.
pub(super) const GLOBALS: [(&str, &str); 8] = [
    ("collections", "OrderedDict"),
    ("torch._utils", "_rebuild_tensor"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch", "FloatStorage"),
    ("torch", "HalfStorage"),
    ("torch", "BFloat16Storage"),
    ("torch", "LongStorage"),
];

/// Where the input is no such pickle, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Bytes before the instruction, counted from the start of the pickle.
    pub(super) at: usize,
    /// What was found.
    pub(super) reason: String,
}

/// A value. What it holds is in the [`Pickle`], so that values nest without recursion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// Text, by its index in [`Pickle::texts`].
    Text(usize),
    /// A tuple or list, by its index in [`Pickle::lists`].
    List(usize),
    /// A dict, by its index in [`Pickle::dicts`].
    Dict(usize),
    /// One of [`GLOBALS`], by its index.
    Global(usize),
    /// What a function made, by the index of both in [`Pickle::calls`].
    Call(usize),
    /// Something outside the pickle (a storage), by the index of its tuple in [`Pickle::lists`].
    Persistent(usize),
    /// A number that is no integer of 64 bits: nothing that weights depend on.
    OtherNumber,
}

/// A pickle, read.
#[derive(Debug, Default)]
pub(super) struct Pickle<'a> {
    pub(super) texts: Vec<&'a str>,
    pub(super) lists: Vec<Vec<Value>>,
    pub(super) dicts: Vec<Vec<(Value, Value)>>,
    pub(super) calls: Vec<(usize, usize)>,
    /// The value that it is.
    pub(super) root: Option<Value>,
    /// Its length in bytes.
    pub(super) length: usize,
}

impl<'a> Pickle<'a> {
    pub(super) fn text(&self, value: Value) -> Option<&'a str> {
        match value {
            Value::Text(i) => self.texts.get(i).copied(),
            _ => None,
        }
    }

    /// The items of a tuple, list or reference to something outside.
    pub(super) fn items(&self, value: Value) -> Option<&[Value]> {
        match value {
            Value::List(i) | Value::Persistent(i) => self.lists.get(i).map(Vec::as_slice),
            _ => None,
        }
    }

    pub(super) fn entries(&self, value: Value) -> Option<&[(Value, Value)]> {
        match value {
            Value::Dict(i) => self.dicts.get(i).map(Vec::as_slice),
            _ => None,
        }
    }

    /// The function's name and its arguments.
    pub(super) fn call(&self, value: Value) -> Option<(&'static str, &[Value])> {
        match value {
            Value::Call(i) => {
                let &(function, arguments) = self.calls.get(i)?;
                Some((GLOBALS[function].1, self.lists.get(arguments)?))
            }
            _ => None,
        }
    }

    /// The name of one of [`GLOBALS`].
    pub(super) fn global(value: Value) -> Option<&'static str> {
        match value {
            Value::Global(i) => Some(GLOBALS[i].1),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn fault(bytes: &[u8]) -> (usize, String) {
        let fault = Pickle::read(bytes).unwrap_err();
        (fault.at, fault.reason)
    }

    #[test]
    fn plain_values_are_read() {
        // pickletools: {"a": (1, 300, -2), "b": None}
        let bytes = b"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01M\x2c\x01J\xfe\xff\xff\xff\x87X\x01\x00\x00\x00bNu.rest";
        let pickle = Pickle::read(bytes).unwrap();
        assert_eq!(pickle.length, bytes.len() - 4);
        let entries = pickle.entries(pickle.root.unwrap()).unwrap();
        assert_eq!(pickle.text(entries[0].0), Some("a"));
        let items = [Value::Int(1), Value::Int(300), Value::Int(-2)];
        assert_eq!(pickle.items(entries[0].1), Some(&items[..]));
        assert_eq!(entries[1].1, Value::None);
    }

    #[test]
    fn whatever_is_no_part_of_weights_is_refused_by_name() {
        assert_eq!(
            fault(b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R."),
            (
                2,
                "it names posix.system, which is no part of weights".into()
            )
        );
        assert_eq!(
            fault(b"\x80\x02]\x81."),
            (
                3,
                "pickle instruction 0x81, which no file of weights needs".into()
            )
        );
    }

    #[test]
    fn broken_input_says_where() {
        assert_eq!(fault(b""), (0, "the pickle ends early".into()));
        assert_eq!(
            fault(b"\x80\x02X\xff\xff\xff\xffa").1,
            "the pickle ends early"
        );
        assert_eq!(
            fault(b"\x80\x02h\x07"),
            (2, "memo 7 was never written".into())
        );
        assert_eq!(
            fault(b"K\x01(\x85"),
            (3, "an instruction lacks its operands".into())
        );
        assert_eq!(fault(b"t"), (0, "an instruction lacks its mark".into()));
    }

    proptest! {
        /// Any row of instructions and operands gives a pickle or a fault within the input.
        #[test]
        fn no_input_panics(
            bytes in vec(
                prop_oneof![
                    4 => proptest::sample::select(&b"(NKMJGUXTc)]}taesuqrhjQRb.\x80\x85\x86\x87\x88\x89\x8a\x8c\x94\x95"[..]),
                    1 => any::<u8>(),
                ],
                0..200,
            )
        ) {
            match Pickle::read(&bytes) {
                Ok(pickle) => prop_assert!(pickle.length <= bytes.len()),
                Err(fault) => prop_assert!(fault.at <= bytes.len()),
            }
        }
    }

    #[test]
    fn nesting_costs_no_stack() {
        let depth = 1_000_000;
        let mut bytes = vec![b')'];
        bytes.extend([0x85].repeat(depth));
        bytes.push(b'.');
        assert_eq!(Pickle::read(&bytes).unwrap().lists.len(), depth + 1);
    }
}
