"""Batches: nothing stops the others, nothing is lost, nothing is done twice."""

import csv
import errno
import json
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_unet import measure_objects
from napari_unet.core.config import DecodeConfig, LinkConfig, SizeConfig, TileConfig
from napari_unet.core.decoding.advice import Advice
from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.measuring.request import Evidence
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import RequestFields, SegmentRequest
from napari_unet.io.bundled import load_sample
from napari_unet.io.read import read_image
from napari_unet.io.sources import find_sources
from napari_unet.io.table import write_columns
from napari_unet.io.tiff import read as tiff
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.nn.prediction.segment import segment
from napari_unet.scale.batch import one_image as batch_file
from napari_unet.scale.batch.log import DONE, LOG, SUMMARY, Row
from napari_unet.scale.batch.steps import Batch, batch_steps, result_files
from napari_unet.storage.model_header import AUTO
from shapes import make_image, make_labels

EVERYTHING = DecodeConfig(threshold=0.2478, split=0.0, min_size=0)
"""With which a network that has learnt nothing finds something."""


@pytest.fixture
def batch(tmp_path, small_model) -> Batch:
    return Batch(tmp_path / "out", small_model, SegmentRequest(decode=EVERYTHING))


@pytest.fixture
def images(folders) -> Path:
    return folders[0]


def run(batch: Batch, *paths: Path, jobs: int = 1, **driven) -> list[Row]:
    return drive(batch_steps(find_sources(paths, batch.out), batch, jobs), **driven)


def asking(batch: Batch, **changes) -> Batch:
    """Return a batch with some values changed, its own or those of its request."""
    asked = {name: changes.pop(name) for name in RequestFields.__annotations__ if name in changes}
    return batch.replace(request=batch.request.replace(**asked), **changes)


def statuses(rows: list[Row]) -> list[str]:
    return [row.status for row in rows]


def contents(folder: Path) -> dict[Path, bytes]:
    """What the results are; the record and the table say when and how, too."""
    files = (path for path in folder.rglob("*.*") if path.name not in (LOG, SUMMARY))
    return {path: path.read_bytes() for path in files}


def summary(batch: Batch) -> dict[str, dict[str, str]]:
    with (batch.out / SUMMARY).open(encoding="utf-8") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_labels_that_are_segmented_are_doubted(batch, tmp_path, labels, ndim):
    write_labels(tmp_path / "a.tif", labels, "TYX"[-ndim:])
    (row,) = run(batch, tmp_path / "a.tif")
    assert row.status == "done"
    assert "The image looks like labels, not like an image" in row.note
    assert row.doubtful


def test_what_to_do_where_a_model_does_not_fit_is_in_the_row(batch, tmp_path):
    cells = load_sample("nuclei2d")[0].data[1, :128, :128]
    write_tiff(tmp_path / "a.tif", cells.max() - cells, "YX")
    (row,) = run(asking(batch.replace(model="nuclei"), decode=None), tmp_path / "a.tif")
    assert row.about == "invert"
    assert row.note.endswith("Try it with dark and bright exchanged.")
    assert "lower the threshold" not in row.note


def test_what_to_try_before_the_last_resort_is_in_the_row_and_the_result(batch, tmp_path):
    nuclei = load_sample("nuclei2d")[0].data[1, :128, :128]
    turned = nuclei.max() - nuclei
    write_tiff(tmp_path / "a.tif", turned, "YX")
    (row,) = run(asking(batch.replace(model=AUTO), decode=None), tmp_path / "a.tif")
    assert row.about == "invert"
    assert row.note.endswith("train. Try it with dark and bright exchanged.")
    assert segment(turned, AUTO).advice == Advice.exchange()


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("asked", [AUTO, "nuclei"])
def test_colours_in_planes_of_their_own_are_colours(batch, tmp_path, asked, large, monkeypatch):
    grey = load_sample("nuclei2d")[0].data[1, :128, :128]
    tissue = load_sample("tissue_rgb")[0].data[:128, :128]
    picture = tissue if asked == AUTO else np.stack([grey] * 3, axis=-1)
    options = {"photometric": "rgb", "metadata": None}
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "last.tif", picture, **options)
    planes = np.moveaxis(picture, -1, 0)
    tifffile.imwrite(tmp_path / "images" / "own.tif", planes, planarconfig="separate", **options)
    monkeypatch.setattr(tiff, "LARGE", 10 if large else tiff.LARGE)
    rows = run(asking(batch.replace(model=asked), decode=None), tmp_path / "images")
    assert [row.axes for row in rows] == ["YXC", "CYX"]
    assert rows[0].note == rows[1].note
    assert rows[0].objects == rows[1].objects > 0
    last, own = (read_image(result_files(batch, row.name)["instances"]).data for row in rows)
    np.testing.assert_array_equal(last, own)


