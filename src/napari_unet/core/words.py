"""Numbers with their nouns, as sentences need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


def count_words(count: int, word: str) -> str:
    """Return a number and what is counted, such as ``"2,000 objects"``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun, such as ``"2 objects"``."""
    return f"{count} {one if count == 1 else many or one + 's'}"
