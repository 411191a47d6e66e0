//! Pointer symbols of WNDB by the names that WN-LMF gives to these relations.

/// Symbols of wninput(5WN) and WN-LMF's names. The verb group (`$`) is `similar` there, too: the synsets'
/// part of speech keeps the two apart.
const RELATIONS: [(&str, &str); 26] = [
    ("!", "antonym"),
    ("@", "hypernym"),
    ("@i", "instance_hypernym"),
    ("~", "hyponym"),
    ("~i", "instance_hyponym"),
    ("#m", "holo_member"),
    ("#s", "holo_substance"),
    ("#p", "holo_part"),
    ("%m", "mero_member"),
    ("%s", "mero_substance"),
    ("%p", "mero_part"),
    ("=", "attribute"),
    ("+", "derivation"),
    (";c", "domain_topic"),
    ("-c", "has_domain_topic"),
    (";r", "domain_region"),
    ("-r", "has_domain_region"),
    (";u", "exemplifies"),
    ("-u", "is_exemplified_by"),
    ("*", "entails"),
    (">", "causes"),
    ("^", "also"),
    ("$", "similar"),
    ("&", "similar"),
    ("<", "participle"),
    ("\\", "pertainym"),
];

/// The relation of a symbol.
pub(super) fn relation(symbol: &str) -> Option<&'static str> {
    let mut known = RELATIONS.iter();
    known.find(|(of, _)| *of == symbol).map(|(_, name)| *name)
}
