//! Sentences in every format that is read.

use std::fmt::Write;

use kprep_parse::{Format, NewDocument, Sentence};
use kprep_schemas::NO_HEAD;
use serde_json::json;

/// A word of a sentence, `_` for what it does not have.
struct Word<'a> {
    id: usize,
    form: &'a str,
    upos: &'a str,
    xpos: &'a str,
    head: i32,
    deprel: &'a str,
}

fn words(sentence: &Sentence) -> Vec<Word<'_>> {
    let word = |i: usize| Word {
        id: i + 1,
        form: &sentence.token[i],
        upos: sentence.upos.as_ref().map_or("_", |tags| &tags[i]),
        xpos: sentence.xpos.as_ref().map_or("_", |tags| &tags[i]),
        head: sentence.head[i],
        deprel: &sentence.deprel[i],
    };
    (0..sentence.token.len()).map(word).collect()
}

/// A file of these sentences.
pub(crate) fn write_all(sentences: &[Sentence], format: Format) -> String {
    match format {
        Format::CoreNlpXml => {
            let sentences: String = sentences.iter().map(xml).collect();
            format!("<root><document><sentences>\n{sentences}</sentences></document></root>\n")
        }
        Format::CoreNlpJson => {
            let sentences: Vec<_> = sentences.iter().map(json).collect();
            format!("{:#}\n", json!({ "sentences": sentences }))
        }
        Format::CoreNlpText => sentences.iter().enumerate().map(core_nlp_text).collect(),
        Format::Typed => sentences.iter().map(typed).collect(),
        _ => {
            let sentences: Vec<_> = sentences.iter().map(|s| rows(s, format)).collect();
            sentences.join("\n")
        }
    }
}

fn rows(sentence: &Sentence, format: Format) -> String {
    let mut lines = Vec::new();
    match &sentence.new_document {
        Some(NewDocument { id: Some(id) }) => lines.push(format!("# newdoc id = {id}")),
        Some(NewDocument { id: None }) => lines.push("# newdoc".to_owned()),
        None => {}
    }
    for (key, value) in [("sent_id", &sentence.sent_id), ("text", &sentence.text)] {
        if let Some(value) = value {
            lines.push(format!("# {key} = {value}"));
        }
    }
    for word in words(sentence) {
        let Word {
            id,
            form,
            upos,
            xpos,
            ..
        } = word;
        let head = match word.head {
            NO_HEAD => "_".to_owned(),
            head => head.to_string(),
        };
        let deprel = match word.deprel {
            "" => "_",
            deprel => deprel,
        };
        if format == Format::ConllU && id % 3 == 0 {
            let range = "\tx\t_\t_\t_\t_\t_\t_\t_\t_";
            let (before, after) = (id - 1, id + 1);
            lines.push(format!("{id}-{after}{range}\n{before}.1{range}"));
        }
        lines.push(match format {
            Format::CoreNlp => format!("{id}\t{form}\t_\t{xpos}\tO\t{head}\t{deprel}"),
            // A word that was split has its whole form in the second column.
            Format::Conll2008 if id % 2 == 0 && form != "_" => {
                format!("{id}\twhole\t_\t{xpos}\tX\t{form}\t_\t_\t{head}\t{deprel}\t_")
            }
            Format::Conll2008 => {
                format!("{id}\t{form}\t_\t_\tX\t_\t_\t{xpos}\t{head}\t{deprel}\t_")
            }
            Format::Conll2009 if id % 2 == 0 && xpos != "_" => {
                format!("{id}\t{form}\t_\t_\t{xpos}\tX\t_\t_\t{head}\t_\t{deprel}\t_\t_\t_")
            }
            Format::Conll2009 => {
                format!("{id}\t{form}\t_\t_\t_\t{xpos}\t_\t_\t_\t{head}\t_\t{deprel}\t_\t_")
            }
            _ => format!("{id}\t{form}\t_\t{upos}\t{xpos}\tA=b c\t{head}\t{deprel}\t_\t_"),
        });
    }
    lines.join("\n") + "\n"
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

fn xml(sentence: &Sentence) -> String {
    let (mut tokens, mut arcs) = (String::new(), String::new());
    for word in words(sentence) {
        let tag = match word.xpos {
            "_" => String::new(),
            tag => format!("<POS>{}</POS>", escaped(tag)),
        };
        let (id, form, head) = (word.id, escaped(word.form), word.head);
        let _ = writeln!(
            tokens,
            "<token id=\"{id}\"><word>{form}</word>{tag}</token>"
        );
        if head != NO_HEAD {
            let label = escaped(word.deprel);
            let _ = writeln!(
                arcs,
                "<dep type=\"{label}\"><governor idx=\"{head}\">x</governor>\
                 <dependent idx=\"{id}\">{form}</dependent></dep>"
            );
        }
    }
    format!(
        "<sentence id=\"1\"><tokens>{tokens}</tokens>\
         <dependencies type=\"basic-dependencies\">{arcs}</dependencies></sentence>\n"
    )
}

fn json(sentence: &Sentence) -> serde_json::Value {
    let words = words(sentence);
    let tokens = words.iter().map(|word| match word.xpos {
        "_" => json!({"index": word.id, "word": word.form}),
        tag => json!({"index": word.id, "word": word.form, "pos": tag}),
    });
    let arcs = words
        .iter()
        .filter(|word| word.head != NO_HEAD)
        .map(|word| json!({"dep": word.deprel, "governor": word.head, "dependent": word.id}));
    json!({"basicDependencies": arcs.collect::<Vec<_>>(), "tokens": tokens.collect::<Vec<_>>()})
}

fn arcs(sentence: &Sentence) -> String {
    let mut lines = String::new();
    for word in words(sentence) {
        let governor = match word.head {
            NO_HEAD => continue,
            0 => "ROOT",
            head => &sentence.token[head as usize - 1],
        };
        let Word {
            id,
            form,
            head,
            deprel,
            ..
        } = word;
        let _ = writeln!(lines, "{deprel}({governor}-{head}, {form}-{id})");
    }
    lines
}

fn typed(sentence: &Sentence) -> String {
    let tagged = words(sentence);
    let tagged = tagged
        .iter()
        .map(|word| format!("{}/{}", word.form, word.xpos));
    let tagged = tagged.collect::<Vec<_>>().join(" ");
    format!("{tagged}\n\n{}\n", arcs(sentence))
}

fn core_nlp_text((i, sentence): (usize, &Sentence)) -> String {
    let mut text = format!(
        "Sentence #{} ({} tokens):\n{}\n\nTokens:\n",
        i + 1,
        sentence.token.len(),
        sentence.text.as_deref().unwrap_or_default()
    );
    for word in words(sentence) {
        let tag = match word.xpos {
            "_" => String::new(),
            tag => format!(" PartOfSpeech={tag}"),
        };
        let _ = writeln!(text, "[Text={}{tag} Lemma=x]", word.form);
    }
    let arcs = arcs(sentence);
    text + "\nDependency Parse (basic dependencies):\n" + &arcs + "\n"
}
