"""Fine-tuning on a few images against training from scratch in the same time.

``python benchmarks/few_shot.py DATA OUT [--minutes 2] [--images 1 2 4 8] [--model nuclei]``

DATA has ``images/``, ``labels/``, ``train.txt`` and ``val.txt``. The first images of ``train.txt``
are learnt from, all of ``val.txt`` are only measured on: the figures are those of the last epoch,
so that they choose nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from napari_unet import (
    Run,
    RunConfig,
    Sample,
    TrainConfig,
    annotated,
    create_run,
    find_model,
    find_pairs,
    plan,
    read_header,
    to_samples,
    train,
)


def samples(data: Path, split: str, count: int | None = None) -> list[Sample]:
    """Read the first images of a split."""
    names = (data / f"{split}.txt").read_text().split()[:count]
    pairs = find_pairs(data / "images", data / "labels", names).pairs
    images = [annotated(pair, validation=split == "val") for pair in pairs]
    return list(to_samples(images, 2, images[0].channels))


def trained(folder: Path, given: list[Sample], start: Path | None, minutes: float) -> Run:
    """Train with the defaults that the widget chooses."""
    learnt = [sample for sample in given if not sample.validation]
    base = RunConfig(train=TrainConfig(minutes=minutes), start_from=start and str(start))
    config = plan(learnt, read_header(start) if start else None, base=base)
    run = create_run(folder, given, config)
    train(run.folder)
    return run


def shown(figures: dict[str, float]) -> str:
    """Return the figures of a table's cell."""
    return f"{figures['ap50']:.2f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--images", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--model", default="nuclei")
    options = parser.parse_args()
    start = find_model(options.model)
    print("| images | objects | before | fine-tuned | from scratch | ratio |", flush=True)
    for count in options.images:
        given = [*samples(options.data, "train", count), *samples(options.data, "val")]
        objects = sum(len(set(each.labels.flat)) - 1 for each in given if not each.validation)
        runs = [
            trained(options.out / f"{count} {name}", given, model, options.minutes)
            for name, model in (("tuned", start), ("scratch", None))
        ]
        tuned, scratch = (run.records() for run in runs)
        ratio = tuned[-1]["ap50"] / max(scratch[-1]["ap50"], 0.01)
        cells = [shown(each) for each in (tuned[0], tuned[-1], scratch[-1])]
        print(f"| {count} | {objects} | {' | '.join(cells)} | {ratio:.1f} |", flush=True)
