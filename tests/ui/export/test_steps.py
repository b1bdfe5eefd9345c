"""The Export widget in a real window, with real clicks."""

import csv
import json

import numpy as np
import pytest
from napari.layers import Labels
from numpy.testing import assert_array_equal
from PIL import Image as Picture

from lazy import Reads
from napari_unet.core.annotation.record import Record
from napari_unet.core.config import ModelConfig
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.provenance.record import ModelFile, Provenance
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_tiff
from napari_unet.nn.model import Model, save_model, seeded_network
from napari_unet.ui.layers.metadata import ANNOTATION, MADE
from painted import annotate

MICROMETRES = ("micrometer",) * 3


@pytest.fixture
def labels():
    """Two objects, (3, 20, 16); the second goes through all planes."""
    array = np.zeros((3, 20, 16), np.int32)
    array[0, 2:6, 2:7] = 1
    array[:, 10:14, 8:12] = 2
    return array


@pytest.fixture
def send(export, click, qtbot):
    """Click Export and wait for the end."""

    def send():
        click(export.button)
        qtbot.waitUntil(export.button.isEnabled, timeout=60_000)

    return send


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_mask_is_exported_as_classes_alone(viewer, export, send, labels, tmp_path, said):
    mask = viewer.add_labels(np.tile(labels[0] == 1, (1, 3)), name="mask")
    export.instances.value = mask
    export.form.folder.setText(str(tmp_path / "new"))
    send()
    assert "“mask” has one number only, 1, in 3 pieces" in said[-1]
    assert not (tmp_path / "new").exists()
    export.instances.value, export.semantic.value = None, mask
    export.form.formats.boxes["csv"].setChecked(False)
    send()
    assert len(said) == 2
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mask_semantic.tif"]


def test_labels_that_lie_elsewhere_than_the_image_are_told(
    viewer, export, send, labels, tmp_path, said
):
    export.image.value = viewer.add_image(np.zeros((20, 16), np.uint8), name="a")
    export.instances.value = viewer.add_labels(labels[0], name="l", translate=(60, 60))
    export.image.value = viewer.layers["a"]
    export.form.folder.setText(str(tmp_path))
    send()
    assert not any("lies elsewhere" in text for text in said)
    for word, box in export.form.formats.boxes.items():
        box.setChecked(word == "png")
    send()
    assert any(text.startswith("“l” lies elsewhere than “a”: it is moved by") for text in said)
    export.semantic.value = viewer.add_labels(labels[0], name="classes")
    send()
    assert any(text.startswith("“classes” lies elsewhere than “l”: it is moved") for text in said)


def test_files_have_labels_scale_and_table(viewer, export, send, labels, tmp_path, said):
    scale = (0.5, 0.25)
    viewer.add_labels(
        labels[0], name="cells objects (instances)", scale=scale, units=MICROMETRES[:2]
    )
    viewer.add_labels(
        labels[0] > 0, name="cells classes (semantic)", scale=scale, units=MICROMETRES[:2]
    )
    export.form.folder.setText(str(tmp_path / "new"))
    assert export.form.extent.native.isHidden()
    send()
    picture = read_image(tmp_path / "new" / "cells_instances.tif")
    assert_array_equal(picture.data, labels[0])
    assert picture.data.dtype == np.uint8
    assert picture.spacing == pytest.approx(scale)
    assert picture.unit == "µm"
    assert_array_equal(read_image(tmp_path / "new" / "cells_semantic.tif").data, labels[0] > 0)
    table = rows(tmp_path / "new" / "cells_objects.csv")
    assert [float(row["area"]) for row in table] == [20 * 0.125, 16 * 0.125]
    assert float(table[0]["centroid_y"]) == pytest.approx(3.5 * 0.5)
    assert said[-1].startswith("Wrote cells_instances.tif, cells_semantic.tif, cells_objects.csv")
    assert export.written.text() == said[-1]


@pytest.mark.parametrize(("ndim", "count", "size"), [(2, 4, "area"), (3, 2, "volume")])
def test_planes_or_volumes(viewer, export, send, labels, tmp_path, ndim, count, size):
    viewer.add_labels(labels, name="cells objects (instances)", scale=(2, 1, 1), units=MICROMETRES)
    export.form.extent.value = ndim
    export.form.folder.setText(str(tmp_path))
    send()
    table = rows(tmp_path / "cells_objects.csv")
    assert len(table) == count
    assert size in table[0]


