"""Knowledge sources to datasets, and datasets to knowledge adapters."""
