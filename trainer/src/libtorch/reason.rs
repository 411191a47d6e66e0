//! What libtorch says where it refuses something, as a sentence.

/// The reason in a message of libtorch: its first line. Behind it libtorch writes the stack of its
/// C++ functions, which says nothing to whoever runs this program.
pub(crate) fn first_line(text: &str) -> &str {
    let text = text.trim_start();
    let end = text
        .find("Exception raised from")
        .into_iter()
        .chain(text.find(['\n', '\r']))
        .min();
    text[..end.unwrap_or(text.len())].trim_end()
}

/// The sentence in the text of a panic that libtorch caused; `None` for another panic. tch's functions
/// unwrap their errors, and what `libtorch.rs` adds to them says a [`crate::Error::Torch`].
pub fn reason_of_panic(text: &str) -> Option<String> {
    if text.starts_with("libtorch: ") {
        return Some(first_line(text).to_owned());
    }
    let (_, shown) = text.split_once("value: Torch(\"")?;
    let line = shown.split("\\n").next().unwrap_or(shown); // `unwrap` shows the error with escapes
    let line = first_line(line).trim_end_matches("\")");
    Some(format!("libtorch: {}", line.replace("\\\"", "\"")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn of_libtorch_s_errors_the_stack_is_cut_off() {
        let text = "needs the cpu support avx_ne_convert\nException raised from check at Utils.h:147 \
                    (most recent call first):\nframe #0: c10::Error::Error() + 0x9d\n";
        let error = Error::from(tch::TchError::Torch(text.to_owned()));
        assert_eq!(
            error.to_string(),
            "libtorch: needs the cpu support avx_ne_convert"
        );
        assert_eq!(first_line("one Exception raised from f"), "one");
        assert_eq!(first_line("one"), "one");
    }

    #[test]
    fn of_a_panic_of_tch_libtorch_s_reason_is_kept() {
        let error = tch::TchError::Torch("a \"b\" c\nException raised from f\nframe #0".into());
        let text = format!("called `Result::unwrap()` on an `Err` value: {error:?}");
        assert_eq!(reason_of_panic(&text).unwrap(), "libtorch: a \"b\" c");
        let short = format!("value: {:?}", tch::TchError::Torch("no memory".into()));
        assert_eq!(reason_of_panic(&short).unwrap(), "libtorch: no memory");
        assert_eq!(reason_of_panic("libtorch: no").unwrap(), "libtorch: no");
        assert_eq!(reason_of_panic("index out of bounds"), None);
    }

    #[test]
    fn libtorch_s_own_error_is_one_line() {
        let tensor = tch::Tensor::zeros([2, 3], (tch::Kind::Float, tch::Device::Cpu));
        let error = Error::from(tensor.f_matmul(&tensor).unwrap_err()).to_string();
        assert!(error.starts_with("libtorch: "), "{error}");
        assert!(
            !error.contains("frame #") && !error.contains('\n'),
            "{error}"
        );
    }
}
