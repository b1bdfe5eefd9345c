"""Numbers with their nouns and units, as sentences need them."""

from __future__ import annotations

from collections.abc import Sequence


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, such as ``"1 object"`` or ``"2,000 objects"``.

    Parameters
    ----------
    count
        The number; thousands are set apart by commas, as in all sentences and tables.
    noun
        What is counted, for one of it.
    plural
        The noun for several; empty where it only takes an s.
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def first_of(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more: ``"a.tif and 2 more"``."""
    return names[0] + (f" and {len(names) - 1:,} more" if len(names) > 1 else "")


def megabytes(size: int) -> str:
    """Return a number of bytes, such as ``"1,234.5 MB"``; nothing is smaller than 0.1 MB."""
    return f"{max(size / 1e6, 0.1):,.1f} MB"
