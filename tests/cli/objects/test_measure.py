"""What `measure` writes, from which files it takes it, and what it refuses in one sentence."""

import csv
import signal

import numpy as np
import pytest
import roifile
import tifffile
import zarr

from napari_unet import Evidence, PairConfig, measure_cells, measure_objects
from napari_unet.cli.main import main
from napari_unet.cli.objects import measure as module
from napari_unet.core.progress import drive
from napari_unet.io.bundled import load_sample
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.labels import read_labels
from napari_unet.io.tiff.write import write_labels, write_tiff
from odd import odd_labels
from shapes import film, make_cells, make_image, make_labels, numbered_anew


def run(*arguments):
    return main(["measure", *(str(argument) for argument in arguments)])


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def agrees(written, table):
    assert [*written[0]] == ["file", *table]
    for name, column in table.items():
        assert [row[name] for row in written] == [str(value) for value in column.tolist()]


def test_a_table_as_measured_in_python(tmp_path, labels, ndim, capsys):
    image, spacing = make_image(labels), (2.0, 0.5, 0.5)[-ndim:]
    write_labels(tmp_path / "a.tif", labels, "ZYX"[-ndim:], spacing, "µm")
    write_tiff(tmp_path / "image.tif", image)
    out = tmp_path / "new" / "a.csv"
    assert run(tmp_path / "a.tif", "--image", tmp_path / "image.tif", "--out", out) == 0
    agrees(rows(out), measure_objects(labels, image, spacing=spacing, unit="µm"))
    assert "2 rows from 1 label image" in capsys.readouterr().out
    assert run(tmp_path / "a.tif", "--out", out) == 2
    assert "exists" in capsys.readouterr().err
    given = ",".join("9" * ndim)
    assert run(tmp_path / "a.tif", "--out", out, "--overwrite", "--spacing", given) == 0
    agrees(rows(out), measure_objects(labels, spacing=(9,) * ndim, unit="µm"))
    assert "but 9 x 9" in capsys.readouterr().err


def test_folders_are_measured_into_one_table(tmp_path, folders):
    images, truths = folders
    assert run(truths, "--image", images, "--out", tmp_path / "all.csv") == 0
    written = rows(tmp_path / "all.csv")
    assert [row["file"] for row in written] == ["a.tif"] * 2 + ["b.tif"] * 2 + ["c.tif"] * 2
    (images / "b.tif").unlink()
    assert run(truths, "--image", images, "--out", tmp_path / "some.csv") == 2
    assert not (tmp_path / "some.csv").exists()


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path, capsys):
    names = ["x/k/a.tif", "y/k/a.tif", "y/b.tif", "z/b.tif", "c.tif"]
    for name in names:
        write_labels(tmp_path / name, make_labels(2))
    assert run(*(tmp_path / name for name in names), "--out", tmp_path / "o.csv") == 0
    assert [row["file"] for row in rows(tmp_path / "o.csv")[::2]] == names
    images = tmp_path / "images"
    write_tiff(images / "a.tif", make_image(make_labels(2)))
    same = [tmp_path / name for name in names[:2]]
    assert run(*same, "--image", images, "--out", tmp_path / "p.csv") == 2
    told = capsys.readouterr().err
    assert f"{same[0]} and {same[1]} both stand for a: give them one after the other." in told


def test_planes_and_volumes_share_a_table(tmp_path):
    for ndim in (2, 3):
        labels = make_labels(ndim)
        write_labels(tmp_path / f"{ndim}.tif", labels, "ZYX"[-ndim:])
    (tmp_path / "bad.png").write_bytes(b"no picture")
    files = (tmp_path / name for name in ("2.tif", "bad.png", "3.tif"))
    assert run(*files, "--out", tmp_path / "o.csv") == 2
    flat, _, deep, _ = rows(tmp_path / "o.csv")
    assert (flat["volume"], deep["area"]) == ("", "")
    assert float(flat["area"]) > 0 < float(deep["volume"])


