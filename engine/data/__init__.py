"""Data sets that the engine evaluates: declared in ``targets.toml``, read from folders or the hub."""
