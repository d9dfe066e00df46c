"""The ground floor: what a store holds and what can be asked of it."""
