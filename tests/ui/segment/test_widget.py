"""The Segment widget in a real window, with real clicks."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from napari.utils.progress import progress as activity
from numpy.testing import assert_array_equal
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QApplication

from napari_unet.core.config import DecodeConfig, TileConfig
from napari_unet.core.decoding.segmentation import Segmentation
from napari_unet.core.errors import sentence
from napari_unet.core.evaluation.metrics import evaluate
from napari_unet.nn.model import load_model, save_model
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.storage.model_header import AUTO, find_model
from napari_unet.ui.layers.metadata import result_name


def layer_named(viewer, name):
    return next(layer for layer in viewer.layers if layer.name == name)


def test_click_gives_what_python_gives(viewer, segment, run, nuclei, models):
    image = viewer.add_image(nuclei[0], name="cells", scale=(0.5, 0.25), translate=(3, 4))
    run()
    expected = segment_directly(nuclei[0], models["flat"])
    for kind in ("instances", "semantic"):
        layer = layer_named(viewer, result_name("cells", kind))
        assert_array_equal(layer.data, getattr(expected, kind))
        assert_array_equal(layer.scale, image.scale)
        assert_array_equal(layer.translate, image.translate)
    assert expected.instances.max() > 1
    assert f"{expected.instances.max():,} objects" in segment.form.found.text()
    image.data = np.full_like(nuclei[0], 7)
    run()
    assert segment.form.found.text().startswith("0 objects in “cells”. No objects were")
    assert "looks empty" in segment.form.found.text()
    assert segment.form.adjust.isVisible()


def test_plane_in_view_then_whole_stack(viewer, segment, run, nuclei, models):
    viewer.add_image(nuclei, name="cells")
    viewer.dims.set_current_step(0, 1)
    assert segment.form.extent.isVisible()
    assert segment.form.whole.isChecked()
    segment.form.view.setChecked(True)
    run()
    shown = layer_named(viewer, "cells objects (instances)")
    assert_array_equal(shown.data[0], 0)
    assert_array_equal(shown.data[1], segment_directly(nuclei[1], models["flat"]).instances)
    segment.form.whole.setChecked(True)
    run()
    assert len(viewer.layers) == 3
    assert_array_equal(shown.data, segment_directly(nuclei, models["flat"], axes="ZYX").instances)


ROLLED = "a plane along other axes is in view: roll the axes back first, or choose Whole stack."
IN_3D = "the stack in 3D is in view: switch back to 2D first, or choose Whole stack."


@pytest.mark.parametrize(
    ("order", "ndisplay", "words"), [((1, 0, 2), 2, ROLLED), ((0, 1, 2), 3, IN_3D)]
)
def test_this_view_is_what_is_seen(
    viewer, segment, run, nuclei, models, said, order, ndisplay, words
):
    viewer.add_image(nuclei, name="cells")
    segment.form.view.setChecked(True)
    viewer.dims.order, viewer.dims.ndisplay = order, ndisplay
    run()
    assert said == [f"“This view” is one plane along Y and X, and {words}"]
    assert len(viewer.layers) == 1
    viewer.dims.order, viewer.dims.ndisplay = (0, 2, 1), 2  # turned, it is the same plane
    viewer.dims.set_current_step(0, 1)
    run()
    found = layer_named(viewer, "cells objects (instances)").data[1]
    assert_array_equal(found, segment_directly(nuclei[1], models["flat"]).instances)


def test_this_view_of_a_film_of_volumes_is_a_volume(viewer, segment, run, models, said):
    pixels = np.random.default_rng(0).integers(0, 100, (2, 12, 32, 32), np.uint8)
    pixels[..., :16] += 100  # noise alone would be an empty field
    viewer.add_image(pixels, name="film", axis_labels=tuple("tzyx"))
    segment.form.model.add(models["deep"])
    segment.form.view.setChecked(True)
    viewer.dims.set_current_step(0, 1)
    expected = segment_directly(pixels[1], models["deep"], axes="ZYX").instances
    viewer.dims.order = (3, 1, 2, 0)
    run()
    assert said[0].startswith("“This view” is one volume along Z, Y and X, and a plane along other")
    for order, ndisplay in (((0, 1, 2, 3), 3), ((0, 2, 1, 3), 2)):
        viewer.dims.order, viewer.dims.ndisplay = order, ndisplay
        run()
        found = layer_named(viewer, "film objects (instances)").data
        assert_array_equal(found[1], expected)
        viewer.layers.remove("film objects (instances)")
    assert len(said) == 1


@pytest.mark.parametrize(
    ("model", "shape", "options"),
    [
        ("deep", (12, 32, 32), {}),
        ("colour", (48, 40, 3), {"rgb": True}),
        ("colour", (3, 48, 40), {}),
    ],
)
def test_depth_and_colour(viewer, segment, run, models, model, shape, options):
    pixels = np.random.default_rng(0).integers(0, 100, shape, np.uint8)
    pixels[:, : shape[1] // 2] += 100  # noise alone would be an empty field
    viewer.add_image(pixels, name="cells", **options)
    segment.form.model.add(models[model])
    assert not segment.form.extent.isVisible()
    run()
    expected = segment_directly(pixels, models[model])
    assert_array_equal(layer_named(viewer, "cells objects (instances)").data, expected.instances)


def test_output_is_shown_if_asked_for(viewer, segment, run, nuclei):
    viewer.add_image(nuclei[0], name="cells")
    run()
    assert len(viewer.layers) == 3
    segment.form.probabilities.setChecked(True)
    segment.form.height.setChecked(True)
    run()
    probability, height = (
        layer_named(viewer, f"cells {kind}").data for kind in ("probability", "height")
    )
    foreground = layer_named(viewer, "cells classes (semantic)").data > 0
    clear = abs(probability - 0.5) > 1e-6
    assert_array_equal(probability[clear] > 0.5, foreground[clear])
    assert height.shape == nuclei[0].shape
    assert segment.form.image.value.name == "cells"


def test_options_reach_the_network(viewer, segment, run, nuclei, said):
    viewer.add_image(nuclei[0])
    segment.form.tiles.set_value(TileConfig(device="mps"))
    run()
    assert "There is no Apple GPU" in said[0]
    segment.form.tiles.set_value(TileConfig(device="cpu"))
    run()
    assert segment.form.device.text().startswith("CPU")
    assert len(viewer.layers) == 3


def test_sliders_change_the_labels(viewer, segment, run, nuclei, models, qtbot):
    viewer.add_image(nuclei[0], name="cells")
    run()
    first = layer_named(viewer, "cells objects (instances)").data.copy()
    config = DecodeConfig(threshold=0.55, split=0.0, min_size=3)
    for name in ("threshold", "split", "min_size"):
        segment.form.decode.fields[name].value = getattr(config, name)
    expected = segment_directly(nuclei[0], models["flat"], decode=config)
    assert not np.array_equal(expected.instances, first)
    shown = layer_named(viewer, "cells objects (instances)")
    qtbot.waitUntil(lambda: np.array_equal(shown.data, expected.instances), timeout=60_000)
    assert_array_equal(layer_named(viewer, "cells classes (semantic)").data, expected.semantic)
    assert len(viewer.layers) == 3


def test_another_model_leaves_the_result_as_it_is(viewer, segment, run, nuclei, models, tmp_path):
    viewer.add_image(nuclei[0], name="cells")
    run()
    first = layer_named(viewer, "cells objects (instances)").data.copy()
    strict = DecodeConfig(threshold=0.95, split=0.9, min_size=200)
    other = tmp_path / "strict.safetensors"
    save_model(replace(load_model(models["flat"]), decode=strict), other)
    segment.form.model.add(other)
    assert segment.form.decode.value() == load_model(models["flat"]).decode
    QThreadPool.globalInstance().waitForDone()
    QApplication.processEvents()
    assert_array_equal(layer_named(viewer, "cells objects (instances)").data, first)
    run()
    assert segment.form.decode.value() == strict
    expected = segment_directly(nuclei[0], other).instances
    assert not np.array_equal(expected, first)
    assert_array_equal(layer_named(viewer, "cells objects (instances)").data, expected)


def test_labels_decoded_late_do_not_replace_a_newer_result(
    viewer, segment, run, nuclei, models, monkeypatch
):
    image = viewer.add_image(nuclei[0], name="cells")
    run()
    may_end, decoded = Event(), Segmentation.decoded
    monkeypatch.setattr(Segmentation, "decoded", lambda *given: may_end.wait() and decoded(*given))
    segment.form.decode.fields["min_size"].value = 50
    image.data = nuclei[1]
    run()
    may_end.set()
    QThreadPool.globalInstance().waitForDone()
    QApplication.processEvents()
    config = load_model(models["flat"]).decode.replace(min_size=50)
    expected = segment_directly(nuclei[1], models["flat"], decode=config).instances
    assert_array_equal(layer_named(viewer, "cells objects (instances)").data, expected)


def test_what_a_person_painted_is_kept(viewer, segment, run, nuclei):
    viewer.add_image(nuclei[0], name="cells")
    run()
    painted = layer_named(viewer, "cells objects (instances)")
    painted.paint((5, 5), 99)
    kept = painted.data.copy()
    run()
    assert_array_equal(painted.data, kept)
    assert layer_named(viewer, "cells objects (instances) [1]").data.max() < 99
    assert [layer.name for layer in viewer.layers].count("cells classes (semantic)") == 1


def test_a_new_result_comes_into_view(viewer, segment, run, nuclei):
    viewer.add_image(nuclei[0], name="cells")
    run()
    layer = layer_named(viewer, result_name("cells", "instances"))
    layer.visible = False
    run()
    assert layer in viewer.layers
    assert layer.visible


def test_result_layer_that_was_deleted_comes_back(viewer, segment, run, nuclei):
    image = viewer.add_image(nuclei[0], name="cells")
    run()
    viewer.layers.remove("cells objects (instances)")
    image.scale = (2, 3)
    run()
    for kind in ("instances", "semantic"):
        assert_array_equal(layer_named(viewer, result_name("cells", kind)).scale, (2, 3))
    assert len(viewer.layers) == 3


def test_stop(viewer, segment, click, qtbot, nuclei, said):
    viewer.add_image(nuclei, name="cells")
    segment.form.whole.setChecked(True)
    segment.form.tiles.set_value(TileConfig(tile=16))
    click(segment.form.button)
    assert not segment.form.button.isEnabled()
    assert [bar.desc for bar in activity._all_instances] == ["Segmenting cells"]
    click(segment.form.progress.stop)
    qtbot.waitUntil(lambda: not segment.running, timeout=60_000)
    assert len(viewer.layers) == 1
    assert not activity._all_instances
    assert segment.form.button.isEnabled()
    assert not segment.form.progress.isVisible()
    assert not said


BAD = {
    "nan": (np.where(np.eye(64), np.nan, 1.0), "NaN"),
    "boolean": (np.eye(64, dtype=bool), "true and false"),
    "colour": (np.random.default_rng(0).random((64, 64, 3)), "3 channels"),
}


@pytest.mark.parametrize(("pixels", "words"), BAD.values(), ids=BAD)
def test_bad_image_is_refused_in_one_sentence(viewer, run, nuclei, said, pixels, words):
    viewer.add_image(pixels, name="bad", rgb=pixels.ndim == 3, contrast_limits=(0, 1))
    run()
    assert len(said) == 1
    assert words in said[0]
    assert len(viewer.layers) == 1
    viewer.add_image(nuclei[0], name="good")
    run()
    assert "good objects (instances)" in viewer.layers


def test_nothing_to_segment(viewer, run, said):
    run()
    assert said == ["There is no image: drop one on the window or use File > Open Sample."]


def test_broken_model_file(viewer, segment, run, nuclei, said, models, tmp_path):
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(models["flat"].read_bytes())
    segment.form.model.add(cut)
    cut.write_bytes(models["flat"].read_bytes()[:-100])
    viewer.add_image(nuclei[0], name="cells")
    run()
    assert said == ["cut.safetensors is cut short: copy or download it again."]
    assert segment.form.button.isEnabled()


def test_an_image_that_cannot_be_copied_is_told(viewer, segment, run, nuclei, said, monkeypatch):
    def too_large(*_):
        raise MemoryError

    viewer.add_image(nuclei[0], name="cells")
    with monkeypatch.context() as patch:
        patch.setattr("napari_unet.ui.segment.asked_for.take", too_large)
        run()
    assert said == [sentence(MemoryError())]
    run()
    assert len(viewer.layers) == 3


REMOVED = (
    "“cells” was removed while it was segmented: what was found in it is kept in hidden layers."
)


def test_image_deleted_during_run(viewer, segment, click, qtbot, nuclei, said):
    image = viewer.add_image(nuclei[0], name="cells", scale=(2, 2))
    click(segment.form.button)
    viewer.layers.remove(image)
    qtbot.waitUntil(lambda: not segment.running, timeout=60_000)
    assert [layer.name for layer in viewer.layers] == [
        "cells classes (semantic)",
        "cells objects (instances)",
    ]
    assert_array_equal(viewer.layers[1].scale, (2, 2))
    assert not any(layer.visible for layer in viewer.layers)
    assert said == [segment.error.text()] == [REMOVED]


def test_a_result_lies_on_no_namesake_of_its_image(viewer, segment, click, qtbot, nuclei, said):
    image = viewer.add_image(nuclei[0], name="cells")
    click(segment.form.button)
    viewer.layers.remove(image)
    viewer.add_image(nuclei[1], name="cells")
    qtbot.waitUntil(lambda: not segment.running, timeout=60_000)
    assert not layer_named(viewer, "cells objects (instances)").visible
    assert said == [REMOVED]
    assert not segment.form.adjust.isVisible()


@pytest.mark.parametrize("at_once", [False, True])
def test_a_result_lies_on_no_other_pixels(viewer, segment, click, qtbot, nuclei, said, at_once):
    image = viewer.add_image(nuclei[0].copy(), name="cells")
    click(segment.form.button)
    if at_once:
        image.data = nuclei[1]
    else:
        image.data[:] = nuclei[1]
    qtbot.waitUntil(lambda: not segment.running, timeout=60_000)
    assert len(viewer.layers) == 1
    assert said == [
        "“cells” was changed while it was segmented, so what was found in it as it was before is "
        "not shown: click Segment again."
    ]


def test_a_result_lies_on_the_image_under_another_name(viewer, segment, click, qtbot, nuclei, said):
    image = viewer.add_image(nuclei[0], name="cells")
    click(segment.form.button)
    image.name, image.data = "renamed", nuclei[0].copy()
    qtbot.waitUntil(lambda: not segment.running, timeout=60_000)
    assert layer_named(viewer, "cells objects (instances)").visible
    assert not said


def test_widget_closed_during_run(viewer, segment, click, qtbot, nuclei, said):
    viewer.add_image(nuclei[0])
    click(segment.form.button)
    viewer.window.remove_dock_widget(segment)
    assert segment.closed
    qtbot.waitUntil(lambda: not segment.running, timeout=60_000)
    viewer.add_image(nuclei[1], name="after")
    assert len(viewer.layers) == 2
    assert not said
    assert not activity._all_instances


def test_viewer_closed_during_run(viewer, segment, click, qtbot, nuclei, said):
    viewer.add_image(nuclei, name="cells")
    segment.form.whole.setChecked(True)
    click(segment.form.button)
    viewer.close()
    assert QThreadPool.globalInstance().waitForDone(60_000)
    qtbot.wait(50)
    assert not said


def test_bundled_model_finds_the_nuclei_of_the_sample(viewer, click, qtbot):
    viewer.open_sample("napari-unet-studio", "nuclei")
    _, widget = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Segment")
    assert (widget.form.model.value, widget.form.model.settled) == (AUTO, False)
    click(widget.form.button)
    qtbot.waitUntil(lambda: not widget.running, timeout=60_000)
    assert widget.form.model.asked() == find_model("nuclei")
    assert "Bundled model that fits best: nuclei." in widget.form.found.text()
    assert widget.form.purpose.text().startswith("nuclei: ")
    shown = viewer.dims.current_step[0]
    found = layer_named(viewer, "nuclei objects (instances)").data[shown]
    truth = layer_named(viewer, "nuclei ground truth").data[shown]
    assert evaluate(found, truth).at(0.5).ap > 0.7