def test_frames_keep_the_numbers_that_were_followed(tmp_path):
    frames = np.stack([np.roll(make_labels(2), shift, axis=1) for shift in (0, 3)])
    write_labels(tmp_path / "a.tif", frames, "TYX")
    assert run(tmp_path / "a.tif", "--out", tmp_path / "a.csv") == 0
    followed = [(row["t"], row["label"]) for row in rows(tmp_path / "a.csv")]
    assert followed == [("0", "1"), ("0", "2"), ("1", "1"), ("1", "2")]


@pytest.mark.parametrize("axes", ["TYX", "ZYX"])
def test_numbers_that_are_given_anew_in_each_plane_are_told(tmp_path, capsys, axes):
    for name, labels in (("anew", numbered_anew(film())), ("followed", film())):
        write_labels(tmp_path / f"{name}.tif", labels, axes)
        assert run(tmp_path / f"{name}.tif", "--out", tmp_path / f"{name}.csv") == 0
        told = capsys.readouterr().err
        assert told.count("anew.tif: Many numbers are in quite other places") == (name == "anew")


@pytest.mark.parametrize("command", ["measure", "export", "evaluate"])
def test_a_guess_that_planes_are_depth_is_told(tmp_path, capsys, command):
    named, plain = tmp_path / "named.tif", tmp_path / "plain.tif"
    write_labels(named, film(), "TYX")
    tifffile.imwrite(plain, film(), metadata=None)

    def told(labels, *flags):
        ways = {
            "measure": [labels, "--out", tmp_path / "out.csv", "--overwrite"],
            "export": [labels, "--to", "csv", "--out", tmp_path / "out", "--overwrite"],
            "evaluate": [labels, labels],
        }
        assert main([command, *map(str, ways[command]), *flags]) == 0
        return capsys.readouterr().err

    doubt = "plain: The axes ZYX are a guess: for a film, give the axes TYX (--axes)."
    assert doubt in told(plain).replace("plain.tif", "plain")
    for flags in (["--axes", "TYX"], ["--axes", "ZYX"], ["--ndim", "3"]):
        assert "guess" not in told(plain, *flags)
    assert "guess" not in told(named)


def test_what_lies_beside_the_instances_is_used(tmp_path, capsys):
    labels = make_labels(2)
    foreground = np.where(labels == 1, 0.9, 0.6).astype(np.float32)
    spread = np.full(labels.shape, 0.1, np.float32)
    write_labels(tmp_path / "a_instances.tif", labels, "YX")
    write_labels(tmp_path / "a_semantic.tif", (labels > 1) + np.uint8(1), "YX")
    write_tiff(tmp_path / "a_probabilities.tif", np.stack([1 - foreground, foreground]), "CYX")
    write_tiff(tmp_path / "a_uncertainty.tif", spread, "YX")
    assert run(tmp_path, "--out", tmp_path / "a.csv") == 0
    evidence = Evidence((labels > 1) + 1, 1 - (1 - foreground), None, spread)
    agrees(rows(tmp_path / "a.csv"), measure_objects(labels, evidence=evidence))
    assert [row["class"] for row in rows(tmp_path / "a.csv")] == ["1", "2"]
    told = capsys.readouterr().err
    assert told.count("Files keep no height") == told.count("\n") == 1
    for kind in ("probabilities", "uncertainty"):
        (tmp_path / f"a_{kind}.tif").unlink()
    assert run(tmp_path, "--out", tmp_path / "a.csv", "--overwrite") == 0
    assert capsys.readouterr().err == ""


def test_a_folder_of_one_file_is_not_measured_on_an_image_of_another_name(tmp_path, capsys):
    labels = make_labels(2)
    write_labels(tmp_path / "made" / "a_instances.tif", labels)
    write_tiff(tmp_path / "pictures" / "b.tif", make_image(labels))
    out = ("--out", tmp_path / "a.csv")
    assert run(tmp_path / "made", "--image", tmp_path / "pictures", *out) == 2
    assert "There is no image for a_instances.tif" in capsys.readouterr().err
    (tmp_path / "pictures" / "b.tif").rename(tmp_path / "pictures" / "a.tif")
    assert run(tmp_path / "made", "--image", tmp_path / "pictures", *out) == 0