def test_images_of_one_name_fail_and_the_others_are_done(batch, images):
    path = images / "b.png"
    Image.fromarray(np.zeros((40, 50), np.uint8)).save(path)
    for status in ("done", "skipped"):
        rows = run(batch, images)
        assert {row.file: row.status for row in rows} == {
            str(images / "a.tif"): status,
            str(path): "failed",
            str(images / "b.tif"): "failed",
            str(images / "c.tif"): status,
        }
    clashing = [row for row in rows if row.status == "failed"]
    assert all("would write results of the same name" in row.error for row in clashing)
    assert [row.about for row in clashing] == ["out", "out"]
    path.unlink()
    assert statuses(run(batch, images)) == ["skipped", "done", "skipped"]


def test_one_answer(batch, images):
    rows = run(batch, images)
    assert statuses(rows) == ["done"] * 3
    for row in rows:
        alone = segment(read_image(row.file).data, batch.model, decode=EVERYTHING)
        files = result_files(batch, row.name)
        np.testing.assert_array_equal(read_image(files["instances"]).data, alone.instances)
        np.testing.assert_array_equal(read_image(files["semantic"]).data, alone.semantic)
        assert row.objects == alone.instances.max() > 0
        with files["objects"].open(encoding="utf-8") as file:
            areas = [float(line["area"]) for line in csv.DictReader(file)]
        assert row.median_size == np.median(areas)


@pytest.mark.parametrize(("axes", "ndim"), [("CYX", 2), ("ZCYX", 3), ("TYXC", 2)])
def test_the_table_of_objects_is_that_of_measure(batch, tmp_path, axes, ndim):
    lead = {"Z": 3, "T": 2}.get(axes[0], 1)
    planes = [[make_image(make_labels(2), 2 * at + each) for each in (0, 1)] for at in range(lead)]
    stack = np.array(planes) if lead > 1 else np.array(planes[0])
    letters = axes[0] + "CYX" if lead > 1 else "CYX"
    image = stack.transpose([letters.index(letter) for letter in axes])
    write_tiff(tmp_path / "a.tif", image, axes, Spacing({"Z": 2.0, "Y": 0.5, "X": 0.5}), "µm")
    asked = asking(batch, channels=(1,))
    (row,) = run(asked, tmp_path / "a.tif")
    picture = read_image(tmp_path / "a.tif")
    found = segment(
        picture.data, batch.model, asked.request, axes=picture.axes, spacing=picture.spacing
    )
    table = measure_objects(
        found.instances,
        picture.data,
        evidence=Evidence.of(found),
        axes=found.axes,
        ndim=ndim,
        spacing=picture.pixel.listed(found.axes),
        unit="µm",
        image_axes=picture.axes,
    )
    write_columns(tmp_path / "expected.csv", [table])
    written = result_files(asked, "a")["objects"]
    assert written.read_bytes() == (tmp_path / "expected.csv").read_bytes()
    assert {"intensity_mean_c1", "doubt", "volume" if ndim == 3 else "solidity"} <= set(table)
    assert row.objects == len(set(table["label"].tolist())) > 0


def test_auto_takes_a_model_and_the_table_says_that_it_was_asked(batch, images):
    asked = batch.replace(model="auto", request=SegmentRequest())
    assert statuses(run(asked, next(images.iterdir()))) == ["done"]
    (row,) = summary(batch).values()
    assert (row["model"], row["threshold"], row["match"]) == ("auto", "", "automatic")


