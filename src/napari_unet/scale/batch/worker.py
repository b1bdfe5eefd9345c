"""A process of a batch: reads which image to work on, and says how it went."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from napari_unet.core.progress import Progress, drive
from napari_unet.io.sources import Source
from napari_unet.nn.prediction.best_model import ready_model
from napari_unet.processes.json_lines import Lines
from napari_unet.scale.batch.batch import Batch
from napari_unet.scale.batch.log import STAGE, Log, added
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
        Gets lines of JSON: a progress where it has something new to say, and a result per image,
        its `Row`.
    """
    about = json.loads(asked.readline())
    if about["gpu"] is not None:
        torch.cuda.set_device(about["gpu"])
    batch = Batch.from_dict(about["batch"])
    model, log = ready_model(batch.model), Log(batch.out, batch.settings())
    lines, said = Lines(told), Progress(STAGE)

    def tell(progress: Progress) -> None:
        nonlocal said
        if (more := added(said, progress)) != said:
            said = more
            lines(said)

    for line in asked:
        given = json.loads(line)
        source = Source(Path(given["path"]), given["name"])
        row = drive(attempt_steps(source, batch, model, log), tell)
        lines.finish(vars(row))


if __name__ == "__main__":
    # what a library prints, be it written in C, must not get in between the lines
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    print(file=pipe)  # ends what was printed before
    work(sys.stdin, pipe)
