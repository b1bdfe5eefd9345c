"""Who does the tasks of a job: what is asked of them, and this process itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from napari_unet.scale.large.context import JobContext
from napari_unet.scale.large.folder import Task
from napari_unet.scale.large.tasks import WORK

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    Found = Mapping[str, Any]
    Order = tuple[Task, Found]
    Done = Generator[tuple[Task, Found] | None, None, None]


class Workers(Protocol):
    """Does tasks in any order."""

    def each(self, orders: Sequence[Order]) -> Done:
        """Yield each task with what it found, once it is done; None for nothing yet.

        Closing the iterator early leaves the other tasks undone.
        """
        ...


class Here:
    """Does one task after the other in this process."""

    def __init__(self, context: JobContext) -> None:
        self._context = context

    def each(self, orders: Sequence[Order]) -> Done:
        """Yield each task with what it found."""
        for task, needs in orders:
            yield task, WORK[task.stage](self._context, task, needs)
