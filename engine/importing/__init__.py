"""From files and folders to runs in a store: the machinery around the importers."""
