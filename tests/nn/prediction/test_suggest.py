"""Suggestions lie where the network is unsure, and nowhere else."""

import tracemalloc
from dataclasses import replace

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.progress import Progress, drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import load_sample
from napari_unet.nn.model import load_model
from napari_unet.nn.prediction import suggest
from napari_unet.nn.prediction.tile_loop import Tile

SURE, UNSURE = 0.98, 0.55
FILM = SegmentRequest(axes="TYX")


@pytest.fixture
def foreground(monkeypatch, small_model):
    """Replaces what the network says; returns the steps' result for it."""

    def places(values, annotation=None, count=5, axes=None):
        def tile_outputs(reader, predictor):
            planes = reader.planes
            for plane, value in enumerate(values.reshape(-1, *planes.spatial)):
                tile = Tile(plane, tuple((0, size) for size in planes.spatial))
                yield Progress("segmenting"), [(tile, np.stack([1 - value, value]))]

        monkeypatch.setattr(suggest, "tile_outputs", tile_outputs)
        image = np.random.default_rng(0).random(values.shape)
        steps = suggest.suggest_steps(
            image, small_model, SegmentRequest(axes=axes), annotation, count
        )
        return drive(steps)

    return places


def picture(shape=(512, 512)):
    """Sure objects everywhere, an unsure one in one place."""
    values = np.full(shape, 0.01)
    for row in range(40, shape[-2] - 40, 100):
        for column in range(40, shape[-1] - 40, 100):
            values[..., row : row + 30, column : column + 30] = SURE
    return values


def holds(place, pixel):
    return all(low <= at < high for at, (low, high) in zip(pixel, place.box, strict=True))


def test_the_unsure_place_comes_first(foreground):
    values = picture()
    values[340:370, 140:170] = UNSURE
    places = foreground(values)
    assert holds(places[0], (355, 155))
    assert places[0].score > 2 * places[1].score
    assert [place.score for place in places] == sorted((p.score for p in places), reverse=True)


def test_places_do_not_overlap_and_are_as_many_as_asked(foreground):
    covered = np.zeros((512, 512), int)
    places = foreground(np.where(picture() > 0.5, UNSURE, 0.01), count=7)
    for place in places:
        covered[tuple(slice(*side) for side in place.box)] += 1
    assert len(places) == 7
    assert covered.max() == 1


def test_the_plane_is_told(foreground):
    values = np.stack([picture()] * 3)
    values[2, 40:70, 340:370] = UNSURE
    first = foreground(values, axes="TYX")[0]
    assert first.plane == (2,)
    assert holds(first, (55, 355))


def test_what_is_annotated_is_left_out(foreground):
    values = picture()
    values[340:370, 140:170] = UNSURE
    values[40:70, 340:370] = 0.7
    box = np.array([[[280, 80], [430, 230]]])
    annotation = Annotation(np.zeros((512, 512), int), boxes=box)
    first = foreground(values, annotation)[0]
    assert holds(first, (55, 355))


def test_planes_with_objects_are_annotated_in_plain_labels(foreground):
    values = np.stack([np.where(picture() > 0.5, UNSURE, 0.01)] * 2)
    labels = np.zeros(values.shape, int)
    labels[0, 50:60, 50:60] = 1
    assert {place.plane for place in foreground(values, Annotation(labels), axes="TYX")} == {(1,)}


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_sure_network_asks_for_nothing(foreground, value):
    assert foreground(np.full((300, 300), value)) == []


def test_with_a_real_network(small_model):
    image = np.random.default_rng(0).random((2, 150, 140))
    image[:, 40:80] += 2  # noise alone would be an empty field
    before = image.copy()
    places = drive(suggest.suggest_steps(image, small_model, FILM, count=3))
    assert all(0 <= place.plane[0] < 2 for place in places)
    assert all(place.box[0][1] <= 150 and place.box[1][1] <= 140 for place in places)
    assert_array_equal(image, before)


def test_it_looks_at_the_size_at_which_the_model_has_learnt(monkeypatch, small_model):
    def tile_outputs(reader, predictor):
        """A network that takes grey values for what is foreground."""
        shown = reader.planes[0]
        whole = Tile(0, tuple((0, size) for size in reader.planes.spatial))
        yield Progress("segmenting"), [(whole, np.concatenate([1 - shown, shown]))]

    monkeypatch.setattr(suggest, "tile_outputs", tile_outputs)
    model = replace(load_model(small_model), sizes=Sizes(working=(0.5, 0.5)))
    values = picture((1024, 1024))
    values[340:370, 640:670] = UNSURE
    values[740:770, 140:170] = 0.5 + (UNSURE - 0.5) / 2
    box = np.array([[[650, 50], [850, 250]]])
    annotation = Annotation(np.zeros(values.shape, int), boxes=box)
    steps = suggest.suggest_steps(values, model, SegmentRequest(axes="YX"), annotation)
    first = drive(steps)[0]
    assert holds(first, (355, 655))
    assert [high - low for low, high in first.box] == [256, 256]


def peak_of(stack, model):
    tracemalloc.start()
    try:
        drive(suggest.suggest_steps(stack, model, FILM, count=3))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_stack_takes_no_more_memory_than_a_short_one(small_model):
    stack = da.random.default_rng(0).random((16, 128, 128), chunks=(1, 128, 128))
    peak_of(stack[:2], small_model)  # what is imported on the way counts for neither
    short, long = (peak_of(stack[:count], small_model) for count in (2, 16))
    assert long - short < 4 * 128 * 128 * 3


def test_tiles_do_not_matter(short_of_memory):
    stack = load_sample("nuclei2d")[0].data[:2, :200, :150]
    found = []
    for short_of_memory.limit in (10**6, 12_000):
        places = drive(suggest.suggest_steps(stack, "nuclei", FILM))
        found.append([(place.plane, place.box) for place in places])
    assert short_of_memory.failed
    assert found[0] == found[1]
    assert {plane for plane, _ in found[0]} == {(0,), (1,)}
