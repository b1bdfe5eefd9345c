"""Who does the tasks: this process, or those of a dask.distributed cluster."""

from __future__ import annotations

import logging
import os
import re
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import dask
import torch
import zarr

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.nn.model import load_model
from napari_unet.scale.large.context import JobContext
from napari_unet.scale.large.folder import LargeJob, Task
from napari_unet.scale.large.tasks import WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from napari_unet.scale.large.executors import Done, Found, Order


_ANSWERS_WITHIN = 10
"""Seconds that a scheduler has to answer."""

_AT_ONCE = 2
"""Tasks for each thread of the workers, so that none waits for the next one."""
_PATIENCE = 0.5
"""Seconds until somebody may stop again, while nothing gets done."""
_RETRIES = 2


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

    def __init__(self, client: Any, job: LargeJob, key: str) -> None:
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
            "Workers broke off again and again, perhaps because memory ran out. Run it again, and "
            "it goes on where it was, with fewer workers or less memory.",
            about="memory",
        ) from error
    except CancelledError as error:
        raise UserError(
            "The scheduler was lost: start it again, and run this again; it goes on where it was."
        ) from error
    return found


def work_at(job: LargeJob, key: str, task: Task, needs: Found) -> Found:
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
    return WORK[task.stage](_context(job, key), task, needs)


def _own_number() -> int:
    """Return the number at the end of this worker's name, by which GPUs are shared out."""
    from distributed import get_worker  # noqa: PLC0415

    digits = re.findall(r"\d+", str(get_worker().name))
    return int(digits[-1]) if digits else 0


@lru_cache(1)
def _context(job: LargeJob, key: str) -> JobContext:
    notes = job.read()
    if notes is None or notes["id"] != key:
        raise UserError(
            f"A worker does not find the job in {job.folder}: all machines must see the results' "
            "folder under the same path."
        )
    return JobContext.at(job, notes, _opened(notes), load_model(job.model))


def _opened(notes: Found) -> Any:
    place = notes["asked"]["image"]["place"]
    try:
        return zarr.open_array(place, mode="r")
    except (OSError, ValueError, LookupError) as error:
        raise UserError(
            f"A worker does not find the image {place}: all machines must see it under the same "
            "path."
        ) from error


@contextmanager
def workers(count: int = 0, scheduler: str = "") -> Iterator[Any]:
    """Start processes, or reach those of a cluster, that share the work on an image.

    Parameters
    ----------
    count
        Processes of one thread each to start on this machine; 0 for none.
    scheduler
        Address of a dask.distributed scheduler, such as ``"tcp://10.0.0.5:8786"``; empty for none.

    Yields
    ------
    A `distributed.Client`, or None if the work is to be done in this process.

    Raises
    ------
    UserError
        If dask.distributed is not installed, the scheduler does not answer, both are given, or
        the number is below 0.
    """
    if count < 0:
        raise UserError(f"There must be at least one worker, or none (0), not {count}.")
    if not count and not scheduler:
        yield None
        return
    if count and scheduler:
        raise UserError("Give either a number of workers or a scheduler, not both.")
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise UserError(
            "Several processes need dask.distributed: pip install 'napari-unet-studio[cluster]'."
        ) from error
    # a lost worker is no error: its blocks are done by others
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        leaking = dask.config.get("distributed.nanny.pre-spawn-environ")
        stack.enter_context(_environment_kept(leaking))
        if scheduler:
            client = _reached(distributed.Client, scheduler)
        else:
            started = distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                dashboard_address=":0",
                silence_logs=logging.CRITICAL,
            )
            client = distributed.Client(stack.enter_context(started))
        yield stack.enter_context(client)


@contextmanager
def _environment_kept(names: Iterable[str]) -> Iterator[None]:
    """Undo what dask.distributed sets for its workers, but in this process's environment.

    Left there, ``OMP_NUM_THREADS=1`` would keep every later training to one thread.
    """
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _reached(client: Callable[..., Any], scheduler: str) -> Any:
    try:
        return client(scheduler, timeout=_ANSWERS_WITHIN)
    except (OSError, ValueError) as error:
        raise UserError(
            f"No scheduler answers at {scheduler}: check the address, as dask-scheduler prints it."
        ) from error
