"""Before and after: figures, a verdict in words, and what has changed, object by object."""

from __future__ import annotations

import numpy as np
import pytest

from napari_unet.core.config import DecodeConfig, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.error_map import CORRECTED
from napari_unet.core.progress import drive
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.model import Model, load_model, save_model, seeded_network
from napari_unet.nn.training.before_after import compare_steps, verdict
from napari_unet.nn.training.train import train
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from quick_runs import QUICK, classes_of, discs

SHAPE = ModelConfig(features=2, depth=2)


@pytest.fixture
def start(tmp_path):
    """The file of an untrained model that takes every pixel for an object's."""
    path = tmp_path / "start.safetensors"
    decode = DecodeConfig(threshold=0.01, min_size=0)
    save_model(Model("start", seeded_network(SHAPE, 3).eval(), decode=decode), path)
    return path


def compared(folder, samples, **changes):
    config = RunConfig(model=SHAPE, train=QUICK.replace(epochs=1)).replace(**changes)
    run = create_run(folder, samples, config)
    train(run.folder)
    return run, drive(compare_steps(run.folder))


def test_the_figures_are_those_of_the_log(tmp_path, start):
    samples = [discs(seed) for seed in range(4)]
    run, comparison = compared(tmp_path / "run", samples, start_from=str(start))
    before, after = run.records()
    assert before["epoch"] == 0
    for record, figures in ((before, comparison.before), (after, comparison.after)):
        assert figures["ap"] == pytest.approx(record["ap"])
        assert figures["ap50"] == pytest.approx(record["ap50"])
        assert figures["ap75"] == pytest.approx(record["ap75"])
        assert figures["dice"] == pytest.approx(record["dice"][1])
    assert len(comparison.errors) == 1
    errors = comparison.errors[0]
    assert errors.error_map.shape == errors.image.shape[1:]
    assert errors.error_map.dtype == np.uint8


def test_a_run_from_scratch_has_no_before(tmp_path):
    _, comparison = compared(tmp_path / "run", [discs(0), discs(1)])
    assert comparison.before is None
    assert "no model to compare" in comparison.verdict
    assert not (comparison.errors[0].error_map == CORRECTED).any()


def test_a_start_that_is_gone_leaves_the_figures_after(tmp_path, start):
    samples = [discs(0), discs(1)]
    run, whole = compared(tmp_path / "run", samples, start_from=str(start))
    start.unlink()
    comparison = drive(compare_steps(run.folder))
    assert comparison.before is None
    assert comparison.after == whole.after
    assert "no model to compare" in comparison.verdict


def test_nothing_held_out_is_said(tmp_path, start):
    quiet = QUICK.replace(epochs=1, validation=0.0)
    run, comparison = compared(tmp_path / "run", [discs(0)], train=quiet, start_from=str(start))
    assert (comparison.before, comparison.after, comparison.errors) == (None, None, ())
    assert "No image was held out" in comparison.verdict
    assert [record["epoch"] for record in run.records()] == [1]


def test_classes_are_compared_too(tmp_path):
    shape = ModelConfig(features=2, depth=2, classes=("small", "large"), height=False)
    path = tmp_path / "start.safetensors"
    save_model(Model("start", seeded_network(shape, 0).eval()), path)
    samples = [classes_of(discs(seed), ignored=8) for seed in range(3)]
    _, comparison = compared(
        tmp_path / "run", samples, model=shape, semantic=True, start_from=str(path)
    )
    assert set(comparison.before) == set(comparison.after) == {"dice", "standard_error"}
    assert not comparison.errors[0].error_map[:, -8:].any()


def test_a_class_that_nobody_painted_is_told(tmp_path):
    shape = ModelConfig(features=2, depth=2, classes=("small", "large", "third"), height=False)
    samples = [classes_of(discs(seed)) for seed in range(3)]
    _, comparison = compared(tmp_path / "run", samples, model=shape, semantic=True)
    assert "“third” is annotated nowhere" in comparison.verdict


def test_a_run_that_has_no_model_yet_is_told(tmp_path):
    run = create_run(tmp_path / "run", [discs(0), discs(1)], RunConfig(train=TrainConfig()))
    with pytest.raises(UserError, match="no best model yet"):
        drive(compare_steps(run.folder))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(0.5, 0.7, "Better than"), (0.7, 0.5, "Worse than"), (0.5, 0.502, "No better than")],
)
@pytest.mark.parametrize(("judged", "named"), [("ap", "mean AP"), ("dice", "Dice")])
def test_the_verdict_names_a_worse_model_and_what_it_is_judged_by(
    before, after, said, judged, named
):
    sentence = verdict(*(figures(judged, value) for value in (before, after)), 2)
    assert sentence.startswith(said)
    assert f"judged by {named} (" in sentence
    assert f"): {after:.2f} on 2 held-out images, {before:.2f} before." in sentence
    assert sentence.count(named) == 1


