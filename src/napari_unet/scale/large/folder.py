"""The folder of a job: what is to be done, what has been done, and what lies in between.

``job.json`` says what is to be done, ``model.safetensors`` with which network. ``done.jsonl`` gets
a line for every task once all it writes is written, so that a killed job goes on where it was.
``scratch`` holds what later tasks need, and goes at the end.
"""

from __future__ import annotations

import json
import shutil
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from filelock import FileLock, Timeout

from napari_unet.core.errors import UserError
from napari_unet.core.progress import News
from napari_unet.storage.atomic import clear_halves, replacing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


FORMAT = 1
SCRATCH_BYTES, RESULT_BYTES = 4.3, 0.2
"""Bytes per pixel that are usual, compressed: on the way, and of the results."""
_LOCK = "lock"


class Task(NamedTuple):
    """A piece of work that any process can do by itself.

    Parameters
    ----------
    stage
        What to do, one of `napari_unet.scale.large.tasks.WORK`.
    plane
        On which plane of the image.
    block
        On which block of it; 0 where it is about the whole plane.
    """

    stage: str
    plane: int = 0
    block: int = 0


@dataclass(frozen=True)
class LabelFolders(News):
    """Where the labels of a job are, which fill up while the work goes on.

    Parameters
    ----------
    instances, semantic
        The objects and the classes, OME-Zarr.
    """

    instances: Path
    semantic: Path

    def as_values(self) -> dict[str, Any]:
        """Return both as text."""
        return {"instances": str(self.instances), "semantic": str(self.semantic)}


@dataclass(frozen=True)
class LargeJob:
    """Where a job's files lie.

    Parameters
    ----------
    out
        Folder of the results.
    name
        What their names begin with.
    """

    out: Path
    name: str

    @property
    def folder(self) -> Path:
        """What the job writes down about itself."""
        return self.out / f"{self.name}_job"

    @property
    def instances(self) -> Path:
        """The objects, OME-Zarr."""
        return self.out / f"{self.name}_instances.zarr"

    @property
    def semantic(self) -> Path:
        """The classes, OME-Zarr."""
        return self.out / f"{self.name}_semantic.zarr"

    @property
    def model(self) -> Path:
        """A copy of the model."""
        return self.folder / "model.safetensors"

    @property
    def done(self) -> Path:
        """The `Ledger`."""
        return self.folder / "done.jsonl"

    @property
    def scratch(self) -> Path:
        """What is needed on the way only."""
        return self.folder / "scratch"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Make sure that this process alone hands out this job's tasks.

        Of a job that was not begun nothing is left.

        Raises
        ------
        UserError
            If another process does so.
        """
        # steps may be closed in another thread than they were driven in
        lock = FileLock(self.folder / _LOCK, timeout=0, thread_local=False)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        # which has just left, and its folder with it
        except (Timeout, FileNotFoundError, FileExistsError) as error:
            if self.folder.is_file() or not self.out.is_dir():
                raise
            raise UserError(
                f"Another program is at work on {self.name} in {self.out}: wait until it is done."
            ) from error
        try:
            yield
        finally:
            with suppress(OSError):
                if [*self.folder.iterdir()] == [self.folder / _LOCK]:
                    (self.folder / _LOCK).unlink()
            lock.release()
            with suppress(OSError):  # there are notes
                self.folder.rmdir()

    def read(self) -> dict[str, Any] | None:
        """Return what is to be done, or None for a new job.

        Raises
        ------
        UserError
            If it is damaged or was written by a newer version.
        """
        path = self.folder / "job.json"
        if not path.exists():
            return None
        try:
            about: dict[str, Any] = dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{path} is damaged: delete the folder {self.folder}.") from error
        if about.get("format") != FORMAT:
            raise UserError(
                f"The job in {self.folder} was begun by another version of napari-unet-studio: "
                "finish it with that one, or give another folder."
            )
        return about

    def begin(self, asked: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Write down a new job, or take up one that asks for the same, while it is locked.

        What a process that was killed had half written goes.

        Parameters
        ----------
        asked
            What the result depends on; anything JSON can hold.
        chosen
            How the work is cut up; a job that was begun keeps to what was chosen then.

        Returns
        -------
        The job's notes: ``asked``, ``chosen`` and ``id``.

        Raises
        ------
        UserError
            If the folder holds another job, or results of no job.
        """
        clear_halves(self.folder)
        begun = self.read()
        if begun is None:
            self.refuse_results()
            notes = {"id": uuid.uuid4().hex, "asked": dict(asked), "chosen": dict(chosen)}
            with replacing(self.folder / "job.json") as temporary:
                temporary.write_text(json.dumps({"format": FORMAT, **notes}, indent=1), "utf-8")
            return notes
        keys = {**asked, **begun["asked"]}
        other = [key for key in keys if begun["asked"].get(key) != asked.get(key)]
        if other:
            raise UserError(
                f"{self.folder} holds another job (another {other[0]}): "
                "give another folder, or delete that one."
            )
        return begun

    def has_results(self) -> bool:
        """Tell whether the folders of both results are there."""
        return self.instances.exists() and self.semantic.exists()

    def refuse_results(self) -> None:
        """Refuse a folder with results that would be replaced.

        Raises
        ------
        UserError
            If there are any.
        """
        for path in (self.instances, self.semantic):
            if path.exists():
                raise UserError(f"{path} exists: give another folder, or delete it.")

    def remove(self) -> None:
        """Delete the job and its results, if there are any.

        Raises
        ------
        UserError
            If another process is at work on it.
        """
        if not any(path.exists() for path in (self.folder, self.instances, self.semantic)):
            return
        with self.lock():
            self.done.unlink(missing_ok=True)  # first: what is half deleted is not done
            notes = [path for path in self.folder.iterdir() if path.name != _LOCK]
            for path in (*notes, self.instances, self.semantic):
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


class Ledger:
    """What has been done, task by task; written by one process only.

    Parameters
    ----------
    path
        The file, made if need be. A last line that was cut short is dropped.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: dict[Task, dict[str, Any]] = {}
        text = path.read_bytes() if path.exists() else b""
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            with path.open("r+b") as file:
                file.truncate(whole)
        for task, result in self._entries(text[:whole]):
            self._done[task] = result

    def _entries(self, text: bytes) -> Iterator[tuple[Task, dict[str, Any]]]:
        try:
            for line in text.splitlines():
                stage, plane, block, result = json.loads(line)
                yield Task(stage, plane, block), result
        except (ValueError, TypeError) as error:
            raise UserError(
                f"{self._path} is damaged: delete the folder {self._path.parent}."
            ) from error

    def __contains__(self, task: Task) -> bool:
        return task in self._done

    def __getitem__(self, task: Task) -> dict[str, Any]:
        return self._done[task]

    def clear(self) -> None:
        """Forget all: nothing is done."""
        self._path.unlink(missing_ok=True)
        self._done.clear()

    def add(self, task: Task, result: Mapping[str, Any]) -> None:
        """Write down that a task is done, and what it found."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([*task, dict(result)]) + "\n")
        self._done[task] = dict(result)
