"""A short race between ways to begin: each learns for a moment, and the best goes on.

A model that has learnt from other images is usually far ahead of a network from scratch, but not
always: so all try on what was annotated. Where a training counts epochs, so does the race count
steps, and the same seed gives the same choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from napari_unet.core.config import TileConfig
from napari_unet.core.decoding.fit import DOUBTFUL, GENERAL
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.planes import arrange
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.targets.working_size import sentence
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.device import choose_device
from napari_unet.nn.model import load_model, widened
from napari_unet.nn.prediction.fit import quick_fit
from napari_unet.nn.prediction.match_size import at_size
from napari_unet.nn.training.budget import Pace, patch_size, release_memory
from napari_unet.nn.training.distributed import SingleProcess
from napari_unet.nn.training.loss import loss
from napari_unet.nn.training.patches import Patches, class_factors, training_image
from napari_unet.nn.training.start.candidates import start_name
from napari_unet.nn.training.trainer import Trainer
from napari_unet.runs.config import RunConfig
from napari_unet.runs.folder import Run
from napari_unet.runs.replay import replay_sentence
from napari_unet.runs.sample import Sample
from napari_unet.runs.working_sample import is_seen

STAGE = "choosing the start"
_LOOKING = "looking which models fit"
_SHARE = 0.15
"""Share of the training that all may take together."""
_LONGEST = 60.0
"""Seconds that all may take together, however long the training is."""
_STEPS = 10, 60
"""Fewest and most steps of each, where steps are counted."""
_FINE = 1000
"""Steps of a schedule that is paced by the clock, which passes over most of them."""
_MODELS = 2
"""Models that take part: those that fit the images best."""
_SAMPLES = 8
"""Images that are learnt from, and as many that are judged on."""
_SCRATCH = 2.0
"""By what the loss of a network from scratch is multiplied: it falls fast at first, while a model
has to unlearn. After 6 s from `nuclei` it was up to 1.9 times that from scratch, on tissue and in
electron microscopy, and after two minutes the AP was higher from `nuclei`, or the same."""
_AHEAD = 0.94
"""By what the loss of `GENERAL` is multiplied: another model that is less than this far ahead of it
is none that knows such images. With images of its own kind one was .89 of it or less, and in three
races between .95 and .97, on a kind new to both, `GENERAL` ended .04 to .05 ahead (16 races). Where
a model takes part that fits the images, it knows them, and nothing is multiplied.
"""
_JUDGED = 32
"""Patches that are judged on, at least."""


def race_steps(run: Run, config: RunConfig, together: SingleProcess) -> Steps[RunConfig]:
    """Find out which of the ways to begin is the best; nothing is written.

    Parameters
    ----------
    run, config
        The run folder, and its configuration, with several `starts`.
    together
        The processes that train it.

    Yields
    ------
    Progress with the steps done.

    Returns
    -------
    The configuration to go on with, which says why.
    """
    starts, known = yield from _fitting(run, config, together)
    losses = []
    for index, start in enumerate(starts):
        losses.append((yield from _raced(Racer(run, start, together), index, len(starts))))
        release_memory()
    return together.shared(lambda: _best(starts, losses, known=known))


def _best(starts: Sequence[RunConfig], losses: Sequence[float], *, known: bool) -> RunConfig:
    """Choose, and say why; who starts from scratch has to be clearly ahead."""
    judged = [_judged(start, loss, known) for start, loss in zip(starts, losses, strict=True)]
    first, *rest = sorted(range(len(starts)), key=judged.__getitem__)
    others = " and ".join(f"{start_name(starts[each])} {losses[each]:.2f}" for each in rest)
    told = f"The training starts {start_name(starts[first])}, after a short trial on these images"
    figures = f"(loss {losses[first]:.2f}; {others})."
    behind = any(losses[each] < losses[first] for each in rest)
    more = _preferred(starts[first]) if behind else ""
    chosen = sentence(starts[first].sizes), replay_sentence(starts[first])
    why = " ".join(filter(None, (told, figures, more, *chosen)))
    return starts[first].replace(why=why)


def _preferred(start: RunConfig) -> str:
    """Say why a way to begin was chosen although another one is ahead."""
    general = _is_general(start)
    preferred = f"“{GENERAL}”, the general model," if general else "A model"
    other = "another start" if general else "a start from scratch"
    return f"{preferred} is preferred where {other} is not clearly ahead."


def _judged(start: RunConfig, loss: float, known: bool) -> float:
    """Return by what a way to begin is chosen: the less, the better."""
    if start.start_from is None:
        return _SCRATCH * loss
    return _AHEAD * loss if _is_general(start) and not known else loss


def _is_general(start: RunConfig) -> bool:
    return start.start_from is not None and Path(start.start_from).stem == GENERAL


def _fitting(
    run: Run, config: RunConfig, together: SingleProcess
) -> Steps[tuple[list[RunConfig], bool]]:
    """Find who takes part: from scratch, and from the models that fit the images best.

    Returns
    -------
    Them, and whether one of the models but `GENERAL` fits, and so knows such images.
    """
    models = [start for start in config.starts if start.start_from is not None]
    scratch = [start for start in config.starts if start.start_from is None]
    if len(models) <= _MODELS and not any(map(_is_general, models)):
        return [*models, *scratch], False
    sample = next(run.samples(validation=False))
    doubts = []
    for index, start in enumerate(models):
        yield Progress(_LOOKING, index, len(models))
        doubts.append(_doubts(start, sample))
    order = together.shared(np.argsort(doubts, kind="stable")[:_MODELS].tolist)
    fits = (doubts[index] <= DOUBTFUL and not _is_general(models[index]) for index in order)
    return [*(models[index] for index in order), *scratch], together.shared(lambda: any(fits))


def _doubts(start: RunConfig, sample: Sample) -> float:
    """Look at an image at the size at which it is learnt from: that of its objects is known."""
    shape = start.model
    model = widened(load_model(str(start.start_from)), shape.in_channels)
    planes = arrange(sample.image, "C" + SPATIAL[shape.ndim], shape.ndim, shape.in_channels)
    seen = at_size(planes, start.working).planes
    return quick_fit(seen, model, TileConfig(device=start.train.device)).beside_others


class Racer:
    """One that takes part: a network, what it learns from, and what it is judged on.

    Parameters
    ----------
    run, start
        The run folder, and the way to begin.
    together
        The processes that train it.
    """

    def __init__(self, run: Run, start: RunConfig, together: SingleProcess) -> None:
        device = choose_device(start.train.device)
        self.trainer = Trainer(run, _shortened(start), device, together)
        learnt = _some(run, start, validation=False)
        judged = _some(run, start, validation=True) or learnt
        self.patches = self._patches(learnt, start)
        self._judged = self._patches(judged, start.replace(train=_unvaried(start)))

    def _patches(self, samples: Sequence[Sample], start: RunConfig) -> Patches:
        images = [training_image(sample, start) for sample in samples]
        size, kept = patch_size(self.trainer.network, start.train, images)
        balanced, count = start.targets.class_balance, start.model.num_classes
        factors = class_factors(images, count) if balanced else None
        return Patches(images, start.train, size, kept, factors)

    def loss(self) -> float:
        """Return how far the network is from the annotation, where it has not learnt."""
        trainer, config = self.trainer, self.trainer.config
        # its running statistics are those of its first steps: the batch's own tell more
        network = trainer.network.train()
        classes, total = config.model.num_classes, trainer.together.total
        values = []
        with torch.no_grad():
            for index in range(-(-_JUDGED // config.train.batch)):
                batch = trainer.together.part(self._judged.draw(index, trainer.device.torch))
                output = network(batch.image)
                values.append(float(loss(output, batch, classes, config.train, total)))
        return float(np.mean(values))


def _some(run: Run, start: RunConfig, *, validation: bool) -> list[Sample]:
    seen = (each for each in run.samples(validation=validation) if is_seen(each, start))
    return list(islice(seen, _SAMPLES))


def _shortened(start: RunConfig) -> RunConfig:
    """Return the whole schedule of a training within the race."""
    train = start.train
    if train.minutes:
        return start.replace(train=train.replace(epochs=1, steps=_FINE))
    steps = int(np.clip(_SHARE * train.epochs * train.steps / 2, *_STEPS))
    return start.replace(train=train.replace(epochs=1, steps=steps))


def _unvaried(start: RunConfig) -> TrainConfig:
    return start.train.replace(
        rotate=False, flip=False, zoom=1.0, elastic=0.0, intensity=0.0, blur=0.0, noise=0.0
    )


def _raced(racer: Racer, index: int, count: int) -> Steps[float]:
    """Let one learn for its share of the time, and judge it."""
    trainer = racer.trainer
    trainer.network.train()
    pace = None
    if seconds := 60 * trainer.config.train.minutes:
        pace = Pace.lasting(trainer, min(_SHARE * seconds, _LONGEST) / count)
    # in hundredths: of a schedule that is paced, the first step says nothing of the time left
    while trainer.step < trainer.total:
        done = 100 * trainer.step // trainer.total
        yield Progress(STAGE, 100 * index + done, 100 * count)
        pace.learn(racer.patches) if pace else trainer.learn(racer.patches)
    return racer.loss()