def test_axes_in_another_order(viewer, export, send, labels, tmp_path):
    layer = viewer.add_labels(
        labels.transpose(1, 2, 0), name="a objects (instances)", scale=(0.5, 0.25, 2)
    )
    layer.axis_labels, layer.units = ("y", "x", "z"), MICROMETRES
    export.form.folder.setText(str(tmp_path))
    send()
    (first, second) = rows(tmp_path / "a_objects.csv")
    assert [float(first["volume"]), float(second["volume"])] == [20 * 0.25, 48 * 0.25]
    assert float(second["centroid_z"]) == pytest.approx(2)
    assert_array_equal(read_image(tmp_path / "a_instances.tif").data, labels)


def test_time_is_no_depth(viewer, export, send, labels, tmp_path):
    layer = viewer.add_labels(labels, name="a objects (instances)")
    layer.axis_labels = ("t", "y", "x")
    export.form.folder.setText(str(tmp_path))
    send()
    assert [row["t"] for row in rows(tmp_path / "a_objects.csv")] == ["0", "0", "1", "2"]


def test_files_are_replaced_only_if_told(viewer, export, send, labels, tmp_path, said):
    layer = viewer.add_labels(labels[0], name="cells objects (instances)")
    export.form.folder.setText(str(tmp_path))
    send()
    layer.data = labels[1]
    send()
    assert "in that folder already" in said[-1]
    assert "(Replace files)" in said[-1]
    assert_array_equal(read_image(tmp_path / "cells_instances.tif").data, labels[0])
    export.form.replace.setChecked(True)
    send()
    assert_array_equal(read_image(tmp_path / "cells_instances.tif").data, labels[1])


def test_what_is_missing_is_said(viewer, export, send, labels, tmp_path, said):
    send()
    export.form.folder.setText(str(tmp_path))
    send()
    export.form.name.setText("x")
    send()
    assert [message.split(":")[0] for message in said] == [
        "No folder is chosen",
        "The files have no name",
        "There is nothing to export",
    ]
    assert not list(tmp_path.iterdir())


def test_folder_that_cannot_be_written(viewer, export, send, labels, tmp_path, said):
    (tmp_path / "file").touch()
    viewer.add_labels(labels[0], name="cells objects (instances)")
    export.form.folder.setText(str(tmp_path / "file" / "inside"))
    send()
    assert len(said) == 1
    assert "is a file: give a folder for the results." in said[0]


def test_the_name_of_a_layer_becomes_one_that_a_file_can_have(viewer, export, labels):
    viewer.add_labels(labels[0], name="plate/well A1: cells. instances")
    assert export.form.name.text() == "plate_well A1_ cells"


def test_segmented_planes_are_measured_in_planes(viewer, segment, run, export, nuclei, tmp_path):
    viewer.add_image(nuclei, name="cells")
    run()
    assert export.instances.value.name == "cells objects (instances)"
    assert export.semantic.value.name == "cells classes (semantic)"
    assert export.form.extent.value == 2
    assert export.form.name.text() == "cells"


@pytest.mark.parametrize("kept", [True, False])
def test_tables_say_what_measure_says_of_the_objects(
    viewer, segment, run, export, send, click, qtbot, nuclei, tmp_path, kept
):
    viewer.add_image(nuclei[0], name="cells")
    for box in (segment.form.probabilities, segment.form.height):
        box.setChecked(True)
    run()
    _, measure = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Measure")
    if not kept:  # as of results that are opened from files
        for layer in viewer.layers:
            layer.metadata.get(MADE, {}).pop("result", None)
    click(measure.button)
    qtbot.waitUntil(measure.button.isEnabled, timeout=60_000)
    told = measure.labels.value.features
    assert told["doubt"].nunique() > 1
    for word, box in export.form.formats.boxes.items():
        box.setChecked(word in ("csv", "geojson"))
    export.form.folder.setText(str(tmp_path))
    send()
    (table,) = tmp_path.glob("*_objects.csv")
    written = rows(table)
    for name in ("label", "class", "area", "probability", "doubt"):
        values = [float(row[name]) for row in written]
        assert values == pytest.approx(told[name].to_list(), rel=1e-5)
    (outlines,) = tmp_path.glob("*.geojson")
    features = json.loads(outlines.read_text("utf-8"))["features"]
    doubts = [each["properties"]["measurements"]["doubt"] for each in features]
    assert doubts == pytest.approx(told["doubt"].to_list())


