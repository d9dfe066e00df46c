"""Experiments: one file that says which models, recipes, targets and seeds; what it takes to do them."""
