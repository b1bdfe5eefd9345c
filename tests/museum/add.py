"""Make the next exhibit with the code of today: ``python tests/museum/add.py``.

Models, runs and results are made by the command line, which changes least.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.annotation.record import Record
from napari_unet.io.annotations.drafts import Draft, write_draft
from napari_unet.io.annotations.write import write_annotation

MUSEUM = Path(__file__).parent
SMALL = (
    "--network-features=3 --network-max-features=12 --network-depth=2 --batch=4 --patch=48 "
    "--learning-rate=0.01 --precision=float32 --device=cpu --border=none "
    "--zoom=1 --elastic=0 --intensity=0 --blur=0 --noise=0 --progress=none"
)
KINDS = {
    "nuclei": "--epochs=8 --steps=50 --validation=0",
    "classes": "--epochs=6 --steps=50 --semantic --network-padding=valid --network-up=transpose "
    "--network-norm=none",
    "stack": "--epochs=4 --steps=50 --learning-rate=0.03 --batch=2 --patch=24 --ndim=3 "
    "--network-depth=1 --validation=0",
}
"""The models, each of the images in the folder of that name."""
LONG = "--epochs=12 --steps=10"
SHORT_LIVED = ("pid", "preview.npz", "progress.jsonl", "*lock*")
"""What a run's folder holds while it is watched."""
LOOKS = [("round", "#ff0000"), ("dividing", "#00ff00")]


def main() -> None:
    """Make an exhibit named after the time and the commit."""
    head = ["git", "rev-parse", "--short=7", "HEAD"]
    commit = subprocess.check_output(head, text=True, cwd=MUSEUM).strip()
    exhibit = MUSEUM / f"{datetime.now(UTC):%Y-%m-%d-%H%M}-{commit}"
    exhibit.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        for kind in KINDS:
            add_model(exhibit, kind, Path(scratch) / kind)
    add_run(exhibit / "run")
    add_annotation(exhibit)


def add_model(exhibit: Path, kind: str, run: Path) -> None:
    """Train a model, and keep it with what it finds in the image that is called as it is."""
    training = [*files(kind), "--run", run, *SMALL.split(), *KINDS[kind].split()]
    subprocess.run(command("train", *training), check=True, cwd=MUSEUM)
    model = shutil.copy(run / "last.safetensors", exhibit / f"{kind}.safetensors")
    image, out = f"images/{kind}/{kind}.tif", exhibit / kind
    finding = command("segment", image, "--model", model, "--out", out, "--progress=none")
    subprocess.run(finding, check=True, cwd=MUSEUM)


def add_run(run: Path) -> None:
    """Begin a training and stop it after two epochs."""
    words = [*files("nuclei"), "--run", run, *SMALL.split(), *LONG.split()]
    log = run / "log.jsonl"
    with subprocess.Popen(command("train", *words), cwd=MUSEUM) as training:
        while not (log.exists() and log.read_text().count("\n") >= 2):
            time.sleep(0.01)
        training.send_signal(signal.SIGINT)
    for name in SHORT_LIVED:
        for path in run.glob(name):
            path.unlink()


def add_annotation(exhibit: Path) -> None:
    """Annotate an image with all that an annotation can have, saved and as a draft."""
    image, labels = (tifffile.imread(MUSEUM / f"{part}/nuclei/nuclei.tif") for part in PARTS)
    marks = np.zeros(labels.shape, np.uint8)
    marks[:4], marks[-4:] = 1, 2
    annotation = Annotation(
        labels.astype(np.uint32),
        marks,
        np.array([[[0, 0], [64, 96]]]),
        classes={1: 2, 2: 1},
        record=Record(frozenset({1, 2}), frozenset({1}), frozenset({2})),
    )
    annotated = AnnotatedImage("nuclei", image[np.newaxis], "CYX", annotation, (0.5, 0.5))
    write_annotation(exhibit / "annotations", annotated, LOOKS)
    draft = Draft(
        "nuclei",
        image.shape,
        annotation.instances,
        marks,
        rectangles=[np.array([[0, 0], [0, 96], [64, 96], [64, 0]])],
        classes={1: 2, 2: 1},
        class_names=[name for name, _ in LOOKS],
        class_colours=[colour for _, colour in LOOKS],
        record=annotation.record,
    )
    write_draft(exhibit / "draft.npz", draft)


PARTS = ("images", "labels")


def files(kind: str) -> list[Any]:
    """Return the flags that name the images and labels to learn from."""
    return [word for part in PARTS for word in (f"--{part}", f"{part}/{kind}")]


def command(*words: object) -> list[str]:
    """Return a command of napari-unet for a process of its own."""
    return [sys.executable, "-m", "napari_unet", *map(str, words)]


if __name__ == "__main__":
    main()