def test_sizes_and_axes_may_be_mixed_and_a_bad_file_stops_no_other(batch, images):
    write_tiff(images / "d.tif", np.stack([make_image(make_labels(2, 64))] * 2), "TYX")
    (images / "broken.tif").write_bytes(b"no image")
    tifffile.imwrite(images / "colour.tif", np.zeros((32, 32, 3), np.uint8), photometric="rgb")
    rows = {row.name: row for row in run(batch, images)}
    assert {name for name, row in rows.items() if row.status == "failed"} == {"broken", "colour"}
    assert "damaged" in rows["broken"].error
    told = summary(batch)
    assert list(told) == ["a", "b", "broken", "c", "colour", "d"]
    assert told["broken"]["error"] == rows["broken"].error
    assert told["d"]["objects"] == str(rows["d"].objects)
    assert [told[name]["axes"] for name in "abcd"] == ["YX", "YX", "YX", "TYX"]


def test_an_empty_field_has_a_row_with_0_that_says_so(batch, images):
    field = np.random.default_rng(0).normal(100, 5, (48, 64))
    write_tiff(images / "noise.tif", field.astype(np.uint16), "YX")
    write_tiff(images / "constant.tif", np.full((48, 64), 7, np.uint8), "YX")
    run(batch, images)
    for name in ("noise", "constant"):
        told = summary(batch)[name]
        assert (told["status"], told["objects"]) == ("done", "0")
        assert "looks empty" in told["note"]
        assert not read_image(result_files(batch, name)["instances"]).data.any()


def test_what_is_finished_is_skipped(batch, images):
    first = run(batch, images)
    before, table = contents(batch.out), summary(batch)
    again = run(asking(batch, tiles=TileConfig(tile=32)), images)
    assert statuses(again) == ["skipped"] * 3
    assert [row.objects for row in again] == [row.objects for row in first]
    assert contents(batch.out) == before
    assert summary(batch) == table


def test_more_images_of_the_same_kind_are_added(batch, images):
    run(batch, images / "a.tif")
    assert statuses(run(batch, images)) == ["skipped", "done", "done"]
    assert statuses(run(batch, images / "c.tif")) == ["skipped"]
    assert list(summary(batch)) == ["a", "b", "c"]


@pytest.mark.parametrize("lost", ["a result", "the end", "half a line"])
def test_a_killed_batch_goes_on(batch, images, lost):
    run(batch, images)
    before, log = contents(batch.out), batch.out / LOG
    if lost == "a result":
        result_files(batch, "c")["semantic"].unlink()
    lines = log.read_bytes().splitlines(keepends=True)
    if lost == "the end":
        log.write_bytes(b"".join(lines[:-1]))
    if lost == "half a line":
        log.write_bytes(b"".join(lines[:-1]) + lines[-1][:50])
    assert statuses(run(batch, images)) == ["skipped", "skipped", "done"]
    assert contents(batch.out) == before
    assert statuses(run(batch, images)) == ["skipped"] * 3


def test_corrected_labels_are_kept_and_get_no_table_of_other_objects(batch, images):
    run(batch, images)
    files = result_files(batch, "a")
    labels = tifffile.imread(files["instances"])
    tifffile.imwrite(files["instances"], np.where(labels == labels.max(), 0, labels), imagej=True)
    corrected = files["instances"].read_bytes()
    files["objects"].unlink()
    rows = run(batch, images)
    assert statuses(rows) == ["failed", "skipped", "skipped"]
    assert "measure them for a table" in rows[0].error
    assert files["instances"].read_bytes() == corrected
    assert not files["objects"].exists()


OTHERWISE = {
    "decode": EVERYTHING.replace(threshold=0.248),
    "tiles": TileConfig(views="mirrored"),
    "size": SizeConfig(match="object size", diameter=12),
    "link": LinkConfig(frames=True),
    "axes": "XY",
    "channels": (0,),
    "spacing": (1.0, 1.0),
    "model": "nuclei",
}


