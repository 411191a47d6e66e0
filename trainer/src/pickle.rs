//! The part of Python's pickle format that PyTorch's checkpoints of weights use.
//!
//! Not a general unpickler: it knows the instructions below and makes plain values from them. It
//! calls nothing, imports nothing, and every class or function but the few in [`GLOBALS`] is
//! refused by name. Memory is bounded by a small multiple of the input's length, and nothing
//! recurses, whatever the input. The format: `pickletools.py` of `CPython`.

use std::collections::HashMap;

/// What checkpoints name, and no more: `(module, name)`.
const GLOBALS: [(&str, &str); 8] = [
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
pub(crate) struct Fault {
    /// Bytes before the instruction, counted from the start of the pickle.
    pub(crate) at: usize,
    /// What was found.
    pub(crate) reason: String,
}

/// A value. What it holds is in the [`Pickle`], so that values nest without recursion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
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
pub(crate) struct Pickle<'a> {
    texts: Vec<&'a str>,
    lists: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
    calls: Vec<(usize, usize)>,
    /// The value that it is.
    pub(crate) root: Option<Value>,
    /// Its length in bytes.
    pub(crate) length: usize,
}

impl<'a> Pickle<'a> {
    /// Reads the pickle at the start of `bytes`, up to its stop instruction.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut machine = Machine {
            bytes,
            at: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            pickle: Self::default(),
        };
        loop {
            let at = machine.at;
            match machine.step() {
                Ok(false) => {}
                Ok(true) => break,
                Err(reason) => return Err(Fault { at, reason }),
            }
        }
        machine.pickle.length = machine.at;
        Ok(machine.pickle)
    }

    pub(crate) fn text(&self, value: Value) -> Option<&'a str> {
        match value {
            Value::Text(i) => self.texts.get(i).copied(),
            _ => None,
        }
    }

    /// The items of a tuple, list or reference to something outside.
    pub(crate) fn items(&self, value: Value) -> Option<&[Value]> {
        match value {
            Value::List(i) | Value::Persistent(i) => self.lists.get(i).map(Vec::as_slice),
            _ => None,
        }
    }

    pub(crate) fn entries(&self, value: Value) -> Option<&[(Value, Value)]> {
        match value {
            Value::Dict(i) => self.dicts.get(i).map(Vec::as_slice),
            _ => None,
        }
    }

    /// The function's name and its arguments.
    pub(crate) fn call(&self, value: Value) -> Option<(&'static str, &[Value])> {
        match value {
            Value::Call(i) => {
                let &(function, arguments) = self.calls.get(i)?;
                Some((GLOBALS[function].1, self.lists.get(arguments)?))
            }
            _ => None,
        }
    }

    /// The name of one of [`GLOBALS`].
    pub(crate) fn global(value: Value) -> Option<&'static str> {
        match value {
            Value::Global(i) => Some(GLOBALS[i].1),
            _ => None,
        }
    }
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    /// The stack's length at each mark.
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
    pickle: Pickle<'a>,
}

type Step<T> = Result<T, String>;

impl<'a> Machine<'a> {
    /// Obeys one instruction; true for the last.
    fn step(&mut self) -> Step<bool> {
        let [code] = self.array()?;
        match code {
            0x80 => match self.array()? {
                [2..=4] => {}
                [other] => return Err(format!("pickle protocol {other}, expected 2 to 4")),
            },
            0x95 => drop(self.array::<8>()?), // a frame's length, of no use here
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            b'K' => self.integer::<1>(false)?,
            b'M' => self.integer::<2>(false)?,
            b'J' => self.integer::<4>(true)?,
            0x8a => self.long()?,
            b'G' => {
                self.array::<8>()?;
                self.stack.push(Value::OtherNumber);
            }
            b'U' | 0x8c => {
                let [length] = self.array()?;
                self.text(usize::from(length))?;
            }
            b'X' | b'T' => {
                let length = u32::from_le_bytes(self.array()?);
                self.text(length as usize)?;
            }
            b'c' => self.global()?,
            b')' | b']' => self.list(Vec::new()),
            b'}' => self.dict(),
            0x85..=0x87 => {
                let items = self.top(usize::from(code - 0x84))?;
                self.list(items);
            }
            b't' => {
                let items = self.above_mark()?;
                self.list(items);
            }
            b'a' => {
                let items = self.top(1)?;
                self.append(&items)?;
            }
            b'e' => {
                let items = self.above_mark()?;
                self.append(&items)?;
            }
            b's' => {
                let items = self.top(2)?;
                self.set(&items)?;
            }
            b'u' => {
                let items = self.above_mark()?;
                self.set(&items)?;
            }
            b'q' => {
                let [key] = self.array()?;
                self.remember(u32::from(key))?;
            }
            b'r' => {
                let key = u32::from_le_bytes(self.array()?);
                self.remember(key)?;
            }
            0x94 => self.remember(self.memo.len() as u32)?,
            b'h' => {
                let [key] = self.array()?;
                self.recall(u32::from(key))?;
            }
            b'j' => {
                let key = u32::from_le_bytes(self.array()?);
                self.recall(key)?;
            }
            b'Q' => self.persistent()?,
            b'R' => self.reduce()?,
            b'b' => drop(self.pop()?), // attributes: of a state dict's, none is a weight
            b'.' => {
                self.pickle.root = Some(self.pop()?);
                return Ok(true);
            }
            other => {
                return Err(format!(
                    "pickle instruction {other:#04x}, which no file of weights needs"
                ));
            }
        }
        Ok(false)
    }

