"""Annotations of other programs belong to images, as folders of labels do."""

import json

import numpy as np
import pytest
import skimage.io
import tifffile
from napari.layers import Layer
from numpy.testing import assert_array_equal
from pycocotools import mask
from roifile import ImagejRoi, roiwrite

from napari_unet.cli.main import main
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.io.annotations.read import annotated, annotations_and_notes, read_annotations
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.pairs.find import find_pairs
from napari_unet.io.read import read_image, read_label_image
from napari_unet.io.tiff.write import write_tiff
from napari_unet.nn.training.prepare import prepare
from napari_unet.runs.config import RunConfig
from napari_unet.ui.open.reader import read_layers
from shapes import make_labels

TRUE = {"a": make_labels(2), "b": np.roll(make_labels(2), 3, 0), "c": np.roll(make_labels(2), 6, 0)}


def pairs_of(report):
    assert report.problems == ()
    return {pair.name: pair.labels for pair in report.pairs}


def check_all(report):
    found = pairs_of(report)
    assert found.keys() == TRUE.keys()
    for name, labels in TRUE.items():
        assert_array_equal(found[name], labels)
        assert found[name].shape == (48, 48)


@pytest.mark.parametrize("word", ["roi", "coco", "geojson"])
def test_a_folder_with_a_file_for_each_image(folders, tmp_path, word):
    for name, labels in TRUE.items():
        drive(export_steps(Export(Content(labels, "YX", name), [word], tmp_path / "theirs")))
    check_all(find_pairs(folders[0], tmp_path / "theirs"))


def test_one_coco_file_for_all_images(folders, tmp_path):
    whole = {"images": [], "annotations": [], "categories": []}
    for number, (name, labels) in enumerate(TRUE.items()):
        export = Export(Content(labels, "YX", name), ["coco"], tmp_path)
        one = json.loads(drive(export_steps(export))[0].read_text())
        whole["images"].append(one["images"][0] | {"id": number})
        whole["annotations"] += [each | {"image_id": number} for each in one["annotations"]]
    file = tmp_path / "instances.json"
    file.write_text(json.dumps(whole))
    check_all(find_pairs(folders[0], file))
    assert main(["export", str(file), "--to", "tiff", "--out", str(tmp_path / "labels")]) == 0
    check_all(find_pairs(folders[0], tmp_path / "labels"))


@pytest.fixture
def coco_of(folders):
    """Return what writes a file of COCO of some of the images, whose names may stand in a folder.

    Images are JPEGs, as in most data sets.
    """
    for file in folders[0].iterdir():
        picture = tifffile.imread(file)
        skimage.io.imsave(file.with_suffix(".jpg"), picture.astype(np.uint8), check_contrast=False)
        file.unlink()

    def write(path, called, names="abc"):
        whole = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "cell"}]}
        for number, name in enumerate(names, 1):
            about = {"file_name": called.format(name), "height": 48, "width": 48}
            whole["images"].append({"id": number, **about})
            labels = TRUE.get(name, TRUE["a"])
            for label in np.unique(labels)[1:].tolist():
                packed = mask.encode(np.asfortranarray(labels == label, dtype=np.uint8))
                packed["counts"] = packed["counts"].decode()
                whole["annotations"].append(
                    {
                        "id": 1 + len(whole["annotations"]),
                        "image_id": number,
                        "category_id": 1,
                        "segmentation": packed,
                        "bbox": [0, 0, 1, 1],
                    }
                )
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(whole))
        return path

    return write


@pytest.mark.parametrize("called", ["{}.jpg", "train2017/{}.jpg", "C:\\data\\train\\{}.jpg"])
@pytest.mark.parametrize("whole", [False, True])
def test_coco_as_its_makers_lay_it_out(folders, tmp_path, coco_of, called, whole):
    file = coco_of(tmp_path / "annotations" / "instances_train.json", called)
    coco_of(tmp_path / "annotations" / "instances_val.json", called, "xyz")
    captions = {"annotations": [{"image_id": 1, "caption": "cells"}]}
    told = json.loads(file.read_text()) | captions
    (tmp_path / "annotations" / "captions_train.json").write_text(json.dumps(told))
    report = find_pairs(folders[0], file.parent if whole else file)
    check_all(report)
    assert report.notes == whole * (
        "3 images in instances_val.json left out, as images has none of that name: x.jpg and "
        "2 more.",
    )


