"""Copies made on the thread of the window, a bite at a time, so that the window never waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import dask.array
import numpy as np
from qtpy.QtCore import QObject, QTimer

T = TypeVar("T")
Bites = Generator[None, None, T]
"""Work that yields every few milliseconds, and returns its result."""

_BITE = 2**20
"""Bytes."""
_TURN = 0.01
"""Seconds of work, after which the window gets its turn."""


def copy_bites(array: Any) -> Bites[Any]:
    """Copy an array, one that is computed when asked for excepted: nobody can write into that."""
    if isinstance(array, dask.array.Array):
        return array
    copy = np.empty(array.shape, array.dtype)
    slices = np.cumprod(array.shape)
    axis = int(np.argmax(copy.nbytes <= _BITE * slices))
    thick = max(1, _BITE * int(slices[axis]) // max(copy.nbytes, 1))
    # in the order of memory: fresh pages cost more than the copying, and come by the megabyte
    for lead in np.ndindex(array.shape[:axis]):
        for start in range(0, array.shape[axis], thick):
            part = (*lead, slice(start, start + thick))
            copy[part] = array[part]
            yield
    return copy


def at_once(bites: Bites[T]) -> T:
    """Do all of some work now, and return its result."""
    while True:
        try:
            next(bites)
        except StopIteration as end:
            result: T = end.value
            return result


class Turns(QObject):
    """Does work on the thread of the window, and lets the window have its turn in between.

    Little work is done before `begin` returns.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._turn)
        self._bites: Bites[Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether there is work that has not ended."""
        return self._bites is not None

    def begin(
        self,
        make: Callable[[], Bites[T]],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Begin work, in place of what is being done.

        Parameters
        ----------
        make
            Makes the work; called once more by `again`.
        done, failed
            Get the result, or what is wrong.
        """
        self._make, self._done, self._failed = make, done, failed
        self._bites = make()
        self._turn()

    def again(self) -> None:
        """Begin anew what is being done, if anything is."""
        if self.busy:
            self._bites = self._make()

    def quit(self) -> None:
        """Forget the work."""
        self._bites = None

    def _turn(self) -> None:
        if self._bites is None:
            return
        bites, self._bites = self._bites, None
        until = time.perf_counter() + _TURN
        try:
            while time.perf_counter() < until:
                next(bites)
        except StopIteration as end:
            self._done(end.value)
        except Exception as error:
            self._failed(error)
        else:
            self._bites = bites
            self._timer.start()