    fn take(&mut self, length: usize) -> Step<&'a [u8]> {
        let end = self.at.checked_add(length);
        let bytes = end.and_then(|end| self.bytes.get(self.at..end));
        self.at += bytes.map_or(0, <[u8]>::len);
        bytes.ok_or_else(|| "the pickle ends early".to_owned())
    }

    fn array<const N: usize>(&mut self) -> Step<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// A little-endian integer of N bytes.
    fn integer<const N: usize>(&mut self, signed: bool) -> Step<()> {
        let value = signed_integer(self.take(N)?, signed);
        self.stack.push(value);
        Ok(())
    }

    fn long(&mut self) -> Step<()> {
        let [length] = self.array()?;
        let value = signed_integer(self.take(usize::from(length))?, true);
        self.stack.push(value);
        Ok(())
    }

    fn text(&mut self, length: usize) -> Step<()> {
        let text = str::from_utf8(self.take(length)?).map_err(|e| format!("a text: {e}"))?;
        self.stack.push(Value::Text(self.pickle.texts.len()));
        self.pickle.texts.push(text);
        Ok(())
    }

    fn global(&mut self) -> Step<()> {
        let (module, name) = (self.line()?, self.line()?);
        let found = GLOBALS.iter().position(|&known| known == (module, name));
        let refused = || format!("it names {module}.{name}, which is no part of weights");
        self.stack.push(Value::Global(found.ok_or_else(refused)?));
        Ok(())
    }

    fn line(&mut self) -> Step<&'a str> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|&byte| byte == b'\n');
        let line = self.take(end.ok_or("the pickle ends early")? + 1)?;
        str::from_utf8(&line[..line.len() - 1]).map_err(|e| format!("a name: {e}"))
    }

    fn list(&mut self, items: Vec<Value>) {
        self.stack.push(Value::List(self.pickle.lists.len()));
        self.pickle.lists.push(items);
    }

    fn dict(&mut self) {
        self.stack.push(Value::Dict(self.pickle.dicts.len()));
        self.pickle.dicts.push(Vec::new());
    }

    fn pop(&mut self) -> Step<Value> {
        self.top(1).map(|items| items[0])
    }

    /// The last values, in order. None from below the last mark: those belong to it.
    fn top(&mut self, count: usize) -> Step<Vec<Value>> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(start) if start >= floor => Ok(self.stack.split_off(start)),
            _ => Err("an instruction lacks its operands".to_owned()),
        }
    }

    fn above_mark(&mut self) -> Step<Vec<Value>> {
        let mark = self.marks.pop().ok_or("an instruction lacks its mark")?;
        Ok(self.stack.split_off(mark))
    }

    fn append(&mut self, items: &[Value]) -> Step<()> {
        match self.stack.last() {
            Some(&Value::List(i)) => self.pickle.lists[i].extend_from_slice(items),
            _ => return Err("items are added to what is no list".to_owned()),
        }
        Ok(())
    }

    fn set(&mut self, items: &[Value]) -> Step<()> {
        let (pairs, rest) = items.as_chunks::<2>();
        match self.stack.last() {
            Some(&Value::Dict(i)) if rest.is_empty() => {
                self.pickle.dicts[i].extend(pairs.iter().map(|&[key, value]| (key, value)));
            }
            _ => return Err("keys are set in what is no dict".to_owned()),
        }
        Ok(())
    }

    fn remember(&mut self, key: u32) -> Step<()> {
        let value = *self.stack.last().ok_or("nothing to remember")?;
        self.memo.insert(key, value);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Step<()> {
        let missing = || format!("memo {key} was never written");
        self.stack.push(*self.memo.get(&key).ok_or_else(missing)?);
        Ok(())
    }

    fn persistent(&mut self) -> Step<()> {
        match self.pop()? {
            Value::List(i) => self.stack.push(Value::Persistent(i)),
            _ => return Err("a persistent id is no tuple".to_owned()),
        }
        Ok(())
    }

    /// A call, noted down and not made; an ordered dict is a dict.
    fn reduce(&mut self) -> Step<()> {
        let operands = self.top(2)?;
        match (operands[0], operands[1]) {
            (Value::Global(0), Value::List(i)) if self.pickle.lists[i].is_empty() => self.dict(),
            (Value::Global(function), Value::List(arguments)) => {
                self.stack.push(Value::Call(self.pickle.calls.len()));
                self.pickle.calls.push((function, arguments));
            }
            _ => return Err("a call of what is no function".to_owned()),
        }
        Ok(())
    }
}

/// A little-endian integer of any length.
fn signed_integer(bytes: &[u8], signed: bool) -> Value {
    if bytes.len() > 8 {
        return Value::OtherNumber;
    }
    let negative = signed && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut whole = [if negative { 0xff } else { 0 }; 8];
    whole[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(whole))
}

#[cfg(test)]
mod tests {
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
}
