"""What somebody wants to share, and the files that this is in a package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from napari_unet.core.errors import UserError
from napari_unet.core.words import counted
from napari_unet.io.provenance.settings import read_settings
from napari_unet.runs.control import is_running
from napari_unet.runs.folder import Run
from napari_unet.runs.known import result_of
from napari_unet.scale.share.elsewhere import for_elsewhere
from napari_unet.storage.crate.content import (
    ANNOTATIONS,
    LAYOUT,
    MODELS,
    RUNS,
    SETTINGS,
    Card,
    is_allowed,
)
from napari_unet.storage.crate.write import Source
from napari_unet.storage.digests import file_digest
from napari_unet.storage.folders import runs_folder
from napari_unet.storage.model_header import SUFFIX, bundled_models, find_model, read_header
from napari_unet.storage.names import file_name, numbered

_OF_RUN = ("best", "last")
"""How the models in a run's folder are called, which tells nothing of them elsewhere."""
_REWRITTEN = ("run.json", "progress.jsonl")


@dataclass(frozen=True)
class Parcel:
    """What is to be shared.

    Parameters
    ----------
    models
        Names of models, or their files.
    runs
        Run folders, or the names of those that were started from napari.
    annotations
        Folders in which annotations were saved.
    settings
        Files of settings, results, or folders of results, see `read_settings`.
    title
        What it is about; empty for words that say what is in it.
    authors
        Names of those who made it.
    licence
        What others may do with it, as the short name of the SPDX list, such as ``"CC-BY-4.0"``.
    """

    models: tuple[str | Path, ...] = ()
    runs: tuple[str | Path, ...] = ()
    annotations: tuple[str | Path, ...] = ()
    settings: tuple[str | Path, ...] = ()
    title: str = ""
    authors: tuple[str, ...] = ()
    licence: str = ""

    def card(self) -> Card:
        """Return what is told of it, without blanks around names."""
        authors = tuple(filter(None, map(str.strip, self.authors)))
        return Card(self.title.strip(), authors, self.licence.strip().replace(" ", "-"))


