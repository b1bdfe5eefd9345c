"""Images brought to the size that a model knows, by itself and by choice."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import rotate

from napari_unet.core.config import DecodeConfig, ModelConfig, SizeConfig, TileConfig
from napari_unet.core.decoding.known import Known
from napari_unet.core.decoding.segmentation import SizeMatch
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.image.planes import arrange
from napari_unet.core.image.resample import resampled
from napari_unet.core.instances.measure import diameters
from napari_unet.core.progress import drive
from napari_unet.io.bundled import load_sample
from napari_unet.nn.model import Model, load_model, seeded_network
from napari_unet.nn.prediction import match_size
from napari_unet.nn.prediction.match_size import matched_steps
from napari_unet.nn.prediction.quick_pass import FoundSize, Look, found_size, look
from napari_unet.nn.prediction.segment import segment
from napari_unet.nn.prediction.windows import Windows

NOTHING = Look(None, 0.9)
OFF, OBJECTS = SizeConfig(match="off"), SizeConfig(match="object size")


@pytest.fixture(scope="module")
def model():
    return load_model("nuclei")


@pytest.fixture(scope="module")
def nuclei():
    image, truth = load_sample("nuclei2d")
    return image.data[5], truth.data[5]


def enlarged(image, factor):
    return resampled(image, [round(length * factor) for length in image.shape])


def tiny(ndim, sizes):
    config = ModelConfig(ndim=ndim, features=2, depth=1)
    return Model("tiny", seeded_network(config, 1).eval(), sizes=sizes)


def matched(image, model, config=SizeConfig(), pixel=None):
    ndim = model.config.ndim
    planes = arrange(image, "TZYX"[-image.ndim :], ndim, 1)
    return drive(matched_steps(planes, model, config, pixel, TileConfig()))


@pytest.mark.parametrize("factor", [0.5, 1, 2, 4])
def test_the_quick_pass_finds_the_size_of_real_objects(nuclei, model, factor):
    image, truth = nuclei
    planes = arrange(enlarged(image, factor), "YX", 2, 1)
    found = found_size(planes, model, None, TileConfig())
    assert found.diameter == pytest.approx(np.median(diameters(truth)) * factor, rel=0.25)


@pytest.mark.parametrize("value", [0, 255])
def test_the_quick_pass_looks_at_the_picture_within_a_margin(nuclei, model, value):
    image, truth = nuclei
    turned = rotate(image, 45, order=1, cval=value)
    planes = arrange(turned, "YX", 2, 1)
    (seen,) = Windows(planes, model, TileConfig()).outputs(planes.spatial)
    assert seen.shape[1:] == pytest.approx(np.divide(turned.shape, 2), abs=3)
    found = found_size(planes, model, None, TileConfig())
    assert found.diameter == pytest.approx(np.median(diameters(truth)), rel=0.25)
    assert list(Windows(planes, model, TileConfig()).outputs((14, 14))) == [], "too small"


@pytest.mark.parametrize(("factor", "lost"), [(0.3, 0.25), (2, 0.12), (3, 0.12), (4, 0.12)])
def test_an_image_of_any_magnification_gives_the_same_objects(nuclei, model, factor, lost):
    image = nuclei[0][96:, 96:]
    expected = segment(image, model).instances.max()
    found = segment(enlarged(image, factor), model)
    assert found.instances.max() == pytest.approx(expected, rel=lost)
    assert found.note.startswith("Objects are about ")
    assert found.match.by == pytest.approx((min(1 / factor, 2),) * 2, rel=0.3)


def test_where_the_size_is_the_models_nothing_changes(nuclei, model):
    found, expected = segment(nuclei[0], model), segment(nuclei[0], model, size=OFF)
    assert found.probabilities.tobytes() == expected.probabilities.tobytes()
    np.testing.assert_array_equal(found.instances, expected.instances)
    assert (found.match, found.note) == (SizeMatch(), "")


class Unreadable:
    shape, dtype = (64, 64), np.dtype(np.uint8)

    def __getitem__(self, _):
        raise AssertionError("read too early")


@pytest.mark.parametrize("config", [SizeConfig(), OFF], ids=["automatic", "off"])
def test_a_model_that_knows_no_size_takes_the_image_as_it_is(config):
    planes = arrange(Unreadable(), "YX", 2, 1)
    found = drive(matched_steps(planes, tiny(2, Sizes()), config, None, TileConfig()))
    assert found.planes is planes
    assert found.match == SizeMatch()


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "^$"),
        (FoundSize(60.0, 2), "^Only 2 objects could be measured, of about 60 px, so .* 8 px"),
        (FoundSize(9.0, 1), "^$"),
        (FoundSize(10.3, 50), "^$"),
        (FoundSize(6.2, 50), "^$"),
        (FoundSize(0.3, 50), "^Objects seem to be about 0.3 px, .* hard to believe, so"),
        (FoundSize(200.0, 50), "^Objects seem to be about 200 px, .* hard to believe, so"),
    ],
)
def test_an_estimate_that_makes_no_sense_keeps_the_size(ndim, found, told, monkeypatch):
    monkeypatch.setattr(match_size, "found_size", lambda *_: found)
    image = np.random.default_rng(0).random((24,) * ndim, dtype=np.float32)
    kept = matched(image, tiny(ndim, Sizes(None, 8.0)))
    assert kept.planes.spatial == image.shape
    assert not kept.match.by
    assert re.search(told, kept.match.told), kept.match.told


def test_a_clear_estimate_is_followed_and_told(ndim, monkeypatch):
    monkeypatch.setattr(match_size, "look", lambda *_: NOTHING)
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(16.0, 5))
    image = np.random.default_rng(0).random((24,) * ndim, dtype=np.float32)
    seen = matched(image, tiny(ndim, Sizes(None, 8.0)))
    assert seen.planes.spatial == (12,) * ndim
    assert seen.match.by == (0.5,) * ndim
    assert seen.match.told == (
        "Objects are about 16 px: the image was segmented at 0.5 of its size."
    )


@pytest.mark.parametrize(
    ("spread", "usual", "unusual"),
    [
        (None, [6.2, 10.3], [6.1, 10.5]),
        ((8.0, 8.0), [6.2, 10.3], [6.1, 10.5]),
        ((4.0, 20.0), [3.1, 15.3], [3.0, 15.5]),
    ],
)
def test_a_model_knows_the_sizes_that_it_has_learnt_from(spread, usual, unusual, monkeypatch):
    monkeypatch.setattr(match_size, "look", lambda *_: NOTHING)
    image, model = (
        np.random.default_rng(0).random((24, 24)),
        tiny(2, Sizes(None, 8.0, None, spread)),
    )
    for diameters_found, brought in ((usual, False), (unusual, True)):
        for diameter in diameters_found:
            found = FoundSize(diameter, 9)
            monkeypatch.setattr(match_size, "found_size", lambda *_, found=found: found)
            assert bool(matched(image, model).match.by) == brought, diameter


@pytest.mark.parametrize(
    ("seen", "kept"),
    [
        (Look(FoundSize(8.0, 3), 0.9), True),
        (Look(FoundSize(8.0, 2), 0.9), False),
        (Look(FoundSize(8.0, 3), 0.7), False),
        (Look(FoundSize(11.0, 3), 0.9), False),
    ],
)
def test_an_image_that_looks_like_those_that_are_known_is_not_measured(seen, kept, monkeypatch):
    monkeypatch.setattr(match_size, "look", lambda *_: seen)
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(32.0, 9))
    image = np.random.default_rng(0).random((24, 24))
    by = matched(image, tiny(2, Sizes(None, 8.0))).match.by
    assert by == (() if kept else (0.25, 0.25))


@pytest.mark.parametrize(("images", "least"), [(0, 0.8), (1, 0.75), (2, 0.775), (50, 0.799)])
def test_what_is_usual_in_few_images_is_known_less_well(images, least, monkeypatch):
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(32.0, 9))
    known = tiny(2, Sizes(None, 8.0))
    known = replace(known, about={"validation": Known(0.8, images=images).to_dict()})
    for sureness, brought in ((least + 1e-4, False), (least - 1e-4, True)):
        looks_like(monkeypatch, {24: sureness, 6: 0.9})
        assert bool(matched(np.zeros((24, 24)), known).match.by) == brought


def looks_like(monkeypatch, sure, diameter=8.0):
    """Have objects look as large, and the network be as sure, as is said by the image's size."""
    looks = {size: Look(FoundSize(diameter, 9), each) for size, each in sure.items()}
    monkeypatch.setattr(match_size, "look", lambda planes, *_: looks[planes.spatial[0]])


