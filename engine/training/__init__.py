"""Training by recipe: stages over the task kinds, the encoder carried from one to the next, heads not."""