@pytest.mark.parametrize("why", ["memory", "stop"])
def test_what_is_measured_is_kept_whatever_happens_to_another_file(
    tmp_path, monkeypatch, capsys, why
):
    for name in "abc":
        write_labels(tmp_path / f"{name}.tif", make_labels(2))

    def read(path, axes):
        if path.stem == "b" and why == "memory":
            raise MemoryError
        if path.stem == "b":
            signal.raise_signal(signal.SIGINT)
        return read_labels(path, axes)

    monkeypatch.setattr(module, "read_labels", read)
    code = run(tmp_path, "--out", tmp_path / "o.csv")
    files = {row["file"] for row in rows(tmp_path / "o.csv")}
    told = {"memory": "b.tif: Memory does not suffice", "stop": "napari-unet: stopped."}[why]
    assert told in capsys.readouterr().err
    assert (code, files) == {
        "memory": (2, {"a.tif", "c.tif"}),
        "stop": (130, {"a.tif"}),
    }[why]


def test_classes_of_drawn_objects_are_measured(tmp_path, capsys):
    content = Content(odd_labels(), "YX", "a", classes={2: 2, 7: 2}, class_names=("neuron", "glia"))
    drive(export_steps(Export(content, ["geojson"], tmp_path)))
    assert run(tmp_path / "a.geojson", "--out", tmp_path / "a.csv") == 0
    assert "Classes: 1 = glia, 2 = neuron." in capsys.readouterr().err
    write_tiff(tmp_path / "a.tif", np.ones(odd_labels().shape, np.uint8))
    asked = ("--image", tmp_path / "a.tif", "--out", tmp_path / "a.csv", "--overwrite")
    assert run(tmp_path / "a.geojson", *asked) == 0
    found = {row["label"]: row["class"] for row in rows(tmp_path / "a.csv")}
    assert found == {"2": "1", "5": "2", "7": "1", "300": "2"}


def test_planes_of_rois_are_those_of_a_film_with_channels(tmp_path, capsys):
    roi = roifile.ImagejRoi.frompoints(np.array([[2, 2], [9, 2], [9, 9], [2, 9]], np.float32))
    roi.position = 4
    roi.tofile(tmp_path / "a.roi")
    film = np.zeros((3, 2, 16, 16), np.uint8)
    film[1] = 7
    write_tiff(tmp_path / "a.tif", film, "TCYX")
    labels, out = tmp_path / "a.roi", tmp_path / "a.csv"
    assert run(labels, "--image", tmp_path / "a.tif", "--out", out) == 0
    assert "plane of the whole stack" not in capsys.readouterr().err
    (row,) = rows(out)
    assert (row["t"], row["intensity_mean_c0"]) == ("1", "7.0")
    assert run(labels, "--out", out, "--overwrite") == 0
    assert "plane of the whole stack" in capsys.readouterr().err


def test_labels_and_image_of_different_sizes_are_told(tmp_path, capsys):
    labels = make_labels(2)
    write_labels(tmp_path / "a.tif", labels, "YX", (0.5, 0.5), "µm")
    write_tiff(tmp_path / "i.tif", make_image(labels), "YX", (0.25, 0.25), "µm")
    files = (tmp_path / "a.tif", "--image", tmp_path / "i.tif", "--out", tmp_path / "a.csv")
    assert run(*files) == 0
    told = "0.25 x 0.25 µm (Y, X) in the image and 0.5 x 0.5 µm (Y, X) in its labels: that of the l"
    assert told in capsys.readouterr().err
    assert run(*files, "--overwrite", "--spacing", "0.5,0.5") == 0
    assert capsys.readouterr().err == ""


def test_an_image_on_which_the_objects_do_not_lie_is_told(tmp_path, capsys):
    images, labels = load_sample("nuclei2d")
    write_labels(tmp_path / "a.tif", labels.data[0])
    for index in range(2):
        write_tiff(tmp_path / f"{index}.tif", images.data[index])
        asked = ("--image", tmp_path / f"{index}.tif", "--out", tmp_path / f"{index}.csv")
        assert run(tmp_path / "a.tif", *asked) == 0
        assert ("a.tif: Hardly anything can be seen" in capsys.readouterr().err) == (index == 1)


