"""What is exported is the same in the programs that it is for, as their own readers tell."""

import csv
import json
from xml.etree import ElementTree

import numpy as np
import ome_types
import pytest
import roifile
import shapely
import tifffile
import zarr
from numpy.testing import assert_array_equal
from PIL import Image
from pyarrow import parquet
from pycocotools.coco import COCO
from yaozarrs import validate_zarr_store

from napari_unet.core.progress import drive
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.exchange.formats import FORMATS
from odd import deep_content, odd_content, odd_labels


@pytest.fixture
def exported(tmp_path):
    """Export some content in one format, and return its first file."""

    def exported(content, word):
        return drive(export_steps(Export(content, [word], tmp_path)))[0]

    return exported


def shape_of(roi):
    """The area of a ROI as ImageJ fills it: even-odd over all of its lines."""
    shape = shapely.Polygon()
    for line in roi.coordinates(multi=True):
        shape = shape.symmetric_difference(shapely.Polygon(line))
    return shape


def painted(shape, size):
    y, x = np.indices(size) + 0.5
    return shapely.contains_xy(shape, x, y)


def test_rois_have_the_area_place_and_name_of_their_objects(exported):
    content = odd_content()
    rois = roifile.roiread(exported(content, "roi"))
    assert [roi.name for roi in rois] == [
        "neuron#2",
        "glia / other#5",
        "neuron#7",
        "glia / other#300",
    ]
    for roi, label in zip(rois, (2, 5, 7, 300), strict=True):
        assert_array_equal(painted(shape_of(roi), content.labels.shape), content.labels == label)
        assert shape_of(roi).area == (content.labels == label).sum()
        assert (roi.z_position, roi.t_position) == (0, 0)
        rows, columns = np.nonzero(content.labels == label)
        assert (roi.top, roi.bottom) == (rows.min(), rows.max() + 1)
        assert (roi.left, roi.right) == (columns.min(), columns.max() + 1)
    kinds = [roi.roitype for roi in rois]
    assert kinds == [roifile.ROI_TYPE.RECT] * 2 + [roifile.ROI_TYPE.TRACED] * 2


def test_rois_of_a_stack_lie_in_their_planes(exported):
    content = deep_content()
    rois = roifile.roiread(exported(content, "roi"))
    rebuilt = np.zeros_like(content.labels)
    for roi in rois:
        plane = rebuilt[roi.t_position - 1, roi.z_position - 1]
        plane[painted(shape_of(roi), plane.shape)] = int(roi.name.partition("#")[2])
    assert_array_equal(rebuilt, content.labels)


def test_coco_masks_are_the_objects(exported):
    content = deep_content(classes={9: 2}, class_names=("cell", "sheet"))
    coco = COCO(exported(content, "coco"))
    rebuilt = np.zeros_like(content.labels)
    for each in coco.loadAnns(coco.getAnnIds()):
        image = coco.imgs[each["image_id"]]
        mask = coco.annToMask(each) > 0
        rebuilt[image["t"], image["z"]][mask] = each["object"]
        assert each["area"] == mask.sum()
        rows, columns = np.nonzero(mask)
        box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
        assert each["bbox"] == box
        assert coco.cats[each["category_id"]]["name"] == (
            "sheet" if each["object"] == 9 else "cell"
        )
    assert_array_equal(rebuilt, content.labels)


def test_geojson_areas_classes_and_measurements(exported):
    content = odd_content()
    found = json.loads(exported(content, "geojson").read_text(encoding="utf-8"))
    for each in found["features"]:
        about = each["properties"]
        label = int(about["name"].partition("#")[2])
        shape = shapely.geometry.shape(each["geometry"])
        assert shape.is_valid
        assert shape.area == (content.labels == label).sum() == about["measurements"]["pixels"]
        assert about["measurements"]["area"] == pytest.approx(shape.area * 0.125)
        assert_array_equal(painted(shape, content.labels.shape), content.labels == label)
        assert about["objectType"] == "detection"
        assert about["classification"]["name"] == content.class_name(content.class_of(label))
    assert [each["geometry"]["type"] for each in found["features"]] == [
        *("Polygon", "MultiPolygon", "Polygon", "Polygon")
    ]


