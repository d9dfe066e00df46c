"""Parsing TOML that people write, whatever they wrote."""

from __future__ import annotations

import tomllib
from typing import Any


class NotToml(Exception):
    """A text is no TOML that can be read; the message says why, without the file's name."""


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text says.

    Raises:
        NotToml: It is not valid, nested too deeply, or has a number with thousands of digits.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise NotToml(f"it is not valid TOML: {error}") from None
    except RecursionError:
        raise NotToml("it is nested too deeply") from None
    except ValueError:
        raise NotToml("it holds a number with too many digits, or a date that does not exist") from None
