"""Who does the tasks: this process, or those of a dask.distributed cluster."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import torch
import zarr

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.nn.model import load_model
from napari_unet.scale.job import Job, Task
from napari_unet.scale.tasks import WORK
from napari_unet.scale.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    Found = Mapping[str, Any]
    Order = tuple[Task, Found]
    Done = Generator[tuple[Task, Found] | None, None, None]

_AT_ONCE = 2
"""Tasks for each thread of the workers, so that none waits for the next one."""
_PATIENCE = 0.5
"""Seconds until somebody may stop again, while nothing gets done."""
_RETRIES = 2


class Workers(Protocol):
    """Does tasks in any order."""

    def each(self, orders: Sequence[Order]) -> Done:
        """Yield each task with what it found, once it is done; None for nothing yet.

        Closing the iterator early leaves the other tasks undone.
        """
        ...


class Here:
    """Does one task after the other in this process."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def each(self, orders: Sequence[Order]) -> Done:
        """Yield each task with what it found."""
        for task, needs in orders:
            yield task, WORK[task.stage](self._place, task, needs)


class Cluster:
    """Has tasks done by the workers of a dask.distributed cluster.

    A task whose worker is lost is done by another one.

    Parameters
    ----------
    client
        A `distributed.Client`.
    job
        Its files must be where every worker can reach them by the same path.
    key
        The job's ``id``.
    """

    def __init__(self, client: Any, job: Job, key: str) -> None:
        self._client, self._job, self._key = client, job, key

    def each(self, orders: Sequence[Order]) -> Done:
        """Yield each task with what it found, in the order of their ends."""
        waiting = iter(orders)
        running: dict[Any, Task] = {}
        try:
            while self._fill(running, waiting):
                done = self._finished(running)
                for future in done:
                    yield running.pop(future), _result(future)
                if not done:
                    yield None
        finally:
            self._client.cancel(list(running))

    def _fill(self, running: dict[Any, Task], waiting: Iterator[Order]) -> bool:
        """Hand out tasks until every worker has enough; tell whether any is running."""
        room = _AT_ONCE * threads_of(self._client)
        while len(running) < room and (order := next(waiting, None)) is not None:
            future = self._client.submit(
                work_at, self._job, self._key, *order, pure=False, retries=_RETRIES
            )
            running[future] = order[0]
        return bool(running)

    def _finished(self, running: dict[Any, Task]) -> list[Any]:
        from distributed import wait  # noqa: PLC0415

        until_one: Any = wait
        try:
            until_one(list(running), timeout=_PATIENCE, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return []
        return [future for future in running if future.done()]


def joined_steps(client: Any) -> Steps[None]:
    """Wait until the scheduler of a `distributed.Client` has a worker."""
    while not client.nthreads():
        yield Progress("waiting for workers")
        with suppress(TimeoutError):
            client.wait_for_workers(1, timeout=_PATIENCE)


def threads_of(client: Any) -> int:
    """Return how many tasks the workers of a `distributed.Client` do at a time, at least 1."""
    threads: int = sum(client.nthreads().values())
    return max(1, threads)


def _result(future: Any) -> Found:
    from distributed import CancelledError, KilledWorker  # noqa: PLC0415

    try:
        found: Found = future.result()
    except KilledWorker as error:
        raise UserError(
            "Workers broke off again and again, perhaps because memory ran out: use fewer of them "
            "or less memory (--memory), and run it again; it goes on where it was."
        ) from error
    except CancelledError as error:
        raise UserError(
            "The scheduler was lost: start it again, and run this again; it goes on where it was."
        ) from error
    return found


def work_at(job: Job, key: str, task: Task, needs: Found) -> Found:
    """Do a task in a worker's process.

    Parameters
    ----------
    job, key
        The job and its ``id``.
    task, needs
        The task.
    """
    if torch.cuda.is_available():
        torch.cuda.set_device(_own_number() % torch.cuda.device_count())
    return WORK[task.stage](_workplace(job, key), task, needs)


def _own_number() -> int:
    """Return the number at the end of this worker's name, by which GPUs are shared out."""
    from distributed import get_worker  # noqa: PLC0415

    digits = re.findall(r"\d+", str(get_worker().name))
    return int(digits[-1]) if digits else 0


@lru_cache(1)
def _workplace(job: Job, key: str) -> Workplace:
    notes = job.read()
    if notes is None or notes["id"] != key:
        raise UserError(
            f"A worker does not find the job in {job.folder}: all machines must see the results' "
            "folder under the same path."
        )
    return Workplace.at(job, notes, _opened(notes), load_model(job.model))


def _opened(notes: Found) -> Any:
    place = notes["asked"]["image"]["place"]
    try:
        return zarr.open_array(place, mode="r")
    except (OSError, ValueError, LookupError) as error:
        raise UserError(
            f"A worker does not find the image {place}: all machines must see it under the same "
            "path."
        ) from error
