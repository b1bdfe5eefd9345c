"""Volumes are learnt from where objects go through the planes of all images, else planes."""

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.review.depth import depth_finding, usual_ndim


def stack(axes="ZYX", planes=12, through=5, fresh=False):
    """Annotated planes with an object in some of them, whose number may be another in each."""
    labels = np.zeros((planes, 20, 20), np.int32)
    for plane in range(2, min(2 + through, planes)):
        labels[plane, 5:15, 5:15] = plane if fresh else 3
    return AnnotatedImage("a", labels.astype(np.uint8), axes, Annotation(labels))


NOTHING = AnnotatedImage("c", np.eye(9), "YX", Annotation(np.zeros((9, 9), np.int32)))
FLAT = AnnotatedImage("b", np.eye(9), "YX", Annotation(np.eye(9, dtype=np.int32)))


@pytest.mark.parametrize(
    ("images", "ndim"),
    [
        ([stack()], 3),
        ([stack(through=2)], 2),
        ([stack(fresh=True)], 2),
        ([stack("TYX")], 2),
        ([stack(planes=6)], 2),
        ([stack(), FLAT], 2),
        ([FLAT], 2),
        ([stack(), stack(through=0)], 3),
        ([stack(), NOTHING], 2),
        ([stack(through=0)], 2),
    ],
)
def test_volumes_are_learnt_from_where_objects_go_through_planes(images, ndim):
    assert usual_ndim(images) == ndim


def test_frames_of_volumes_are_counted_each():
    labels = np.stack([stack().annotation.instances] * 2)
    image = AnnotatedImage("a", labels[:, :, None], "TZCYX", Annotation(labels))
    assert usual_ndim([image]) == 3
    assert "through 5 planes" in depth_finding([image]).text