def test_channels_are_told_apart(tmp_path):
    labels = make_labels(2)
    image = np.stack([make_image(labels), make_image(labels, 1)])
    write_labels(tmp_path / "l.tif", labels)
    np.save(tmp_path / "i.npy", np.moveaxis(image, 0, -1))
    assert run(tmp_path / "l.tif", "--image", tmp_path / "i.npy", "--out", tmp_path / "a.csv") == 0
    agrees(rows(tmp_path / "a.csv"), measure_objects(labels, image))


@pytest.mark.parametrize("lazy", [False, True])
def test_image_and_labels_say_their_axes_in_another_order(tmp_path, lazy):
    labels = np.stack([np.roll(make_labels(2), shift, 0) for shift in range(4)])
    labels = labels.reshape(2, 2, *labels.shape[1:]).astype(np.uint16)
    image = labels.swapaxes(0, 1) * np.uint16([[1, 10], [100, 1000]])[:, :, None, None]
    agreed = measure_objects(labels, image.swapaxes(0, 1), axes="TZYX", ndim=2)
    files = [tmp_path / f"{name}.{'zarr' if lazy else 'tif'}" for name in ("labels", "image")]
    for path, data, axes in zip(files, (labels, image), ("TZYX", "ZTYX"), strict=True):
        if lazy:
            made = {"shape": data.shape, "dtype": data.dtype, "dimension_names": axes.lower()}
            zarr.create_array(str(path), **made)[:] = data
        else:
            tifffile.imwrite(path, data, ome=True, metadata={"axes": axes})
    out = ("--ndim", 2, "--out", tmp_path / "a.csv")
    assert run(files[0], "--image", files[1], *out) == 0
    agrees(rows(tmp_path / "a.csv"), agreed)


def test_axes_that_are_given_are_those_of_files_that_do_not_tell_them(tmp_path, capsys):
    labels = make_labels(2)[:48, :48]
    image = make_image(labels)
    write_labels(tmp_path / "told.tif", labels, "YX")
    np.save(tmp_path / "labels.npy", labels.T)
    np.save(tmp_path / "image.npy", image.T)
    for name, axes in (("told.tif", "xy"), ("labels.npy", "XY")):
        files = (tmp_path / name, "--image", tmp_path / "image.npy", "--axes", axes)
        assert run(*files, "--out", tmp_path / "a.csv", "--overwrite") == 0
        agrees(rows(tmp_path / "a.csv"), measure_objects(labels, image))
    files = (tmp_path / "told.tif", "--image", tmp_path / "image.npy", "--axes", "CXY")
    assert run(*files, "--out", tmp_path / "a.csv", "--overwrite") == 2
    assert "do not fit an image with 2 axes" in capsys.readouterr().err
    assert run(tmp_path / "told.tif", "--axes", "ZYX", "--out", tmp_path / "b.csv") == 2
    assert "do not fit an image with 2 axes (48 x 48)" in capsys.readouterr().err


def test_planes_that_are_stated_are_not_taken_for_colours(tmp_path):
    labels = np.stack([np.roll(make_labels(2), shift, 0) for shift in range(3)])
    np.save(tmp_path / "labels.npy", np.moveaxis(labels, 0, -1))
    image = np.stack([make_image(make_labels(2))] * 3)
    np.save(tmp_path / "image.npy", np.moveaxis(np.stack([image, image]), [0, 1], [2, 3]))
    files = (tmp_path / "labels.npy", "--image", tmp_path / "image.npy", "--axes", "YXCZ")
    assert run(*files, "--out", tmp_path / "a.csv") == 0
    agrees(rows(tmp_path / "a.csv"), measure_objects(labels, np.stack([image, image])))


