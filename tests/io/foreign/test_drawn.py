"""Objects of other programs become the labels that they were, whoever wrote the file."""

import json
import pickle
import tempfile
import zipfile
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import roifile
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from PIL import Image
from pycocotools import mask as coco_masks

from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.labels import read_labels
from napari_unet.io.listing import is_annotation
from napari_unet.io.picture import Picture, plane_doubt
from odd import deep_content, odd_content, odd_labels

SQUARE = [[2, 1], [6, 1], [6, 4], [2, 4]]
"""x and y."""


def square(shape=(4, 6)):
    labels = np.zeros(shape, int)
    labels[1:4, 2:6] = 1
    return labels


@pytest.fixture
def written(tmp_path):
    """Write JSON under a name, and return its path."""

    def written(found, name="a.json"):
        (tmp_path / name).write_text(json.dumps(found), encoding="utf-8")
        return tmp_path / name

    return written


@pytest.mark.parametrize("word", ["roi", "coco", "geojson"])
@pytest.mark.parametrize("content", [odd_content(), deep_content()], ids=["plane", "stack"])
def test_what_is_exported_is_read_back(tmp_path, content, word):
    (path,) = drive(export_steps(Export(content, [word], tmp_path)))
    found = read_labels(path)
    assert found.axes == content.axes
    assert found.notes == ()
    assert found.open_ended == (word != "coco")
    part = tuple(slice(0, size) for size in found.data.shape)
    assert_array_equal(found.data, content.labels[part])
    assert content.labels.sum() == found.data.sum()


@settings(max_examples=25)
@given(
    arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.integers(0, 3))
)
def test_any_labels_are_read_back(labels):
    assume(labels.any())
    with tempfile.TemporaryDirectory() as folder:
        export = Export(Content(labels, "YX", "a"), ["roi", "coco", "geojson"], Path(folder))
        for path in drive(export_steps(export)):
            found = read_labels(path).data
            missing = np.subtract(labels.shape, found.shape)
            assert_array_equal(np.pad(found, [(0, size) for size in missing]), labels)


def test_a_class_may_have_a_number_of_its_own(tmp_path):
    content = odd_content(class_names=("type #1", "type #2/b"))
    for path in drive(export_steps(Export(content, ["roi", "geojson"], tmp_path))):
        assert set(np.unique(read_labels(path).data)) == {0, 2, 5, 7, 300}


def rois_named(path, *names):
    """Write squares one below the other."""
    squares = [np.add(SQUARE, [0, 5 * place]) for place in range(len(names))]
    rois = [
        roifile.ImagejRoi.frompoints(each, name=name)
        for each, name in zip(squares, names, strict=True)
    ]
    roifile.roiwrite(path, rois, name=[f"{place:04}" for place in range(len(rois))])
    return read_labels(path)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("neuron#1", "neuron#2", "glia#1", "glia#2"), "a number is used in several classes"),
        (("cell#0", "cell#1", "cell#2", "cell#7"), "one has the number 0"),
        (("cell#12", "cell#12-1", "cell#13", "cell#14"), "some have no number"),
        (("cell#1", "cell#2", "cell#3", "cell#9876543210"), "a number above 4,294,967,295"),
    ],
)
def test_objects_stay_apart_where_their_numbers_are_none_of_labels(tmp_path, names, told):
    found = rois_named(tmp_path / "a.zip", *names)
    rows = [5 * place + 2 for place in range(4)]
    assert found.data[rows, 3].tolist() == [1, 2, 3, 4]
    (note,) = found.notes
    assert note.startswith("Objects are numbered anew: ")
    assert told in note
    kinds = {name.partition("#")[0] for name in names}
    assert set(found.kinds.values()) | {"object"} == kinds | {"object"}


def test_a_class_is_read_where_the_name_ends_with_the_plane(tmp_path):
    names = ("neuron#1 z3", "neuron#2 t1 z3", "glial cell#3 t2", "glial cell#4")
    found = rois_named(tmp_path / "a.zip", *names)
    assert found.kinds == {1: "neuron", 2: "neuron", 3: "glial cell", 4: "glial cell"}


