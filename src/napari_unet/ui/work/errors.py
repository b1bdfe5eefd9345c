"""What the window says of an error: its sentence, and what its options are called here."""

from __future__ import annotations

from collections.abc import Mapping

from napari_unet.core.errors import about, called, sentence

LABELS = {
    "author": "Made by",
    "axes": "Axes",
    "channels": "Channels",
    "continue": "Continue",
    "description": "Finds",
    "device": "Device",
    "invert": "Exchange dark and bright",
    "jobs": "At a time",
    "licence": "Licence",
    "memory": "Memory",
    "out": "Results in",
    "recursive": "Also folders inside folders",
    "replace": "Replace files",
    "views": "Views",
}
"""What stands on the buttons and beside the fields that an error may be about."""


LEARN_CLASSES = "Classes are learnt in a terminal: napari-unet train --semantic."
"""What is said in the window of labels that are the numbers of classes."""


def told(error: Exception) -> str:
    """Return what the window says of an error."""
    return with_labels(sentence(error), about(error))


def with_labels(sentence: str, about: str, folded: Mapping[str, str] | None = None) -> str:
    """Return a sentence, and the labels of the options that it is about, where it has such.

    Parameters
    ----------
    sentence, about
        As in `UserError`.
    folded
        For options that lie in a part that is folded, what stands on it.
    """
    names = (option.partition(" ")[0] for option in about.split(", "))
    labels = (_label(name, folded or {}) for name in names if name in LABELS)
    return called(sentence, ", ".join(labels))


def _label(name: str, folded: Mapping[str, str]) -> str:
    return f"{LABELS[name]} under {folded[name]}" if name in folded else LABELS[name]
