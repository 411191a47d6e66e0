//! Files of weights of someone else: those under other names and in other forms load, those that are none
//! are refused by name.

use std::fs;
use std::io::Write;
use std::path::Path;

use ktrain::files::weights::{self, Named};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::tiny_backbone::{features, put_weights, refused, tensor, tensors, whole};

#[test]
fn weights_that_are_none_are_refused_with_the_tensor_s_name() {
    let word = "embeddings.word_embeddings.weight";
    let layer = "encoder.layer.0.output.dense.bias";
    let dir = whole();
    for (name, number) in [
        (word, f64::NAN),
        (layer, f64::NAN),
        (layer, f64::NEG_INFINITY),
    ] {
        let mut damaged = tensors();
        let _ = damaged.get_mut(name).unwrap().get(0).fill_(number);
        put_weights(&dir, &damaged);
        let count = if name == word { 8 } else { 1 };
        let message = format!("not finite  {name}: {count} of its values are NaN or infinite");
        refused(&dir, &message);
    }
    for dtype in [
        Dtype::I64,
        Dtype::I8,
        Dtype::U8,
        Dtype::BOOL,
        Dtype::F8_E4M3,
    ] {
        put_with_words_of(&dir, dtype);
        let shown = if dtype == Dtype::F8_E4M3 {
            "F8".to_owned()
        } else {
            dtype.to_string()
        };
        let message = format!("wrong type  {word}: expected F32, F16, BF16 or F64, found {shown}");
        refused(&dir, &message);
    }
}

/// The weights with an embedding of another type.
fn put_with_words_of(dir: &TempDir, dtype: Dtype) {
    let word = "embeddings.word_embeddings.weight";
    let bytes = tensors().into_iter().map(|(name, tensor)| {
        let numbers = tensor.numel() * dtype.bitsize() / 8;
        let (dtype, bytes) = if name == word {
            (dtype, vec![1; numbers])
        } else {
            (Dtype::F32, weights::bytes(&tensor).unwrap())
        };
        let shape: Vec<usize> = tensor.size().iter().map(|&n| n as usize).collect();
        (name, dtype, shape, bytes)
    });
    let bytes: Vec<_> = bytes.collect();
    let views = bytes.iter().map(|(name, dtype, shape, bytes)| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    let file = safetensors::serialize(views, None).unwrap();
    fs::write(dir.path().join("b/model.safetensors"), file).unwrap();
}

#[test]
fn what_a_download_left_in_the_place_of_a_file_is_named() {
    let pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 1340\n";
    let page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n";
    for name in ["model.safetensors", "tokenizer.json", "config.json"] {
        for (text, message) in [
            (
                pointer,
                "this is a Git LFS pointer and not the file itself: fetch that with `git lfs pull`",
            ),
            (page, "this is a web page and not the file itself"),
            ("", "the file is empty: download it again"),
        ] {
            let dir = whole();
            fs::write(dir.path().join("b").join(name), text).unwrap();
            refused(&dir, &format!("{name}: {message}"));
        }
    }
    let dir = whole();
    fs::rename(dir.path().join("b/model.safetensors"), dir.path().join("x")).unwrap();
    fs::write(dir.path().join("b/pytorch_model.bin"), pointer).unwrap();
    refused(&dir, "pytorch_model.bin: this is a Git LFS pointer");
}

#[test]
fn prefixes_and_heads_of_common_checkpoints_change_nothing() {
    let dir = whole();
    let expected = features(&dir);
    for prefix in ["module.", "module.bert.", "encoder.bert.", "model.bert."] {
        let prefixed = tensors().into_iter();
        let mut prefixed: Named = prefixed
            .map(|(name, tensor)| (format!("{prefix}{name}"), tensor))
            .collect();
        prefixed.insert("module.classifier.dense.weight".into(), tensor(&[8, 8]));
        prefixed.insert("classifier.bias".into(), tensor(&[2]));
        put_weights(&dir, &prefixed);
        assert!(features(&dir) == expected, "{prefix}");
    }
    let mut two = tensors();
    two.insert("module.bert.embeddings.LayerNorm.bias".into(), tensor(&[8]));
    put_weights(&dir, &two);
    refused(
        &dir,
        "embeddings.LayerNorm.bias and module.bert.embeddings.LayerNorm.bias are the same parameter",
    );
}

/// A training program's file: `{"epoch": 3, "state_dict": {...}}`, as torch.save writes it.
fn nested_torch_file(path: &Path, tensors: &Named) {
    let text = |pickle: &mut Vec<u8>, text: &str| {
        pickle.push(b'X');
        pickle.extend((text.len() as u32).to_le_bytes());
        pickle.extend(text.as_bytes());
    };
    let number = |pickle: &mut Vec<u8>, number: i64| {
        pickle.push(b'J');
        pickle.extend((number as i32).to_le_bytes());
    };
    let mut pickle = b"\x80\x02}(".to_vec();
    text(&mut pickle, "epoch");
    number(&mut pickle, 3);
    text(&mut pickle, "state_dict");
    pickle.extend(b"}(");
    let mut archive = ZipWriter::new(fs::File::create(path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (i, (name, tensor)) in tensors.iter().enumerate() {
        text(&mut pickle, name);
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut pickle, "storage");
        pickle.extend(b"ctorch\nFloatStorage\n");
        text(&mut pickle, &i.to_string());
        text(&mut pickle, "cpu");
        number(&mut pickle, tensor.numel() as i64);
        pickle.extend(b"tQ");
        number(&mut pickle, 0);
        for numbers in [tensor.size(), tensor.stride()] {
            pickle.push(b'(');
            for n in numbers {
                number(&mut pickle, n);
            }
            pickle.push(b't');
        }
        pickle.extend(b"\x89}tR");
        archive
            .start_file(format!("archive/data/{i}"), stored)
            .unwrap();
        archive.write_all(&weights::bytes(tensor).unwrap()).unwrap();
    }
    pickle.extend(b"uu.");
    archive.start_file("archive/data.pkl", stored).unwrap();
    archive.write_all(&pickle).unwrap();
    archive.finish().unwrap();
}

#[test]
fn weights_beside_a_training_s_own_state_are_found() {
    let dir = whole();
    let expected = features(&dir);
    fs::remove_file(dir.path().join("b/model.safetensors")).unwrap();
    let prefixed = tensors()
        .into_iter()
        .map(|(name, tensor)| (format!("module.{name}"), tensor));
    nested_torch_file(&dir.path().join("b/pytorch_model.bin"), &prefixed.collect());
    assert!(features(&dir) == expected);
}
