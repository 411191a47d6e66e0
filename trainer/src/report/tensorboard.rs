//! The numbers of `metrics.jsonl` as TensorBoard reads them: a `TFRecord` file of `Event` messages
//! (`tensorflow/core/lib/io/record_writer.h`, `tensorflow/core/util/event.proto`).
//!
//! The wall time of an event is `wall_time` and a second for each step, not the clock's: the same run gives the same
//! bytes. So TensorBoard's axis "relative" counts steps, and speeds, which differ each time, stay in `metrics.jsonl`.

use std::env;

use serde_json::Value;

use crate::{Error, Result};

/// The file's name: TensorBoard takes every file with `tfevents` in its name.
pub(crate) const FILE: &str = "events.out.tfevents.ktrain";

/// The numbers that are shown, in the order in which they are written.
const SHOWN: [&str; 12] = [
    "loss",
    "learning_rate",
    "gradient_norm",
    "accuracy",
    "macro_f1",
    "baseline",
    "score",
    "precision",
    "recall",
    "loose_macro_f1",
    "loose_micro_f1",
    "exact_match",
];

/// The start of 2020: when runs began, if nobody says when.
const USUAL_START: f64 = 1_577_836_800.0;

/// When the run began as far as TensorBoard is concerned, in seconds since 1970: the environment's `SOURCE_DATE_EPOCH`
/// (`SOURCE_DATE_EPOCH=$(date +%s) ktrain train …`), or else the start of 2020.
///
/// # Errors
/// [`Error::Setting`] if it is no whole number.
pub(crate) fn wall_time() -> Result<f64> {
    let Some(text) = env::var_os("SOURCE_DATE_EPOCH") else {
        return Ok(USUAL_START);
    };
    let seconds = text.to_str().and_then(|text| text.parse::<u32>().ok());
    seconds.map(f64::from).ok_or_else(|| {
        let found = text.to_string_lossy();
        Error::Setting(format!(
            "SOURCE_DATE_EPOCH is {found}, expected seconds since 1970"
        ))
    })
}

/// What the file starts with, and the settings for the plugin of hyperparameters
/// (`tensorboard/plugins/hparams/plugin_data.proto`).
pub(crate) fn header(settings: &Value, wall_time: f64) -> Vec<u8> {
    let mut version = fixed64(1, wall_time);
    version.extend(bytes(3, b"brain.Event:2"));
    let mut start = Vec::new();
    for (name, value) in settings.as_object().into_iter().flatten() {
        // google.protobuf.Value: a number, a text or a truth value.
        let value = match value {
            Value::Null => continue,
            Value::Bool(yes) => [varint(4 << 3), varint(u64::from(*yes))].concat(),
            Value::Number(number) => fixed64(2, number.as_f64().unwrap_or_default()),
            Value::String(text) => bytes(3, text.as_bytes()),
            other => bytes(3, other.to_string().as_bytes()),
        };
        let entry = [bytes(1, name.as_bytes()), bytes(2, &value)].concat();
        start.extend(bytes(1, &entry));
    }
    start.extend(fixed64(5, wall_time));
    let plugin = [bytes(1, b"hparams"), bytes(2, &bytes(3, &start))].concat();
    let mut summary = bytes(1, b"_hparams_/session_start_info");
    summary.extend(bytes(9, &bytes(1, &plugin)));
    let mut event = fixed64(1, wall_time);
    event.extend(bytes(5, &bytes(1, &summary)));
    [record(&version), record(&event)].concat()
}

/// The event of a line of `metrics.jsonl`, with tags such as `train/loss`; no bytes for a line
/// without a number to show. The accuracy has its task's name: `validation/UAS`.
pub(crate) fn events(line: &Value, wall_time: f64) -> Vec<u8> {
    let (Some(kind), Some(step)) = (line["kind"].as_str(), line["step"].as_u64()) else {
        return Vec::new();
    };
    let mut summary = Vec::new();
    for name in SHOWN {
        if let Some(number) = line[name].as_f64() {
            let mut value = bytes(1, tag(line, kind, name).as_bytes());
            value.extend(fixed32(2, number as f32));
            summary.extend(bytes(1, &value));
        }
    }
    if summary.is_empty() {
        return summary;
    }
    let mut event = fixed64(1, wall_time + step as f64);
    event.extend(varint(2 << 3));
    event.extend(varint(step));
    event.extend(bytes(5, &summary));
    record(&event)
}

