"""Who made the objects of an annotation, and which of them a person stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

PROGRAM, PERSON = "program", "person"
"""Who can have made an object."""


@dataclass(frozen=True)
class Record:
    """What is known of the objects that are proof-read.

    An object that a program found counts as annotation once a person has accepted or edited it.
    What a person has painted counts at once.

    Parameters
    ----------
    found
        Numbers of the objects that a program found.
    accepted
        Those that a person says are right; tools leave them as they are.
    edited
        Those that a person has changed.
    """

    found: frozenset[int] = frozenset()
    accepted: frozenset[int] = frozenset()
    edited: frozenset[int] = frozenset()

    @property
    def unchecked(self) -> frozenset[int]:
        """Objects of a program for which nobody stands; they take no part in a training."""
        return self.found - self.accepted - self.edited

    def made_by(self, number: int) -> str:
        """Return who made an object, `PROGRAM` or `PERSON`."""
        return PROGRAM if number in self.found else PERSON

    def columns(self, numbers: NDArray[np.integer[Any]]) -> dict[str, NDArray[Any]]:
        """Return the columns ``made_by``, ``edited`` and ``accepted`` of a table of objects.

        Parameters
        ----------
        numbers
            Of each row, ``(n,)``.
        """
        of = {
            name: np.isin(numbers, np.array(sorted(each), np.int64))
            for name, each in (
                ("found", self.found),
                ("edited", self.edited),
                ("accepted", self.accepted),
            )
        }
        return {"made_by": np.where(of.pop("found"), PROGRAM, PERSON), **of}

    def accepting(self, number: int) -> Record:
        """Return the same with an object accepted."""
        return replace(self, accepted=self.accepted | {number})

    def withdrawing(self, number: int) -> Record:
        """Return the same with an object no longer accepted."""
        return replace(self, accepted=self.accepted - {number})

    def editing(self, numbers: Iterable[int]) -> Record:
        """Return the same with objects changed by a person; 0 is none."""
        return replace(self, edited=self.edited | (frozenset(numbers) - {0}))