def test_pieces_of_one_class_and_number_are_one_where_others_are_not(tmp_path):
    found = rois_named(tmp_path / "a.zip", "cell#5", "0012-0034", "cell#5", "glia#5")
    assert found.data[[2, 7, 12, 17], 3].tolist() == [1, 2, 1, 3]


@pytest.mark.parametrize("word", ["roi", "coco", "geojson"])
@pytest.mark.parametrize("number", [1_500_000_000, 4_294_967_295])
def test_large_numbers_are_read_back(tmp_path, word, number):
    labels = np.zeros((3, 12, 12), np.uint32)
    labels[:, 2:6, 2:6], labels[:, 7:12, 7:12] = number, 7
    content = Content(labels, "ZYX", "a", ndim=3)
    (path,) = drive(export_steps(Export(content, [word], tmp_path)))
    assert_array_equal(read_labels(path).data, labels)


def test_rois_without_area_are_left_out_and_said(tmp_path):
    oval = roifile.ImagejRoi(roitype=roifile.ROI_TYPE.OVAL, top=2, left=2, bottom=12, right=12)
    points = roifile.ImagejRoi(roitype=roifile.ROI_TYPE.POINT, n_coordinates=0, name="p")
    line = roifile.ImagejRoi(roitype=roifile.ROI_TYPE.LINE, name="l")
    rectangle = roifile.ImagejRoi(roitype=roifile.ROI_TYPE.RECT, top=0, left=20, bottom=3, right=24)
    rois = [oval, points, line, rectangle]
    roifile.roiwrite(tmp_path / "RoiSet.zip", rois, name=["a", "p", "l", "b"])
    found = read_labels(tmp_path / "RoiSet.zip")
    assert found.data.shape == (12, 24)
    assert (found.data == 2).sum() == 12
    assert (found.data == 1).sum() == pytest.approx(np.pi * 25, rel=0.05)
    assert found.notes == ("1 point ROI left out: no area.", "1 line ROI left out: no area.")


def test_one_roi_alone(tmp_path):
    roi = roifile.ImagejRoi.frompoints(SQUARE)
    roi.tofile(tmp_path / "cell.roi")
    assert_array_equal(read_labels(tmp_path / "cell.roi").data, square())


@pytest.mark.parametrize(
    ("axes", "position", "place"),
    [
        ("TCYX", 4, {"T": 1}),
        ("TZCYX", 5, {"T": 0, "Z": 2}),
        ("TZCYX", 7, {"T": 1, "Z": 0}),
        ("CZYX", 4, {"Z": 1}),
        ("TYX", 4, {"T": 3}),
        ("ZYX", 1, {"Z": 0}),
    ],
)
def test_rois_lie_on_the_plane_of_the_stack_that_they_say(tmp_path, axes, position, place):
    rois = [
        roifile.ImagejRoi.frompoints(SQUARE),
        roifile.ImagejRoi.frompoints(np.array(SQUARE) + 20),
    ]
    for roi, at in zip(rois, (position, 1), strict=True):
        roi.position = at
    roifile.roiwrite(tmp_path / "a.zip", rois)
    shape = tuple({"T": 4, "Z": 3, "C": 2}.get(letter, 40) for letter in axes)
    image = Picture(np.zeros(shape, np.uint8), axes)
    labels = read_labels(tmp_path / "a.zip").fitted(image)
    assert (labels.axes, labels.data.shape) == (
        axes.replace("C", ""),
        tuple(size for letter, size in zip(axes, shape, strict=True) if letter != "C"),
    )
    expected = np.zeros_like(labels.data)
    planes = axes.replace("C", "")[:-2]
    expected[tuple(place[letter] for letter in planes)][:4, :6] = square()
    expected[(0,) * len(planes)][20:24, 20:26] = 2 * square()
    assert_array_equal(labels.data, expected)
    roi = rois[0]
    roi.position = 100
    roi.tofile(tmp_path / "far.roi")
    with pytest.raises(UserError, match="lie on plane 100, and the image has"):
        read_labels(tmp_path / "far.roi").fitted(image)