/// What TensorBoard calls a number of a line.
fn tag(line: &Value, kind: &str, name: &str) -> String {
    let own = line["accuracy_name"]
        .as_str()
        .filter(|_| name == "accuracy");
    format!("{kind}/{}", own.unwrap_or(name).replace(' ', "_"))
}

/// Length, its checksum, the message, its checksum.
fn record(message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u64).to_le_bytes();
    [&length[..], &checksum(&length), message, &checksum(message)].concat()
}

/// CRC-32C, masked as the format asks for, since messages may hold checksums themselves.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let masked = crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8);
    masked.to_le_bytes()
}

// The four shapes of a protocol buffer's field that an event needs.

fn varint(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [
        &varint(field << 3 | 2)[..],
        &varint(value.len() as u64),
        value,
    ]
    .concat()
}

fn fixed64(field: u64, value: f64) -> Vec<u8> {
    [&varint(field << 3 | 1)[..], &value.to_le_bytes()].concat()
}

fn fixed32(field: u64, value: f32) -> Vec<u8> {
    [&varint(field << 3 | 5)[..], &value.to_le_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// TensorBoard found these numbers in these bytes (`tests/data/events/read_events.py`).
    #[test]
    fn the_file_is_the_one_that_tensorboard_has_read() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/events");
        let metrics = fs::read_to_string(dir.join("metrics.jsonl")).unwrap();
        let json = fs::read(dir.join("scalars.json")).unwrap();
        let mut scalars: Value = serde_json::from_slice(&json).unwrap();
        let settings = serde_json::json!({
            "task": "dependency", "learning_rate": 0.003, "max_steps": 300, "cached_states": false,
            "order_seed": null, "adapter_plug": [0, 11, 23],
        });
        let mut ours = header(&settings, USUAL_START);
        for line in metrics.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            ours.extend(events(&line, USUAL_START));
            for name in SHOWN.iter().filter(|name| line[**name].is_number()) {
                let tag = tag(&line, line["kind"].as_str().unwrap(), name);
                let read = scalars[tag].as_array_mut().unwrap().remove(0);
                let wall_time = USUAL_START + line["step"].as_f64().unwrap();
                assert_eq!(
                    (read[0].as_f64(), &read[1]),
                    (Some(wall_time), &line["step"])
                );
                let value = read[2].as_f64().unwrap() as f32;
                assert_eq!(value, line[*name].as_f64().unwrap() as f32);
            }
        }
        let tags = scalars.as_object_mut().unwrap();
        let read = tags.remove("hparams").unwrap();
        for (name, value) in settings.as_object().unwrap() {
            match value {
                Value::Null => assert!(read.get(name).is_none()),
                Value::Number(number) => assert_eq!(read[name].as_f64(), number.as_f64()),
                Value::Array(_) => assert_eq!(read[name], value.to_string()),
                other => assert_eq!(&read[name], other),
            }
        }
        assert!(tags.values().all(|left| left == &Value::Array(Vec::new())));
        assert!(ours == fs::read(dir.join(FILE)).unwrap());
    }

    #[test]
    fn every_record_has_its_length_and_checksums() {
        // RFC 3720, B.4: 32 bytes of zeros.
        let crc = 0x8a91_36aa_u32.rotate_right(15).wrapping_add(0xa282_ead8);
        assert_eq!(checksum(&[0; 32]), crc.to_le_bytes());
        let line = serde_json::json!({"kind": "train", "step": 300, "loss": 0.5, "rows": 3});
        let framed = events(&line, 7.0);
        let (length, rest) = framed.split_at(8);
        let (length_crc, rest) = rest.split_at(4);
        let (message, message_crc) = rest.split_at(rest.len() - 4);
        assert_eq!(length, (message.len() as u64).to_le_bytes());
        assert_eq!(
            (length_crc, message_crc),
            (&checksum(length)[..], &checksum(message)[..])
        );
        let mut expected = vec![0x09];
        expected.extend(307f64.to_le_bytes());
        expected.extend([0x10, 0xac, 0x02, 0x2a, 19, 0x0a, 17, 0x0a, 10]);
        expected.extend(b"train/loss");
        expected.push(0x15);
        expected.extend(0.5f32.to_le_bytes());
        assert_eq!(message, expected);
        assert!(events(&serde_json::json!({"kind": "data", "rows": 3}), 0.0).is_empty());
    }
}
