"""The command line; replaced by the CLI work."""