def mixed_rois(path):
    """Write ROIs that only say their place in a stack, and one that says frame and plane."""
    corners = [np.add(SQUARE, [8 * place, 0]) for place in range(4)]
    rois = [roifile.ImagejRoi.frompoints(each) for each in corners]
    for position, roi in enumerate(rois[:3], 1):
        roi.position = position
    rois[3].c_position, rois[3].z_position, rois[3].t_position = 1, 1, 2
    roifile.roiwrite(path, rois)
    return read_labels(path)


@pytest.mark.parametrize("axes", ["ZYX", "TYX", "ZCYX", None])
@pytest.mark.parametrize("position", ["position", "z_position"])
def test_an_roi_without_a_position_lies_in_every_plane_as_in_imagej(tmp_path, axes, position):
    placed, lost = (roifile.ImagejRoi.frompoints(np.add(SQUARE, [8 * at, 0])) for at in range(2))
    setattr(placed, position, 3 if axes == "ZCYX" and position == "position" else 2)
    roifile.roiwrite(tmp_path / "a.zip", [placed, lost])
    labels = read_labels(tmp_path / "a.zip")
    (note,) = labels.notes
    assert note.startswith("1 ROI without a position: drawn in every plane, as ImageJ shows")
    assert (labels.data == 2).any(axis=(1, 2)).all()
    shape = tuple({"C": 2}.get(letter, 40) for letter in axes[1:]) if axes else (40, 40)
    fitted = labels.fitted(Picture(np.zeros((4, *shape), np.uint8), axes))
    assert fitted.axes == (axes or "ZYX").replace("C", "")
    planes = [(fitted.data == number).any(axis=(1, 2)).tolist() for number in (1, 2)]
    assert planes == [[False, True, False, False], [True] * 4]


def test_an_roi_without_a_position_lies_in_every_frame_and_plane(tmp_path):
    placed, lost = (roifile.ImagejRoi.frompoints(np.add(SQUARE, [8 * at, 0])) for at in range(2))
    placed.z_position = 2
    roifile.roiwrite(tmp_path / "a.zip", [placed, lost])
    fitted = read_labels(tmp_path / "a.zip").fitted(Picture(np.zeros((3, 4, 40, 40)), "TZYX"))
    assert fitted.axes == "TZYX"
    one, two = ((fitted.data == number).any(axis=(2, 3)) for number in (1, 2))
    np.testing.assert_array_equal(one, [[False, True, False, False]] * 3)
    assert two.all()


def test_rois_of_which_none_has_a_position_are_not_told(tmp_path):
    rois = [roifile.ImagejRoi.frompoints(np.add(SQUARE, [8 * at, 0])) for at in range(2)]
    roifile.roiwrite(tmp_path / "a.zip", rois, name=["a", "b"])
    assert read_labels(tmp_path / "a.zip").notes == ()


@pytest.mark.parametrize(
    ("axes", "frames"),
    [("TCYX", (0, 0, 1, 1)), ("TYX", (0, 1, 2, 1)), ("CTYX", (0, 0, 1, 1))],
)
def test_each_roi_lies_where_it_says_whatever_the_others_say(tmp_path, axes, frames):
    shape = tuple({"T": 3, "C": 2}.get(letter, 40) for letter in axes)
    labels = mixed_rois(tmp_path / "a.zip").fitted(Picture(np.zeros(shape, np.uint8), axes))
    assert (labels.axes, labels.data.shape) == ("TYX", (3, 40, 40))
    found = [np.unique(np.nonzero(labels.data == number)[0]) for number in range(1, 5)]
    assert [each.tolist() for each in found] == [[frame] for frame in frames]
    assert plane_doubt(labels) == []


def test_what_lies_beyond_the_image_is_told_along_the_axes_that_are_compared(tmp_path):
    mixed = mixed_rois(tmp_path / "a.zip")
    assert plane_doubt(mixed)
    image = Picture(np.zeros((2, 3, 40, 40), np.uint8), "CZYX")
    told = r"\(2, 2, 4, 30\) pixels along T, Z, Y, X, and the image ends at \(1, 3, 40, 40\)"
    with pytest.raises(UserError, match=f"^Objects of a reach as far as {told}"):
        mixed.fitted(image)


