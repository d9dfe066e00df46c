"""The faces: the command line and the Textual app."""
