"""Objects one after the other, the most doubtful first: what a person has said of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

ACCEPTED, DELETED, WITHDRAWN = "accepted", "deleted", "withdrawn"
"""What can be said of an object."""


@dataclass(frozen=True)
class Step:
    """What was said of an object.

    Parameters
    ----------
    number
        The object.
    said
        `ACCEPTED`, `DELETED`, or `WITHDRAWN` where it was accepted before and is left again.
    """

    number: int
    said: str


@dataclass(frozen=True)
class Queue:
    """Objects in the order in which they are looked at; all methods return another queue.

    Parameters
    ----------
    numbers
        The objects, each once, in order.
    doubt
        How doubtful each is, from 0 to 1; 0 for all where it is not known.
    here
        The object that is looked at; None before the first and when none is left.
    steps
        What was said, the latest last.
    lost
        Objects that are not there any more, though nobody has said anything of them here: they
        were merged, say, or deleted elsewhere.
    """

    numbers: tuple[int, ...]
    doubt: tuple[float, ...]
    here: int | None = None
    steps: tuple[Step, ...] = ()
    lost: frozenset[int] = frozenset()

    @classmethod
    def by(
        cls,
        labels: ArrayLike,
        values: ArrayLike,
        doubt: ArrayLike | None = None,
        *,
        lowest_first: bool = False,
    ) -> Queue:
        """Return the queue of the rows of a table.

        Parameters
        ----------
        labels
            Number of the object of each row, integer ``(n,)``. One that is in several rows, as of
            several frames, stands where the first of them would, and has their highest doubt.
        values
            What they are sorted by, ``(n,)``; equal ones stay in their order, and what is no
            number comes last.
        doubt
            Of each row, ``(n,)``; None where it is not known, and all objects are alike then.
        lowest_first
            Whether the lowest value comes first, rather than the highest.
        """
        numbers, value = np.asarray(labels), np.asarray(values, float)
        known = np.nan_to_num(np.zeros(len(numbers)) if doubt is None else np.asarray(doubt, float))
        order = np.argsort(value if lowest_first else -value, kind="stable")
        unique, first, which = np.unique(numbers[order], return_index=True, return_inverse=True)
        most = np.zeros(len(unique))
        np.maximum.at(most, which, known[order])
        at = np.argsort(first)
        return cls(tuple(unique[at].tolist()), tuple(most[at].tolist()))

    @property
    def left(self) -> int:
        """How many objects nobody has said anything of."""
        return len(self.numbers) - len(self._gone & set(self.numbers))

    @property
    def share_gone(self) -> float:
        """What share of the doubt is gone, from 0 to 1; of objects, where none is doubtful."""
        total = sum(self.doubt)
        weights = self.doubt if total else (1.0,) * len(self.numbers)
        pairs = zip(self.numbers, weights, strict=True)
        gone = sum(weight for number, weight in pairs if number in self._gone)
        return min(1.0, gone / (total or len(self.numbers))) if self.numbers else 1.0

    def in_words(self) -> str:
        """Return how many are left and what share of the doubt, or of the objects, is gone."""
        if not self.left:
            return f"Nothing is left of {counted(len(self.numbers), 'object')}."
        share = f"{100 * self.share_gone:.0f} % of the"
        return f"{self.left:,} left, {share} {'doubt gone' if any(self.doubt) else 'objects done'}"

    def next(self) -> Queue:
        """Look at the next object that is left; after the last comes the first."""
        return self._to(1)

    def previous(self) -> Queue:
        """Look at the object before that is left; before the first comes the last."""
        return self._to(-1)

    def accept(self) -> Queue:
        """Say that the object here is right, and look at the next."""
        return self._say(ACCEPTED)

    def delete(self) -> Queue:
        """Say that the object here is none, and look at the next."""
        return self._say(DELETED)

    def withdraw(self) -> Queue:
        """Leave the object here, which was accepted, to be said something of again."""
        return self._say(WITHDRAWN)

    def go_to(self, number: int) -> Queue:
        """Look at an object of the queue, also one of which something was said."""
        return replace(self, here=number) if number in self._place else self

    def undo(self) -> Queue:
        """Take back what was said last, and look at that object."""
        if not self.steps:
            return self
        return replace(self, steps=self.steps[:-1], here=self.steps[-1].number)

    def redo(self, step: Step) -> Queue:
        """Say again what was taken back."""
        return self.go_to(step.number)._say(step.said)

    def without(self, number: int) -> Queue:
        """Pass over an object that is not there any more."""
        return replace(self, lost=self.lost | {number})

    def look_again(self) -> Queue:
        """Pass over no object: what was lost may be back."""
        return replace(self, lost=frozenset())

    @cached_property
    def _gone(self) -> set[int]:
        return {number for number, said in self._said.items() if said != WITHDRAWN} | self.lost

    @cached_property
    def _said(self) -> dict[int, str]:
        return {step.number: step.said for step in self.steps}

    @cached_property
    def _place(self) -> dict[int, int]:
        return {number: place for place, number in enumerate(self.numbers)}

    def _say(self, said: str) -> Queue:
        if self.here is None:
            return self
        after = replace(self, steps=(*self.steps, Step(self.here, said)))
        if said == WITHDRAWN:
            return after if self._said.get(self.here) == ACCEPTED else self
        return self if self.here in self._gone else after.next()

    def _to(self, way: int) -> Queue:
        after = (each for each in self._following(way) if each not in self._gone)
        return replace(self, here=next(after, None))

    def _following(self, way: int) -> Iterator[int]:
        """Yield all objects, from the one after the one here on; that one itself comes last."""
        count = len(self.numbers)
        start = (-1 if way > 0 else count) if self.here is None else self._place[self.here]
        for away in range(1, count + 1):
            yield self.numbers[(start + way * away) % count]