def test_geojson_of_cells_has_their_nuclei(exported):
    content = odd_content()
    nuclei = np.where(np.indices(content.labels.shape)[1] < 7, content.labels, 300)
    found = json.loads(exported(odd_content(nuclei=nuclei), "geojson").read_text("utf-8"))
    assert {each["properties"]["objectType"] for each in found["features"]} == {"cell"}
    areas = {
        each["properties"]["name"]: shapely.geometry.shape(each["nucleusGeometry"]).area
        for each in found["features"]
        if "nucleusGeometry" in each
    }
    assert areas == {"neuron#2": 24, "glia / other#5": 11, "glia / other#300": 1}


def test_geojson_of_a_stack_names_planes_and_measures_volumes(exported):
    found = json.loads(exported(deep_content(), "geojson").read_text(encoding="utf-8"))
    sheet = [each for each in found["features"] if each["properties"]["name"] == "object#9"]
    assert [each["geometry"]["plane"] for each in sheet] == [
        {"c": -1, "z": z, "t": 0} for z in range(3)
    ]
    assert {each["properties"]["measurements"]["volume"] for each in sheet} == {9 * 0.25}


@pytest.mark.parametrize(
    ("highest", "dtype"), [(200, "uint8"), (60_000, "uint16"), (70_000, "uint32")]
)
def test_tiff_has_the_smallest_type_scale_and_axes(exported, highest, dtype):
    labels = deep_content().labels.astype(np.int64)
    labels[labels == 9] = highest
    labels[labels == 300] = 3
    with tifffile.TiffFile(exported(deep_content(labels=labels), "tiff")) as file:
        (series,) = file.series
        assert (series.axes, series.dtype) == ("TZYX", dtype)
        assert_array_equal(series.asarray(), labels)
        assert file.is_ome == (dtype == "uint32")
        if file.is_ome:
            ome_types.validate_xml(file.ome_metadata)
            pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
            assert [pixels[f"PhysicalSize{axis}"] for axis in "ZYX"] == [2, 0.5, 0.25]
            assert pixels["PhysicalSizeXUnit"] == "µm"
        else:
            assert file.imagej_metadata["spacing"] == 2
            assert file.imagej_metadata["unit"] in ("um", "micron", "\\u00B5m")


def test_zarr_is_valid_ngff_with_labels_under_the_image(exported):
    labels = odd_content().labels
    semantic = np.where(labels == 5, 2, labels > 0).astype(np.int64)
    path = exported(odd_content(semantic=semantic, classes={}), "zarr")
    validate_zarr_store(path)
    root = json.loads((path / "zarr.json").read_text())["attributes"]["ome"]
    assert root["version"] == "0.5"
    assert [axis["name"] for axis in root["multiscales"][0]["axes"]] == ["c", "y", "x"]
    assert_array_equal(zarr.open_array(path / "0", mode="r")[:], odd_content().image)
    group = json.loads((path / "labels" / "zarr.json").read_text())["attributes"]["ome"]
    assert group["labels"] == ["instances", "semantic"]
    about = json.loads((path / "labels/instances/zarr.json").read_text())["attributes"]["ome"]
    (scale,) = about["multiscales"][0]["datasets"][0]["coordinateTransformations"]
    assert scale["scale"] == [0.5, 0.25]
    assert [axis["unit"] for axis in about["multiscales"][0]["axes"]] == ["micrometer"] * 2
    assert about["image-label"]["source"] == {"image": "../../"}
    classes = {each["label-value"]: each["class"] for each in about["image-label"]["properties"]}
    assert classes == {2: "neuron", 5: "glia / other", 7: "neuron", 300: "neuron"}
    array = zarr.open_array(path / "labels/instances/0", mode="r")
    assert array.dtype == np.uint16
    assert_array_equal(array[:], labels)
    assert_array_equal(zarr.open_array(path / "labels/semantic/0", mode="r")[:], semantic)


