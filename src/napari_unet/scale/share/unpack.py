"""A package from another machine opened: each thing is laid where it belongs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps, drive
from napari_unet.core.provenance.settings import Settings
from napari_unet.runs.config import RunConfig
from napari_unet.scale.share.elsewhere import for_elsewhere
from napari_unet.storage.atomic import check_folder, replacing, replacing_folder
from napari_unet.storage.crate.content import (
    ANNOTATIONS,
    MODELS,
    RUNS,
    SETTINGS,
    Crate,
    PackedFile,
    Part,
    for_people,
)
from napari_unet.storage.crate.read import (
    Files,
    check_room,
    check_steps,
    chunks,
    opened,
    usual_folder,
)
from napari_unet.storage.crate.write import MB
from napari_unet.storage.digests import file_digest
from napari_unet.storage.folders import models_folder, runs_folder
from napari_unet.storage.model_header import (
    SUFFIX,
    free_model_name,
    known_models,
    read_header,
)
from napari_unet.storage.names import numbered


@dataclass(frozen=True)
class Laid:
    """Something of a package that was laid where it belongs.

    Parameters
    ----------
    part
        What it is in the package.
    path
        The file or folder that it is now.
    new
        Whether it was not there already.
    """

    part: Part
    path: Path
    new: bool

    def in_words(self) -> str:
        """Return where it is now, as a sentence."""
        name = self.path.name if self.part.is_folder else self.path.stem
        told = _CALLED[self.part.kind].format(name=for_people(name))
        if not self.new:
            return f"{told} was there already, at {self.path}."
        was = f", which is not the “{self.part.called}” that was there before,"
        other = was if name != self.part.name else ""
        return f"{told}{other} is now at {self.path}."


_CALLED = {
    MODELS: "The model “{name}”",
    RUNS: "The training “{name}”",
    ANNOTATIONS: "The folder of annotations “{name}”",
    SETTINGS: "The file of settings “{name}”",
}


def open_shared(package: str | Path, to: str | Path | None = None) -> list[Laid]:
    """Open a package that somebody has shared, on this machine.

    Nothing in it is run or unpickled, and all files are compared with their digests before the
    first one is laid anywhere. Models go among the user's models, runs into the folder of runs,
    where they can be continued, and the rest into a folder. What is there already stays, and what
    only has the same name is laid under a new one.

    Parameters
    ----------
    package
        What `share` has written: a ZIP file or a folder.
    to
        Folder for annotations and settings; None for one beside the package, see `usual_folder`.

    Returns
    -------
    What there was in it, and where it is now.

    Raises
    ------
    UserError
        If it is no such package, is damaged, changed, or from a newer version, holds what does not
        belong there, or there is no room; then nothing is laid anywhere.
    """
    return drive(open_steps(Path(package), None if to is None else Path(to)))


def open_steps(package: Path, to: Path | None = None) -> Steps[list[Laid]]:
    """Open a package step by step: `open_shared` is this, driven to its end.

    Yields
    ------
    Progress in MB.
    """
    to = usual_folder(package) if to is None else to
    with opened(package) as (files, crate):
        _check_places(crate, to)
        yield from check_steps(files, crate, package.name)
        work = _Opening(files, to)
        for kind in (MODELS, RUNS, ANNOTATIONS, SETTINGS):  # runs and settings name models
            for part in (part for part in crate.parts if part.kind == kind):
                work.place(part)
        yield from work.lay_steps(crate.size)
    return work.laid


def _check_places(crate: Crate, to: Path) -> None:
    for folder, kinds in (
        (models_folder(), (MODELS,)),
        (runs_folder(), (RUNS,)),
        (to, (ANNOTATIONS, SETTINGS)),
    ):
        size = sum(part.size for part in crate.parts if part.kind in kinds)
        if size:
            check_folder(folder, about="")
            check_room(folder, size)


class _Opening:
    """Decides where each part of a package lies, and lays it there.

    Attributes
    ----------
    laid
        What has its place.
    """

    def __init__(self, files: Files, to: Path) -> None:
        self.laid: list[Laid] = []
        self._files, self._to = files, to
        self._models: dict[str, str] = {}
        self._changed: dict[str, bytes] = {}

    def place(self, part: Part) -> None:
        """Decide where a part lies: where the same lies already, else under a name that is free."""
        self._change(part)
        if part.kind == MODELS:
            laid = self._of_model(part)
            self._models[part.path] = laid.path.stem
        else:
            laid = self._of_other(part)
        self.laid.append(laid)

    def lay_steps(self, total: int) -> Steps[None]:
        """Lay all that is new; where something goes wrong, nothing of it."""
        done = 0
        with ExitStack() as whole:
            for laid in (each for each in self.laid if each.new):
                begun = replacing_folder if laid.part.is_folder else replacing
                temporary = whole.enter_context(begun(laid.path))
                for file in laid.part.files:
                    inside = file.path.removeprefix(laid.part.path).lstrip("/")
                    target = temporary / inside if laid.part.is_folder else temporary
                    done = yield from self._write(file, target, done, max(total, MB))
                if laid.part.kind == MODELS:
                    _check_model(temporary, laid.part)

    def _write(self, file: PackedFile, target: Path, done: int, total: int) -> Steps[int]:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as writing:
            for chunk in self._content(file):
                writing.write(chunk)
                done += len(chunk)
                yield Progress("opening", min(done, total) // MB, total // MB)
        return done

    def _content(self, file: PackedFile) -> Any:
        changed = self._changed.get(file.path)
        return chunks(self._files, file.path) if changed is None else [changed]

    def _change(self, part: Part) -> None:
        """See to it that a run or settings name models as they are called here."""
        read = _READ.get(part.kind)
        if read is None:
            return
        path = f"{part.path}/run.json" if part.kind == RUNS else part.path
        if path not in {file.path for file in part.files}:
            raise UserError(f"The training “{part.name}” is not whole: have it shared again.")
        text = b"".join(chunks(self._files, path))
        read(text, part.name)
        self._changed[path] = for_elsewhere(text, lambda name: self._models.get(name, name))

    def _of_model(self, part: Part) -> Laid:
        (file,) = part.files
        known = known_models()
        alike = (path for path in known.values() if path.stat().st_size == file.size)
        same = next((path for path in alike if file_digest(path) == file.sha256), None)
        if same is not None:
            return Laid(part, same, new=False)
        laid = [each.path.stem for each in self.laid if each.part.kind == MODELS]
        name = free_model_name(part.name, laid)
        return Laid(part, models_folder() / f"{name}{SUFFIX}", new=True)

    def _of_other(self, part: Part) -> Laid:
        folder = runs_folder() if part.kind == RUNS else self._to / part.kind
        ending = "" if part.is_folder else ".json"
        for name in numbered(part.name):
            path = folder / f"{name}{ending}"
            if path in (laid.path for laid in self.laid):
                continue
            if not path.exists():
                return Laid(part, path, new=True)
            if self._is_same(part, path):
                return Laid(part, path, new=False)
        raise AssertionError  # names never end

    def _is_same(self, part: Part, path: Path) -> bool:
        """Tell whether all files of a part lie somewhere already, just as they are in it."""
        for file in part.files:
            there = path / file.path.removeprefix(f"{part.path}/") if part.is_folder else path
            changed = self._changed.get(file.path)
            digest = file.sha256 if changed is None else hashlib.sha256(changed).hexdigest()
            if not there.is_file() or file_digest(there) != digest:
                return False
        return True


def _check_model(temporary: Path, part: Part) -> None:
    """Refuse a file that is no model, or of a newer version, before it has its name."""
    try:
        read_header(temporary)
    except UserError as error:
        raise UserError(str(error).replace(temporary.name, f"{part.name}{SUFFIX}")) from error


def _read_run(text: bytes, name: str) -> None:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise UserError(f"The training “{name}” is damaged: have it shared again.") from error
    RunConfig.from_dict(values)


def _read_settings(text: bytes, name: str) -> None:
    Settings.from_json(text, name)


_READ: dict[str, Callable[[bytes, str], None]] = {RUNS: _read_run, SETTINGS: _read_settings}
"""What refuses a run or settings that this version cannot read."""