@pytest.mark.parametrize(
    ("images", "diameter", "surer", "reduced"),
    [
        (1, 6.0, 0.02, False),
        (2, 14.0, 0.04, False),
        (1, 6.0, 0.06, True),
        (1, 3.0, -0.02, True),
        (1, 17.0, -0.02, True),
        (3, 6.0, -0.02, True),
        (0, 6.0, -0.02, True),
    ],
)
def test_who_knows_few_images_follows_another_size_only_for_a_clear_gain(
    images, diameter, surer, reduced, monkeypatch
):
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(16.0, 5))
    looks_like(monkeypatch, {24: 0.6, 12: 0.6 + surer}, diameter)
    known = tiny(2, Sizes(None, 8.0))
    known = replace(known, about={"validation": Known(0.8, images=images).to_dict()})
    match = matched(np.zeros((24, 24)), known).match
    assert bool(match.by) == reduced
    assert ("hardly surer" in match.told) != reduced


@pytest.mark.parametrize(
    ("diameter", "surer", "by"),
    [(12.0, 0.02, 1.2), (6.0, 0.02, 2.0), (12.0, 0.0, 1.0), (14.0, 0.02, 1.0)],
)
def test_small_objects_are_enlarged_where_the_network_is_surer_of_them(
    diameter, surer, by, monkeypatch
):
    def looked(planes, *_):
        return Look(FoundSize(diameter, 9), 0.9 + surer * (planes.spatial[0] > 40))

    monkeypatch.setattr(match_size, "look", looked)
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(diameter, 9))
    found = matched(np.zeros((40, 40)), tiny(2, Sizes(object=20.0, spread=(5.0, 30.0))))
    assert found.planes.spatial == (round(40 * by),) * 2
    assert found.match.told.startswith("Objects are about") == (by > 1)