@pytest.mark.parametrize("setting", OTHERWISE)
def test_results_of_other_settings_are_kept(batch, images, setting):
    run(batch, images / "a.tif")
    before = contents(batch.out)
    table = summary(batch)
    (row,) = run(asking(batch, **{setting: OTHERWISE[setting]}), images / "a.tif")
    assert row.status == "failed"
    assert row.about == "overwrite"
    assert contents(batch.out) == before
    assert summary(batch) == table


def test_the_table_keeps_the_row_of_results_that_stay(batch, images):
    run(batch, images)
    table = summary(batch)
    for path in result_files(batch, "c").values():
        path.unlink()
    for name in "bc":
        (images / f"{name}.tif").write_bytes(b"no image")
    other = asking(batch, decode=EVERYTHING.replace(min_size=5), overwrite=True)
    assert statuses(run(other, images)) == ["done", "failed", "failed"]
    after = summary(batch)
    assert after["b"] == table["b"]
    assert (after["a"]["min_size"], after["c"]["status"]) == ("5", "failed")


def test_overwriting_makes_all_again(batch, images):
    run(batch, images)
    before = contents(batch.out)
    other = asking(batch, decode=EVERYTHING.replace(min_size=5), overwrite=True)
    assert statuses(run(other, images)) == ["done"] * 3
    assert contents(batch.out) != before
    assert statuses(run(other.replace(overwrite=False), images)) == ["skipped"] * 3


def test_overwriting_that_was_killed_leaves_no_mixture(batch, images, monkeypatch):
    both = {"tiles": TileConfig(views="mirrored"), "extras": ("uncertainty",)}
    run(asking(batch, **both), images / "a.tif")
    other = asking(batch, decode=EVERYTHING.replace(threshold=0.248), **both)
    with monkeypatch.context() as patched:
        patched.setattr(batch_file, "write_results", lambda *_: 1 / 0)
        run(other.replace(overwrite=True), images / "a.tif")
    assert statuses(run(other, images / "a.tif")) == ["done"]
    fresh = other.replace(out=batch.out.with_name("fresh"))
    run(fresh, images / "a.tif")
    made, anew = ({p.name: b for p, b in contents(out).items()} for out in (batch.out, fresh.out))
    assert made == anew


def test_overwriting_that_cannot_measure_keeps_what_is_there(batch, images, monkeypatch):
    run(batch, images / "a.tif")
    before = contents(batch.out)
    monkeypatch.setattr(batch_file, "measure_steps", lambda *_: 1 / 0)
    assert statuses(run(batch.replace(overwrite=True), images / "a.tif")) == ["failed"]
    assert contents(batch.out) == before


def test_another_image_of_the_same_name_is_not_taken_for_done(batch, images):
    run(batch, images / "a.tif")
    write_tiff(images / "a.tif", make_image(make_labels(2), 9))
    (row,) = run(batch, images / "a.tif")
    assert "another file" in row.error


def test_where_nothing_can_be_noted_no_image_is_begun(batch, images, monkeypatch):
    (batch.out / LOG).mkdir(parents=True)
    monkeypatch.setattr(batch_file, "read_image", lambda _: 1 / 0)
    with pytest.raises(UserError, match=f"Could not write .*{LOG}"):
        run(batch.replace(overwrite=True), images)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say why a name is refused")
def test_a_name_too_long_for_its_results_is_told_before_any_work(batch, images):
    (images / "c.tif").rename(images / f"{'c' * 240}.tif")
    with pytest.raises(UserError, match="too long"):
        run(batch, images)
    assert not batch.out.exists()


def test_files_of_somebody_else_are_kept(batch, images):
    batch.out.mkdir()
    result_files(batch, "b")["semantic"].write_bytes(b"precious")
    assert statuses(run(batch, images)) == ["done", "failed", "done"]
    assert result_files(batch, "b")["semantic"].read_bytes() == b"precious"


def test_a_stop_keeps_what_is_finished(batch, images):
    seen = []
    rows = run(
        batch,
        images,
        on_progress=seen.append,
        stop_requested=lambda: any(progress.news.row for progress in seen),
    )
    assert statuses(rows) == ["done", "not done", "not done"]
    assert [row["status"] for row in summary(batch).values()] == statuses(rows)
    assert statuses(run(batch, images)) == ["skipped", "done", "done"]


