"""A training in a window, written down as a command of the shell and as Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from napari_unet.core.config import PRESETS
from napari_unet.core.provenance.written import as_call, as_command, as_flags, names_called
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.storage.names import file_name

_CALLED = ("create_run", "prepare", "read_annotations", "train")


@dataclass(frozen=True)
class TrainingWork:
    """A folder of annotations, and how it is learnt from.

    Parameters
    ----------
    folder
        As `read_annotations` takes it.
    base, settled
        As `prepare` takes them. Grey values are normalised as usual.
    """

    folder: str
    base: RunConfig
    settled: tuple[str, ...] = ()

    @property
    def run(self) -> str:
        """The run's folder, named after the model."""
        return file_name(self.base.name, "training")

    def command(self) -> str:
        """Return a command that makes the same run, and trains it."""
        base = self.base
        words = ["napari-unet", "train", "--annotations", self.folder, "--run", self.run]
        if base.name != self.run:
            words += ["--name", base.name]
        words += [*self._start(), *as_flags(base.train, always=self.settled)]
        words += as_flags(base.targets)
        if base.targets.spacing:
            words += ["--spacing", ",".join(map(repr, base.targets.spacing))]
        return as_command(words)

    def python(self) -> str:
        """Return Python that makes the same run, and trains it."""
        base = as_call(self._without_start_shape())
        settled = f", settled={self.settled!r}" if self.settled else ""
        names = sorted({*names_called(base), *_CALLED})
        lines = [
            f"from napari_unet import {', '.join(names)}",
            "",
            f"images = read_annotations({self.folder!r})",
            f"base = {base}",
            f"ready = prepare(images, base{settled})",
            f"run = create_run({self.run!r}, ready.samples, ready.settled())",
            "result = train(run.folder)",
            "",
        ]
        return "\n".join(lines)

    def _start(self) -> Iterator[str]:
        """Yield the flags that say what the training starts from."""
        start, model = self.base.start_from, self.base.model
        if start not in (None, AUTOMATIC):
            yield from ("--start-from", start)
            return
        if start is None:
            yield from ("--start-from", "scratch")
        flat = model.replace(ndim=2)
        preset = next(name for name, shape in PRESETS.items() if shape == flat)
        if flat != RunConfig().model:
            yield from ("--preset", preset)
        yield from ("--ndim", str(model.ndim))

    def _without_start_shape(self) -> RunConfig:
        """Leave the network's shape away where it follows from the model to start from."""
        followed = self.base.start_from not in (None, AUTOMATIC)
        return self.base.replace(model=RunConfig().model) if followed else self.base