def test_classes_of_another_image_are_not_written_beside_the_objects(
    viewer, segment, run, export, nuclei
):
    viewer.add_image(nuclei[0], name="one")
    run()
    segment.image.value = viewer.add_image(nuclei[1], name="two")
    run()
    one, two = (
        [viewer.layers[f"{name} {kind}"] for kind in ("objects (instances)", "classes (semantic)")]
        for name in ("one", "two")
    )
    one[1].name = "renamed"
    assert [export.instances.value, export.semantic.value] == two
    viewer.layers.selection.active = one[0]
    assert [export.instances.value, export.semantic.value] == one
    viewer.layers.remove(one[1])
    assert export.semantic.value is None


def test_several_formats_at_once_show_the_plane_in_view(viewer, export, send, labels, tmp_path):
    image = viewer.add_image(np.zeros((3, 20, 16), np.uint8), name="cells")
    layer = viewer.add_labels(labels, name="cells objects (instances)")
    assert export.image.value is image
    viewer.dims.set_current_step(0, 0)
    for word in ("roi", "png", "zarr"):
        export.form.formats.boxes[word].setChecked(True)
    export.form.formats.boxes["csv"].setChecked(False)
    export.form.folder.setText(str(tmp_path))
    send()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("cells.ome.zarr", "cells_instances.tif", "cells_overlay.png", "cells_rois.zip")
    ]
    with Picture.open(tmp_path / "cells_overlay.png") as picture:
        coloured = np.asarray(picture).any(axis=2)
    assert coloured[labels[0] == 1].sum() == 14
    viewer.layers.remove(layer)
    semantic = viewer.add_labels(labels[0], name="other classes (semantic)")
    export.semantic.value = semantic
    assert export.form.formats.chosen == ["tiff"]


def test_pictures_say_which_plane_they_show_where_another_one_is_in_view(
    viewer, export, send, labels, tmp_path
):
    stack = np.stack([labels * 0, labels])
    viewer.add_labels(stack, name="a", axis_labels=("t", "z", "y", "x"))
    export.instances.value = viewer.layers[0]
    export.form.folder.setText(str(tmp_path))
    export.form.formats.boxes["png"].setChecked(True)
    export.form.formats.boxes["csv"].setChecked(False)
    export.form.replace.setChecked(True)
    viewer.dims.set_point(range(4), (1, 2, 4, 8))

    def shown():
        send()
        with Picture.open(tmp_path / "a_outlines.png") as picture:
            return np.asarray(picture.convert("RGB")).any(axis=2)

    assert shown().sum() == 12
    assert "Pictures" not in export.written.text()
    for order, count in (((0, 2, 1, 3), 12), ((3, 2, 0, 1), 12)):
        viewer.dims.order = order
        assert shown().sum() == count
        at = "T = 1, Z = 1"
        assert f"Pictures show the plane of Y and X at {at}, for no such" in export.written.text()
    viewer.dims.order = (0, 2, 1, 3)
    viewer.dims.set_point(0, 0)
    assert shown().sum() == 0, "along axes that are not seen it is where the sliders stand"


def test_foreign_labels_lie_over_the_image_of_their_name(viewer, export, send, labels, tmp_path):
    one, two = (viewer.add_image(np.zeros(labels.shape, np.uint8), name=name) for name in "ab")
    own = viewer.add_labels(labels, name="b objects (instances)")
    assert export.image.value is two
    export.instances.value = viewer.add_labels(labels, name="a labels")
    assert export.image.value is one
    export.instances.value = viewer.add_labels(labels, name="truth")
    assert export.image.value is one
    export.form.folder.setText(str(tmp_path))
    export.form.formats.boxes["png"].setChecked(True)
    send()
    assert "Pictures lie over “a”, but nothing tells" in export.written.text()
    with Picture.open(tmp_path / "truth_overlay.png") as picture:
        assert picture.mode == "RGB"
    export.instances.value = own
    assert export.image.value is two
    export.instances.value = viewer.add_labels(labels[:, 1:], name="small")
    assert export.image.value is None


