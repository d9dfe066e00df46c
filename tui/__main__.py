"""``python -m intermezzo.tui``."""

from .cli import main

main()