@pytest.mark.parametrize("beside", ["--image", "--nuclei"])
def test_a_volume_is_not_measured_with_a_film(tmp_path, capsys, beside):
    stack = np.stack([make_labels(2)] * 2)
    write_labels(tmp_path / "cells.tif", stack, "ZYX", (2, 0.5, 0.5), "µm")
    write_labels(tmp_path / "film.tif", stack, "TYX")
    files = (tmp_path / "cells.tif", beside, tmp_path / "film.tif")
    out = ("--out", tmp_path / "a.csv", "--overwrite")
    assert run(*files, *out) == 2
    assert "with --axes ZYX or --axes TYX" in capsys.readouterr().err
    for axes, column in (("TYX", "t"), ("ZYX", "volume")):
        assert run(*files, *out, "--axes", axes) == 0
        assert any(name.endswith(column) for name in rows(tmp_path / "a.csv")[0])


def test_zarr_is_read_part_by_part(tmp_path, monkeypatch):
    labels, image = make_labels(3), make_image(make_labels(3))
    for name, data in (("l", labels), ("i", image)):
        array = zarr.create_array(
            str(tmp_path / f"{name}.zarr"),
            shape=data.shape,
            chunks=(8, 16, 16),
            dtype=data.dtype,
            dimension_names=["z", "y", "x"],
        )
        array[:] = data
    monkeypatch.setattr("napari_unet.core.measuring.windows.PIXELS", 4096)
    read = []
    get = zarr.Array.__getitem__

    def counted(self, where):
        part = get(self, where)
        read.append(np.size(part))
        return part

    monkeypatch.setattr(zarr.Array, "__getitem__", counted)
    files = (tmp_path / "l.zarr", "--image", tmp_path / "i.zarr", "--out", tmp_path / "a.csv")
    assert run(*files) == 0
    monkeypatch.undo()
    agrees(rows(tmp_path / "a.csv"), measure_objects(labels, image))
    assert 0 < max(read) < labels.size


def test_cells_are_measured_with_their_nuclei_and_every_case_is_counted(tmp_path, ndim, capsys):
    nuclei, cells, _ = make_cells(ndim)
    spacing, out = (2.0, 0.5, 0.5)[-ndim:], tmp_path / "a.csv"
    for folder, labels in (("cells", cells), ("nuclei", nuclei)):
        for name in ("a.tif", "b.tif"):
            write_labels(tmp_path / folder / name, labels, "ZYX"[-ndim:], spacing, "µm")
    image = make_image(cells)
    write_tiff(tmp_path / "image.tif", image)
    one = (tmp_path / "cells" / "a.tif", "--nuclei", tmp_path / "nuclei" / "a.tif", "--out", out)
    assert run(*one, "--image", tmp_path / "image.tif", "--ring", 1) == 0
    asked = {"spacing": spacing, "unit": "µm"}
    agrees(rows(out), measure_cells(nuclei, cells, image, PairConfig(ring=1), **asked).table)
    assert (
        run(tmp_path / "cells", "--nuclei", tmp_path / "nuclei", "--out", tmp_path / "b.csv") == 0
    )
    assert [row["file"] for row in rows(tmp_path / "b.csv")] == ["a.tif"] * 8 + ["b.tif"] * 8
    assert (
        "Found 4 pairs of nucleus and cell, 2 nuclei without a cell, 2 cells without a nucleus, "
        "4 nuclei in cells that have several, 4 nuclei across cells.\n"
    ) in capsys.readouterr().out


def test_cells_are_not_their_own_nuclei(tmp_path, capsys):
    write_labels(tmp_path / "cells" / "a.tif", make_labels(2))
    for cells, same in (("cells", "cells"), ("cells/a.tif", "cells"), ("cells", "cells/a.tif")):
        asked = (tmp_path / cells, "--nuclei", tmp_path / same, "--out", tmp_path / "a.csv")
        assert run(*asked) == 2
        assert "a.tif was given as cells and as nuclei: give the nuclei" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize(
    ("name", "given", "instead"),
    [
        ("new", "new/", "new/results.csv"),
        ("there", "there", "there/results.csv"),
        ("a.tif", "a.tif", "a.csv"),
    ],
)
def test_a_table_has_the_name_of_a_table(tmp_path, capsys, name, given, instead):
    write_labels(tmp_path / "a.tif", make_labels(2))
    (tmp_path / "there").mkdir()
    assert run(tmp_path / "a.tif", "--out", f"{tmp_path}/{given}", "--overwrite") == 2
    told = f"{tmp_path / name} does not name a .csv file: give one, such as "
    assert f"{told}{tmp_path / instead}." in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_table_that_exists_is_kept(tmp_path, capsys):
    write_labels(tmp_path / "a.tif", make_labels(2))
    out = tmp_path / "a.csv"
    out.write_text("mine")
    assert run(tmp_path / "a.tif", "--out", out) == 2
    assert f"{out} exists: give another file, or --overwrite" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert run(tmp_path / "a.tif", "--out", out, "--overwrite") == 0