@pytest.mark.parametrize("given", ["folder", "file"])
def test_coco_beside_the_images(folders, tmp_path, coco_of, given, capsys):
    file = coco_of(folders[0] / "_annotations.coco.json", "{}.jpg")
    labels = folders[0] if given == "folder" else file
    check_all(find_pairs(folders[0], labels))
    assert main(["evaluate", str(folders[1]), str(labels)]) == 0
    assert main(["export", str(labels), "--to", "tiff", "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().err == "Classes: 1 = cell.\n"
    check_all(find_pairs(folders[0], tmp_path / "out"))


def test_what_only_coco_or_only_the_folder_has_is_told_in_a_sentence_each(folders, coco_of):
    file = coco_of(folders[0] / "_annotations.coco.json", "{}.jpg", "axy")
    report = find_pairs(folders[0], folders[0])
    assert [pair.name for pair in report.pairs] == ["a"]
    assert report.notes == (
        f"2 images in images left out, as {file.name} has none of that name: b.jpg and 1 more.",
        f"2 images in {file.name} left out, as images has none of that name: x.jpg and 1 more.",
    )


@pytest.mark.parametrize("labels", ["result.json", "."])
def test_coco_of_one_image_names_it(folders, tmp_path, coco_of, labels):
    coco_of(tmp_path / "coco" / "result.json", "{}.jpg", "b")
    report = find_pairs(folders[0], tmp_path / "coco" / labels)
    assert [pair.name for pair in report.pairs] == ["b"]
    assert_array_equal(report.pairs[0].labels, TRUE["b"])
    where = (str(tmp_path / "coco" / labels), "--image", str(folders[0]))
    assert main(["measure", *where, "--out", str(tmp_path / "m.csv")]) == 0


def test_coco_of_one_image_may_be_called_like_it(folders, tmp_path, coco_of):
    for name in TRUE:
        coco_of(tmp_path / "coco" / f"{name}.json", "task-1-page-{}.jpg", name)
    check_all(find_pairs(folders[0], tmp_path / "coco"))


def test_an_image_of_many_in_coco(folders, tmp_path, coco_of):
    file = coco_of(tmp_path / "instances.json", "{}.jpg")
    report = find_pairs(folders[0] / "b.jpg", file)
    assert [pair.name for pair in report.pairs] == ["b"]
    assert len(report.notes) == 1


def test_coco_that_annotates_an_image_twice_or_names_none_is_refused(folders, tmp_path, coco_of):
    one = coco_of(tmp_path / "coco" / "one.json", "{}.jpg")
    two = coco_of(tmp_path / "coco" / "two.json", "{}.jpg", "c")
    with pytest.raises(UserError, match=r"one\.json and .*two\.json both annotate c\.jpg"):
        find_pairs(folders[0], tmp_path / "coco")
    two.unlink()
    one.write_text(one.read_text().replace("file_name", "name"))
    with pytest.raises(UserError, match=r"one\.json does not name each of its images"):
        find_pairs(folders[0], tmp_path / "coco")


def test_a_folder_of_annotations_may_have_coco(folders, coco_of):
    for file in folders[1].iterdir():
        file.unlink()
    coco_of(folders[1] / "instances.json", "{}.jpg")
    found = {each.name: each.annotation.instances for each in read_annotations(folders[0].parent)}
    for name, labels in TRUE.items():
        assert_array_equal(found[name], labels)


def test_images_with_annotations_beside_them_are_a_folder_of_annotations(folders, coco_of, capsys):
    coco_of(folders[0] / "_annotations.coco.json", "{}.jpg", "abx")
    found, notes = annotations_and_notes(folders[0])
    assert [each.name for each in found] == ["a", "b"]
    assert_array_equal(found[1].annotation.instances, TRUE["b"])
    assert len(notes) == 2
    assert main(["check", "--annotations", str(folders[0])]) == 0
    told = capsys.readouterr().out
    assert all(note in told for note in notes)


def test_labelme_beside_the_images(folders):
    for name, labels in TRUE.items():
        (rows, columns) = np.nonzero(labels == 1)
        corners = [[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]]
        shape = {"points": np.array(corners).tolist(), "shape_type": "rectangle"}
        about = {"shapes": [shape], "imageHeight": 48, "imageWidth": 48}
        (folders[0] / f"{name}.json").write_text(json.dumps(about))
    found = pairs_of(find_pairs(folders[0], folders[0]))
    assert found.keys() == TRUE.keys()
    assert [np.unique(labels).tolist() for labels in found.values()] == [[0, 1]] * 3


def test_cellpose_beside_the_images(folders):
    for name, labels in TRUE.items():
        about = {"masks": labels, "filename": f"{name}.tif"}
        np.save(folders[0] / f"{name}_seg.npy", about, allow_pickle=True)
    report = find_pairs(folders[0], folders[0])
    check_all(report)
    assert report.notes == ()


def test_images_and_masks_as_stardist_has_them(folders):
    folders[1].rename(folders[1].with_name("masks"))
    check_all(find_pairs(folders[0], folders[1].with_name("masks")))


def test_label_images_come_before_annotations(folders):
    (folders[1] / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (folders[1] / "summary.json").write_text("{}")
    check_all(find_pairs(*folders))


def test_outlines_of_a_larger_image_are_refused(folders, tmp_path):
    labels = np.zeros((60, 60), np.uint8)
    labels[50:58, 50:58] = 1
    for name in TRUE:
        drive(export_steps(Export(Content(labels, "YX", name), ["roi"], tmp_path / "theirs")))
    report = find_pairs(folders[0], tmp_path / "theirs")
    assert len(report.problems) == 3
    assert "reach as far as (58, 58) pixels, and the image ends at (48, 48)" in report.problems[0]
    with pytest.raises(UserError, match="There is no file or folder"):
        find_pairs(folders[0], tmp_path / "none")


def test_objects_are_not_taken_for_classes(folders, tmp_path):
    for name, labels in TRUE.items():
        drive(export_steps(Export(Content(labels, "YX", name), ["coco"], tmp_path / "theirs")))
    with pytest.raises(UserError, match=r"a_coco\.json holds objects, not the class of each pixel"):
        find_pairs(folders[0], tmp_path / "theirs", semantic=True)


def test_check_and_evaluate_take_them(folders, tmp_path, capsys):
    rois = tmp_path / "rois"
    for name, labels in TRUE.items():
        drive(export_steps(Export(Content(labels, "YX", name), ["roi"], rois)))
    assert main(["check", "--images", str(folders[0]), "--labels", str(rois)]) == 0
    assert capsys.readouterr().out.startswith("info     6 objects in 3 images")
    assert main(["evaluate", str(rois), str(folders[1])]) == 0
    assert main(["evaluate", str(folders[1]), str(rois)]) == 0
    assert main(["evaluate", str(rois / "a_rois.zip"), str(rois / "a_rois.zip")]) == 0
    assert capsys.readouterr().out.count("1.000") > 20


def test_a_stack_of_rois_fits_its_image(tmp_path):
    labels = np.zeros((5, 20, 20), np.uint8)
    labels[1:3, 4:9, 4:9] = 2
    export = Export(Content(labels, "ZYX", "s"), ["tiff", "roi"], tmp_path)
    image, rois = drive(export_steps(export))
    (pair,) = find_pairs(image, rois).pairs
    assert pair.axes == "ZYX"
    assert_array_equal(pair.labels, read_image(image).data)


PLANES = [("ZYX", 0), ("ZYX", 1), ("TYX", 0), ("TZYX", (0, 1)), ("TZYX", (1, 0)), ("TZYX", (0, 0))]


@pytest.mark.parametrize("word", ["roi", "coco", "geojson"])
@pytest.mark.parametrize(("axes", "where"), PLANES)
def test_a_stack_with_objects_in_one_plane_fits_its_image(tmp_path, axes, where, word):
    labels = np.zeros((*(3,) * (len(axes) - 2), 20, 20), np.uint8)
    labels[where][4:9, 4:9] = 2
    export = Export(Content(labels, axes, "s"), ["tiff", word], tmp_path)
    image, objects = drive(export_steps(export))
    (pair,) = find_pairs(image, objects).pairs
    assert pair.axes == axes
    assert_array_equal(pair.labels, labels)
    assert main(["evaluate", str(objects), str(image)]) == 0


def test_a_stack_of_masks_may_have_no_objects(tmp_path):
    labels = np.zeros((3, 20, 20), np.uint8)
    (file,) = drive(export_steps(Export(Content(labels, "ZYX", "s"), ["coco"], tmp_path)))
    assert read_label_image(file).data.shape == labels.shape


def rois_at(path, **positions):
    corners = np.array([[2, 2], [8, 2], [8, 8], [2, 8]], float)
    roi = ImagejRoi.frompoints(corners)
    for name, value in positions.items():
        setattr(roi, name, value)
    roiwrite(path, [roi], name=["a"])
    return path


@pytest.mark.parametrize(
    ("positions", "plane"),
    [
        ({"position": 1}, 0),
        ({"position": 3}, 2),
        ({"z_position": 2, "t_position": 1}, 1),
        ({"z_position": 1, "t_position": 1}, 0),
    ],
)
def test_a_movie_that_fiji_has_taken_for_a_stack(tmp_path, positions, plane):
    write_tiff(tmp_path / "a.tif", np.arange(1600, dtype=np.uint16).reshape(4, 20, 20), "TYX")
    (pair,) = find_pairs(tmp_path / "a.tif", rois_at(tmp_path / "a.zip", **positions)).pairs
    assert pair.axes == "TYX"
    assert pair.labels.any(axis=(1, 2)).nonzero()[0].tolist() == [plane]


@pytest.mark.parametrize("axes", ["TYX", "TZYX", "ZCYX"])
@pytest.mark.parametrize("word", ["roi", "coco", "geojson"])
def test_outlines_that_tell_no_plane_are_not_put_into_the_first(tmp_path, axes, word):
    pixels = np.arange(2 ** len(axes[2:]) * 800, dtype=np.uint16)
    write_tiff(tmp_path / "a.tif", pixels.reshape(*(2,) * len(axes[2:]), 20, 40), axes)
    labels = np.zeros((20, 40), np.uint8)
    labels[4:9, 4:9] = 1
    (file,) = drive(export_steps(Export(Content(labels, "YX", "o"), [word], tmp_path)))
    (problem,) = find_pairs(tmp_path / "a.tif", file).problems
    assert "give labels of each plane, drawn with that plane in view" in problem
    assert ("if these are channels" in problem) == ("C" not in axes)


CLASSES = {1: 2, 2: 1, 3: 2}
NAMES = ("dividing", "resting")


def classed():
    """Return three objects of two classes, as they are exported."""
    labels = np.zeros((48, 48), np.uint16)
    for number in CLASSES:
        labels[4 : 4 + 3 * number, 12 * number : 12 * number + 8] = number
    return Content(labels, "YX", "a", classes=CLASSES, class_names=NAMES)


@pytest.mark.parametrize("word", ["roi", "coco", "geojson"])
def test_classes_of_other_programs_are_learnt(folders, tmp_path, word):
    content = classed()
    drive(export_steps(Export(content, [word], tmp_path / "theirs")))
    (pair,) = find_pairs(folders[0] / "a.tif", tmp_path / "theirs").pairs
    assert sorted(pair.class_names) == sorted(NAMES)
    annotation = annotated(pair).annotation
    told = {number: annotation.class_names[of - 1] for number, of in annotation.classes.items()}
    assert told == {number: NAMES[of - 1] for number, of in CLASSES.items()}
    ready = prepare([annotated(pair)], RunConfig())
    assert sorted(ready.settled().model.classes) == sorted(NAMES)


def test_all_files_of_a_folder_have_one_list_of_classes(folders):
    for name, labels in (("a", ["small", "large"]), ("b", ["large"]), ("c", [])):
        corners = [[[4 * each, 4], [4 * each + 3, 7]] for each in range(len(labels))]
        shapes = [
            {"points": points, "shape_type": "rectangle", "label": label}
            for points, label in zip(corners, labels, strict=True)
        ]
        about = {"shapes": shapes, "imageHeight": 48, "imageWidth": 48}
        (folders[0] / f"{name}.json").write_text(json.dumps(about))
    found = {pair.name: pair for pair in find_pairs(folders[0], folders[0]).pairs}
    assert {pair.class_names for pair in found.values()} == {("small", "large")}
    assert {name: pair.classes for name, pair in found.items()} == {
        **{"a": {1: 1, 2: 2}, "b": {1: 2}, "c": {}}
    }


def test_names_that_no_two_objects_share_are_no_classes(tmp_path):
    rectangle = {"shape_type": "rectangle"}
    shapes = [
        rectangle | {"label": f"cell {n}", "points": [[4 * n, 0], [4 * n + 2, 2]]} for n in range(4)
    ]
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"shapes": shapes, "imageHeight": 48, "imageWidth": 48}))
    assert read_label_image(file).kinds == {}
    shapes[0]["label"] = "cell 1"
    file.write_text(json.dumps({"shapes": shapes, "imageHeight": 48, "imageWidth": 48}))
    assert read_label_image(file).kinds == {1: "cell 1", 2: "cell 1", 3: "cell 2", 4: "cell 3"}


