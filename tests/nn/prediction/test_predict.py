"""Overlap-tile prediction: the tile law, memory, stopping, and what is refused."""

from __future__ import annotations

import dataclasses
import itertools

import dask.array as da
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.config import ModelConfig, TileConfig
from napari_unet.core.decoding.decode import decode
from napari_unet.core.errors import UserError
from napari_unet.core.image.planes import arrange
from napari_unet.core.progress import Stop, drive
from napari_unet.nn.device import choose_device
from napari_unet.nn.model import Model, load_model, save_model, seeded_network
from napari_unet.nn.prediction.predict import Output, predict_steps
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.tile_loop import plan_tiles
from napari_unet.nn.prediction.views import Mean, views_of

CONFIGS = {
    "same": ModelConfig(features=3, depth=3),
    "transposed": ModelConfig(features=3, depth=2, up="transpose", in_channels=2),
    "valid": ModelConfig(
        features=3, depth=2, padding="valid", norm="none", up="transpose", height=False
    ),
    "3D": ModelConfig(
        ndim=3,
        features=3,
        depth=2,
        pool=((1, 2, 2), (2, 2, 2)),
        kernel=((1, 3, 3), (3, 3, 3), (3, 3, 3)),
    ),
    "3D valid": ModelConfig(
        ndim=3, features=3, depth=1, padding="valid", kernel=((1, 3, 3), (3, 3, 3))
    ),
}
MODELS: dict[str, Model] = {}


def model(kind: str) -> Model:
    """Return a network of random parameters, with statistics that batch norm would have learnt."""
    if kind not in MODELS:
        network = seeded_network(CONFIGS[kind], 1).eval()
        generator = torch.Generator().manual_seed(0)
        for module in network.modules():
            if hasattr(module, "running_mean"):
                module.running_mean.copy_(torch.randn(len(module.weight), generator=generator))
                module.running_var.copy_(0.5 + torch.rand(len(module.weight), generator=generator))
        MODELS[kind] = Model(kind, network)
    return MODELS[kind]