def test_a_zip_that_is_damaged_inside(tmp_path):
    (path,) = drive(export_steps(Export(odd_content(), ["roi"], tmp_path)))
    whole = path.read_bytes()
    path.write_bytes(whole[:120] + b"no" + whole[122:])
    with pytest.raises(UserError, match=r"^cells_rois\.zip cannot be read; is it damaged"):
        read_labels(path)


def test_a_zip_of_something_else(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("a.txt", "no")
    with pytest.raises(UserError, match=r"^a\.zip holds no ROIs: save them"):
        read_labels(tmp_path / "a.zip")


def coco_of(**segmentations):
    images = [
        {"id": number, "file_name": f"pictures/{name}.png", "width": 6, "height": 4}
        for number, name in enumerate(segmentations)
    ]
    annotations = [
        {"id": number, "image_id": number, "category_id": 1, "segmentation": each}
        for number, each in enumerate(segmentations.values())
    ]
    return {"images": images, "annotations": annotations, "categories": []}


def test_coco_polygons_masks_and_packed_masks_are_one(written):
    packed = coco_masks.encode(np.asfortranarray(square(), np.uint8))
    packed = {"size": packed["size"], "counts": packed["counts"].decode()}
    plain = {"size": [4, 6], "counts": [9, 3, 1, 3, 1, 3, 1, 3]}
    path = written(coco_of(a=[np.ravel(SQUARE).tolist()], b=packed, c=plain))
    for name in "abc":
        assert_array_equal(read_labels(path / f"{name}.png").data, square())
    with pytest.raises(UserError, match="annotates 3 images: give it together with the folder"):
        read_labels(path)
    with pytest.raises(UserError, match=r"annotates no image d\.png"):
        read_labels(path / "d.png")


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"file_name": "B/a.png"}, r"^pictures/a\.png and B/a\.png are .* both called a\.png"),
        ({"file_name": "pictures/a.png"}, "is annotated 2 times"),
        ({"file_name": "pictures/a.png", "t": 0}, "is annotated 2 times"),
    ],
)
def test_images_of_one_name_are_not_drawn_onto_one_plane(written, second, told):
    found = coco_of(a=[np.ravel(SQUARE).tolist()], b=[np.ravel(SQUARE).tolist()])
    found["images"][1] |= second
    with pytest.raises(UserError, match=told):
        read_labels(written(found))


@pytest.mark.parametrize("second", [[5, 3, 9, 3, 9, 8, 5, 8], [3, 2, 5, 2, 5, 3, 3, 3]])
def test_polygons_of_one_coco_object_are_united(written, second):
    parts = [np.ravel(SQUARE).tolist(), second]
    found = coco_of(a=parts)
    found["images"][0] |= {"width": 12, "height": 10}
    united = coco_masks.decode(coco_masks.merge(coco_masks.frPyObjects(parts, 10, 12)))
    labels = read_labels(written(found))
    assert_array_equal(labels.data, united)
    assert labels.notes == ()


@pytest.mark.parametrize("seed", range(3))
def test_packed_masks_of_any_shape(written, seed):
    mask = np.random.default_rng(seed).random((40, 300)) < (0.001, 0.5, 0.98)[seed]
    packed = coco_masks.encode(np.asfortranarray(mask, np.uint8))
    found = coco_of(a={"size": packed["size"], "counts": packed["counts"].decode()})
    found["images"][0] |= {"width": 300, "height": 40}
    assert_array_equal(read_labels(written(found)).data > 0, mask)


def test_crowds_are_left_out_and_said(written):
    found = coco_of(a=[np.ravel(SQUARE).tolist()])
    found["annotations"].append({**found["annotations"][0], "iscrowd": 1})
    assert read_labels(written(found)).notes == ("1 crowd left out: not one object each.",)


@pytest.mark.parametrize("segmentation", [[], None])
def test_boxes_without_an_outline_are_left_out_and_said(written, segmentation):
    found = coco_of(a=[np.ravel(SQUARE).tolist()])
    box = {"segmentation": segmentation, "bbox": [0, 0, 2, 2]}
    found["annotations"].insert(0, found["annotations"][0] | box)
    labels = read_labels(written(found))
    assert_array_equal(labels.data, square())
    assert labels.notes == ("1 annotation left out: no outline or mask, only a box.",)


