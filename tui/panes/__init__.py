"""The panes, one widget a file."""