def test_cells_and_nuclei_of_zarr_are_paired(tmp_path):
    nuclei, cells, _ = make_cells(3)
    for name, data in (("cells", cells), ("nuclei", nuclei)):
        array = zarr.create_array(
            str(tmp_path / f"{name}.zarr"),
            shape=data.shape,
            dtype=data.dtype,
            dimension_names=["z", "y", "x"],
        )
        array[:] = data
    files = (tmp_path / "cells.zarr", "--nuclei", tmp_path / "nuclei.zarr")
    assert run(*files, "--out", tmp_path / "a.csv") == 0
    agrees(rows(tmp_path / "a.csv"), measure_cells(nuclei, cells).table)


@pytest.mark.parametrize("plain", ["cells", "nuclei"])
def test_axes_that_cells_or_nuclei_say_hold_for_both(tmp_path, plain):
    nuclei, cells, _ = make_cells(3)
    files = {"cells": tmp_path / "cells.tif", "nuclei": tmp_path / "nuclei.tif"}
    for name, data in (("cells", cells), ("nuclei", nuclei)):
        write_labels(files[name], data, "ZYX")
        np.save(tmp_path / f"{name}.npy", data)
    files[plain] = tmp_path / f"{plain}.npy"
    out = tmp_path / "a.csv"
    assert run(files["cells"], "--nuclei", files["nuclei"], "--out", out) == 0
    agrees(rows(out), measure_cells(nuclei, cells).table)


def test_cells_are_grown_from_nuclei(tmp_path):
    nuclei, *_ = make_cells(2)
    write_labels(tmp_path / "a.tif", nuclei)
    assert run(tmp_path / "a.tif", "--grow", 2, "--out", tmp_path / "a.csv") == 0
    agrees(rows(tmp_path / "a.csv"), measure_cells(nuclei, config=PairConfig(grow=2)).table)


@pytest.mark.parametrize(
    "kind",
    ["mask", "shape", "image", "nothing", "spacing", "size", "one", "nuclei", "alone", "both"],
)
def test_what_cannot_be_measured_is_told_in_one_sentence(tmp_path, capsys, kind):
    labels = make_labels(2)
    write_labels(tmp_path / "a.tif", labels)
    write_labels(tmp_path / "mask.tif", (labels > 0) * np.uint8(255))
    write_labels(tmp_path / "part.tif", labels[:-3])
    write_tiff(tmp_path / "other.tif", make_image(labels)[:-3])
    asked, words = {
        "mask": (("mask.tif",), "mask"),
        "shape": (("a.tif", "--image", tmp_path / "other.tif"), "shape"),
        "image": (("a.tif", "--image", tmp_path / "none.tif"), "no file or folder"),
        "nothing": (("b.tif",), "no file or folder"),
        "spacing": (("a.tif", "--spacing", "1,2,3"), "pixel sizes"),
        "size": (("a.tif", "--spacing", "0,0"), "cannot be 0.0, 0.0 µm large"),
        "one": (("a.tif", "b.tif", "--spacing", "0.5"), "numbers (Y, X or Z, Y, X), not 0.5"),
        "nuclei": (("a.tif", "--nuclei", tmp_path / "part.tif"), "shape"),
        "alone": (("a.tif", "--ring", "2"), "no nuclei"),
        "both": (("a.tif", "--grow", "2", "--nuclei", tmp_path / "a.tif"), "--nuclei or --grow"),
    }[kind]
    out = tmp_path / "o.csv"
    assert run(tmp_path / asked[0], *asked[1:], "--out", out) == 2
    told = capsys.readouterr().err.strip()
    assert words in told
    assert "\n" not in told
    assert not out.exists()
