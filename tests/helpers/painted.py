"""Annotations painted in layers, what is copied from these, and their weight maps."""

from dataclasses import replace

import numpy as np

from napari_unet.core.config import TargetConfig
from napari_unet.core.targets.targets import instance_target
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.annotate.annotation_copies import chunked_annotated_image, chunked_annotation
from napari_unet.ui.annotate.start import draft_of
from napari_unet.ui.work.copies import at_once


def annotate(viewer, image, labels):
    """Add an annotation that starts from labels."""
    return add_annotation(viewer, image, draft_of(image.name, image.data.shape, np.array(labels)))


def annotation_of(layer):
    return at_once(chunked_annotation(layer)).loaded()


def annotated_image(*layers):
    found = at_once(chunked_annotated_image(*layers))
    return replace(found, annotation=found.annotation.loaded())


def plane_weight(labels, **options):
    """Return the weight map of objects, as training has it."""
    return instance_target(labels, None, TargetConfig(**options)).weight


def pick(session, *numbers):
    """Pick objects as clicks do, with their rings in the corner."""
    for number in numbers:
        session.picks.pick(number, np.zeros(session.layer.ndim))
