"""A process of a batch: reads which image to work on, says how it went; see `batch_processes`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from napari_unet.core.progress import Progress, drive
from napari_unet.io.sources import Source
from napari_unet.nn.model import load_model
from napari_unet.scale.batch.batch import Batch
from napari_unet.scale.batch.log import Log
from napari_unet.scale.batch.one_image import attempt_steps

if TYPE_CHECKING:
    from typing import TextIO


def work(asked: TextIO, told: TextIO) -> None:
    """Work on one image after the other.

    Parameters
    ----------
    asked
        Lines of JSON: first ``{"batch", "gpu"}``, then ``{"path", "name"}`` per image.
    told
        Gets lines of JSON: what a progress says in words, and ``{"row"}`` per image.
    """
    about = json.loads(asked.readline())
    if about["gpu"] is not None:
        torch.cuda.set_device(about["gpu"])
    batch = Batch.from_dict(about["batch"])
    model, log = load_model(batch.model), Log(batch.out, batch.settings())
    said: dict[str, Any] = {}

    def tell(progress: Progress) -> None:
        if progress.values.items() - said.items():
            said.update(progress.values)
            print(json.dumps(said, default=str), file=told, flush=True)

    for line in asked:
        given = json.loads(line)
        source = Source(Path(given["path"]), given["name"])
        row = drive(attempt_steps(source, batch, model, log), tell)
        print(json.dumps({"row": vars(row)}), file=told, flush=True)


if __name__ == "__main__":
    pipe, sys.stdout = sys.stdout, sys.stderr
    work(sys.stdin, pipe)
