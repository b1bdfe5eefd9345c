"""A training step with augmentation, against the bare forward, backward and optimiser step.

Both in the precision that training takes here, on the same network and patches.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from napari_unet import ModelConfig, RunConfig, Sample, TrainConfig, create_run, load_sample
from napari_unet.nn.device import choose_device, memory_reused
from napari_unet.nn.training.budget import patch_size
from napari_unet.nn.training.patches import Patches, training_image
from napari_unet.nn.training.trainer import Trainer

STEPS = 20


class Repeated(Patches):
    """Draws one batch and gives it again and again: training without drawing."""

    def draw(self, step, device):
        """Return the first batch."""
        if not hasattr(self, "_first"):
            self._first = super().draw(step, device)
        return self._first


def seconds(trainer: Trainer, patches: Patches) -> float:
    """Return the seconds of a step: the median of some, after a warm-up."""
    taken = []
    for index in range(STEPS + 3):
        start = time.perf_counter()
        trainer.learn(patches)
        if index >= 3:
            taken.append(time.perf_counter() - start)
    return sorted(taken)[STEPS // 2]


def main() -> None:
    """Print the ratio for 2D."""
    config = RunConfig(model=ModelConfig(), train=TrainConfig(device="cpu"))
    images, truth = (picture.data for picture in load_sample("nuclei2d"))
    samples = [
        Sample(str(index), image[None], labels)
        for index, (image, labels) in enumerate(zip(images, truth, strict=True))
    ]
    with tempfile.TemporaryDirectory() as folder, memory_reused():
        run = create_run(Path(folder) / "run", samples, config)
        ready = [training_image(sample, config) for sample in run.samples()]
        trainer = Trainer(run, config, choose_device("cpu"))
        size, kept = patch_size(trainer.network, config.train, ready)
        trainer.network.train()
        ratios = []
        for _ in range(3):
            bare = seconds(trainer, Repeated(ready, config.train, size, kept))
            whole = seconds(trainer, Patches(ready, config.train, size, kept))
            ratios.append(whole / bare)
            print(f"  with drawing and augmentation {whole:.3f} s, bare {bare:.3f} s")
        print(
            f"{config.train.batch} patches of {size}: ratio {sorted(ratios)[1]:.2f} (at most 1.2)"
        )


if __name__ == "__main__":
    main()
