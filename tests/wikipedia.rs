//! `kprep wikipedia` end to end.
