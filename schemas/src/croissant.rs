//! `croissant.json`: what the dataset holds, for programs, as [Croissant
//! 1.0](https://docs.mlcommons.org/croissant/docs/croissant-spec.html) has it. Search engines for
//! datasets and the loaders of several frameworks read it.

use serde_json::{Map, Value, json};

use crate::{Card, Column, Manifest, Record, Shard, Split};

/// The file's name in a dataset folder.
pub(crate) const CROISSANT: &str = "croissant.json";

/// What stands behind the short names; the specification wants all of them in every file. Names
/// that are their own are in [`OWN_NAMES`].
const CONTEXT: &str = r#"{
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/", "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"}, "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}
}"#;

/// Names that mean the same in Croissant's vocabulary.
const OWN_NAMES: [&str; 26] = [
    "citeAs",
    "column",
    "equivalentProperty",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
];

/// The whole file. Each split is a record set over its shards; each shard has its checksum.
pub(crate) fn render<R: Record>(card: &Card, manifest: &Manifest) -> Value {
    let shards = manifest.shards.iter().map(file);
    let splits = || {
        let splits = Split::ALL.into_iter().map(Split::name);
        splits.filter(|split| manifest.rows(split) > 0)
    };
    let sets = splits().map(|split| {
        json!({
            "@type": "cr:FileSet",
            "@id": shards_of(split),
            "name": shards_of(split),
            "encodingFormat": PARQUET,
            "includes": format!("data/{split}-*.parquet"),
        })
    });
    let mut croissant = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "name": manifest.name,
        "description": card.summary,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": card.license,
        "version": format!("{}.0.0", manifest.record_version),
        "distribution": shards.chain(sets).collect::<Vec<_>>(),
        "recordSet": splits().map(|split| record_set::<R>(split, manifest)).collect::<Vec<_>>(),
    });
    if !card.languages.is_empty() {
        croissant["inLanguage"] = json!(card.languages);
    }
    if !card.citations.is_empty() {
        croissant["citeAs"] = json!(card.citations.join("\n\n"));
    }
    croissant
}

const PARQUET: &str = "application/x-parquet";

fn context() -> Value {
    let context: Map<String, Value> = serde_json::from_str(CONTEXT).unwrap_or_default();
    let own = OWN_NAMES.map(|name| (name.to_owned(), json!(format!("cr:{name}"))));
    Value::Object(context.into_iter().chain(own).collect())
}

fn file(shard: &Shard) -> Value {
    json!({
        "@type": "cr:FileObject",
        "@id": shard.path,
        "name": shard.path,
        "contentUrl": shard.path,
        "contentSize": format!("{} B", shard.bytes),
        "encodingFormat": PARQUET,
        "sha256": shard.sha256,
    })
}

fn shards_of(split: &str) -> String {
    format!("{split}-shards")
}

fn record_set<R: Record>(split: &str, manifest: &Manifest) -> Value {
    let fields = R::COLUMNS.iter().map(|column| field(split, column));
    json!({
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "description": format!("{} rows", manifest.rows(split)),
        "field": fields.collect::<Vec<_>>(),
    })
}

fn field<R>(split: &str, column: &Column<R>) -> Value {
    let name = column.name;
    let mut field = json!({
        "@type": "cr:Field",
        "@id": format!("{split}/{name}"),
        "name": name,
        "description": column.meaning,
        "dataType": column.croissant_type(),
        "source": {
            "fileSet": {"@id": shards_of(split)},
            "extract": {"column": name},
        },
    });
    if column.is_list() {
        field["repeated"] = json!(true);
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_is_whole() {
        let context = context();
        let names = context.as_object().unwrap();
        assert_eq!(names.len(), 10 + OWN_NAMES.len());
        assert_eq!(names["recordSet"], "cr:recordSet");
        assert_eq!(names["dataType"]["@type"], "@vocab");
    }
}
