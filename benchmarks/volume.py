"""A volume's nuclei with a 3D network, and with 2D networks whose planes are linked.

``python benchmarks/volume.py DATA OUT [--minutes 8] [--cut 65] [--spacing 0.284 0.127 0.127]``

DATA has one volume in ``images/`` and its objects in ``labels/``. What lies left of the cut is
learnt from, for as many minutes of one CPU in 3D as in 2D from scratch; what lies right of it is
only measured on, also with the bundled model. The model is that of the last step, not the best one.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from napari_unet import (
    AnnotatedImage,
    Annotation,
    LinkConfig,
    Model,
    ModelConfig,
    Progress,
    Run,
    RunConfig,
    TargetConfig,
    TrainConfig,
    annotated,
    create_run,
    evaluate,
    find_pairs,
    link,
    load_model,
    plan,
    segment,
    to_samples,
    train,
)

AXES = "CZYX"
PROBE = 8
"""Steps from which is known how many there is time for."""


def parts(data: Path, cut: int, spacing: tuple[float, ...]) -> list[AnnotatedImage]:
    """Return what is learnt from, and what is measured on."""
    whole = annotated(find_pairs(data / "images", data / "labels").pairs[0])
    return [
        replace(
            whole,
            image=whole.image[..., where],
            annotation=Annotation(whole.annotation.instances[..., where]),
            spacing=spacing,
        )
        for where in (slice(None, cut), slice(cut, None))
    ]


def trained(folder: Path, given: AnnotatedImage, ndim: int, minutes: float) -> Model:
    """Train from scratch with the defaults that the widget chooses."""
    samples = list(to_samples([given], ndim, given.channels))
    base = RunConfig(
        model=ModelConfig(ndim=ndim),
        targets=TargetConfig(spacing=given.voxel(ndim)),
        train=TrainConfig(epochs=1, steps=PROBE, validation=0, device="cpu"),
    )
    config = plan(samples, base=base)
    marks = timed(create_run(folder / "probe", samples, config))
    steps = max(1, round(60 * minutes / float(np.median(np.diff(marks)))))
    longer = config.replace(train=config.train.replace(steps=steps))
    run = create_run(folder / "run", samples, longer)
    marks = timed(run)
    print(
        f"{ndim}D: {steps} steps of {config.train.batch} patches of {config.train.patch} px in "
        f"{(marks[-1] - marks[0]) / 60:.1f} minutes; "
        f"pool {config.model.pooling}, kernel {config.model.kernels}",
        flush=True,
    )
    return load_model(run.last)


def timed(run: Run) -> list[float]:
    """Train a run, and return the seconds of CPU that had been used at each step."""
    marks: list[float] = []

    def note(progress: Progress) -> None:
        if progress.stage == "training":
            marks.append(time.process_time())

    train(run.folder, note)
    return marks


def row(name: str, model: Model, measured: AnnotatedImage) -> str:
    """Segment, link planes where the model is 2D, and return a row of the table."""
    truth = measured.annotation.instances
    begun = time.process_time()
    found = segment(measured.image, model, axes=AXES).instances
    found = link(found, "ZYX", model.config.ndim, LinkConfig(planes=True))
    seconds = time.process_time() - begun
    report = evaluate(found, truth, thresholds=(0.5, 0.75))
    cells = (
        f"{report.at(0.5).ap:.2f}",
        f"{report.at(0.75).ap:.2f}",
        report.predicted,
        report.splits,
        report.merges,
        f"{seconds:.1f} s",
    )
    return f"| {name} | {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--cut", type=int, default=65)
    parser.add_argument("--spacing", type=float, nargs=3, default=(0.284, 0.127, 0.127))
    options = parser.parse_args()
    torch.set_num_threads(1)
    learnt, measured = parts(options.data, options.cut, tuple(options.spacing))
    models = {
        f"{ndim}D, trained{', planes linked' * (ndim == 2)}": trained(
            options.out / f"{ndim}D", learnt, ndim, options.minutes
        )
        for ndim in (3, 2)
    } | {"`nuclei`, planes linked": load_model("nuclei")}
    print(f"{len(np.unique(measured.annotation.instances)) - 1} nuclei, held out")
    print("| model | AP at 0.5 | AP at 0.75 | found | splits | merges | time |")
    for name, model in models.items():
        print(row(name, model, measured), flush=True)