def test_zarr_of_a_stack_has_its_channels_where_ngff_wants_them(exported):
    labels = deep_content().labels.transpose(1, 0, 3, 2)
    image = np.random.default_rng(0).integers(0, 255, (2, *labels.shape), np.uint8)
    path = exported(
        deep_content(labels=labels, axes="ZTXY", spacing=(2, 0.25, 0.5), image=image), "zarr"
    )
    validate_zarr_store(path)
    about = json.loads((path / "zarr.json").read_text())["attributes"]["ome"]["multiscales"][0]
    assert "".join(axis["name"] for axis in about["axes"]) == "tczyx"
    (scale,) = about["datasets"][0]["coordinateTransformations"]
    assert scale["scale"] == [1, 1, 2, 0.5, 0.25]
    found = zarr.open_array(path / "labels/instances/0", mode="r")
    assert_array_equal(found[:], deep_content().labels)
    assert_array_equal(zarr.open_array(path / "0", mode="r")[0, 1], image[1, :, 0].swapaxes(1, 2))


def test_zarr_without_an_image_is_a_label_pyramid(exported):
    labels = np.zeros((3, 600, 700), np.int32)
    labels[1, 100:500, 100:300] = 4
    path = exported(
        odd_content(labels=labels, axes="ZYX", ndim=3, spacing=(2, 1, 1), image=None), "zarr"
    )
    validate_zarr_store(path)
    about = json.loads((path / "zarr.json").read_text())["attributes"]["ome"]
    scales = [
        each["coordinateTransformations"][0]["scale"]
        for each in about["multiscales"][0]["datasets"]
    ]
    assert scales == [[2, 1, 1], [2, 2, 2]]
    assert_array_equal(zarr.open_array(path / "1", mode="r")[:], labels[:, ::2, ::2])


def test_tables_are_the_same_as_csv_and_as_parquet(exported):
    table = parquet.read_table(exported(deep_content(), "parquet"))
    with exported(deep_content(), "csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert table.column_names == list(rows[0])
    assert table.schema.field("label").type == "int64"
    assert table.schema.field("volume").type == "double"
    assert [{k: str(v) for k, v in row.items()} for row in table.to_pylist()] == rows


def test_a_picture_is_the_image_but_for_outlines(exported):
    content = odd_content()
    with Image.open(exported(content, "png")) as picture:
        shown = np.asarray(picture.convert("RGB"))
    coloured = (shown != shown[..., :1]).any(axis=2)
    labels = odd_labels()
    assert not coloured[labels == 0].any()
    assert coloured[labels == 300].all()
    assert not coloured[16:19, 16:23].any()
    assert tuple(shown[2, 3]) == (255, 200, 0)
    assert tuple(shown[12, 2]) == (0, 190, 255)


def test_outlines_alone_lie_on_nothing(exported):
    path = exported(odd_content(image=None), "png")
    assert path.name == "cells_outlines.png"
    with Image.open(path) as picture:
        alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    assert set(np.unique(alpha)) == {0, 255}
    assert (alpha[odd_labels() == 0] == 0).all()


def test_a_drawing_has_a_path_for_each_object(exported):
    content = odd_content(class_names=("a", "b<c&d"))
    root = ElementTree.parse(exported(content, "svg")).getroot()
    paths = {path[0].text: path.attrib for path in root.iterfind(".//{*}path")}
    assert list(paths) == ["a#2", "b<c&d#5", "a#7", "b<c&d#300"]
    assert len(root.findall("{*}image")) == 1
    assert paths["b<c&d#300"] == {"stroke": "#00beff", "d": "M24 1H23V0H24Z"}
    assert paths["a#2"]["d"].count("M") == 2


@pytest.mark.parametrize("word", FORMATS)
def test_nothing_is_exported_of_nothing_but_well_formed_files(exported, word):
    path = exported(odd_content(labels=np.zeros((5, 6), np.uint8), image=None), word)
    assert path.exists()
