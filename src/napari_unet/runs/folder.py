"""A run: one training, in one folder that says everything about it and can be continued.

::

    RUN/run.json            the configuration
    RUN/samples/0000.npz    an image, its labels, its name, and whether it validates
    RUN/replayed/MODEL/     samples of what the model to start from knows
    RUN/log.jsonl           every figure, a line per epoch
    RUN/last.checkpoint     what continuing needs
    RUN/best.safetensors    the latest model with the best validation, within chance
    RUN/last.safetensors    the model of the last epoch
    RUN/preview.npz         what the last epoch's model finds in one plane
    RUN/unfinished          there while the run is made, and held by the process that makes it

What a training and its watchers tell each other stands in `napari_unet.runs.control`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_unet.core.errors import UserError
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample, read_name, read_sample, write_sample
from napari_unet.storage.atomic import replacing


@dataclass(frozen=True)
class Run:
    """The paths in a run folder, and what stands in them."""

    folder: Path

    @property
    def best(self) -> Path:
        """The latest model with the best validation, within its standard error."""
        return self.folder / "best.safetensors"

    @property
    def last(self) -> Path:
        """The model of the last epoch."""
        return self.folder / "last.safetensors"

    @property
    def checkpoint(self) -> Path:
        """What continuing needs."""
        return self.folder / "last.checkpoint"

    @property
    def log(self) -> Path:
        """Every figure, a JSON object per line."""
        return self.folder / "log.jsonl"

    @property
    def preview(self) -> Path:
        """What the last epoch's model finds in one plane, see `write_preview`."""
        return self.folder / "preview.npz"

    @property
    def mark(self) -> Path:
        """What is there while the run is made, and stays if that is killed."""
        return self.folder / "unfinished"

    @property
    def unfinished(self) -> bool:
        """Whether the run was begun to be made, and is not there yet."""
        return self.mark.exists() and not (self.folder / "run.json").exists()

    def clear(self) -> None:
        """Remove what an unfinished run holds."""
        for part in ("samples", "replayed"):
            shutil.rmtree(self.folder / part, ignore_errors=True)

    def config(self) -> RunConfig:
        """Read the configuration.

        Raises
        ------
        UserError
            If the folder holds no run, or it is damaged or from a newer version.
        """
        path = self.folder / "run.json"
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            if self.unfinished:
                raise UserError(
                    f"{self.folder} was not made to its end: give the whole command again that "
                    "makes it."
                ) from error
            raise UserError(
                f"{self.folder} is not a run: start one with images and labels.",
                about="images, labels",
            ) from error
        except ValueError as error:
            raise UserError(
                f"{self.folder} is not a run that can be read, its run.json is damaged: "
                "make the run again from its images."
            ) from error
        return RunConfig.from_dict(values)

    def write_config(self, config: RunConfig) -> None:
        """Write the configuration, in one step."""
        with replacing(self.folder / "run.json") as temporary:
            written = json.dumps(config.to_dict(), indent=2)
            temporary.write_text(written + "\n", encoding="utf-8")

    def samples(self, *, validation: bool | None = None) -> Iterator[Sample]:
        """Read the samples one by one.

        Parameters
        ----------
        validation
            Whether to read those that are kept for validation, or those that are learnt from;
            None for both.
        """
        for path in self._sample_files():
            if validation is None or read_name(path)[1] == validation:
                yield read_sample(path)

    def sample_names(self, *, validation: bool) -> list[str]:
        """Return what is kept for validation, or what is learnt from; no pixels are unpacked."""
        read = map(read_name, self._sample_files())
        return [name for name, kept in read if kept == validation]

    def write_replayed(self, start: str, samples: Iterable[Sample]) -> None:
        """Write samples of what a model to start from knows."""
        folder = self.folder / "replayed" / start
        folder.mkdir(parents=True)
        for index, sample in enumerate(samples):
            write_sample(sample, folder / f"{index:04d}.npz")

    def replayed(self, start: str | None, *, validation: bool) -> Iterator[Sample]:
        """Read the samples of what a model knows: those to judge on, or those to learn from."""
        if start is None or Path(start).name != start:
            return
        for path in sorted((self.folder / "replayed" / start).glob("*.npz")):
            if read_name(path)[1] == validation:
                yield read_sample(path)

    def count(self) -> int:
        """Return the number of samples."""
        return len(self._sample_files())

    def _sample_files(self) -> list[Path]:
        return sorted((self.folder / "samples").glob("*.npz"))

    def records(self) -> list[dict[str, Any]]:
        """Read the log.

        Raises
        ------
        UserError
            If it is damaged.
        """
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines(keepends=True)
        # a line without an end was cut short when the training was killed
        try:
            return [json.loads(line) for line in lines if line.endswith("\n")]
        except ValueError as error:
            raise UserError(f"{self.log} is damaged: delete this file and continue.") from error