def image_for(kind: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    channels = CONFIGS[kind].in_channels
    image = np.random.default_rng(seed).integers(0, 4000, (channels, *shape), dtype=np.uint16)
    image[..., : shape[-2] // 2, : shape[-1] // 2] += 9000  # noise alone would be an empty field
    return image


def run(kind: str, image: np.ndarray, tiles: TileConfig, **driven) -> Output:
    ndim = CONFIGS[kind].ndim
    axes = "T" * (image.ndim - ndim - 1) + "C" + "ZYX"[-ndim:]
    planes = arrange(image, axes, ndim, CONFIGS[kind].in_channels)
    return drive(predict_steps(planes, model(kind), tiles), **driven)


def logits(output: Output) -> np.ndarray:
    return np.log(output.probabilities[1:]) - np.log(output.probabilities[:1])


@pytest.mark.parametrize("kind", CONFIGS)
@settings(max_examples=8)
@given(data=st.data())
def test_tile_law(kind, data):
    ndim, small, large = CONFIGS[kind].ndim, 17, 150 if CONFIGS[kind].ndim == 2 else 40
    shape = tuple(data.draw(st.integers(small, large)) for _ in range(ndim))
    image = image_for(kind, shape, seed=data.draw(st.integers(0, 99)))
    whole = run(kind, image, TileConfig())
    tiled = run(kind, image, TileConfig(tile=data.draw(st.integers(8, large))))
    assert np.abs(logits(whole) - logits(tiled)).max() <= 1e-4
    if whole.height is not None:
        assert np.abs(whole.height - tiled.height).max() <= 1e-4
    decoding = model(kind).decode
    one, other = (decode(o.probabilities, o.height, decoding)[0] for o in (whole, tiled))
    # exact ties aside: at most a few pixels may lie within rounding of the threshold
    assert np.mean((one > 0) != (other > 0)) < 1e-3


VIEWS = ("mirrored", "mirrored and rotated")


@pytest.mark.parametrize("kind", CONFIGS)
@settings(max_examples=4)
@given(data=st.data())
def test_tile_law_of_views(kind, data):
    ndim, small, large = CONFIGS[kind].ndim, 13, 90 if CONFIGS[kind].ndim == 2 else 24
    shape = tuple(data.draw(st.integers(small, large)) for _ in range(ndim))
    image, views = image_for(kind, shape), data.draw(st.sampled_from(VIEWS))
    whole = run(kind, image, TileConfig(views=views))
    tiled = run(kind, image, TileConfig(views=views, tile=data.draw(st.integers(12, large))))
    close = min(1e-5, 0.02 * whole.spread.max())
    np.testing.assert_allclose(tiled.probabilities, whole.probabilities, atol=close)
    np.testing.assert_allclose(tiled.spread, whole.spread, atol=close)
    if whole.height is not None:
        np.testing.assert_allclose(tiled.height, whole.height, atol=1e-4)


@pytest.mark.parametrize("views", VIEWS)
@pytest.mark.parametrize("kind", CONFIGS)
def test_views_are_those_of_the_image(kind, views):
    geometry = seeded_network(CONFIGS[kind], 0).geometry
    shape = [
        axis.output_size(axis.input_size(24 + 8 * index)) for index, axis in enumerate(geometry)
    ]
    image = image_for(kind, tuple(shape))
    turns = (False, True) if "rotated" in views else (False,)
    several = [
        turned(run(kind, turned(image, turn, flips), TileConfig()).probabilities, turn, flips, True)
        for turn in turns
        for flips in itertools.product((1, -1), repeat=len(shape))
    ]
    found = run(kind, image, TileConfig(views=views))
    close = min(1e-5, 0.02 * found.spread.max())
    np.testing.assert_allclose(found.probabilities, np.mean(several, 0), atol=close)
    np.testing.assert_allclose(found.spread, np.std(several, 0)[0], atol=close)


def turned(
    values: np.ndarray, turn: bool, flips: tuple[int, ...], back: bool = False
) -> np.ndarray:
    """Exchange Y and X, then mirror; or both back."""
    flip = (..., *(slice(None, None, step) for step in flips))
    if back:
        values = values[flip]
    values = values.swapaxes(-1, -2) if turn else values
    return values if back else values[flip]


def test_one_view_has_no_spread():
    assert run("same", image_for("same", (40, 40)), TileConfig()).spread is None


def test_no_quarter_turns_where_y_and_x_are_pooled_differently():
    unlike = seeded_network(ModelConfig(features=2, depth=1, pool=((2, 4),)), 0).geometry
    assert [len(views_of(name, unlike)) for name in ("one", *VIEWS)] == [1, 4, 4]
    alike = seeded_network(CONFIGS["3D"], 0).geometry
    assert [len(views_of(name, alike)) for name in ("one", *VIEWS)] == [1, 8, 16]


@given(values=st.lists(st.floats(0, 1, width=32), min_size=2, max_size=16))
def test_the_mean_over_views_is_accurate(values):
    mean = Mean()
    for value in values:
        mean.add(torch.tensor([[[value]]]))
    found = mean.result.flatten().tolist()
    assert found == pytest.approx([np.mean(values), np.std(values)], abs=1e-6)


@pytest.mark.parametrize("kind", CONFIGS)
def test_little_memory_gives_more_tiles_and_the_same_answer(kind):
    shape = (60, 300) if CONFIGS[kind].ndim == 2 else (16, 24, 200)
    image = image_for(kind, shape)
    network, device = model(kind).network, choose_device("cpu")
    predictor = Predictor(network, device, TileConfig(memory=1000))
    stride = predictor.strides[-1]
    half = (
        *((0, size) for size in shape[:-1]),
        (0, -(-shape[-1] // 2 // stride) * stride + stride),
    )
    memory = predictor.bytes_needed(half, shape)
    small = Predictor(network, device, TileConfig(memory=memory / 1e9))
    whole = tuple((0, size) for size in shape)
    assert len(plan_tiles(predictor, whole, shape)) == 1
    assert len(plan_tiles(small, whole, shape)) > 1
    totals = set()
    tiled = run(
        kind,
        image,
        TileConfig(memory=memory / 1e9),
        on_progress=lambda progress: totals.add(progress.total),
    )
    assert min(totals) > 1
    assert np.abs(logits(tiled) - logits(run(kind, image, TileConfig()))).max() <= 1e-4


def test_planes_of_a_stack_are_each_on_their_own():
    stack = np.concatenate([image_for("same", (1, 60, 50), seed) * (seed + 1) for seed in range(3)])
    stack = stack.reshape(3, 1, 60, 50)
    together = run("same", stack, TileConfig())
    assert together.probabilities.shape == (2, 3, 60, 50)
    assert together.height.shape == (3, 60, 50)
    for plane, image in enumerate(stack):
        alone = run("same", image, TileConfig())
        np.testing.assert_array_equal(together.probabilities[:, plane], alone.probabilities)


@pytest.mark.parametrize("kind", ["same", "valid", "3D"])
def test_out_of_memory_halves_the_tiles_and_says_so(kind, short_of_memory):
    shape = (100, 90) if CONFIGS[kind].ndim == 2 else (16, 48, 40)
    image = image_for(kind, shape)
    short_of_memory.limit = 10**6
    expected = run(kind, image, TileConfig())
    short_of_memory.limit = 3000
    seen = []
    found = run(kind, image, TileConfig(), on_progress=seen.append)
    assert np.abs(logits(found) - logits(expected)).max() <= 1e-4
    assert seen[-1].done == seen[-1].total > 1
    assert "smaller tiles" in seen[-1].notice
    assert not seen[0].notice


def test_memory_for_nothing_ends_in_one_sentence(short_of_memory):
    short_of_memory.limit = 0
    with pytest.raises(UserError, match="Memory does not suffice"):
        run("same", image_for("same", (40, 40)), TileConfig())


def test_another_failure_of_the_network_is_not_taken_for_memory(monkeypatch):
    def broken(self, images, kept):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(Predictor, "__call__", broken)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        run("same", image_for("same", (40, 40)), TileConfig())


def test_stop_between_tiles_cancels():
    seen = []
    with pytest.raises(Stop):
        run(
            "same",
            image_for("same", (100, 100)),
            TileConfig(tile=32),
            on_progress=seen.append,
            stop_requested=lambda: len(seen) == 3,
        )
    assert [progress.done for progress in seen] == [0, 1, 2]


def test_progress_says_which_device_and_why():
    seen = []
    run("same", image_for("same", (40, 40)), TileConfig(device="cpu"), on_progress=seen.append)
    assert seen[0].device.name.startswith("CPU")
    assert seen[0].device.reason == "It was asked for."


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.full((1, 40, 40), np.nan), "NaN"),
        (np.zeros((1, 0, 40)), "empty"),
        (np.zeros((1, 40, 40), bool), "true and false"),
        (np.zeros((1, 40, 40), complex), "complex"),
        (np.random.default_rng(0).random((1, 6, 40)), "too small"),
    ],
)
def test_what_is_no_image_is_refused(image, words):
    with pytest.raises(UserError, match=words):
        run("same", image, TileConfig())


@pytest.mark.parametrize("container", [np.asarray, da.from_array])
def test_empty_planes_are_background_and_the_others_what_they_are_alone(container):
    stack = np.stack([image_for("same", (40, 40)) for _ in range(3)])
    stack[1], stack[2] = 5, np.random.default_rng(0).poisson(100, (1, 40, 40))
    output = run("same", container(stack), TileConfig())
    assert output.empty == 2
    np.testing.assert_array_equal(output.probabilities[0, 1:], 1)
    np.testing.assert_array_equal(output.height[1:], 0)
    alone = run("same", stack[0], TileConfig())
    assert alone.empty == 0
    np.testing.assert_array_equal(output.probabilities[:, 0], alone.probabilities)


@pytest.mark.parametrize(("at_once", "sent"), [(1, [1, 1]), (4, [2])])
def test_an_empty_plane_does_not_go_through_the_network(at_once, sent, monkeypatch):
    stack = np.stack([image_for("same", (40, 40), seed) for seed in range(4)])
    stack[[0, 2]] = 5
    expected = run("same", stack[[1, 3]], TileConfig())
    images_of_passes, send = [], Predictor.__call__

    def counted(predictor, images, kept):
        images_of_passes.append(len(images))
        return send(predictor, images, kept)

    monkeypatch.setattr("napari_unet.nn.prediction.tile_loop._at_once", lambda *_: at_once)
    monkeypatch.setattr(Predictor, "__call__", counted)
    found = run("same", stack, TileConfig())
    assert images_of_passes == sent
    np.testing.assert_allclose(found.probabilities[:, [1, 3]], expected.probabilities, atol=1e-5)
    np.testing.assert_array_equal(found.probabilities[0, [0, 2]], 1)


def test_bfloat16_stays_near_float32():
    image = image_for("same", (64, 64))
    exact = run("same", image, TileConfig())
    rough = run("same", image, TileConfig(precision="bfloat16"))
    assert np.abs(exact.probabilities - rough.probabilities).max() < 0.05


def test_a_model_file_needs_no_more_than_itself(tmp_path):
    kept = dataclasses.replace(model("same"), about={"data": "none"})
    save_model(kept, tmp_path / "own.safetensors")
    image = image_for("same", (40, 40))
    loaded = load_model(tmp_path / "own.safetensors")
    planes = arrange(image, "CYX", 2, 1)
    again = drive(predict_steps(planes, loaded, TileConfig()))
    expected = drive(predict_steps(planes, kept, TileConfig()))
    np.testing.assert_array_equal(again.probabilities, expected.probabilities)


@pytest.mark.parametrize(("count", "looked_at"), [(1, 1), (5, 5), (40, 16)])
def test_grey_values_are_those_of_some_evenly_spaced_planes(count, looked_at):
    cells = image_for("same", (count, 40, 40))[0]
    cells += (np.arange(count, dtype=np.uint16) * 50)[:, np.newaxis, np.newaxis] * (cells > 2000)
    greys = run("same", cells[:, np.newaxis], TileConfig()).greys
    assert len(greys) == looked_at
    first, last = (run("same", each[np.newaxis], TileConfig()).greys for each in cells[[0, -1]])
    assert greys[0] == first[0]
    assert count > looked_at or greys[-1] == last[0]


def test_where_a_plane_looks_empty_the_next_tells_what_grey_values_are_like():
    cells = image_for("same", (40, 40, 40))[0]
    cells[20:22] = 0
    output = run("same", cells[:, np.newaxis], TileConfig())
    assert (output.empty, len(output.greys)) == (2, 16)