def test_classes_are_shown_with_the_layer(folders, tmp_path):
    content = classed()
    (file,) = drive(export_steps(Export(content, ["geojson"], tmp_path)))
    (layer,) = (Layer.create(*parts) for parts in read_layers(str(file)))
    assert layer.features["index"].tolist() == [*CLASSES]
    assert layer.features["class"].tolist() == ["resting", "dividing", "resting"]


def test_an_image_that_coco_names_is_not_taken_for_another_of_a_like_name(folders, tmp_path):
    images = [{"id": i, "file_name": f"{name}.tif"} for i, name in enumerate(("a", "a_gt"))]
    objects = [
        {"image_id": i, "segmentation": [[at, 2, at + 5, 2, at + 5, 9, at, 9]]}
        for i, at in enumerate((2, 20))
    ]
    file = tmp_path / "instances.json"
    file.write_text(json.dumps({"images": images, "annotations": objects, "categories": []}))
    write_tiff(folders[0] / "a_gt.tif", read_image(folders[0] / "a.tif").data)
    with pytest.raises(UserError, match="both stand for a"):
        find_pairs(folders[0], file)


@pytest.mark.parametrize("objects", [[5], [None]])
def test_a_file_that_only_looks_like_coco_is_passed_over(folders, tmp_path, objects):
    theirs = tmp_path / "theirs"
    for name, labels in TRUE.items():
        drive(export_steps(Export(Content(labels, "YX", name), ["coco"], theirs)))
    (theirs / "odd.json").write_text(json.dumps({"images": [1], "annotations": objects}))
    check_all(find_pairs(folders[0], theirs))


