"""Images of a batch in several processes, each with its share of threads, memory and GPUs.

Each gets a line of JSON per image and answers with lines of JSON; when the starter is gone, it
ends after its image.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections import deque
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

import torch

from napari_unet.core.progress import Progress, Steps
from napari_unet.processes.json_lines import Result, read
from napari_unet.processes.spawn import Process, broken_off, end, start
from napari_unet.scale.batch.log import STAGE, Row, begun, ended, failed
from napari_unet.storage.atomic import clear_halves
from napari_unet.storage.folders import HOME, data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_unet.io.sources import Source
    from napari_unet.nn.device import Device
    from napari_unet.scale.batch.batch import Batch

    Said = SimpleQueue[tuple["_Worker", Progress | Result | None]]


_POLL = 0.2
"""Seconds after which a silent batch asks whether it shall stop."""
_FAREWELL = 5.0
"""Seconds in which a process that says nothing more must have ended."""


def process_steps(todo: Sequence[Source], batch: Batch, jobs: int, device: Device) -> Steps[None]:
    """Work on images in several processes.

    Parameters
    ----------
    todo
        The images, at least as many as processes.
    batch
        What is done with each.
    jobs
        Number of processes.
    device
        Where the network runs, whose memory is shared out.

    Yields
    ------
    Progress when there is something to say, and an image begins or has ended. If its process broke
    off, its row says so, and a new one goes on.
    """
    said: Said = SimpleQueue()
    waiting = deque(todo)
    with ExitStack() as stack:
        logs = Path(stack.enter_context(TemporaryDirectory()))
        shares = enumerate(_shares(batch, jobs, device))
        workers = [_Worker(share, said, logs / str(number)) for number, share in shares]
        for worker in workers:
            stack.callback(worker.end)
            worker.give(waiting.popleft())
        yield from map(begun, todo[:jobs])
        while any(worker.source for worker in workers):
            try:
                worker, news = said.get(timeout=_POLL)
            except Empty:
                yield Progress(STAGE)
                continue
            if isinstance(news, Progress):
                yield news
                continue
            row = worker.ended(news)
            following = [waiting.popleft()] if waiting else []
            for source in following:
                worker.give(source)
            yield Progress(STAGE) if row is None else ended(row)
            yield from map(begun, following)


@dataclass(frozen=True)
class _Share:
    """What a process is given: the work, with its part of the memory, threads, and its GPU."""

    batch: Batch
    threads: int
    gpu: int | None


def _shares(batch: Batch, jobs: int, device: Device) -> Iterator[_Share]:
    gpus = torch.cuda.device_count() if device.kind == "cuda" else 0
    beside = -(-jobs // max(1, gpus))
    request = batch.request
    memory = request.tiles.memory or device.free_memory() / 2e9
    tiles = request.tiles.replace(memory=memory / beside)
    batch = batch.replace(request=request.replace(tiles=tiles))
    threads = max(1, torch.get_num_threads() // jobs)
    return (_Share(batch, threads, number % gpus if gpus else None) for number in range(jobs))


class _Worker:
    """A process that works on one image at a time; a new one is started where it broke off.

    Parameters
    ----------
    share
        What it is given.
    said
        Gets what it says, and None when it has broken off.
    log
        A file for what goes wrong.
    """

    def __init__(self, share: _Share, said: Said, log: Path) -> None:
        self.source: Source | None = None
        self._share, self._said, self._log = share, said, log
        self._process: Process | None = None

    def give(self, source: Source) -> None:
        """Let it work on an image."""
        self.source = source
        if self._process is None:
            self._start()
        self._write({"path": str(source.path), "name": source.name})

    def ended(self, result: Result | None) -> Row | None:
        """Return the row of its image, which has ended: with this result, or none."""
        source, process = self.source, self._process
        if result is None:
            self.end()
        self.source = None
        if result is not None:
            return Row(**result.values)
        if source is None or process is None:
            return None
        who = "The process that worked on it"
        advice = "segment fewer images at the same time."
        error = broken_off(who, process.returncode, self._log, advice, about="jobs")
        return failed(source, str(error), error.about)

    def end(self) -> None:
        """End the process at once, and clear away what it had half written."""
        process, self._process = self._process, None
        if process is None:
            return
        end([process])
        if self.source is not None:
            clear_halves((self._share.batch.out / self.source.name).parent, process.pid)

    def _start(self) -> None:
        self._process = start(
            [],
            self._log,
            # the folder may have been chosen in this process only
            {"OMP_NUM_THREADS": str(self._share.threads), HOME: str(data_folder())},
            module="napari_unet.scale.batch.worker",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        self._write({"batch": self._share.batch.to_dict(), "gpu": self._share.gpu})

    def _write(self, line: dict[str, Any]) -> None:
        pipe = _pipe(self._process.stdin if self._process else None)
        with suppress(OSError):  # it broke off, which is told by the end of what it says
            pipe.write(json.dumps(line).encode() + b"\n")
            pipe.flush()

    def _listen(self, process: Process) -> None:
        try:
            with _pipe(process.stdout) as lines:
                for news in read(lines):
                    self._said.put((self, news))
        finally:  # the batch waits until it has heard this
            with suppress(subprocess.TimeoutExpired):
                process.wait(_FAREWELL)
            self._said.put((self, None))


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "every process is started with pipes"
    return pipe
