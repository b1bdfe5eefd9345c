"""What is counted in an annotation is what counting area by area gives."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.filters import threshold_otsu

from napari_unet.core.annotation.annotation import IGNORED, AnnotatedImage, Annotation
from napari_unet.core.review.facts import RIM, Objects, touching, unpainted
from napari_unet.core.review.review import review


def depth(mask):
    """How far each pixel of one area is from the outside."""
    return ndimage.distance_transform_edt(mask)


def left_out(image, instances, ignored):
    """The areas that look like objects, found with a distance transform for each."""
    grey = ndimage.gaussian_filter(image.mean(axis=0, dtype=np.float32), 1)
    painted, background = (instances > 0) & ~ignored, (instances == 0) & ~ignored
    if not painted.any() or not background.any():
        return []
    threshold = threshold_otsu(grey[~ignored])
    alike = grey > threshold
    alike = alike if np.median(grey[painted]) > threshold else ~alike
    if alike[painted].mean() < 0.75 or alike[background].mean() > 0.35:
        return []
    alike &= background & ~ndimage.binary_dilation(instances > 0, iterations=RIM)
    areas, count = ndimage.label(alike)
    numbers = np.unique(instances[instances > 0])
    every = depth(instances > 0)
    typical = np.median([every[instances == number].max() for number in numbers])
    size = np.median([(instances == number).sum() for number in numbers])
    found = []
    for number in range(1, count + 1):
        far = depth(areas == number)
        if size / 2 < (areas == number).sum() < 4 * size and far.max() > typical / 2:
            found.append(tuple(map(int, np.unravel_index(far.argmax(), far.shape))))
    return found


@st.composite
def scenes(draw):
    """Bright blobs of which some are painted, and parts that do not count; 2D and 3D."""
    ndim = draw(st.sampled_from([2, 3]))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = tuple(chance.integers(24, 48, 2)) if ndim == 2 else (12, 24, 24)
    smooth = ndimage.gaussian_filter(chance.normal(size=shape), 1.5)
    blobs = smooth > np.quantile(smooth, draw(st.sampled_from([0.75, 0.85])))
    labels = ndimage.label(blobs, np.ones((3,) * ndim))[0]
    kept = chance.random(labels.max() + 1) < draw(st.sampled_from([0.3, 0.7]))
    instances = np.where(kept[labels], labels, 0).astype(np.int32)
    ignored = np.zeros(shape, bool)
    ignored[: draw(st.integers(0, 6))] = True
    image = 100 * blobs + chance.normal(0, 5, shape)
    return image.astype(np.float32)[np.newaxis], np.where(ignored, 0, instances), ignored


@settings(deadline=None, max_examples=80)
@given(scenes())
def test_areas_left_out_are_those_of_a_distance_transform_for_each(scene):
    image, instances, ignored = scene
    found = unpainted(image, instances, ignored, Objects.of(instances))
    assert found == left_out(image, instances, ignored)


@settings(deadline=None, max_examples=20)
@given(scenes(), st.sampled_from([0.2, 1.0, 5.0]))
def test_the_review_tells_them_whatever_the_spacing(scene, step):
    image, instances, ignored = scene
    marks = np.where(ignored, IGNORED, 1).astype(np.uint8)
    spacing = (step,) + (1.0,) * (instances.ndim - 1)
    annotated = AnnotatedImage(
        "a", image[0], "ZYX"[-instances.ndim :], Annotation(instances, marks), spacing
    )
    expected = left_out(image, instances, ignored)
    told = [each for each in review([annotated], instances.ndim) if "like an obj" in each.text]
    told += [each for each in review([annotated], instances.ndim) if "like objects" in each.text]
    assert [each.where for each in told] == expected[:1]
    assert all(each.text.startswith(f"{len(expected)} area") for each in told)


@pytest.mark.parametrize("ndim", [2, 3])
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_touching_pairs_are_those_of_all_neighbours(ndim, data):
    shape = tuple(data.draw(st.integers(1, 6)) for _ in range(ndim))
    chance = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    instances = chance.integers(0, 5, shape)
    offsets = list(itertools.product((-1, 0, 1), repeat=ndim))
    places = {tuple(map(int, place)): int(instances[tuple(place)]) for place in np.ndindex(shape)}
    met = {
        (place, frozenset((number, other)))
        for place, number in places.items()
        for offset in offsets
        if number and (other := places.get(tuple(np.add(place, offset).tolist()), 0)) != number
        if other
    }
    count, example = touching(instances)
    assert count == len({pair for _, pair in met})
    assert (example is None) == (not met)
    assert example is None or example in {place for place, _ in met}
