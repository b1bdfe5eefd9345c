"""Numbers with their nouns, as sentences need them."""

from __future__ import annotations


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
