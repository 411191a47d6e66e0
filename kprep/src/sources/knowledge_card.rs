//! What the cards of knowledge datasets have in common.

/// What a system of the literature is, and what its adapter is not.
pub(crate) fn not_the_system(name: &str) -> String {
    format!(
        "An adapter learns {name}'s objective from {name}'s kind of source on a frozen encoder. It is not {name}: \
         {name} trained its encoder. Compare adapters with each other, not with {name}'s paper."
    )
}
