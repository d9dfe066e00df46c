"""Task kinds: one way to predict and to score each, whatever the task."""
