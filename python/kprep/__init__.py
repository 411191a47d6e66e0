"""The programs kprep and ktrain, and their adapters as PyTorch modules (`pip install kprep[train]`)."""

__all__ = ["KAdapterConfig", "KAdapterModel", "KAdapterOutput"]


def __getattr__(name):
    """Imports torch and transformers where a model is asked for, not before: the programs need neither."""
    if name in __all__:
        from kprep import modeling_kprep

        return getattr(modeling_kprep, name)
    raise AttributeError(f"module 'kprep' has no attribute {name!r}")