def test_a_zip_that_a_mac_has_made(tmp_path):
    roi = roifile.ImagejRoi.frompoints(SQUARE)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("rois/a.roi", roi.tobytes())
        file.writestr("__MACOSX/rois/._a.roi", b"\0\5\x16\7" + bytes(100))
    assert_array_equal(read_labels(tmp_path / "a.zip").data, square())


def test_labelme_masks(written):
    picture = BytesIO()
    Image.fromarray(square()[1:4, 2:6].astype(np.uint8)).save(picture, "PNG")
    mask = {"label": "cell", "shape_type": "mask", "points": [[2.0, 1.0], [5.0, 3.0]]}
    mask |= {"mask": b64encode(picture.getvalue()).decode()}
    shapes = [mask, mask | {"points": [[4, 6], [7, 8]]}]
    found = read_labels(written({"shapes": shapes, "imageHeight": 9, "imageWidth": 8}))
    expected = square((9, 8))
    expected[6:9, 4:8] = 2
    assert_array_equal(found.data, expected)
    assert found.notes == ()
    outside = {"shapes": [mask], "imageHeight": 3, "imageWidth": 8}
    with pytest.raises(UserError, match="damaged"):
        read_labels(written(outside))


def test_labelme_shapes(written):
    shapes = [
        {"label": "cell", "points": SQUARE, "shape_type": "polygon", "group_id": None},
        {"label": "cell", "points": [[10, 0], [12, 2]], "shape_type": "rectangle"},
        {"label": "cell", "points": [[10, 6], [10, 8]], "shape_type": "circle"},
        {"label": "part", "points": [[0, 9], [1, 9], [1, 10], [0, 10]], "group_id": 3},
        {"label": "part", "points": [[0, 12], [1, 12], [1, 13], [0, 13]], "group_id": 3},
        {"label": "spot", "points": [[1, 1]], "shape_type": "point"},
    ]
    found = read_labels(written({"shapes": shapes, "imageHeight": 20, "imageWidth": 30}))
    assert found.data.shape == (20, 30)
    assert not found.open_ended
    assert [(found.data == number).sum() for number in range(1, 6)] == [12, 4, 12, 2, 0]
    assert found.notes == ("1 point left out: no area.",)


def test_geojson_of_qupath_with_holes_and_other_things(written):
    ring = [*SQUARE, SQUARE[0]]
    hole = [[3, 2], [5, 2], [5, 3], [3, 3], [3, 2]]
    cell = {"type": "Polygon", "coordinates": [ring, hole]}
    line = {"type": "LineString", "coordinates": [[0, 0], [3, 3]]}
    shapes = (cell, line, None)
    features = [{"type": "Feature", "geometry": each, "properties": {}} for each in shapes]
    expected = square()
    expected[2, 3:5] = 0
    found = read_labels(written({"type": "FeatureCollection", "features": features}, "a.geojson"))
    assert_array_equal(found.data, expected)
    assert found.notes == ("1 LineString left out: no area.",)
    assert_array_equal(read_labels(written(features)).data, expected)


@pytest.mark.parametrize("name", ["a.geojson", "a.json"])
def test_geojson_that_is_one_feature_or_a_bare_list_of_them(written, name):
    cell = {"type": "Polygon", "coordinates": [SQUARE]}
    feature = {"type": "Feature", "geometry": cell, "properties": {}}
    for found in (feature, [feature]):
        path = written(found, name)
        assert is_annotation(path)
        assert_array_equal(read_labels(path).data, square())


@pytest.mark.parametrize("key", ["name", "names"])
def test_a_class_of_qupath_has_the_class_that_it_is_derived_from_in_its_name(written, key):
    parts = ["Tumor", "Positive"]
    about = {"color": [1, 2, 3], key: parts if key == "names" else ": ".join(parts)}
    cell = {"type": "Polygon", "coordinates": [SQUARE]}
    cells = [
        {"type": "Feature", "geometry": cell, "properties": {"classification": each}}
        for each in (about, {"names": ["Stroma"]}, None, {})
    ]
    found = read_labels(written(cells, "a.geojson"))
    assert found.kinds == {1: "Tumor: Positive", 2: "Stroma", 3: "object", 4: "object"}


