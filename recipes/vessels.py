"""Blood vessels of the retina: ``python recipes/vessels.py IMAGES MASKS FOV --run RUN``.

IMAGES, MASKS and FOV are folders of your own copy of DRIVE or CHASE_DB1, which may be one folder;
files belong together by the names that these sets give them. The masks are those of the first
observer. FOV holds the fields of view; without it, as for CHASE_DB1, they are what is not black.

Classes are 0 and 1, and 255, which takes no part, outside the field of view. The loss is Dice and
cross-entropy on one-hot targets, and what is found is the argmax. The last two of seven images are
held out (of CHASE_DB1 the usual eight, whose children are in no other image). Nothing is chosen by
them: the model is that of the last epoch, RUN/last.safetensors. Run again, it continues.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from napari_unet import (
    Model,
    ModelConfig,
    Progress,
    Run,
    RunConfig,
    Sample,
    TileConfig,
    TrainConfig,
    UserError,
    create_run,
    evaluate_classes,
    load_model,
    segment,
    train,
)

IGNORED = 255
ENDINGS = {"mask": "_(manual1|1stHO)", "field": "_mask"}
"""How names end, after what the files of an image have in common."""
MARKED = f"({'|'.join(ENDINGS.values())})"
OTHERS = "_(manual2|2ndHO)"
"""The same for the masks of the second observer, which are passed over."""
ACROSS = 600
"""Pixels across an image that the network sees, if there are more: a patch then shows how a vessel
goes on, and the thinnest are still to be seen."""
DARK = 0.15
"""What has less than this share of an image's bright pixels is outside the field of view."""
TRAINING = TrainConfig(patch=160, zoom=1.25)


def paired(folders: Mapping[str, Path]) -> dict[str, dict[str, Path]]:
    """Find the files of each image by their names.

    Parameters
    ----------
    folders
        Where the files of each kind, ``image``, ``mask`` and perhaps ``field``, lie.

    Returns
    -------
    By the image's name, its file of each kind.

    Raises
    ------
    UserError
        If a folder has no images, or an image lacks one of its files.
    """
    found = {kind: _files(folder, kind) for kind, folder in folders.items()}
    images = found["image"]
    for kind in folders.keys() - {"image"}:
        odd = sorted(images.keys() ^ found[kind].keys())
        if odd or found[kind] == images:
            raise UserError(
                f"The images in {folders['image']} and the {kind}s in {folders[kind]} do not pair: "
                f"{', '.join(odd[:5]) or 'there are none'}. Give each image one {kind}, with a "
                "name that begins alike."
            )
    return {name: {kind: found[kind][name] for kind in found} for name in sorted(images)}


def _files(folder: Path, kind: str) -> dict[str, Path]:
    """Return the files of one kind by the beginnings of their names.

    A folder in which no name ends as that kind's do holds nothing else.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    known = Image.registered_extensions()
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in known]
    paths = [path for path in paths if not re.search(f"{OTHERS}$", path.stem)]
    if kind == "image":
        return {_begin(path): path for path in paths if not re.search(f"{MARKED}$", path.stem)}
    marked = [path for path in paths if re.search(f"{ENDINGS[kind]}$", path.stem)]
    return {_begin(path): path for path in marked or paths}


def _begin(path: Path) -> str:
    return re.sub(f"(_training|_test)?({MARKED})?$", "", path.stem)


def samples(files: Mapping[str, Mapping[str, Path]]) -> Iterator[Sample]:
    """Read all images; the last two of seven are held out."""
    held_out = list(files)[len(files) - max(1, round(len(files) * 2 / 7)) :]
    for name, of in files.items():
        image = _read(of["image"], "RGB")
        inside = _white(of["field"]) if "field" in of else field_of_view(image)
        labels = _white(of["mask"]).astype(np.uint8)
        if not image.shape[:2] == labels.shape == inside.shape:
            raise UserError(f"The files of {name} differ in size: give those of one image.")
        labels[~inside] = IGNORED
        yield Sample(name, np.moveaxis(image, -1, 0), labels, name in held_out)


def _read(path: Path, mode: str) -> NDArray[np.uint8]:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert(mode))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: put a whole copy in its place.") from error


def _white(path: Path) -> NDArray[np.bool_]:
    """Return what is white in a mask of 0 and 255, or of 0 and 1."""
    values = _read(path, "L")
    return values > values.max() / 2


def field_of_view(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return what is not black around the picture of a retina.

    Parameters
    ----------
    image
        ``(Y, X, 3)``.

    Returns
    -------
    bool ``(Y, X)``.
    """
    light = ndimage.median_filter(image.max(axis=-1), 5)
    parts, _ = ndimage.label(light > DARK * np.percentile(light, 95))
    largest = np.bincount(parts[parts > 0]).argmax()
    return ndimage.binary_fill_holes(parts == largest)


