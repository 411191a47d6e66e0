//! Penn Treebank trees, for the words and tags at their leaves.

/// By how much brackets that open outnumber those that close. Brackets that are words are escaped.
pub(crate) fn depth(text: &str) -> i64 {
    text.bytes()
        .map(|byte| i64::from(byte == b'(') - i64::from(byte == b')'))
        .sum()
}

/// Whether a tree starts here: `(ROOT`, `( (S`; a lone bracket is a word.
pub(crate) fn starts(text: &str) -> bool {
    let Some(rest) = text.trim_start().strip_prefix('(') else {
        return false;
    };
    let is_open = depth(text) > 0 || !leaves(text).is_empty();
    let is_node = !rest.starts_with(' ') || rest.trim_start().starts_with('(');
    !rest.is_empty() && is_open && is_node
}

/// The words of a tree with their tags, in order. Empty categories (`-NONE-`) are no words.
///
/// A leaf is `(TAG word)`, with a score between the two where the parser prints scores.
pub(crate) fn leaves(tree: &str) -> Vec<(&str, &str)> {
    let mut leaves = Vec::new();
    for node in tree.split('(').skip(1) {
        let Some((leaf, _)) = node.split_once(')') else {
            continue;
        };
        let mut parts = leaf.split_whitespace();
        if let (Some(tag), Some(word)) = (parts.next(), parts.last())
            && tag != "-NONE-"
        {
            leaves.push((word, tag));
        }
    }
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_tags_of_a_tree() {
        let tree = "(ROOT [9.1]\n  (S\n    (NP (DT [2.3] The) (NN dog))\n    (-NONE- *T*-1)\n    (VP (VBZ barks) (-LRB- -LRB-))\n    (. .)))";
        let expected = [
            ("The", "DT"),
            ("dog", "NN"),
            ("barks", "VBZ"),
            ("-LRB-", "-LRB-"),
            (".", "."),
        ];
        assert_eq!(leaves(tree), expected);
        assert_eq!(depth(tree), 0);
        assert_eq!(depth("(ROOT (S"), 2);
    }

    #[test]
    fn starts_of_trees() {
        assert!(starts("(ROOT") && starts("  ( (S (NP") && starts("(. .)"));
        assert!(
            !starts("(c) 2010 Foo .")
                && !starts("( he said )")
                && !starts("(")
                && !starts("he (said)")
        );
    }
}
