"""A training as the *Fine-tune* widget runs it in its worker: prepare, train, compare."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari_unet.core.errors import FORESEEN, UserError, is_foreseen, sentence
from napari_unet.core.progress import News, Progress, Steps, Stop
from napari_unet.runs.control import is_running
from napari_unet.runs.folder import Run
from napari_unet.runs.known import running_run
from napari_unet.runs.prepared import Prepared
from napari_unet.runs.preview import read_preview
from napari_unet.runs.training_process import Child
from napari_unet.ui.finetune.data.training_request import TrainingRequest, check, write_run
from napari_unet.ui.work import torch_library


@dataclass(frozen=True)
class Ended:
    """A training that has ended: its folder, its name, and before against after."""

    folder: Path
    name: str
    comparison: Any


@dataclass(frozen=True)
class Checked(News):
    """Annotations were looked at: what was found, and what is to be trained."""

    prepared: Prepared


@dataclass(frozen=True)
class Picture(News):
    """How well held-out pixels are found: ``image``, ``truth`` and ``prediction``, ``(y, x)``."""

    arrays: dict[str, Any]


@dataclass(frozen=True)
class Replayed(News):
    """The figures are those of an epoch that nobody has followed step by step."""


COMPARING = "comparing before and after"
"""The stage of a training that has ended, and is judged."""
_SKIPPED = "The comparison was stopped: choose “last”, then “best”, to compare after all."


def compared_steps(folder: Path, which: str = "best", device: str = "auto") -> Steps[Ended]:
    """Compare a run's best or last model with the one that it started from.

    Where that cannot be done, the result says why; the model can be used all the same.

    Raises
    ------
    UserError
        If there is no such model yet.
    """
    torch_library.load()
    from napari_unet.nn.training.before_after import compare_steps  # noqa: PLC0415 - loads torch

    with closing(compare_steps(folder, which, device)) as steps:
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return Ended(folder, Run(folder).config().name, end.value)
            except FORESEEN as error:
                if not is_foreseen(error) or not (folder / f"{which}.safetensors").exists():
                    raise
                return _not_compared(folder, sentence(error))
            yield Progress(COMPARING)


def _not_compared(folder: Path, said: str) -> Ended:
    from napari_unet.nn.training.before_after import Comparison  # noqa: PLC0415 - loads torch

    return Ended(folder, Run(folder).config().name, Comparison(None, None, said))


class Training:
    """One training, which other threads may ask to pause, to stop or to be left alone.

    Parameters
    ----------
    device
        Where it is compared with its start; automatic for where it was trained.
    """

    def __init__(self, device: str = "auto") -> None:
        self._device = device
        self.folder: Path | None = None
        self._child: Child | None = None
        self._stopped, self._skipped = threading.Event(), threading.Event()
        self._comparing = False

    @property
    def comparing(self) -> bool:
        """Whether the training has ended, and is compared with its start."""
        return self._comparing

    @property
    def child_running(self) -> bool:
        """Whether a process trains, which may go on without the window."""
        return self._child is not None and self._child.running

    def new_steps(self, request: TrainingRequest) -> Steps[Ended]:
        """Make a run folder, train in it and compare.

        Yields
        ------
        Progress, with `Checked` and `Picture` as its news.

        Raises
        ------
        UserError
            If the annotations cannot be learnt from, or another training runs.
        """
        yield Progress("reading the annotations")
        other = running_run()
        if other is not None:
            raise UserError(
                f"Another training (“{other.name}”) is running: wait until it ends, or stop it."
            )
        checked = check(request)
        yield Progress("reading the annotations", news=Checked(checked))
        config = checked.settled()
        self._raise_if_stopped()
        yield Progress("writing the run")
        folder = write_run(config, checked.samples)
        self._raise_if_stopped()
        return (yield from self.steps(folder))

    def steps(self, folder: Path) -> Steps[Ended]:
        """Train a run folder, or follow the training that runs there; then compare."""
        self.folder = folder
        self._child = Child(folder)
        if not is_running(folder):
            yield from _replayed(folder)
        yield from self._followed(self._child)
        return (yield from self._compared(folder))

    def ended_steps(self, folder: Path) -> Steps[Ended]:
        """Show a training that has ended meanwhile."""
        self.folder = folder
        yield from _replayed(folder)
        return (yield from self._compared(folder))

    def pause(self) -> None:
        """Let the training wait."""
        if self._child is not None:
            self._child.pause()

    def resume(self) -> None:
        """Let it go on."""
        if self._child is not None:
            self._child.resume()

    def stop(self) -> None:
        """End the training, and keep the best model so far; or end the comparison after it."""
        if self._comparing:
            self._skipped.set()
        self._stopped.set()
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End the training by force."""
        if self._child is not None:
            self._child.kill()

    def _compared(self, folder: Path) -> Steps[Ended]:
        """Compare, unless that is skipped; the model is there all the same."""
        self._comparing = True
        try:
            with closing(compared_steps(folder, device=self._device)) as steps:
                while not self._skipped.is_set():
                    yield next(steps)
        except StopIteration as end:
            ended: Ended = end.value
            return ended
        finally:
            self._comparing = False
        return _not_compared(folder, _SKIPPED)

    def _followed(self, child: Child) -> Steps[dict[str, Any]]:
        """Follow a training; where the window closes (`Stop`) it goes on, unless stopped."""
        steps = child.steps()
        try:
            while True:
                progress = next(steps)
                shown = "preview" in progress.values
                preview = read_preview(Run(child.folder).preview) if shown else None
                yield replace(progress, news=Picture(preview) if preview else progress.news)
        except StopIteration as end:
            result: dict[str, Any] = end.value
            return result
        except Stop:
            if self._stopped.is_set():
                child.stop()
            child.detach()
            raise
        finally:
            steps.close()

    def _raise_if_stopped(self) -> None:
        if self._stopped.is_set():
            raise Stop


def _replayed(folder: Path) -> Steps[None]:
    """Yield the figures of the epochs that a run has had."""
    for record in Run(folder).records():
        yield replace(Progress.of_figures("training", 0, 0, record), news=Replayed())
