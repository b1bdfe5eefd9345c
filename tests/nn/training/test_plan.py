"""Defaults of a training follow from data, start and memory."""

from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.config import PRESETS, ModelConfig, NormalizeConfig, TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.network.geometry import Geometry
from napari_unet.nn.network.unet import UNet
from napari_unet.nn.training.budget import patch_shape
from napari_unet.nn.training.plan import plan
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.sample import Sample

OWN_SIZE = RunConfig(train=TrainConfig(working_size="off"))


def sample(diameter, shape=(512, 512), channels=1, classes=None):
    """Discs or balls of one diameter, far from each other."""
    labels = np.zeros(shape, np.int32)
    grid = np.indices(shape)
    for number, corner in enumerate(((0.3,) * len(shape), (0.7,) * len(shape)), 1):
        centre = [share * size for share, size in zip(corner, shape, strict=True)]
        distance = sum((axis - at) ** 2 for axis, at in zip(grid, centre, strict=True))
        labels[distance < (diameter / 2) ** 2] = number
    image = np.random.default_rng(0).random((channels, *shape), np.float32)
    return Sample("s", image, labels, classes=classes or {})


@pytest.mark.parametrize(
    ("diameter", "shape", "patch"),
    [
        (30, (512, 512), 160),
        (5, (512, 512), 96),
        (100, (512, 512), 256),
        (100, (120, 90), 128),
        (5, (64, 64, 64), 32),
        (20, (64, 64, 64), 40),
        (40, (24, 40, 40), 40),
    ],
)
def test_patch_holds_some_objects(diameter, shape, patch):
    train = plan([sample(diameter, shape)], base=OWN_SIZE).train
    assert train.patch == patch


def with_specks(clean):
    """Add more specks of one pixel than there are objects."""
    labels = clean.labels.copy()
    labels[1, 1:60:2] = np.arange(30) + 100
    return replace(clean, labels=labels)


@pytest.mark.parametrize("diameter", [30, 60])
def test_specks_do_not_count_as_objects(tmp_path, diameter):
    clean, soiled = sample(diameter), with_specks(sample(diameter))
    planned = [plan([each]) for each in (clean, soiled)]
    assert planned[0] == planned[1]
    runs = [
        create_run(tmp_path / name, [each, replace(each, validation=True)], planned[0]).config()
        for name, each in (("clean", clean), ("soiled", soiled))
    ]
    assert runs[0].object_size == runs[1].object_size > 0
    assert runs[0].object_spread == runs[1].object_spread


def test_where_all_objects_are_as_small_as_specks_they_count(tmp_path):
    labels = np.zeros((64, 64), np.int32)
    labels[::4, ::4] = np.arange(1, 257).reshape(16, 16)
    spots = Sample("spots", np.random.default_rng(0).random((1, 64, 64)), labels)
    run = create_run(tmp_path / "run", [spots, replace(spots, validation=True)], plan([spots]))
    assert run.config().object_size == pytest.approx(1.13)


@pytest.mark.parametrize(
    ("diameter", "shape", "patch"),
    [(100, (512, 512), 128), (100, (160, 160), 48), (40, (90, 90, 90), 48)],
)
def test_at_a_working_size_it_holds_them_there(diameter, shape, patch):
    config = plan([sample(diameter, shape)])
    assert config.working == pytest.approx((24 / diameter,) * len(shape), rel=0.02)
    assert config.train.patch == patch
    assert config.object_size == pytest.approx(24, rel=0.02)
    whole = plan([sample(diameter, shape)], base=OWN_SIZE)
    assert whole.working == ()
    assert whole.decode.min_size > 4 * config.decode.min_size


def test_objects_are_brought_to_the_size_that_the_model_knows():
    start = {"config": ModelConfig(features=4, depth=2).to_dict(), "object_size": 15.0}
    assert plan([sample(60)], start).working == pytest.approx((0.25, 0.25), rel=0.02)
    assert plan([sample(60)], start | {"object_size": None}).working == ()
    assert plan([sample(20)], start).working == ()


def test_classes_are_learnt_at_their_own_size():
    base = RunConfig(model=ModelConfig(height=False), semantic=True)
    assert plan([sample(100)], base=base).working == ()


def test_a_3d_network_is_made_for_the_voxels_that_it_sees():
    base = RunConfig(targets=TargetConfig(spacing=(4.0, 1.0, 1.0)))
    flat = sample(60, (120, 200, 200))
    flat = Sample("s", flat.image[:, ::4], flat.labels[::4])
    config = plan([flat], base=base)
    assert config.working == pytest.approx((1, 0.4, 0.4), rel=0.1)
    assert min(map(min, config.model.kernels)) == 3
    assert plan([flat], base=base.replace(train=OWN_SIZE.train)).working == ()


