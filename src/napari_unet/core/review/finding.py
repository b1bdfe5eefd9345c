"""One thing worth knowing about annotations before a training."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("error", "warning", "info")
"""The most urgent first."""


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do about it.

    Parameters
    ----------
    level
        ``"error"`` where training would fail or teach nonsense, ``"warning"`` where something
        looks wrong, ``"info"`` for what is merely told.
    text
        What was found, a sentence.
    advice
        What to do about it, a sentence; empty where there is nothing to do.
    name
        The image that it was found in; empty for all together.
    where
        A pixel of an example, one index per axis of the annotation; None where there is none.
    """

    level: str
    text: str
    advice: str = ""
    name: str = ""
    where: tuple[int, ...] | None = None

    @property
    def headline(self) -> str:
        """The image that it was found in, and what was found."""
        return f"{self.name}: {self.text}" if self.name else self.text

    def in_words(self) -> str:
        """Return the image's name, what was found and what to do, in one line."""
        return f"{self.headline} {self.advice}".strip()


NONE_TO_LEARN_FROM = Finding(
    "error",
    "Every image is kept for validation, so there is none to learn from.",
    "Choose at least one image to learn from.",
)
