//! The stack machine that a pickle is a program for.

use std::collections::HashMap;

use super::pickle::{Fault, GLOBALS, Pickle, Value};

impl<'a> Pickle<'a> {
    /// Reads the pickle at the start of `bytes`: obeys its instructions up to the one that says stop.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut machine = Machine {
            bytes,
            at: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            pickle: Pickle::default(),
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
            b'N' | 0x88 | 0x89 | b'K' | b'M' | b'J' | 0x8a | b'G' => self.constant(code)?,
            b'U' | 0x8c => {
                let [length] = self.array()?;
                self.text(usize::from(length))?;
            }
            b'X' | b'T' => {
                let length = u32::from_le_bytes(self.array()?);
                self.text(length as usize)?;
            }
            b'c' => self.global()?,
            b')' | b']' | b'}' | 0x85..=0x87 | b't' => self.collection(code)?,
            b'a' | b'e' | b's' | b'u' => self.fill(code)?,
            b'q' | b'r' | 0x94 | b'h' | b'j' => self.memo(code)?,
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

    /// Puts a constant on the stack.
    fn constant(&mut self, code: u8) -> Step<()> {
        match code {
            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            b'K' => {
                let [number] = self.array()?;
                self.stack.push(Value::Int(number.into()));
            }
            b'M' => {
                let number = u16::from_le_bytes(self.array()?);
                self.stack.push(Value::Int(number.into()));
            }
            b'J' => {
                let number = i32::from_le_bytes(self.array()?);
                self.stack.push(Value::Int(number.into()));
            }
            0x8a => self.long()?,
            _ => {
                self.array::<8>()?;
                self.stack.push(Value::OtherNumber);
            }
        }
        Ok(())
    }

    /// Makes a list, a tuple or a dict.
    fn collection(&mut self, code: u8) -> Step<()> {
        let items = match code {
            b'}' => {
                self.dict();
                return Ok(());
            }
            b't' => self.above_mark()?,
            0x85..=0x87 => self.top(usize::from(code - 0x84))?,
            _ => Vec::new(),
        };
        self.list(items);
        Ok(())
    }

    /// Adds one item or several to a list or a dict.
    fn fill(&mut self, code: u8) -> Step<()> {
        match code {
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
            _ => {
                let items = self.above_mark()?;
                self.set(&items)?;
            }
        }
        Ok(())
    }

    /// Stores the top of the stack, or puts back what was stored.
    fn memo(&mut self, code: u8) -> Step<()> {
        match code {
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
            _ => {
                let key = u32::from_le_bytes(self.array()?);
                self.recall(key)?;
            }
        }
        Ok(())
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

    /// A signed integer of any length; one of more than 8 bytes is no size.
    fn long(&mut self) -> Step<()> {
        let [length] = self.array()?;
        let bytes = self.take(usize::from(length))?;
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut whole = [if negative { 0xff } else { 0 }; 8];
        self.stack.push(match whole.get_mut(..bytes.len()) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Value::Int(i64::from_le_bytes(whole))
            }
            None => Value::OtherNumber,
        });
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
