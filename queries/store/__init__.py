"""The store: immutable runs and one published index."""
