"""``napari-unet export``: what it writes, and what it refuses in one sentence."""

import csv
import json

import numpy as np
import pytest
import tifffile

from napari_unet.cli.main import main
from napari_unet.io.read import read_image, read_label_image
from napari_unet.io.tiff.write import write_labels, write_tiff
from odd import odd_labels
from shapes import film, make_labels, numbered_anew

TOLD = "Files keep no height"


@pytest.fixture
def results(tmp_path):
    """A folder with the objects and classes of two images, as `segment` writes it."""
    folder = tmp_path / "results"
    for name in ("a", "b"):
        write_labels(folder / f"{name}_instances.tif", odd_labels(), "YX", (0.5, 0.25), "µm")
        write_labels(folder / f"{name}_semantic.tif", 2 * (odd_labels() > 4) + (odd_labels() == 2))
    return folder


def export(*arguments):
    return main(["export", *map(str, arguments)])


def test_a_folder_of_results_in_two_formats(results, tmp_path, capsys):
    out = tmp_path / "out"
    classes = ("--semantic", results, "--classes", "neuron,glia")
    assert export(results, "--to", "geojson,roi", *classes, "--out", out) == 0
    names = ["a.geojson", "a_rois.zip", "b.geojson", "b_rois.zip"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert [line.rpartition("/")[2] for line in capsys.readouterr().out.splitlines()] == names
    found = json.loads((out / "b.geojson").read_text(encoding="utf-8"))["features"]
    assert [each["properties"]["name"] for each in found] == [
        *("neuron#2", "glia#5", "glia#7", "glia#300")
    ]
    assert found[0]["properties"]["measurements"]["area"] == 50 * 0.125


def test_a_table_has_all_that_measure_writes(results, tmp_path):
    image = tmp_path / "i.tif"
    named = {"axes": "CYX", "Channel": {"Name": ["DAPI", "GFP"]}}
    tifffile.imwrite(image, np.stack([odd_labels()] * 2), ome=True, metadata=named)
    foreground = (odd_labels() > 0) * np.float32(0.75)
    probabilities = np.stack([1 - foreground, foreground])
    write_tiff(results / "a_probabilities.tif", probabilities, "CYX")
    write_tiff(results / "a_uncertainty.tif", foreground / 3, "YX")
    files = (results / "a_instances.tif", "--image", image)
    assert export(*files, "--semantic", results, "--to", "csv", "--out", tmp_path) == 0
    assert main(["measure", *map(str, files), "--out", str(tmp_path / "m.csv")]) == 0
    written, measured = (_rows(tmp_path / name) for name in ("a_objects.csv", "m.csv"))
    assert {"intensity_mean_DAPI", "doubt"} < set(written[0])
    assert written == [{name: row[name] for name in row if name != "file"} for row in measured]


def test_that_files_keep_no_height_is_told_once(results, tmp_path, capsys):
    foreground = (odd_labels() > 0) * np.float32(0.75)
    for name in ("a", "b"):
        file = results / f"{name}_probabilities.tif"
        write_tiff(file, np.stack([1 - foreground, foreground]), "CYX")
    assert export(results, "--to", "csv", "--out", tmp_path) == 0
    assert capsys.readouterr().err.count(TOLD) == 1
    assert export(results, "--to", "roi", "--out", tmp_path) == 0
    assert TOLD not in capsys.readouterr().err
    for name in ("a", "b"):
        (results / f"{name}_probabilities.tif").unlink()
    write_tiff(results / "a_uncertainty.tif", foreground / 3, "YX")
    assert export(results, "--to", "csv", "--out", tmp_path, "--overwrite") == 0
    assert capsys.readouterr().err.count(TOLD) == 1


def _rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_classes_of_drawn_objects_stay(results, tmp_path):
    said = ("--semantic", results, "--classes", "neuron,glia", "--out", tmp_path)
    assert export(results / "a_instances.tif", "--to", "geojson", *said) == 0
    assert export(tmp_path / "a.geojson", "--to", "coco", "--out", tmp_path) == 0
    told = json.loads((tmp_path / "a_coco.json").read_text(encoding="utf-8"))
    names = {each["id"]: each["name"] for each in told["categories"]}
    assert [names[each["category_id"]] for each in told["annotations"]] == [
        *("neuron", "glia", "glia", "glia")
    ]


def _drawn(path, *classes):
    """Write an annotation as QuPath does: squares below each other, each of a class or of none."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [_square(20 * number)]},
            "properties": {"classification": {"name": name}} if name else {},
        }
        for number, name in enumerate(classes)
    ]
    told = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def _square(top):
    return [[5, top], [15, top], [15, top + 10], [5, top + 10], [5, top]]


def test_classes_of_drawn_objects_are_exported_as_pixels_and_in_tables(tmp_path, capsys):
    one = _drawn(tmp_path / "one.geojson", "neuron", "glia", "neuron", "glia")
    two = _drawn(tmp_path / "two.geojson", "glia", "glia", "neuron", None)
    out = tmp_path / "out"
    assert export(one, two, "--to", "tiff,csv", "--out", out) == 0
    assert "Classes: 1 = neuron, 2 = glia, 3 = object." in capsys.readouterr().err
    for name, expected in (("one", [1, 2, 1, 2]), ("two", [2, 2, 1, 3])):
        semantic = tifffile.imread(out / f"{name}_semantic.tif")
        np.testing.assert_array_equal(semantic[5::20, 10], expected)
        table = (out / f"{name}_objects.csv").read_text(encoding="utf-8").splitlines()
        assert [int(row["class"]) for row in csv.DictReader(table)] == expected
    write_tiff(tmp_path / "one.tif", np.zeros((90, 99), np.uint8))
    whole = tmp_path / "whole"
    assert export(one, "--to", "tiff", "--image", tmp_path / "one.tif", "--out", whole) == 0
    assert tifffile.imread(whole / "one_semantic.tif").shape == (90, 99)
    plain = out / "one_instances.tif"
    assert export(plain, "--to", "csv", "--out", tmp_path / "o") == 0
    assert "class" not in (tmp_path / "o" / "one_objects.csv").read_text(encoding="utf-8")


def test_images_of_the_same_name_are_drawn_below(results, tmp_path):
    for name in ("a", "b"):
        write_tiff(tmp_path / "images" / f"{name}.tif", np.zeros((20, 24), np.uint8))
    out = tmp_path / "out"
    assert export(results, "--to", "png", "--image", tmp_path / "images", "--out", out) == 0
    assert sorted(path.name for path in out.iterdir()) == ["a_overlay.png", "b_overlay.png"]


def test_a_pixel_size_that_is_not_that_of_the_image_is_told(results, tmp_path, capsys):
    write_tiff(tmp_path / "a.tif", np.zeros((20, 24), np.uint8), "YX", (5, 5), "µm")
    files = (results / "a_instances.tif", "--image", tmp_path / "a.tif", "--out", tmp_path)
    assert export(*files, "--to", "csv") == 0
    assert "A pixel is 5 x 5 µm (Y, X) in the image and 0.5 x 0.25 µm" in capsys.readouterr().err


def test_the_pixel_size_is_that_of_the_image_where_the_labels_have_none(tmp_path):
    write_labels(tmp_path / "a_labels.png.tif", odd_labels())
    write_tiff(tmp_path / "a.tif", np.zeros((20, 24), np.uint8), "YX", (0.5, 0.25), "µm")
    image = ("--image", tmp_path / "a.tif")
    assert (
        export(tmp_path / "a_labels.png.tif", "--to", "tiff", *image, "--out", tmp_path / "o") == 0
    )
    (written,) = (tmp_path / "o").iterdir()
    assert read_label_image(written).spacing == pytest.approx((0.5, 0.25))


@pytest.mark.parametrize("of", ["labels", "image"])
def test_the_time_from_frame_to_frame_is_kept(tmp_path, of):
    film = np.stack([odd_labels(), odd_labels()])
    for name, kind in (("labels", np.uint16), ("image", np.uint8)):
        about = {"axes": "TYX", **({"finterval": 60.0} if name == of else {})}
        file = tmp_path / f"{name}.tif"
        tifffile.imwrite(file, film.astype(kind), imagej=True, metadata=about)
    asked = ("--to", "tiff,zarr", "--image", tmp_path / "image.tif", "--out", tmp_path / "o")
    assert export(tmp_path / "labels.tif", *asked) == 0
    assert read_image(tmp_path / "o" / "labels_instances.tif").step == 60
    for folder in ("labels.ome.zarr", "labels.ome.zarr/labels/instances"):
        assert read_image(tmp_path / "o" / folder).step == 60


def test_what_belongs_together_is_laid_along_the_axes_that_it_says(tmp_path):
    labels = np.zeros((2, 2, 20, 24), np.uint8)
    labels[0, 1, 5:9, 5:9] = 1
    write_labels(tmp_path / "a.tif", labels, "TZYX")
    turned = labels.swapaxes(0, 1)
    for name, data in (("image", turned * 9), ("classes", turned * 2), ("nuclei", turned)):
        tifffile.imwrite(tmp_path / f"{name}.ome.tif", data, metadata={"axes": "ZTYX"})
    files = ("--semantic", tmp_path / "classes.ome.tif", "--nuclei", tmp_path / "nuclei.ome.tif")
    files += ("--image", tmp_path / "image.ome.tif", "--out", tmp_path)
    assert export(tmp_path / "a.tif", "--to", "zarr,geojson", *files) == 0
    assert (np.asarray(read_image(tmp_path / "a.ome.zarr").data)[:, 0] == labels * 9).all()
    (found,) = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"]
    assert found["properties"]["name"] == "class 2#1"
    assert "nucleusGeometry" in found


def test_axes_that_nuclei_say_hold_for_cells_that_do_not(tmp_path):
    labels = np.zeros((2, 20, 24), np.uint8)
    labels[:, 5:9, 5:9] = 1
    np.save(tmp_path / "a.npy", labels)
    write_labels(tmp_path / "nuclei.tif", labels, "ZYX")
    files = (tmp_path / "a.npy", "--to", "tiff", "--nuclei", tmp_path / "nuclei.tif")
    assert export(*files, "--out", tmp_path / "out") == 0
    (written,) = (tmp_path / "out").iterdir()
    assert read_label_image(written).axes == "ZYX"


def test_axes_that_are_given_hold_for_all_that_belongs_together(tmp_path, capsys):
    labels = np.stack([odd_labels()] * 3)
    for name in ("labels", "nuclei", "image", "classes"):
        np.save(tmp_path / f"{name}.npy", np.minimum(labels, 2) if name == "classes" else labels)
    beside = ("--image", tmp_path / "image.npy", "--nuclei", tmp_path / "nuclei.npy")
    files = (tmp_path / "labels.npy", *beside, "--semantic", tmp_path / "classes.npy")
    for axes in ("tyx", "ZYX"):
        out = tmp_path / axes
        assert export(*files, "--to", "tiff,csv", "--axes", axes, "--out", out) == 0
        assert read_label_image(out / "labels_instances.tif").axes == axes.upper()
        rows = _rows(out / "labels_objects.csv")
        assert ("t" in rows[0], len(rows)) == (axes == "tyx", 12 if axes == "tyx" else 4)
    capsys.readouterr()
    assert export(*files, "--to", "tiff", "--axes", "YX", "--out", tmp_path) == 2
    assert "do not fit an image with 3 axes" in capsys.readouterr().err
    write_labels(tmp_path / "film.tif", labels, "TYX")
    asked = ("--to", "tiff", "--axes", "ZYX", "--out", tmp_path / "volume")
    assert export(tmp_path / "film.tif", *asked) == 0
    assert read_label_image(tmp_path / "volume" / "film_instances.tif").axes == "ZYX"


def test_cells_have_their_nuclei(results, tmp_path, capsys):
    write_labels(tmp_path / "nuclei.tif", np.where(odd_labels() == 7, 7, 0))
    cells = (results / "a_instances.tif", "--to", "geojson", "--out", tmp_path)
    assert export(*cells, "--nuclei", tmp_path / "nuclei.tif") == 0
    found = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"]
    assert [each["properties"]["name"] for each in found if "nucleusGeometry" in each] == [
        "object#7"
    ]
    write_labels(tmp_path / "nuclei.tif", make_labels(2))
    assert export(*cells, "--overwrite", "--nuclei", tmp_path / "nuclei.tif") == 2
    assert "nuclei and the objects have different shapes" in capsys.readouterr().err


def test_objects_that_are_given_as_classes_are_told(tmp_path, capsys):
    write_labels(tmp_path / "a.tif", np.kron(np.arange(1, 17).reshape(4, 4), np.ones((4, 4), int)))
    files = (tmp_path / "a.tif", "--to", "csv", "--semantic", tmp_path / "a.tif")
    assert export(*files, "--out", tmp_path) == 0
    assert "16 different numbers, which are hardly all classes" in capsys.readouterr().err


def test_nothing_is_overwritten_unasked(results, tmp_path, capsys):
    arguments = (results / "a_instances.tif", "--to", "coco,csv", "--out", tmp_path)
    (tmp_path / "a_objects.csv").write_text("mine")
    assert export(*arguments) == 2
    assert "a_objects.csv exists: give another folder, or --overwrite" in capsys.readouterr().err
    assert not (tmp_path / "a_coco.json").exists()
    assert export(*arguments, "--overwrite") == 0
    assert (tmp_path / "a_objects.csv").read_text() != "mine"


def test_a_bad_file_does_not_stop_the_others(results, tmp_path, capsys):
    (results / "bad_instances.tif").write_text("no")
    assert export(results, "--to", "csv", "--out", tmp_path / "out") == 2
    assert len(list((tmp_path / "out").iterdir())) == 2
    assert "bad_instances.tif cannot be read" in capsys.readouterr().err


def test_two_files_of_one_name(results, tmp_path, capsys):
    write_labels(tmp_path / "a.tif", make_labels(2))
    assert (
        export(results / "a_instances.tif", tmp_path / "a.tif", "--to", "csv", "--out", tmp_path)
        == 2
    )
    assert "files of the same name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--to", "docx"), "no format 'docx': give --to some of tiff, csv, roi"),
        (("--to", ","), "No format is named"),
        (("--to", "png", "--image", "missing"), "There is no file or folder missing"),
        (("--to", "csv", "--semantic", "{tmp}/one"), "no label image of classes for a_inst"),
        (("--to", "csv", "--classes", "a,b"), "give --semantic with the label images"),
    ],
)
def test_what_cannot_be_exported(results, tmp_path, capsys, arguments, told):
    write_labels(tmp_path / "one" / "c.tif", odd_labels())
    arguments = [each.format(tmp=tmp_path) for each in arguments]
    assert export(results, *arguments, "--out", tmp_path / "out") == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("flag", ["--semantic", "--nuclei"])
def test_what_is_left_out_of_a_folder_beside_the_objects_is_told(results, tmp_path, capsys, flag):
    for name in ("a", "b"):
        write_labels(tmp_path / "beside" / f"{name}.tif", odd_labels())
    (tmp_path / "beside" / "c.czi").touch()
    beside = (flag, tmp_path / "beside")
    assert export(results, "--to", "geojson", *beside, "--out", tmp_path / "out") == 0
    assert "c.czi left out: this kind of file cannot be read" in capsys.readouterr().err


def test_numbers_that_are_given_anew_in_each_frame_are_told(tmp_path, capsys):
    for name, labels in (("anew", numbered_anew(film())), ("followed", film())):
        write_labels(tmp_path / f"{name}.tif", labels, "TYX")
        assert export(tmp_path / f"{name}.tif", "--to", "csv", "--out", tmp_path / "out") == 0
        assert ("Many numbers are in quite" in capsys.readouterr().err) == (name == "anew")
