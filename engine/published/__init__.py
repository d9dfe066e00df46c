"""Published figures that the project ships, with their sources."""
