"""A large image has the labels that it would have in memory, whatever happens on the way."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest

from napari_unet.core.config import DecodeConfig, LinkConfig, SizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.resample import resampled
from napari_unet.core.progress import Stop, drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import load_sample
from napari_unet.io.labels import read_labels
from napari_unet.io.ome_zarr import read_zarr
from napari_unet.io.picture import Picture
from napari_unet.io.zarr_folder import mark_unfinished
from napari_unet.nn.foreign.take_in import import_model
from napari_unet.nn.model import load_model, save_model
from napari_unet.nn.prediction.segment import segment
from napari_unet.scale.large import segment as large
from napari_unet.scale.large.begin import estimate
from napari_unet.scale.large.context import JobContext
from napari_unet.scale.large.segment import segment_large_steps
from others import described, files_of, small, write
from pictures import make_model, make_picture


def run(picture, model, out, stop=lambda: False, block=(), **fields):
    steps = segment_large_steps(picture, model, out, SegmentRequest(**fields), block)
    return drive(steps, stop_requested=stop)


def labels_of(path):
    return [np.asarray(level) for level in read_zarr(path).levels]


def assert_same(result, expected):
    levels = labels_of(result.instances)
    np.testing.assert_array_equal(levels[0], expected.instances)
    for fine, coarse in pairwise(levels):
        np.testing.assert_array_equal(fine[..., ::2, ::2], coarse)
    np.testing.assert_array_equal(labels_of(result.semantic)[0], expected.semantic)
    assert result.objects == expected.instances.max()


@pytest.mark.parametrize("edge", [16, 23, 64])
def test_chunk_law_labels_are_those_of_the_image_in_memory(tmp_path, case, stored, edge):
    picture, model = case
    expected = segment(picture.data, model, axes=picture.axes)
    assert expected.instances.max() > 10
    result = run(stored(picture), model, tmp_path, block=(edge,) * model.config.ndim)
    assert_same(result, expected)
    assert read_zarr(result.instances).axes == picture.axes
    assert sorted(path.name for path in (tmp_path / "cells_job").iterdir()) == [
        "done.jsonl",
        "job.json",
        "lock",
        "model.safetensors",
    ]


@pytest.mark.parametrize("block", [(64, 112), (80, 48), (1024, 1024)])
def test_chunk_law_on_real_cells(tmp_path, block):
    plane = load_sample("nuclei2d")[0].data[0, :176, :208]
    result = run(Picture(plane, "YX", name="real"), "nuclei", tmp_path, block=block)
    assert_same(result, segment(plane, "nuclei"))


@pytest.mark.parametrize("block", [(16, 32, 24), (12, 20, 44), (64, 64, 64)])
def test_chunk_law_on_a_real_volume(tmp_path, exact, block):
    volume = load_sample("nuclei3d")[0].data[:24, :48, :48]
    model = make_model(3)
    expected = segment(volume, model, axes="ZYX")
    assert expected.instances.max() > 10
    assert_same(run(Picture(volume, "ZYX", name="real"), model, tmp_path, block=block), expected)


def test_an_empty_plane_has_no_objects_here_as_in_memory(tmp_path):
    cells = load_sample("nuclei2d")[0].data[1, :64, :80]
    noise = np.random.default_rng(0).poisson(40, cells.shape).astype(cells.dtype)
    stack = np.stack([noise, cells, np.full_like(cells, 7)])
    expected = segment(stack, "nuclei", axes="TYX")
    result = run(Picture(stack, "TYX", name="real"), "nuclei", tmp_path, block=(32, 32))
    assert_same(result, expected)
    assert expected.instances[1].any()
    assert not expected.instances[[0, 2]].any()
    assert result.note == expected.note == "2 of 3 planes look empty."


@pytest.mark.parametrize(
    ("decode", "told"),
    [
        (
            {"threshold": 0.1, "min_size": 10_000},
            "No objects were found that are as large as the minimum size",
        ),
        ({"threshold": 0.99}, "No objects were found: lower the threshold"),
        ({"threshold": 0.1}, ""),
    ],
)
def test_why_there_are_no_objects_is_said_here_as_in_memory(tmp_path, decode, told):
    picture, model = make_picture("YX", (60, 46)), make_model(2)
    decode = model.decode.replace(**decode)
    result = run(picture, model, tmp_path, block=(16, 32), decode=decode)
    alone = segment(picture.data, model, decode=decode)
    again = segment(picture.data, model).decoded(decode)
    assert (result.objects == 0) == bool(told)
    assert result.note == alone.note == again.note
    assert told in result.note


def test_empty_planes_of_a_volume_are_told_here_as_in_memory(tmp_path):
    volume = np.random.default_rng(0).random((12, 40, 40))
    volume[:, 10:30, 10:30] += 3
    volume[7] = 0
    model = make_model(3)
    result = run(Picture(volume, "ZYX"), model, tmp_path)
    expected = segment(volume, model, axes="ZYX")
    assert expected.gaps in result.note
    assert "there is nothing in plane 7" in expected.gaps


def test_axes_in_any_order_and_chosen_channels(tmp_path, stored, exact):
    picture = make_picture("XCTY", (34, 3, 2, 30))
    model = make_model(2, in_channels=2)
    expected = segment(picture.data, model, axes="XCTY", channels=(2, 0))
    result = run(stored(picture), model, tmp_path, channels=(2, 0), block=(16, 16))
    assert_same(result, expected)


@pytest.mark.parametrize("match", ["automatic", "object size"])
def test_at_the_size_that_the_model_knows(tmp_path, stored, exact, match):
    picture, size = make_picture("YX", (60, 50)), SizeConfig(match=match, diameter=8)
    model = make_model(2)
    model = type(model)(
        model.name, model.network, model.normalize, model.decode, {}, type(model.sizes)(None, 12.0)
    )
    expected = segment(picture.data, model, size=size)
    assert_same(run(stored(picture), model, tmp_path, size=size, block=(16, 32)), expected)


def test_at_the_working_size_of_the_training(tmp_path, stored, exact):
    picture, model = make_picture("YX", (60, 50)), make_model(2)
    sizes = type(model.sizes)(None, 500.0, (0.5, 0.5))  # nothing of that size is found
    model = replace(model, sizes=sizes)
    expected = segment(picture.data, model)
    assert expected.match.by == (0.5, 0.5)
    assert_same(run(stored(picture), model, tmp_path, block=(16, 32)), expected)


@pytest.mark.parametrize(("axes", "ndim"), [("ZTYX", 2), ("TZYX", 3)])
def test_planes_and_frames_are_linked_as_in_memory(tmp_path, stored, exact, axes, ndim):
    picture, link = make_picture(axes, (2, 4, 26, 30)), LinkConfig(True, True, 0.2)
    model = make_model(ndim)
    expected = segment(picture.data, model, axes=axes, link=link)
    apart = segment(picture.data, model, axes=axes)
    assert 1 < expected.instances.max() < apart.instances.max()
    result = run(stored(picture), model, tmp_path, link=link, block=(16,) * ndim)
    if axes == "ZTYX":
        stored_as = [np.swapaxes(array, 0, 1) for array in (expected.instances, expected.semantic)]
        expected = replace(expected, instances=stored_as[0], semantic=stored_as[1])
    assert_same(result, expected)
    assert read_zarr(result.instances).axes == "TZYX"


@pytest.mark.parametrize("lost", [False, True])
def test_objects_that_could_not_be_followed_are_told_as_in_memory(tmp_path, lost):
    frames = load_sample("nuclei2d")[0].data[:3, :128, :128]
    frames = frames if lost else np.stack([frames[0]] * 3)
    link, model = LinkConfig(frames=True), load_model("nuclei")
    expected = segment(frames, model, axes="TYX", link=link)
    assert bool(expected.lost) == lost
    assert expected.lost in expected.note
    result = run(Picture(frames, "TYX", name="cells"), model, tmp_path, link=link, block=(96, 96))
    assert ("not found again" in result.note) == lost
    assert expected.lost in result.note


def test_results_lie_where_the_image_lies(tmp_path):
    picture = make_picture("ZYX", (3, 40, 40))
    picture = Picture(picture.data, "ZYX", (2.0, 0.5, 0.25), "µm", "cells")
    result = run(picture, make_model(2), tmp_path)
    for path in (result.instances, result.semantic):
        labels = read_zarr(path)
        assert (labels.axes, labels.spacing, labels.unit) == ("ZYX", (2.0, 0.5, 0.25), "µm")


def test_a_pyramid_is_coarse_enough_to_look_at(tmp_path):
    picture = make_picture("YX", (8, 4100))
    result = run(picture, make_model(2), tmp_path, block=(128, 512))
    assert [level.shape for level in labels_of(result.instances)] == [
        (8, 4100),
        (4, 2050),
        (2, 1025),
    ]


def stopped_after(count):
    """Ask for a stop after so many looks."""
    looks = iter(range(count))
    return lambda: next(looks, None) is None


def test_stopped_anywhere_it_goes_on_and_repeats_nothing(tmp_path, case, stored, monkeypatch):
    picture, model = case
    expected = segment(picture.data, model, axes=picture.axes)
    picture, block = stored(picture), (16,) * model.config.ndim
    done = []
    work = {name: counted(name, do, done) for name, do in large.WORK.items()}
    monkeypatch.setattr("napari_unet.scale.large.executors.WORK", work)
    for count in (2, 5, 9, 14):
        with pytest.raises(Stop):
            run(picture, model, tmp_path, stopped_after(count), block=block)
    assert_same(run(picture, model, tmp_path, block=block), expected)
    assert len(done) == len(set(done)) > 14
    before = len(done)
    assert_same(run(picture, model, tmp_path, block=block), expected)
    assert len(done) == before


def counted(name, do, done):
    def counting(place, task, needs):
        found = do(place, task, needs)
        done.append(task)
        return found

    return counting


def test_labels_of_which_some_are_missing_are_not_read(tmp_path, case, stored):
    picture, model = case
    lazy, block = stored(picture), (16,) * model.config.ndim
    places = [tmp_path / f"cells_{kind}.zarr" for kind in ("instances", "semantic")]
    for count in (3, 9):
        with pytest.raises(Stop):
            run(lazy, model, tmp_path, stopped_after(count), block=block)
        for place in (*places, places[0] / "0"):
            told = f"{place.name} is not finished: run segment again to complete it."
            with pytest.raises(UserError, match=f"^{told}$"):
                read_labels(place)
            assert read_zarr(place, unfinished=True).data.shape == picture.data.shape
    run(lazy, model, tmp_path, block=block)
    assert [read_labels(place).data.any() for place in places] == [True, True]


def test_a_job_that_was_killed_before_it_said_that_it_was_finished_says_so(tmp_path, exact):
    picture, model = make_picture("YX", (40, 40)), make_model(2)
    mark_unfinished(run(picture, model, tmp_path).instances)
    assert_same(run(picture, model, tmp_path), segment(picture.data, model))


def test_results_that_were_deleted_are_made_again_and_one_that_is_left_is_kept(tmp_path, exact):
    picture, model = make_picture("YX", (40, 40)), make_model(2)
    made = run(picture, model, tmp_path)
    shutil.rmtree(made.instances)
    with pytest.raises(UserError, match=r"cells_semantic\.zarr exists"):
        run(picture, model, tmp_path)
    shutil.rmtree(made.semantic)
    assert_same(run(picture, model, tmp_path), segment(picture.data, model))


BLOCK = (16, 16)
KILLED = """
import sys
from pathlib import Path
from napari_unet.core.progress import drive
from napari_unet.io.ome_zarr import read_zarr
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.scale.large.segment import segment_large_steps
request = SegmentRequest(axes="YX")
for progress in segment_large_steps(
    read_zarr(sys.argv[1]), sys.argv[2], sys.argv[3], request, (16, 16)
):
    print(progress.stage, progress.done, flush=True)
