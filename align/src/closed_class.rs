//! Words of closed classes, which wordnets have as nouns and verbs of other meanings.

/// English forms that are hardly ever the noun or verb that `WordNet` has under them: *a* (the
/// vitamin), *as* (arsenic), *in* (inch), *who* (the organisation); and forms of auxiliaries. In
/// order.
#[rustfmt::skip] // it is a table
const FORMS: [&str; 153] = [
    "'d", "'ll", "'m", "'re", "'s", "'ve", "a", "about", "above", "across", "after", "against",
    "all", "along", "am", "among", "an", "and", "another", "any", "are", "around", "as", "at",
    "be", "because", "been", "before", "behind", "being", "below", "beside", "between", "beyond",
    "both", "but", "by", "can", "could", "did", "do", "does", "down", "during", "each", "either",
    "every", "except", "few", "for", "from", "had", "has", "have", "having", "he", "her", "hers",
    "herself", "him", "himself", "his", "how", "i", "if", "in", "inside", "into", "is", "it",
    "its", "itself", "less", "like", "may", "me", "might", "mine", "more", "most", "must", "my",
    "myself", "near", "neither", "no", "none", "nor", "not", "of", "off", "on", "or", "other",
    "our", "ourselves", "out", "outside", "over", "per", "shall", "she", "should", "since", "so",
    "some", "such", "than", "that", "the", "their", "them", "themselves", "then", "there",
    "these", "they", "this", "those", "though", "through", "till", "to", "toward", "towards",
    "under", "unless", "until", "up", "upon", "us", "via", "was", "we", "were", "what", "when",
    "where", "whether", "which", "while", "who", "whom", "whose", "why", "will", "with",
    "without", "would", "yes", "you", "your", "yourself",
];

/// Whether a form in lower case is of a closed class.
pub(crate) fn is_closed_class(form: &str) -> bool {
    FORMS.binary_search(&form).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_found_in() {
        assert!(FORMS.is_sorted_by(|a, b| a < b));
        let closed = ["a", "as", "at", "he", "i", "in", "it", "no", "so", "who"];
        assert!(closed.iter().all(|form| is_closed_class(form)));
        assert!(!is_closed_class("bank"));
    }
}
