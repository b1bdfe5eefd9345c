"""Processes that share the work on an image: started here, or those of a cluster."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import dask

from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PATIENCE = 10
"""Seconds that a scheduler has to answer."""


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
        return client(scheduler, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise UserError(
            f"No scheduler answers at {scheduler}: check the address, as dask-scheduler prints it."
        ) from error