def config_for(given: list[Sample], length: TrainConfig) -> RunConfig:
    """Return how these images are learnt from."""
    across = np.median([max(sample.labels.shape) for sample in given])
    by = round(min(1.0, ACROSS / float(across)), 3)
    return RunConfig(
        model=ModelConfig(in_channels=3, classes=("vessel",), height=False),
        train=length,
        semantic=True,
        working=(by, by) if by < 1 else (),
        name="vessels",
        about={"description": "Blood vessels in colour pictures of the retina"},
    )


def dice_of(sample: Sample, model: Model, tiles: TileConfig) -> float:
    """Return how well the vessels of a sample are found, within its field of view."""
    found = segment(sample.image, model, axes="CYX", tiles=tiles).semantic
    return evaluate_classes(found, sample.labels, 2, ignore_value=IGNORED).dice[1] or 0.0


def report(progress: Progress) -> None:
    """Print the figures of every epoch."""
    if "score" in progress.values:
        print(dict(progress.values), flush=True)


def check_going_on(run: Path, length: Mapping[str, float]) -> None:
    """Say that a run that is there keeps its length, where another one is asked for.

    Raises
    ------
    UserError
        If the folder holds no run, or one that was not made to its end.
    """
    if not (run / "run.json").exists():
        raise UserError(f"{run} is there and holds no run: delete it, or give another --run.")
    known = Run(run).config().train
    own = {"minutes": known.minutes} if known.minutes else {"epochs": known.epochs}
    if length and length != own:
        (name, value), *_ = own.items()
        print(
            f"{run} is there and keeps its length, --{name} {value:g}: give another --run for "
            "another length.",
            file=sys.stderr,
        )


def ended(arguments: list[str] | None = None) -> int:
    """Do all of it, and tell in one sentence what went wrong or that it was stopped.

    Returns
    -------
    The exit code: 0 for done, 1 if something was wrong, 130 if it was stopped.
    """
    try:
        main(arguments)
    except KeyboardInterrupt:
        print("Stopped: the same command goes on.", file=sys.stderr)
        return 130
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def main(arguments: list[str] | None = None) -> None:
    """Train, or continue, and print the Dice of each image that was held out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", type=Path)
    parser.add_argument("masks", type=Path)
    parser.add_argument("fov", type=Path, nargs="?")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, help="of a new run (10)")
    parser.add_argument("--epochs", type=int, help="of a new run, in place of minutes")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args(arguments)
    folders = {"image": options.images, "mask": options.masks}
    given = list(samples(paired(folders | ({"field": options.fov} if options.fov else {}))))
    asked = {"minutes": options.minutes, "epochs": options.epochs}
    name = "minutes" if options.epochs is None else "epochs"
    length = {} if asked[name] is None else {name: asked[name]}
    if options.run.exists():
        check_going_on(options.run, length)
    else:
        chosen = TRAINING.replace(device=options.device, **length or {"minutes": 10})
        create_run(options.run, given, config_for(given, chosen))
    train(options.run, report)
    model = load_model(Run(options.run).last)
    tiles = TileConfig(device=options.device, views="mirrored and rotated")
    table = {each.name: dice_of(each, model, tiles) for each in given if each.validation}
    for name, dice in {**table, "mean": np.mean(list(table.values()))}.items():
        print(f"{name:24} {dice:.3f}")


if __name__ == "__main__":
    sys.exit(ended())