def test_labels_are_read_by_the_worker(viewer, export, send, labels, tmp_path):
    stack = Reads(np.concatenate([labels] * 3))
    viewer.add_labels(stack.lazy(), name="a objects (instances)")
    viewer.dims.set_current_step(0, 4)
    stack.planes.clear()
    export.form.folder.setText(str(tmp_path))
    send()
    assert_array_equal(read_image(tmp_path / "a_instances.tif").data, stack.pixels)
    assert stack.planes <= {4}  # the plane that is shown


def test_names_of_classes_and_nuclei_of_cells(viewer, export, send, labels, tmp_path, said):
    assert not export.form.rows.isRowVisible(export.form.class_names)
    cells = viewer.add_labels(labels[0], name="cells objects (instances)")
    assert not export.form.rows.isRowVisible(export.form.class_names)
    viewer.add_labels(1 * (labels[0] > 0) + (labels[0] == 2), name="cells classes (semantic)")
    assert export.form.rows.isRowVisible(export.form.class_names)
    inner = np.zeros_like(labels[0])
    inner[3:5, 3:5], inner[11:13, 9:11] = 7, 8
    nuclei = viewer.add_labels(inner, name="nuclei")
    viewer.layers.selection.active = cells
    export.instances.value = cells
    assert export.form.nuclei.value is None
    export.form.folder.setText(str(tmp_path))
    export.form.class_names.setText("neuron, glia")
    for word, box in export.form.formats.boxes.items():
        box.setChecked(word in ("geojson", "roi"))
    export.form.nuclei.value = nuclei
    send()
    assert "2 of 2 nuclei do not have the number of the cell" in said[-1]
    assert list(tmp_path.iterdir()) == []
    export.form.nuclei.value = cells
    send()
    assert "chosen as objects and as their nuclei" in said[-1]
    assert list(tmp_path.iterdir()) == []
    export.form.nuclei.value = nuclei
    nuclei.data = np.where(inner > 0, labels[0], 0)
    send()
    text = (tmp_path / "cells.geojson").read_text(encoding="utf-8")
    found = json.loads(text)["features"]
    assert [each["properties"]["name"] for each in found] == ["neuron#1", "glia#2"]
    assert all("nucleusGeometry" in each for each in found)
    assert {each["properties"]["objectType"] for each in found} == {"cell"}


def test_classes_of_a_result_are_called_as_the_model_calls_them(
    viewer, export, send, labels, tmp_path
):
    config = ModelConfig(classes=("small", "large"), features=4, max_features=4, depth=1)
    path = tmp_path / "sizes.safetensors"
    save_model(Model("sizes", seeded_network(config, 1).eval()), path)
    made = {"role": "instances", "made": Provenance(model=ModelFile("sizes", str(path)))}
    viewer.add_labels(labels[0], name="a objects (instances)", metadata={MADE: made})
    viewer.add_labels(labels[0], name="a classes (semantic)", metadata={MADE: {"role": "semantic"}})
    assert export.form.class_names.placeholderText() == "small, large"
    for word, box in export.form.formats.boxes.items():
        box.setChecked(word == "geojson")
    export.form.folder.setText(str(tmp_path))
    send()
    found = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"]
    classes = [each["properties"]["classification"]["name"] for each in found]
    assert classes == ["small", "large"]


def test_an_annotation_is_exported_under_the_name_of_its_image(viewer, export, labels):
    image = viewer.add_image(np.zeros((20, 16), np.uint8), name="a")
    objects = annotate(viewer, image, labels[0])
    assert export.form.name.text() == "a_annotation"
    image.name, objects.name = "b", "mine"
    export.instances.value = None
    export.instances.value = objects
    assert export.form.name.text() == "b_annotation"


def test_no_two_layers_of_one_image_are_exported_under_one_name(viewer, export, labels):
    image = viewer.add_image(np.zeros((20, 16), np.uint8), name="a 1")
    made = [viewer.add_labels(labels[0], name="a 1 objects (instances)") for _ in range(2)]
    made.append(annotate(viewer, image, labels[0]))
    names = []
    for layer in made:
        export.instances.value = layer
        names.append(export.form.name.text())
    assert names == ["a 1", "a 1_2", "a 1_annotation"]