def test_a_stated_diameter_is_not_measured():
    planes = arrange(Unreadable(), "YX", 2, 1)
    size, known = SizeConfig(diameter=16), tiny(2, Sizes(None, 8.0))
    seen = drive(matched_steps(planes, known, size, None, TileConfig()))
    assert seen.planes.spatial == (32, 32)
    with pytest.raises(UserError, match=r"only 0\.1 to 10 times make sense"):
        drive(matched_steps(planes, known, SizeConfig(diameter=900), None, TileConfig()))


def test_the_smallest_size_counts_pixels_that_the_network_saw(nuclei, model):
    image = enlarged(nuclei[0][:96, :96], 3)
    for smallest in (0, 150):
        decode = model.decode.replace(min_size=smallest)
        found = segment(image, model, decode=decode)
        areas = np.bincount(found.instances.ravel())[1:]
        counted = areas.min() * np.prod(found.match.by)
        assert counted < 150 if not smallest else counted >= 149
        again = found.decoded(decode)
        np.testing.assert_array_equal(again.instances, found.instances)


def test_where_nothing_was_found_the_image_keeps_its_size(ndim):
    image = np.random.default_rng(0).random((24,) * ndim).astype(np.float32)
    model = tiny(ndim, Sizes(None, 8.0))
    model = replace(model, decode=DecodeConfig(threshold=0.99))
    assert "no objects" in segment(image, model, size=OBJECTS).note


def test_the_quick_pass_reads_few_planes_of_a_stack():
    class Counted:
        shape, dtype, read = (30, 64, 64), np.dtype(np.float32), set()

        def __getitem__(self, where):
            self.read.add(where[0])
            return np.random.default_rng(where[0]).random((64, 64), dtype=np.float32)[where[1:]]

    image = Counted()
    model = replace(tiny(2, Sizes(None, 8.0)), decode=DecodeConfig(threshold=0.99))
    assert found_size(arrange(image, "TYX", 2, 1), model, None, TileConfig()) is None
    assert image.read == {7, 15, 22}


@pytest.mark.parametrize("depth", [0.01, 1, 40])
def test_the_quick_pass_takes_voxels_of_any_shape(depth):
    image = np.random.default_rng(0).random((8, 30, 30))
    model = tiny(3, Sizes((1.0, 1.0, 1.0), 6.0))
    foreground = 1 - segment(image, model, size=OFF).probabilities[0]
    half = DecodeConfig(min_size=0, split=0, threshold=float(np.median(foreground)))
    planes = arrange(image, "ZYX", 3, 1)
    found = found_size(planes, replace(model, decode=half), (depth, 1, 1), TileConfig())
    assert found is None or 0.2 < found.diameter < 60


def at_half(ndim, pixel=None):
    """A model whose training images were brought to half their size along the last two axes."""
    return tiny(ndim, Sizes(pixel, 8.0, (1.0, 0.5, 0.5)[-ndim:]))


@pytest.mark.parametrize("found", [None, FoundSize(13.0, 9), FoundSize(1.0, 2)])
def test_images_like_those_of_a_training_come_to_its_working_size(ndim, found, monkeypatch):
    monkeypatch.setattr(match_size, "found_size", lambda *_: found)
    image = np.random.default_rng(0).random((24,) * ndim, dtype=np.float32)
    seen = matched(image, at_half(ndim))
    assert seen.match.by == (1.0, 0.5, 0.5)[-ndim:]
    times = "0.5" if ndim == 2 else "1 x 0.5 x 0.5"
    assert seen.match.told == f"As in training, the image was segmented at {times} of its size."


def test_images_of_classes_come_to_the_working_size_whatever_is_in_them(ndim):
    image = np.random.default_rng(0).random((24,) * ndim, dtype=np.float32)
    by = (1.0, 0.5, 0.5)[-ndim:]
    assert matched(image, tiny(ndim, Sizes(None, None, by))).match.by == by
    assert not matched(image, tiny(ndim, Sizes(None, None))).match.told