def test_annotations_that_are_passed_over_for_label_images_are_told(folders):
    for name, labels in TRUE.items():
        drive(export_steps(Export(Content(labels, "YX", name), ["coco"], folders[0])))
    write_tiff(folders[0] / "a_labels.tif", TRUE["a"])
    report = find_pairs(folders[0], folders[0])
    assert [pair.name for pair in report.pairs] == ["a"]
    for name in TRUE:
        assert any(f"{name}_coco.json: left out" in note for note in report.notes)


def test_outlines_beside_label_images_are_told(folders, tmp_path, capsys):
    theirs = tmp_path / "theirs"
    for name, labels in TRUE.items():
        drive(export_steps(Export(Content(labels, "YX", name), ["roi"], theirs)))
    write_tiff(theirs / "c_instances.tif", TRUE["c"])
    report = find_pairs(folders[0], theirs)
    assert [pair.name for pair in report.pairs] == ["c"]
    told = "a_rois.zip and 1 more left out, as there are label images in theirs, too"
    assert report.notes[0].startswith(told)
    assert main(["measure", str(theirs), "--out", str(tmp_path / "all.csv")]) == 0
    assert told in capsys.readouterr().err
    for file in theirs.glob("[ab]_*"):
        file.unlink()
    assert main(["measure", str(theirs), "--out", str(tmp_path / "c.csv")]) == 0
    assert capsys.readouterr().err == ""


def test_an_image_that_coco_names_and_that_is_not_there_is_told(folders):
    theirs = folders[0].parent / "theirs"
    for name, labels in TRUE.items():
        drive(export_steps(Export(Content(labels, "YX", name), ["coco"], theirs)))
    assert find_pairs(folders[0], theirs).notes == ()
    for file in theirs.glob("*.json"):
        found = json.loads(file.read_text())
        found["images"][0]["file_name"] = f"of another day, {file.stem}.tif"
        file.write_text(json.dumps(found))
    report = find_pairs(folders[0], theirs)
    check_all(report)
    (note,) = report.notes
    assert "a_coco.json says that it annotates of another day, a_coco.tif" in note
    assert f"{len(TRUE) - 1} more file" in note
