"""Metric implementations, named, one family a file."""
