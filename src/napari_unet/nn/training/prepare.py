"""From annotated images to a training that can begin: looked at, cut into samples, planned."""

from __future__ import annotations

from collections.abc import Sequence

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.config import ModelConfig, TrainConfig
from napari_unet.core.errors import UserError
from napari_unet.core.review.review import all_findings, look_at
from napari_unet.nn.device import choose_device
from napari_unet.nn.training.plan import plan
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import Prepared
from napari_unet.runs.from_annotations import to_samples
from napari_unet.storage.model_header import find_model, read_header


def prepare(
    images: Sequence[AnnotatedImage],
    base: RunConfig | None = None,
    classes: Sequence[str] = (),
    train: TrainConfig | None = None,
) -> Prepared:
    """Look at what would be learnt from, and choose how, as the *Fine-tune* widget does.

    Parameters
    ----------
    images
        What is learnt from and validated on, as `read_annotations` gives it.
    base
        What is settled already: the model to start from or, from scratch, the network's shape;
        the length; the weight map. Pixel size and channels follow the images where it says
        nothing of them.
    classes
        Names of the classes, the first of number 1; empty for those of the model.
    train
        How to train, to the last value; None to choose patch, batch and zoom from the data.

    Returns
    -------
    Prepared
        For `create_run`; without a configuration where the findings hold an error.

    Raises
    ------
    UserError
        If there are no images, or they do not fit the model.
    """
    if not images:
        raise UserError("There is no image to learn from: choose one with its annotation.")
    base = base or RunConfig()
    header = read_header(find_model(base.start_from)) if base.start_from else None
    base = _fitted(base, ModelConfig.from_dict(header["config"]) if header else base.model, images)
    chosen = base.train if train is None else train
    ndim = base.model.ndim
    facts = [look_at(each, ndim) for each in images]
    findings = all_findings(facts, chosen.patch, classes)
    if any(finding.level == "error" for finding in findings):
        return Prepared(tuple(findings))
    samples = tuple(to_samples(images, ndim, base.model.in_channels))
    memory = choose_device(chosen.device).free_memory() / 2
    config = plan(samples, header, memory, base=base, classes=classes)
    if train is not None:
        config = config.replace(train=train)
    if config.train.patch != chosen.patch:
        findings = all_findings(facts, config.train.patch, classes)
    return Prepared(tuple(findings), config, samples)


def _fitted(base: RunConfig, model: ModelConfig, images: Sequence[AnnotatedImage]) -> RunConfig:
    """Return the configuration with channels and pixel size as in the images."""
    model = model.seeing(images[0].channels).replace(height=model.height and not base.semantic)
    targets = base.targets
    if not targets.spacing:
        targets = targets.replace(spacing=images[0].voxel(model.ndim))
    return base.replace(model=model, targets=targets)