def test_objects_that_others_hide_are_counted(written):
    inner = [[3, 2], [5, 2], [5, 3], [3, 3]]
    shapes = [{"points": points} for points in (inner, SQUARE, SQUARE)]
    found = read_labels(written({"shapes": shapes, "imageHeight": 4, "imageWidth": 9}))
    assert np.unique(found.data).tolist() == [0, 3]
    assert found.notes == (
        "2 objects over others: the later one is kept there.",
        "2 objects wholly under later ones: left out. If these are no doubles, put small "
        "objects behind large ones in the file.",
    )


def test_overlaps_and_specks_are_said(written):
    shapes = [
        {"points": SQUARE},
        {"points": [[5, 2], [8, 2], [8, 4], [5, 4]]},
        {"points": [[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]]},
    ]
    found = read_labels(written({"shapes": shapes, "imageHeight": 4, "imageWidth": 9}))
    assert found.notes == (
        "1 object over others: the later one is kept there.",
        "1 outline without a pixel inside: left out.",
    )
    assert (found.data == 2).sum() == 6


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"a": 1}, "no file of COCO, LabelMe or GeoJSON"),
        ([1, 2], "no file of COCO, LabelMe or GeoJSON"),
        ({"shapes": []}, "no outlines of objects"),
        ({"shapes": [{"points": [[0, 0], [1e7, 0], [1e7, 1e7]]}]}, "span more than an image"),
        ({"shapes": [{"points": "no"}]}, "damaged"),
        ({"shapes": ["no"]}, "damaged"),
        ({"shapes": [{"points": [[0, 0], [1e400, 0], [2, 2]]}]}, "damaged"),
        (coco_of(a={"size": [4, 6], "counts": [10**30]}), "damaged"),
        ({"type": "FeatureCollection", "features": [{}]}, "damaged"),
        (coco_of(a={"size": [4, 6], "counts": [3, 99]}), "damaged"),
        (coco_of(a={"size": [5, 6], "counts": [3, 9]}), "does not fit its image"),
    ],
)
def test_what_is_wrong_with_json_is_told(written, found, told):
    with pytest.raises(UserError, match=told):
        read_labels(written(found))


@pytest.mark.parametrize("text", ["", "{", "[[[[", "\0"])
def test_what_is_no_json_is_told(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UserError, match=r"^a\.json"):
        read_labels(tmp_path / "a.json")


def test_masks_of_cellpose_are_read(tmp_path):
    about = {
        "masks": odd_labels().astype(np.uint16),
        "outlines": odd_labels(),
        "filename": "a.tif",
        "flows": [np.zeros((2, 3), np.float32), [np.ones(3)], None],
        "ismanual": np.zeros(4, bool),
        "est_diam": np.float64(3.5),
        "manual_changes": [],
        "chan_choose": [0, 0],
    }
    np.save(tmp_path / "a_seg.npy", about, allow_pickle=True)
    found = read_labels(tmp_path / "a_seg.npy")
    assert found.labels
    assert_array_equal(found.data, odd_labels())


class Harm:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("where", ["inside", "alone"])
def test_programs_in_files_of_cellpose_are_not_run(tmp_path, where):
    harm = Harm(tmp_path / "harm")
    about = {"masks": odd_labels(), "extra": harm} if where == "inside" else harm
    np.save(tmp_path / "a_seg.npy", np.array(about, dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match=r"^a_seg\.npy: it names .*can hold programs"):
        read_labels(tmp_path / "a_seg.npy")
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    "code", [b"cos\nsystem\n(S'true'\ntR.", b"\x80\x04.", b"", pickle.dumps(3)]
)
def test_broken_files_of_cellpose_are_told(tmp_path, code):
    np.save(tmp_path / "a_seg.npy", {"masks": 1}, allow_pickle=True)
    head = (tmp_path / "a_seg.npy").read_bytes()[:128]
    (tmp_path / "a_seg.npy").write_bytes(head + code)
    with pytest.raises(UserError, match=r"^a_seg\.npy"):
        read_labels(tmp_path / "a_seg.npy")