def test_progress_tells_rows_files_and_device(batch, images):
    seen = []
    rows = run(batch, images, on_progress=seen.append)
    assert [progress.news.row for progress in seen if progress.news.row] == rows
    assert {progress.news.file for progress in seen} == {"a.tif", "b.tif", "c.tif"}
    assert (seen[-1].done, seen[-1].total) == (3, 3)
    assert seen[-1].device.reason
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)


def test_a_single_image_tells_its_own_tiles(batch, images):
    seen = []
    run(asking(batch, tiles=TileConfig(tile=16)), images / "a.tif", on_progress=seen.append)
    assert max(progress.total for progress in seen) == 9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "nobody"}, "no model"),
        ({"spacing": (0.0, 1.0)}, "above 0"),
        ({"spacing": (1.0,)}, "two or three"),
        ({"axes": "YXX"}, "cannot be"),
        ({"axes": "TZ"}, "cannot be"),
        ({"axes": "QYX"}, "cannot be"),
        ({"channels": (-1,)}, "counted from 0"),
        ({"extras": ("uncertainty",)}, "mirrored views"),
    ],
)
def test_what_cannot_be_is_told_before_any_work(batch, images, change, words):
    with pytest.raises(UserError, match=words):
        run(asking(batch, **change), images)
    assert not batch.out.exists()


def test_a_folder_that_cannot_be_used_is_told_before_any_work(batch, images, read_only):
    with pytest.raises(UserError, match="at least one job"):
        run(batch, images, jobs=0)
    batch.out.touch()
    with pytest.raises(UserError, match="is a file"):
        run(batch, images)
    with pytest.raises(UserError, match="is a file"):
        run(batch.replace(out=batch.out / "deeper"), images)
    read_only()
    with pytest.raises(UserError, match="Nothing can be written"):
        run(batch.replace(out=batch.out.parent), images)


def test_workers_that_have_nothing_to_share_are_told(batch, images):
    notices: list[str] = []
    steps = batch_steps(find_sources([images / "a.tif"], batch.out), batch, client=object())
    (row,) = drive(steps, lambda progress: notices.append(progress.notice))
    assert row.status == DONE
    assert any("Workers only share images that are zarr folders" in told for told in notices)


def test_a_table_of_somebody_else_is_kept(batch, images):
    batch.out.mkdir()
    (batch.out / SUMMARY).write_text("precious")
    with pytest.raises(UserError, match="not of this command"):
        run(batch, images)
    assert (batch.out / SUMMARY).read_text() == "precious"


def test_a_full_disk_is_told_early(batch, images, monkeypatch):
    usage = namedtuple("usage", ["total", "free"])
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**9, 1000))
    rows = run(batch, images)
    assert all("full" in row.error for row in rows)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(0, 0))  # a disk that does not tell
    assert {row.status for row in run(batch, images)} == {DONE}


