"""The program's version, as a constant: reading package metadata costs start-up time."""

VERSION = "0.1.0"