@pytest.mark.parametrize("judged", ["ap", "dice"])
def test_a_model_is_called_as_good_within_chance_unless_all_figures_are_lower(judged):
    before = figures(judged, 0.73) | {"standard_error": 0.05, "ap50": 0.8}
    sentence = verdict(before, figures(judged, 0.70) | {"ap50": 0.82}, 1)
    assert sentence.startswith("Within chance as good as the model it started from")
    assert "Keep using" not in sentence
    assert verdict(before, figures(judged, 0.70) | {"ap50": 0.8}, 1).startswith("Worse than")
    assert verdict(before, figures(judged, 0.60) | {"ap50": 0.82}, 1).startswith("Worse than")
    gained = verdict(before, figures(judged, 0.75), 1)
    assert gained.startswith("Within chance as good as"), "nor is a higher one called better"
    assert verdict(before, figures(judged, 0.80), 1).startswith("Better than")


def test_better_outlines_of_fewer_objects_are_not_told_as_a_contradiction():
    before = {"ap": 0.40, "ap50": 0.74, "ap75": 0.30, "dice": 0.904}
    sentence = verdict(before, before | {"ap": 0.45, "ap50": 0.68, "dice": 0.897}, 1)
    assert sentence == (
        "Better than the model it started from, judged by mean AP (objects found, and how well "
        "their outlines fit): 0.45 on 1 held-out image, 0.40 before. "
        "These fell: AP at 0.5 from 0.74 to 0.68."
    )


def test_a_gain_that_rounding_would_hide_is_shown():
    before = {"ap": 0.396, "ap50": 0.7, "ap75": 0.3, "dice": 0.9}
    assert "0.404 on 1 held-out image, 0.396 before" in verdict(before, before | {"ap": 0.404}, 1)


def figures(judged: str, value: float) -> dict[str, float]:
    """The figures of a run of objects, or of one of classes."""
    return (
        {"ap": value, "ap50": 0.9, "ap75": 0.6, "dice": 0.9} if judged == "ap" else {"dice": value}
    )


def test_poor_outlines_make_a_model_worse_although_it_finds_as_many_objects():
    before = {"ap": 0.60, "ap50": 0.80, "ap75": 0.63, "dice": 0.90}
    after = {"ap": 0.45, "ap50": 0.81, "ap75": 0.35, "dice": 0.87}
    sentence = verdict(before, after, 1)
    assert sentence.startswith("Worse than")
    assert "AP at 0.75 from 0.63 to 0.35, Dice from 0.90 to 0.87." in sentence
    assert "AP at 0.5 from" not in sentence


def test_a_figure_that_fell_is_named_although_the_model_is_better():
    before = {"ap": 0.60, "ap50": 0.80, "ap75": 0.63, "dice": 0.90}
    sentence = verdict(before, before | {"ap": 0.62, "dice": 0.88}, 1)
    assert sentence.startswith("Better than")
    assert "These fell: Dice from 0.90 to 0.88." in sentence


def test_the_models_themselves_are_untouched(tmp_path, start):
    bytes_before = start.read_bytes()
    compared(tmp_path / "run", [discs(0), discs(1)], start_from=str(start))
    assert start.read_bytes() == bytes_before
    assert load_model(start).name == "start"


def test_a_part_of_an_image_is_not_called_an_image():
    before = {"ap": 0.5, "ap50": 0.8}
    told = verdict(before, before | {"ap": 0.55}, 1, part=True)
    assert "0.55 on the part held out, 0.50 before" in told


@pytest.mark.parametrize(("judged", "what"), [("ap", "objects"), ("dice", "area")])
@pytest.mark.parametrize("before", [None, 0.0, 0.03])
def test_a_model_that_finds_nothing_is_not_as_good_as_any(judged, what, before):
    start = before if before is None else figures(judged, before) | {"standard_error": 0.1}
    sentence = verdict(start, figures(judged, 0.0), 1)
    word = {None: "", 0.0: ", no better than the model it started from"}
    word = word.get(before, ", worse than the model it started from")
    assert sentence.startswith(f"It finds none of the {what} held out{word}, judged by")
    assert "annotate more" in sentence
    assert "next to none" in verdict(start, figures(judged, 0.003), 1)