"""


def test_resume_law_a_killed_job_gives_the_same_labels(tmp_path, stored):
    picture = make_picture("YX", (60, 44))
    everywhere = DecodeConfig(threshold=0.01, split=0.0, min_size=0)
    model = replace(make_model(2), decode=everywhere)
    save_model(model, tmp_path / "small.safetensors")
    stored(picture)
    whole = run(
        read_zarr(tmp_path / "cells.zarr"), model, tmp_path / "whole", axes="YX", block=BLOCK
    )
    for last in ("segmenting 3", "writing objects 5"):
        arguments = [tmp_path / "cells.zarr", tmp_path / "small.safetensors", tmp_path / "out"]
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, *map(str, arguments)], stdout=subprocess.PIPE, text=True
        ) as child:
            for line in child.stdout:
                if line.strip() == last:
                    os.kill(child.pid, signal.SIGKILL)
                    break
        assert child.returncode == -signal.SIGKILL
        ledger = tmp_path / "out" / "cells_job" / "done.jsonl"
        with ledger.open("a") as file:
            file.write('["predict", 0, 3')
    result = run(
        read_zarr(tmp_path / "cells.zarr"), model, tmp_path / "out", axes="YX", block=BLOCK
    )
    assert result.objects == whole.objects > 10
    for one, other in ((result.instances, whole.instances), (result.semantic, whole.semantic)):
        np.testing.assert_array_equal(labels_of(one)[0], labels_of(other)[0])


def test_another_job_in_the_same_folder_is_refused(tmp_path, exact):
    picture = make_picture("YX", (40, 40))
    model = make_model(2)
    with pytest.raises(Stop):
        run(picture, model, tmp_path, stopped_after(2))
    for other, settings, what in (
        (make_picture("YX", (40, 41)), {}, "image"),
        (Picture(picture.data[::-1], "YX", name="cells"), {}, "image"),
        (picture, {"decode": DecodeConfig(threshold=0.9)}, "decode"),
    ):
        with pytest.raises(UserError, match=f"another {what}"):
            run(other, model, tmp_path, **settings)
    with pytest.raises(UserError, match="another model"):
        run(picture, make_model(2, norm="none"), tmp_path, decode=model.decode)
    assert_same(run(picture, model, tmp_path), segment(picture.data, model))


def test_what_was_there_is_kept(tmp_path):
    picture = make_picture("YX", (40, 40))
    (tmp_path / "cells_instances.zarr").mkdir()
    with pytest.raises(UserError, match="exists"):
        run(picture, make_model(2), tmp_path)


def test_notes_that_cannot_be_read_are_told(tmp_path):
    picture = make_picture("YX", (40, 40))
    model = make_model(2)
    run(picture, model, tmp_path)
    notes = tmp_path / "cells_job" / "job.json"
    good = notes.read_text()
    notes.write_text(good.replace('"format": 1', '"format": 2'))
    with pytest.raises(UserError, match="another version"):
        run(picture, model, tmp_path)
    notes.write_text(good[:50])
    with pytest.raises(UserError, match="damaged"):
        run(picture, model, tmp_path)


def test_a_damaged_chunk_is_told_with_its_place_and_work_goes_on_once_it_is_mended(
    tmp_path, stored, exact
):
    picture = make_picture("TYX", (2, 40, 44))
    model = make_model(2)
    chunk = tmp_path / "cells.zarr" / "c" / "1" / "1" / "2"
    settings = {"block": (16, 16)}
    lazy = stored(picture)
    good = chunk.read_bytes()
    chunk.write_bytes(good[: len(good) // 2])
    with pytest.raises(UserError, match=r"cannot be read at plane 1"):
        run(lazy, model, tmp_path, **settings)
    chunk.write_bytes(good)
    assert_same(run(lazy, model, tmp_path, **settings), segment(picture.data, model, axes="TYX"))


def test_a_full_disk_is_told_and_work_goes_on_once_there_is_room(tmp_path, monkeypatch, exact):
    picture = make_picture("YX", (64, 60))
    model = make_model(2)
    write, room = JobContext.write, iter(range(5))

    def full(*args):
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(*args)

    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "write", full)
        with pytest.raises(UserError, match="is full: make room"):
            run(picture, model, tmp_path, block=(16, 16))
    assert_same(run(picture, model, tmp_path, block=(16, 16)), segment(picture.data, model))


def test_a_disk_that_is_surely_too_small_is_told_before_anything_is_written(tmp_path, monkeypatch):
    picture = make_picture("YX", (64, 60))
    needed = estimate(picture, make_model(2), SegmentRequest(), (16, 16))
    assert (needed.blocks, needed.pixels) == (16, 64 * 60)
    monkeypatch.setattr("napari_unet.scale.large.begin.free_bytes", lambda _: 1000)
    with pytest.raises(UserError, match="make room"):
        run(picture, make_model(2), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_programs_never_work_on_one_job(tmp_path):
    picture = make_picture("YX", (40, 40))
    model = make_model(2)
    steps = segment_large_steps(picture, model, tmp_path)
    next(steps)
    with pytest.raises(UserError, match="at work"):
        run(picture, model, tmp_path)
    steps.close()
    run(picture, model, tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_pixels_without_a_value_are_told(tmp_path, value, stored):
    picture = make_picture("YX", (64, 60))
    model = make_model(2)
    pixels = picture.data.astype(np.float32)
    pixels[50, 50] = value
    with pytest.raises(UserError, match="NaN"):
        run(stored(Picture(pixels, "YX", name="cells")), model, tmp_path)


def test_only_zarr_is_shared_among_processes(tmp_path):
    picture = make_picture("YX", (40, 40))
    with pytest.raises(UserError, match="zarr"):
        drive(segment_large_steps(picture, make_model(2), tmp_path, client=object()))


def test_a_guess_is_told_here_as_in_memory(tmp_path):
    stack = np.random.default_rng(0).random((3, 32, 32)).astype(np.float32)
    result = run(Picture(stack, name="unnamed"), make_model(2), tmp_path, block=(32, 32))
    assert "The axes ZYX are a guess" in result.note
    named = run(Picture(stack, "ZYX", name="named"), make_model(2), tmp_path, block=(32, 32))
    assert "guess" not in named.note


def test_the_size_of_real_objects_is_measured_once_whatever_the_blocks(tmp_path, exact):
    image = resampled(load_sample("nuclei2d")[0].data[1, :120, :120], (360, 360))
    expected = segment(image, "nuclei", axes="YX")
    assert expected.match.by
    for edge in (64, 160):
        picture, out = Picture(image, "YX", name="real"), tmp_path / str(edge)
        result = run(picture, "nuclei", out, block=(edge, edge))
        assert_same(result, expected)
        assert result.note == expected.note


@pytest.mark.parametrize("norm", [False, True], ids=["tiles overlap", "tiles of one size"])
def test_a_network_of_another_program(tmp_path, stored, norm):
    """Chunk law; where its tiles have one size, they lie where they lie in one pass."""
    picture = make_picture("YX", (150, 170))
    files = files_of(small(norm=norm), np.asarray(picture.data, np.float32)[None, None, :64, :64])
    told = described(files)
    package = write(tmp_path / "others.zip", told, files)
    model = load_model(import_model(package, "others", trust=True))
    decode = DecodeConfig(threshold=float(np.median(np.load(BytesIO(files["out.npy"])))))
    expected = segment(picture.data, model, axes="YX", decode=decode)
    assert expected.instances.max() > 1
    result = run(stored(picture), model, tmp_path / "out", block=(40, 40), decode=decode)
    assert_same(result, expected)
    assert ("tiles of 64 x 64" in result.note) == norm