@dataclass
class Collected:
    """The files of a package that is to be written.

    Attributes
    ----------
    parts
        The files of each `Part`, by its path.
    runs
        The folders of the runs among them.
    notes
        Sentences about what could not be taken along.
    """

    parts: dict[str, list[Source]] = field(default_factory=dict)
    runs: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _models: dict[Path, str] = field(default_factory=dict)

    def add_model(self, name_or_path: str | Path) -> str:
        """Add a model, once, and return its path in the package."""
        file = find_model(name_or_path)
        if file.resolve() not in self._models:
            own = str(read_header(file)["name"])
            path = self._free(MODELS, own if file.stem in _OF_RUN else file.stem, SUFFIX)
            self._models[file.resolve()] = path
            self.parts[path] = [Source(path, file)]
        return self._models[file.resolve()]

    def add_run(self, run: Run) -> None:
        """Add a run, and the models that it may start from."""
        refuse_running(run.folder)
        starts = [start.start_from for start in run.config().starts if start.start_from]
        names = {start: self._start(start, run) for start in starts}
        path = self._free(RUNS, run.folder.name)
        text = (run.folder / "run.json").read_bytes()
        told = for_elsewhere(text, lambda name: names.get(name, name))
        self.parts[path] = [Source(f"{path}/run.json", told)]
        self.parts[path] += [each for each in _files(RUNS, run.folder, path) if _is_copied(each)]
        if result := result_of(run.folder):
            line = {"result": result | {"model": Path(str(result.get("model"))).name}}
            written = f"{json.dumps(line)}\n".encode()
            self.parts[path].append(Source(f"{path}/progress.jsonl", written))
        self.runs.append(run.folder)

    def add_annotations(self, folder: Path) -> None:
        """Add a folder of annotations."""
        path = self._free(ANNOTATIONS, folder.name)
        files = list(_files(ANNOTATIONS, folder, path))
        there = {file.path.split("/")[2] for file in files}
        if not {"images", "labels"} <= there:
            raise UserError(
                f"{folder} is no folder of annotations: choose one in which Annotate has saved "
                "images and labels."
            )
        left = sum(each.is_file() for each in folder.rglob("[!.]*")) - len(files)
        if left:
            self.notes.append(
                f"{counted(left, 'file')} in {folder} {'is' if left == 1 else 'are'} left out, as "
                "no annotation consists of such."
            )
        self.parts[path] = files

    def add_settings(self, given: Path) -> None:
        """Add settings, and their model where it is not bundled."""
        settings, name = read_settings(given), given.stem.removesuffix("_instances")
        if not settings.model.file:
            raise UserError(
                f"The model that {given.name} was made with was in no file: keep the model, "
                "segment again, and share that result."
            )
        file = find_model(settings.model.file)
        digest = file_digest(file)
        if settings.model.sha256 not in ("", digest):
            self.notes.append(
                f"The model {file.stem!r} is not the same any more as when {given.name} was made; "
                "the settings come with the one that is there now."
            )
        known = str(settings.model.file)
        kept = known if known in bundled_models() else self.add_model(file)
        model = settings.model.replace(file=kept, sha256=digest)
        path = self._free(SETTINGS, name, ".json")
        written = settings.replace(model=model).to_json().encode()
        self.parts[path] = [Source(path, written)]

    def _start(self, start: str, run: Run) -> str:
        """Return by what a packed run names a model that it starts from."""
        if start in bundled_models():
            return start
        try:
            return self.add_model(start)
        except UserError as error:
            name = Path(start).stem
            if not run.checkpoint.exists():
                raise UserError(
                    f"{run.folder} cannot be begun on another machine, as the model that it starts "
                    f"from cannot be packed: {error}"
                ) from error
            self.notes.append(
                f"The model {name!r} that {run.folder.name} has started from is gone: the training "
                "goes on without it, but is not compared with it."
            )
            return name

    def _free(self, kind: str, name: str, ending: str = "") -> str:
        """Return a path in the package that nothing has yet."""
        taken = {path.casefold() for path in self.parts}
        plain = file_name(name, kind)
        paths = (f"{kind}/{each}{ending}" for each in numbered(plain))
        return next(path for path in paths if path.casefold() not in taken)


def collect(parcel: Parcel) -> Collected:
    """Find all that is to be shared; nothing is written.

    Raises
    ------
    UserError
        If there is nothing, or something is missing, damaged, or being trained.
    """
    found = Collected()
    for model in parcel.models:
        found.add_model(model)
    for folder in dict.fromkeys(find_run(run).folder.resolve() for run in parcel.runs):
        found.add_run(Run(folder))
    for folder in dict.fromkeys(Path(folder).resolve() for folder in parcel.annotations):
        found.add_annotations(folder)
    for given in dict.fromkeys(Path(given).resolve() for given in parcel.settings):
        found.add_settings(given)
    if not found.parts:
        raise UserError(
            "There is nothing to share: choose a model, a training, annotations or settings."
        )
    for source in (source for sources in found.parts.values() for source in sources):
        if not is_allowed(source.path):
            raise UserError(
                f"{source.path} cannot be shared, as its name is none on some computers: give "
                "it one of letters, digits, spaces and hyphens."
            )
    return found


def find_run(name_or_path: str | Path) -> Run:
    """Return a run by its folder, or by its name where it was started from napari."""
    named = runs_folder() / name_or_path
    return Run(named if (named / "run.json").exists() else Path(name_or_path))


def refuse_running(folder: Path) -> None:
    """Refuse a run that is being trained: its files change while they are copied.

    Raises
    ------
    UserError
        If it is.
    """
    if is_running(folder):
        raise UserError(
            f"{folder} is being trained now: wait until that training ends, or stop it, and share "
            "it then."
        )


def _files(kind: str, folder: Path, path: str) -> Iterator[Source]:
    """Yield the files of a folder that are packed."""
    for pattern in LAYOUT[kind]:
        for file in sorted(folder.glob(pattern.partition("/")[2])):
            if file.is_file() and not file.name.startswith("."):
                yield Source(f"{path}/{file.relative_to(folder).as_posix()}", file)


def _is_copied(source: Source) -> bool:
    return source.path.rpartition("/")[2] not in _REWRITTEN