def test_classes_of_an_annotation_are_chosen_with_its_objects(
    viewer, export, send, labels, tmp_path
):
    image = viewer.add_image(np.zeros((20, 16), np.uint8), name="a")
    viewer.add_labels(labels[0] > 0, name="a classes (semantic)")
    objects = annotate(viewer, image, labels[0])
    assert export.semantic.value is None
    parts = objects.metadata[ANNOTATION]
    about = {MADE: {"role": "classes"}}
    parts.semantic = Labels(np.where(labels[0] == 2, 2, labels[0]), name="c", metadata=about)
    parts.class_names[:] = ["dividing, late", "glia"]
    viewer.add_layer(parts.semantic)
    assert export.semantic.value is parts.semantic
    export.form.folder.setText(str(tmp_path))
    export.form.formats.boxes["geojson"].setChecked(True)
    send()
    assert [row["class"] for row in rows(tmp_path / "a_annotation_objects.csv")] == ["1", "2"]
    found = json.loads((tmp_path / "a_annotation.geojson").read_text("utf-8"))["features"]
    names = [each["properties"]["classification"]["name"] for each in found]
    assert sorted(names) == ["dividing, late", "glia"]


def test_what_was_proof_read_is_exported_with_what_is_said_of_it(
    viewer, export, send, labels, tmp_path
):
    image = viewer.add_image(np.zeros((20, 16), np.uint8), name="a")
    viewer.add_labels(labels[0], name="a objects (instances)", visible=False)
    objects = annotate(viewer, image, labels[0])
    objects.metadata[ANNOTATION].record = Record(frozenset({1}), frozenset({1}), frozenset({2}))
    assert export.instances.value is objects
    export.form.folder.setText(str(tmp_path))
    send()
    told = [
        {name: row[name] for name in ("made_by", "edited", "accepted")}
        for row in rows(tmp_path / "a_annotation_objects.csv")
    ]
    assert told == [
        {"made_by": "program", "edited": "False", "accepted": "True"},
        {"made_by": "person", "edited": "True", "accepted": "False"},
    ]


def test_labels_of_another_program_are_written_with_the_axes_of_their_film(
    viewer, export, send, labels, tmp_path
):
    units, scale = ("pixel", "micrometer", "micrometer"), (1, 0.5, 0.5)
    film = np.random.default_rng(0).random(labels.shape)
    viewer.add_image(film, name="film", axis_labels="tyx", units=units, scale=scale)
    masks = viewer.add_labels(labels, name="film masks")
    export.instances.value = masks
    export.form.folder.setText(str(tmp_path))
    send()
    written = read_image(tmp_path / "film masks_instances.tif")
    assert (written.axes, written.spacing, written.unit) == ("TYX", (0.5, 0.5), "µm")
    assert [row["t"] for row in rows(tmp_path / "film masks_objects.csv")] == ["0", "0", "1", "2"]
    assert "guess" not in export.written.text()
    export.image.value = None
    export.form.replace.setChecked(True)
    send()
    assert read_image(tmp_path / "film masks_instances.tif").axes == "ZYX"
    assert "are Z Y X is a guess" in export.written.text()


@pytest.mark.parametrize("reader", ["napari", "napari-unet-studio"])
def test_the_time_between_frames_is_that_of_the_film(
    viewer, export, send, labels, tmp_path, reader
):
    path, film = tmp_path / "film.tif", np.random.default_rng(0).random(labels.shape, np.float32)
    write_tiff(path, film, "TYX", Spacing({"T": 300, "Y": 0.5, "X": 0.5}), "µm")
    (image,) = viewer.open(path, plugin=reader)
    export.instances.value = viewer.add_labels(labels, name="masks")
    assert export.image.value is image
    export.form.folder.setText(str(tmp_path))
    export.form.formats.boxes["zarr"].setChecked(True)
    send()
    written = read_image(tmp_path / "masks_instances.tif")
    assert (written.axes, written.step) == ("TYX", 300)
    assert read_image(tmp_path / "masks.ome.zarr").step == 300