@pytest.mark.parametrize("preset", PRESETS)
def test_patch_is_what_the_network_takes(preset):
    base = RunConfig(model=PRESETS[preset].replace(features=2, max_features=4))
    config = plan([sample(30)], base=base)
    axis = UNet(config.model).geometry[0]
    assert axis.input_size(axis.output_size(config.train.patch)) == config.train.patch
    assert axis.output_size(config.train.patch) >= 150


def test_batch_follows_the_memory():
    batches = [plan([sample(30)], memory=memory).train.batch for memory in (64e9, 4e8, 1e6)]
    assert batches[0] == 8
    assert 1 < batches[1] < 8
    assert batches[2] == 1


def test_few_minutes_of_a_cpu_are_many_small_batches():
    def batch(diameter, **options):
        train = TrainConfig(working_size="off", device="cpu", **options)
        return plan([sample(diameter)], base=RunConfig(train=train), settled=settled).train.batch

    settled = ()
    assert [batch(100, minutes=minutes) for minutes in (1, 5, 60)] == [2, 2, 8]
    assert [batch(5, minutes=minutes) for minutes in (1, 5)] == [4, 8]
    assert batch(100) == batch(5) == 8
    settled = ("batch",)
    assert batch(100, minutes=1, batch=6) == 6


def test_fine_tuning_keeps_the_model_and_how_grey_values_come_in():
    start = {
        "config": ModelConfig(features=4, depth=2, classes=("nucleus",)).to_dict(),
        "normalize": NormalizeConfig(low=3).to_dict(),
    }
    config = plan([sample(30)], start)
    assert config.model == ModelConfig.from_dict(start["config"])
    assert config.normalize.low == 3


def test_much_smaller_objects_than_the_usual_are_dropped():
    small, large = (
        plan([sample(diameter)], base=OWN_SIZE).decode.min_size for diameter in (10, 40)
    )
    assert 4 < small < 10
    assert large == pytest.approx(16 * small, rel=0.2)


def test_from_scratch_takes_shape_from_the_data():
    config = plan([sample(20, (48, 64, 64), channels=2)])
    assert (config.model.ndim, config.model.in_channels) == (3, 2)
    assert config.model.pool == ()


def test_the_shape_of_a_3d_network_and_of_its_patches_follows_the_voxel_size():
    base = RunConfig(targets=TargetConfig(spacing=(0.8, 0.2, 0.2)))
    config = plan([sample(20, (32, 96, 96))], base=base)
    assert config.train.patch == 64
    assert config.model.pool == ((1, 2, 2), (1, 2, 2), (2, 2, 2))
    assert config.model.kernel == ((1, 3, 3), (1, 3, 3), (3, 3, 3), (3, 3, 3))
    geometry = [Geometry.of(config.model, axis) for axis in range(3)]
    size, kept = patch_shape(geometry, config.train.patch, (32, 96, 96))
    assert size == kept == (16, 64, 64)


def test_fine_tuning_keeps_the_levels_of_the_model_whatever_the_voxels():
    start = {"config": ModelConfig(ndim=3, features=4, depth=1, kernel=((1, 3, 3),) * 2).to_dict()}
    base = RunConfig(targets=TargetConfig(spacing=(0.8, 0.2, 0.2)))
    assert plan([sample(20, (32, 48, 48))], start, base=base).model.kernel == ((1, 3, 3),) * 2


def test_classes():
    two = sample(30, classes={1: 1, 2: 2})
    assert plan([two], classes=("tumour", "stroma")).model.classes == ("tumour", "stroma")
    assert plan([two]).model.classes == ("object", "class 2")
    assert plan([sample(30)]).model.classes == ("object",)


def test_sizes_are_varied_as_they_differ():
    alike = plan([sample(30)]).train.zoom
    differing = plan([sample(10), sample(30)]).train.zoom
    assert 1 < alike < differing < 2


def test_what_is_settled_stays():
    base = RunConfig(train=TrainConfig(epochs=3, flip=False), name="mine", start_from="x")
    config = plan([sample(30)], base=base)
    assert (config.train.epochs, config.train.flip) == (3, False)
    assert (config.name, config.start_from) == ("mine", "x")


def test_ignored_objects_do_not_count():
    mixed = sample(30)
    large = np.zeros(mixed.labels.shape, np.int32)
    large[:300, :300] = 1
    ignored = np.ones(large.shape, bool)
    ignored[310:] = False
    large[400:420, 400:420] = 2
    given = Sample("s", mixed.image, large, ignored=ignored)
    assert plan([given]).train.patch == plan([sample(22)]).train.patch


def test_a_spacing_of_another_dimension_is_refused():
    base = RunConfig(targets=TargetConfig(spacing=(1.0, 1.0, 1.0)))
    with pytest.raises(UserError, match="spacing must be 2 numbers"):
        plan([sample(30)], base=base)


def test_nothing_to_learn_from():
    with pytest.raises(UserError, match="no image to learn from"):
        plan([])


def test_no_objects_is_no_reason_to_fail():
    blank = Sample("s", np.ones((1, 200, 200)), np.zeros((200, 200), int))
    assert plan([blank]).train.patch == 96
