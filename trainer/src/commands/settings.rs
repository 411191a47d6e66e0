//! `ktrain settings`: what every setting means, what it takes, and what it starts from.

use std::fmt::Write;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::commands::print::print;
use crate::commands::usage::Usage;
use crate::config::reference::{PARTS, Setting, Values};

/// Columns of the text.
const WIDTH: usize = 80;

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only settings with one of these words in their names, such as `adapter`
    #[arg(value_name = "WORD", help_heading = "Input")]
    words: Vec<String>,
    /// Print the settings as JSON on standard output
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Prints them.
pub(crate) fn run(args: &Args) -> Result<()> {
    let is_asked = |setting: &&Setting| {
        let mut words = args.words.iter();
        args.words.is_empty() || words.any(|word| setting.name.contains(word.as_str()))
    };
    let parts = PARTS.iter().map(|part| {
        let settings: Vec<&Setting> = part.settings.iter().filter(is_asked).collect();
        (part.title, settings)
    });
    let parts: Vec<_> = parts.filter(|(_, settings)| !settings.is_empty()).collect();
    ensure!(
        !parts.is_empty(),
        Usage(format!(
            "no setting has {} in its name; ktrain settings prints all",
            args.words.join(" or ")
        ))
    );
    if args.json {
        let settings = parts.iter().flat_map(|(_, settings)| settings);
        let all: Vec<Value> = settings.map(|setting| in_json(setting)).collect();
        print(&format!("{}\n", json!(all)))?;
        return Ok(());
    }
    let mut text = String::new();
    for (title, settings) in parts {
        let _ = writeln!(text, "{title}\n"); // writing to a String cannot fail
        for setting in settings {
            in_words(&mut text, setting);
        }
    }
    print(&text)?;
    Ok(())
}

fn in_json(setting: &Setting) -> Value {
    let values = match setting.values {
        Values::Of(what) => json!(what),
        Values::Choice(words) => words.iter().map(|(word, _)| *word).collect(),
    };
    json!({
        "name": setting.name, "meaning": setting.meaning, "values": values, "default": setting.default(),
    })
}

fn in_words(text: &mut String, setting: &Setting) {
    let _ = writeln!(text, "  {}", setting.name); // writing to a String cannot fail
    paragraph(text, "", 6, setting.meaning);
    match setting.values {
        Values::Of(what) => paragraph(text, "      value:", 13, what),
        Values::Choice(words) => {
            let longest = words.iter().map(|(word, _)| word.len()).max();
            for (word, meaning) in words {
                let indent = 10 + longest.unwrap_or(0);
                paragraph(text, &format!("        {word}"), indent, meaning);
            }
        }
    }
    if let Some(default) = setting.default() {
        paragraph(text, "      default:", 15, &default);
    }
    text.push('\n');
}

/// Lines of at most [`WIDTH`] columns, with so many blanks before each; the first begins with `head` instead.
fn paragraph(text: &mut String, head: &str, indent: usize, words: &str) {
    let mut line = format!("{head:<indent$}");
    let mut width = indent;
    for (i, word) in words.split_whitespace().enumerate() {
        let more = word.chars().count() + usize::from(width > indent);
        if i > 0 && width + more > WIDTH {
            let _ = writeln!(text, "{}", line.trim_end());
            line = " ".repeat(indent);
            width = indent;
        }
        if width > indent {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += word.chars().count();
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::reference;

    #[test]
    fn a_setting_is_told_in_lines_that_no_terminal_wraps() {
        let mut text = String::new();
        in_words(&mut text, Setting::named("adapter_fuse").unwrap());
        assert_eq!(
            text,
            "  adapter_fuse\n      How an adapter layer joins the backbone's state and the adapter layer\n      \
             before it.\n        concat  side by side; the skip connection starts at the backbone's state\n                \
             (the paper)\n        add     their sum, from which the skip connection starts, too (the\n                \
             released code)\n      default: paper: concat; released: add\n\n"
        );
        for setting in reference::all() {
            in_words(&mut text, setting);
        }
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
    }
}