def test_a_disk_that_fills_up_leaves_nothing_half_written(batch, images, monkeypatch):
    written = []
    imwrite = tifffile.imwrite

    def fill_up(path, *given, **named):
        written.append(path)
        if len(written) == 4:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        imwrite(path, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(tifffile, "imwrite", fill_up)
        rows = run(batch, images)
    assert statuses(rows) == ["done", "failed", "done"]
    assert "No space left" in rows[1].error
    assert not result_files(batch, "b")["semantic"].exists()
    assert not list(batch.out.glob(".*"))
    assert statuses(run(batch, images)) == ["skipped", "done", "skipped"]


def test_an_error_that_should_not_be_stops_no_other(batch, images, monkeypatch):
    read = batch_file.read_image

    def read_all_but_one(path):
        if path.name == "b.tif":
            raise ZeroDivisionError("by nought")
        return read(path)

    monkeypatch.setattr(batch_file, "read_image", read_all_but_one)
    rows = run(batch, images)
    assert statuses(rows) == ["done", "failed", "done"]
    assert "by nought" in rows[1].error


def test_a_spacing_that_is_given_counts_before_that_of_the_file(batch, tmp_path):
    plane = make_image(make_labels(2))
    write_tiff(tmp_path / "plain.tif", plane)
    write_tiff(tmp_path / "measured.tif", plane, "YX", (0.5, 0.5), "µm")
    write_tiff(tmp_path / "stack.tif", np.stack([plane] * 5), "ZYX")
    measuring = asking(batch, spacing=(4.0, 0.25, 0.25))
    rows = run(measuring, *(tmp_path / f"{name}.tif" for name in ("plain", "measured", "stack")))
    assert [row.unit for row in rows] == ["µm²", "µm²", "µm³"]
    expected = {"plain": (0.25, 0.25), "measured": (0.25, 0.25), "stack": (4.0, 0.25, 0.25)}
    for name, spacing in expected.items():
        found = read_image(result_files(batch, name)["instances"]).spacing
        assert found == pytest.approx(spacing, rel=1e-5)
    assert [row.median_size for row in rows[:2]] == [rows[0].median_size] * 2
    told = "The file says that a pixel is 0.5 x 0.5 µm (Y, X), but 0.25 x 0.25 µm (Y, X) was"
    assert [row.note.startswith(told) for row in rows] == [False, True, False]


def test_two_numbers_are_no_spacing_of_a_stack(batch, tmp_path):
    write_tiff(tmp_path / "stack.tif", np.stack([make_image(make_labels(2))] * 5), "ZYX")
    (row,) = run(asking(batch, spacing=(1.0, 1.0)), tmp_path / "stack.tif")
    assert "three numbers" in row.error


def test_planes_of_a_z_stack_are_linked_and_have_a_volume(batch, tmp_path):
    stack = np.stack([make_image(make_labels(2))] * 5)
    write_tiff(tmp_path / "a.tif", stack, "ZYX", (2.0, 0.5, 0.5), "µm")
    (row,) = run(batch, tmp_path / "a.tif")
    files = result_files(batch, "a")
    labels = read_image(files["instances"]).data
    assert row.objects == len(np.unique(labels[labels > 0]))
    assert row.unit == "µm³"
    with files["objects"].open(encoding="utf-8") as file:
        assert "volume" in next(csv.DictReader(file))


def test_extras_are_written(batch, images):
    more = asking(
        batch, extras=("probabilities", "uncertainty"), tiles=TileConfig(views="mirrored")
    )
    run(more, images / "a.tif")
    files = result_files(more, "a")
    alone = segment(read_image(images / "a.tif").data, batch.model, more.request)
    probabilities = read_image(files["probabilities"])
    assert probabilities.axes == "CYX"
    np.testing.assert_array_equal(probabilities.data, alone.probabilities)
    np.testing.assert_array_equal(read_image(files["uncertainty"]).data, alone.spread)


def test_a_batch_goes_over_a_pipe_as_it_is(batch):
    other = asking(batch, channels=(1, 0), spacing=(1.0, 0.5), extras=("probabilities",))
    for each in (batch, other, Batch(batch.out)):
        again = Batch.from_dict(json.loads(json.dumps(each.to_dict())))
        assert again.replace(model=each.model) == each
        assert again.settings() == each.settings()


def test_a_stack_that_is_joined_by_a_guess_says_so_in_its_row(batch, tmp_path):
    stack = np.stack([make_image(make_labels(2))] * 5)
    tifffile.imwrite(tmp_path / "unnamed.tif", stack, photometric="minisblack")
    write_tiff(tmp_path / "named.tif", stack, "ZYX")
    run(batch, tmp_path / "unnamed.tif", tmp_path / "named.tif")
    told = summary(batch)
    assert "The axes ZYX are a guess" in told["unnamed"]["note"]
    assert told["unnamed"]["note"].count("guess") == 1
    assert "guess" not in told["named"]["note"]
    run(asking(batch, axes="TYX", out=tmp_path / "film"), tmp_path / "unnamed.tif")
    assert "guess" not in (tmp_path / "film" / SUMMARY).read_text(encoding="utf-8")
