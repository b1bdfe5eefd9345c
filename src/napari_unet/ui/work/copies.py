"""Copies made on the thread of the window, a chunk at a time, so that the window never waits."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

import numpy as np
from qtpy.QtCore import QObject, QTimer

T = TypeVar("T")
ChunkedCopy = Generator[None, None, T]
"""A copy in the making: yields every few milliseconds, and returns what was copied."""

_CHUNK = 2**20
"""Bytes."""
_TURN = 0.01
"""Seconds of work, after which the window gets its turn."""


def chunked_copy(array: Any) -> ChunkedCopy[Any]:
    """Copy an array; one that is read or computed when asked for is left so, for the worker."""
    if not is_in_memory(array):
        return array
    copy = np.empty(array.shape, array.dtype)
    for part in _chunks(copy):
        copy[part] = array[part]
        yield
    return copy


def chunked_max(array: Any) -> ChunkedCopy[int]:
    """Find the highest number in an array, a chunk at a time; 0 where none is above it."""
    highest = 0
    for part in _chunks(array):
        highest = max(highest, int(array[part].max(initial=0)))
        yield
    return highest


def digest(array: Any) -> str:
    """Return what tells numbers of objects from others, whatever their type is.

    Nothing is read: of an array that is not in memory it is empty.
    """
    if not is_in_memory(array):
        return ""
    found = hashlib.blake2b(repr(array.shape).encode(), digest_size=16)
    for part in _chunks(array):
        found.update(np.ascontiguousarray(array[part], np.uint32).data)
    return found.hexdigest()


def _chunks(array: Any) -> Iterator[tuple[int | slice, ...]]:
    """Yield the parts of an array that are small enough to be done at once.

    They come in the order of memory: fresh pages cost more than copying, and come by the megabyte.
    """
    slices = np.cumprod(array.shape)
    axis = int(np.argmax(array.nbytes <= _CHUNK * slices))
    thick = max(1, _CHUNK * int(slices[axis]) // max(array.nbytes, 1))
    for lead in np.ndindex(array.shape[:axis]):
        for start in range(0, array.shape[axis], thick):
            yield (*lead, slice(start, start + thick))


def is_in_memory(array: Any) -> bool:
    """Return whether all of an array is there, rather than in a file or computed when asked for."""
    return isinstance(array, np.ndarray) and not isinstance(array, np.memmap)


def at_once(copy: ChunkedCopy[T]) -> T:
    """Make all of a copy now, and return it."""
    while True:
        try:
            next(copy)
        except StopIteration as end:
            result: T = end.value
            return result


class ChunkedCopier(QObject):
    """Copies on the thread of the window, and lets the window have its turn in between.

    A small copy is made before `begin` returns.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._turn)
        self._copy: ChunkedCopy[Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being copied."""
        return self._copy is not None

    def begin(
        self,
        make: Callable[[], ChunkedCopy[T]],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Begin a copy, in place of the one that is being made.

        Parameters
        ----------
        make
            Begins the copy; called once more by `again`.
        done, failed
            Get the copy, or what is wrong.
        """
        self._make, self._done, self._failed = make, done, failed
        self._copy = make()
        self._turn()

    def again(self) -> None:
        """Begin anew what is being copied, if anything is."""
        if self.busy:
            self._copy = self._make()

    def quit(self) -> None:
        """Forget what is being copied."""
        self._copy = None

    def _turn(self) -> None:
        if self._copy is None:
            return
        copy, self._copy = self._copy, None
        until = time.perf_counter() + _TURN
        try:
            while time.perf_counter() < until:
                next(copy)
        except StopIteration as end:
            self._done(end.value)
        except Exception as error:  # the last resort: a timer has nobody else to tell
            self._failed(error)
        else:
            self._copy = copy
            self._timer.start()