def test_others_come_to_the_size_that_it_knows(ndim, monkeypatch):
    monkeypatch.setattr(match_size, "look", lambda *_: NOTHING)
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(8.0, 9))
    image = np.random.default_rng(0).random((24,) * ndim, dtype=np.float32)
    by = np.divide(matched(image, at_half(ndim)).planes.spatial, image.shape)
    assert np.prod(by) == pytest.approx(1, rel=0.1)
    assert by[0] == pytest.approx(by[-1] * (1 if ndim == 2 else 2), rel=0.1)
    assert matched(image, at_half(ndim), OFF).planes.spatial == image.shape


@pytest.mark.parametrize(
    ("sure", "reduced"),
    [({24: 0.8, 12: 0.9}, True), ({24: 0.9, 12: 0.88}, True), ({24: 0.9, 12: 0.8}, False)],
)
def test_an_estimate_is_followed_unless_the_network_is_clearly_less_sure_there(
    ndim, sure, reduced, monkeypatch
):
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(16.0, 5))
    looks = {size: Look(None, each) for size, each in sure.items()}
    monkeypatch.setattr(match_size, "look", lambda planes, *_: looks[planes.spatial[0]])
    image = np.random.default_rng(0).random((24,) * ndim, dtype=np.float32)
    seen = matched(image, tiny(ndim, Sizes(None, 8.0)))
    assert seen.planes.spatial == ((12 if reduced else 24),) * ndim
    assert ("surer" in seen.match.told) != reduced


def test_a_network_is_as_sure_as_the_foreground_that_it_finds(nuclei, model):
    planes = arrange(nuclei[0], "YX", 2, 1)
    seen = look(planes, model, TileConfig())
    assert 0.85 < seen.sureness < 1
    assert seen.found.diameter == pytest.approx(np.median(diameters(nuclei[1])), rel=0.25)


def test_known_pixels_give_an_image_the_shape(monkeypatch):
    monkeypatch.setattr(match_size, "look", lambda *_: NOTHING)
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(32.0, 9))
    image = np.random.default_rng(0).random((24, 24, 24), dtype=np.float32)
    seen = matched(image, at_half(3, (1.0, 1.0, 1.0)), pixel=(1.0, 1.0, 1.0))
    assert seen.planes.spatial == (6, 6, 6)


@pytest.mark.parametrize(
    ("planes_apart", "sure", "spatial"),
    [
        (3.6, {10: 0.8, 30: 0.9}, (30, 24, 24)),
        (3.6, {10: 0.9, 30: 0.8}, (10, 24, 24)),
        (2.0, {10: 0.8}, (10, 24, 24)),
        (None, {10: 0.8}, (10, 24, 24)),
    ],
)
def test_planes_far_apart_are_brought_nearer_where_the_network_is_surer(
    planes_apart, sure, spatial, monkeypatch
):
    looks = {size: Look(FoundSize(8.0, 9), each) for size, each in sure.items()}
    monkeypatch.setattr(match_size, "look", lambda planes, *_: looks[planes.spatial[0]])
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(8.0, 9))
    model = tiny(3, Sizes(None, 8.0, sides=(1.2, 1.0, 1.0)))
    image = np.random.default_rng(0).random((10, 24, 24), dtype=np.float32)
    pixel = planes_apart and (planes_apart / 2, 0.5, 0.5)
    seen = matched(image, model, pixel=pixel)
    assert seen.planes.spatial == spatial
    assert ("3 x 1 x 1 of its size" in seen.match.told) == (spatial != image.shape)


def test_planes_very_far_apart_give_an_image_four_times_its_pixels_at_most(monkeypatch):
    monkeypatch.setattr(match_size, "found_size", lambda *_: FoundSize(8.0, 9))
    looks = {64: Look(FoundSize(8.0, 9), 0.8)}
    best = Look(FoundSize(8.0, 9), 0.9)
    monkeypatch.setattr(match_size, "look", lambda planes, *_: looks.get(planes.spatial[1], best))
    model = tiny(3, Sizes(None, 8.0, sides=(1.0, 1.0, 1.0)))
    image = np.random.default_rng(0).random((8, 64, 64), dtype=np.float32)
    seen = matched(image, model, pixel=(9.0, 1.0, 1.0))
    assert "may be joined or missed" in seen.match.told
    assert 3 * image.size < np.prod(seen.planes.spatial) <= 4.3 * image.size


def test_what_would_be_too_small_for_the_network_keeps_its_size(monkeypatch):
    monkeypatch.setattr(match_size, "found_size", lambda *_: None)
    image = np.random.default_rng(0).random((2, 24), dtype=np.float32)
    assert matched(image, at_half(2)).planes.spatial == (2, 24)
