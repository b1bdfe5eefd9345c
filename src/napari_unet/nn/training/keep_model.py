"""A finished training's model kept under a name, with the history of how it came to be."""

from __future__ import annotations

import getpass
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import numbers_in
from napari_unet.nn.model import load_model, save_model
from napari_unet.runs.config import RunConfig
from napari_unet.runs.folder import Run
from napari_unet.storage.model_header import SUFFIX, find_model, new_model_file, read_header


def publish(run_folder: str | Path, which: str, name: str) -> Path:
    """Keep a run's model under a name by which every widget and command finds it.

    Parameters
    ----------
    run_folder
        A run that has trained for at least one epoch.
    which
        ``"best"`` or ``"last"``.
    name
        Letters, digits, spaces, dots, hyphens and underscores.

    Returns
    -------
    The model's file. Its header holds a ``history``: who trained it, when, from which model, on
    what, and with which figures; of the models that it was trained from, too.

    Raises
    ------
    UserError
        If the run has no model yet, or the name is not one, or is taken.
    """
    run = Run(Path(run_folder))
    trained = {"best": run.best, "last": run.last}[which]
    if not trained.exists():
        raise UserError(f"{run.folder} has no {which} model: train it for at least an epoch.")
    path = new_model_file(name)
    model = load_model(trained)
    about = {**model.about, "history": [*_history(run), _entry(run, model.about)]}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(replace(model, name=name, about=about), path)
    return path


def _history(run: Run) -> list[dict[str, Any]]:
    """Return the history of the model that a run started from; none if that is gone."""
    start = run.config().start_from
    try:
        header = read_header(find_model(start)) if start else {"about": {}}
    except UserError:
        return []
    history: list[dict[str, Any]] = header["about"].get("history", [])
    return history


def _user() -> str:
    """Return who is logged in; a container need not know its user."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return "unknown"


def _entry(run: Run, about: Any) -> dict[str, Any]:
    config = run.config()
    return {
        "who": _user(),
        "when": datetime.fromtimestamp(run.log.stat().st_mtime, UTC).isoformat(timespec="minutes"),
        "start": config.start_from and Path(config.start_from).name.removesuffix(SUFFIX),
        "images": sorted(set(run.sample_names(validation=False))),
        "objects": None if config.semantic else _objects(run, config),
        "steps": about.get("steps"),
        "figures": about.get("validation"),
    }


def _objects(run: Run, config: RunConfig) -> int:
    """Return how many objects were learnt from."""
    samples = run.samples(validation=False)
    labels = (sample.annotated(config.ignored_label)[0] for sample in samples)
    return sum(len(numbers_in(each)) for each in labels)
