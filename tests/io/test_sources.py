"""Which images are found in files and folders, and what they are called."""

import re

import numpy as np
import pytest
import tifffile

from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import Provenance
from napari_unet.io.listing import image_files, label_files
from napari_unet.io.read import read_image
from napari_unet.io.sources import find_sources, left_out
from napari_unet.io.tiff.write import write_labels


@pytest.fixture
def folder(tmp_path):
    files = ("b.tif", "a.png", ".hidden.tif", "notes.txt", "plate/a.tif", "plate/.x/c.tif")
    for file in (*files, "out/a_instances.tif", "stack.zarr/0/c/0.tif"):
        path = tmp_path / "images" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "images"


def test_images_of_a_folder_in_order(folder):
    found = find_sources([folder], folder / "out")
    assert [source.name for source in found] == ["a", "b", "stack"]
    assert [source.path.name for source in found] == ["a.png", "b.tif", "stack.zarr"]


def test_folders_inside_folders_keep_their_names(folder):
    found = find_sources([folder], folder / "out", recursive=True)
    assert [source.name for source in found] == ["a", "b", "plate/a", "stack"]


def test_links_lead_to_each_file_once(folder, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "d.tif").touch()
    links = {"loop": folder, "plate/up": folder, "again": folder / "plate", "far": more}
    for name, to in links.items():
        (folder / name).symlink_to(to)
    (more / "back").symlink_to(folder / "plate")
    (folder / "z.tif").symlink_to(folder / "plate" / "a.tif")
    found = find_sources([folder], folder / "out", recursive=True)
    assert [source.name for source in found] == ["a", "b", "far/d", "plate/a", "stack"]
    assert [source.name for source in find_sources([folder], folder / "out")] == [
        *("a", "b", "stack", "z")
    ]


def test_files_are_taken_as_they_are(folder):
    paths = [folder / "notes.txt", folder / "stack.zarr"]
    assert [source.path for source in find_sources(paths, folder)] == paths


def test_results_are_no_images(folder):
    (folder / "b_semantic.tif").touch()
    assert len(find_sources([folder], folder)) == 3
    with pytest.raises(UserError, match="only results"):
        find_sources([folder / "out"], folder / "out")
    assert len(left_out([folder], folder)) == 1, "only of the folder inside"


def test_results_beside_their_images_are_left_out_and_told(folder):
    for name in ("b_semantic.tif", "b_overlay.png", "stack_instances.zarr", "c_weights.tif"):
        (folder / name).touch()
    (folder / "old_instances.tif").touch()
    write_labels(folder / "old_instances.tif", np.eye(9, dtype=np.uint8), "YX", made=Provenance())
    out = folder / "other"
    found = [source.path.name for source in find_sources([folder], out)]
    assert found == ["a.png", "b.tif", "c_weights.tif", "stack.zarr"]
    told, _ = left_out([folder], out)
    assert told.startswith("b_overlay.png and 2 more left out: these are results")
    alone = folder / "b_semantic.tif"
    assert [source.path for source in find_sources([alone], out)] == [alone]
    assert left_out([alone], out) == []


def test_files_that_are_only_called_like_results_are_images_if_they_are_given(folder):
    overlay, known = folder / "x_overlay.tif", folder / "b_semantic.tif"
    for file in (overlay, known):
        file.touch()
    paths = [overlay, folder / "b.tif", known]
    assert [source.path for source in find_sources(paths, folder)] == paths[:2]
    (told,) = left_out(paths, folder)
    assert told.startswith("b_semantic.tif left out: these are results")
    assert told.endswith("choose another folder for the results.")
    write_labels(overlay, np.eye(9, dtype=np.uint8), "YX", made=Provenance())
    assert [source.path for source in find_sources(paths, folder)] == [folder / "b.tif"]


def test_files_that_are_only_called_like_results_are_told(folder):
    (folder / "x_overlay.tif").touch()
    (folder / "b_semantic.tif").touch()
    assert len(find_sources([folder], folder)) == 3
    told, _ = left_out([folder], folder)
    assert told.startswith("x_overlay.tif left out: these are results")
    assert told.endswith("give the file itself.")


def test_folders_inside_that_are_not_searched_are_told(folder, tmp_path):
    (told,) = left_out([folder], folder / "out")
    assert told.startswith("Folders inside images, such as plate, have images, too, and were not")
    assert left_out([folder], folder / "out", recursive=True) == []
    (folder / "plate/a.tif").unlink()
    assert left_out([folder], folder / "out") == [], "and nothing of the folder of the results"


@pytest.mark.parametrize("left", [["scratch/height/zarr.json"], ["job.json", "tiles/a.tif"]])
def test_what_an_interrupted_job_has_left_is_no_image(folder, left):
    files = (*(f"plate/big_job/{file}" for file in left), "new_job/a.tif")
    for path in (folder / file for file in files):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (folder / "plate/a.tif").unlink()
    names = [source.name for source in find_sources([folder], folder, recursive=True)]
    assert names == ["a", "b", "new_job/a", "stack"]
    (told,) = left_out([folder], folder)
    assert "such as new_job, have images" in told
    with pytest.raises(UserError, match="has no images"):
        find_sources([folder / "plate"], folder)


def test_nothing_to_find_is_told(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="has no images"):
        find_sources([tmp_path / "empty"], tmp_path)
    with pytest.raises(UserError, match="no file or folder"):
        find_sources([tmp_path / "nowhere"], tmp_path)


def test_images_in_folders_inside_are_named(tmp_path):
    for file in ("plates/.x/a.tif", "plates/b/notes.txt", "plates/c/day 1/a.tif"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).touch()
    (tmp_path / "plates" / "again").symlink_to(tmp_path / "plates")
    inside = rf"give one of them, such as {re.escape(str(tmp_path / 'plates/c/day 1'))}"
    with pytest.raises(UserError, match=rf"{inside}, or have all of them searched") as refused:
        find_sources([tmp_path / "plates"], tmp_path / "out")
    assert refused.value.about == "recursive"
    for files in (image_files, lambda paths: label_files(*paths)):
        with pytest.raises(UserError, match=rf"{inside}\.$"):
            files([tmp_path / "plates"])
    assert len(find_sources([tmp_path / "plates"], tmp_path / "out", recursive=True)) == 1


def test_what_is_given_twice_is_taken_once(folder, monkeypatch):
    monkeypatch.chdir(folder)
    paths = [folder / "b.tif", "b.tif", "plate/../b.tif", folder]
    assert [source.name for source in find_sources(paths, folder / "out")] == ["b", "a", "stack"]


def test_two_of_a_name_are_told_and_do_not_stop_the_others(folder):
    (folder / "a.tif").touch()
    found = find_sources([folder], folder / "out")
    one, two = folder / "a.png", folder / "a.tif"
    names = [one.as_posix(), two.as_posix(), "b", "stack"]
    assert [source.name for source in found] == names
    told = f"{two} and {one} would write results of the same name: give one after the other"
    assert [source.clash.startswith(told) for source in found] == [False, True, False, False]
    assert found[0].clash
    assert not found[2].clash
    with pytest.raises(UserError, match="results of the same name") as refused:
        find_sources([one, two], folder / "out")
    assert refused.value.about == "out"


def test_all_of_a_name_are_told_from_each_other(folder):
    again = folder / "plate" / "a.png"
    again.touch()
    found = find_sources([folder, folder / "plate"], folder / "out")
    assert len({source.name for source in found}) == len(found) == 5
    assert [source.path.name for source in found if not source.clash] == ["b.tif", "stack.zarr"]


OME = (
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
    '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="6" SizeZ="2" '
    'SizeC="1" SizeT="1"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>'
    '<TiffData FirstZ="0" IFD="0" PlaneCount="1"><UUID FileName="s_0.ome.tif">urn:uuid:a</UUID>'
    '</TiffData><TiffData FirstZ="1" IFD="0" PlaneCount="1"><UUID FileName="s_1.ome.tif">'
    "urn:uuid:b</UUID></TiffData></Pixels></Image></OME>"
)


def write_set(folder):
    """Write a stack of two planes over two OME-TIFF files."""
    for number in range(2):
        plane = np.full((6, 8), number, np.uint8)
        name = folder / f"s_{number}.ome.tif"
        tifffile.imwrite(name, plane, description=OME, metadata=None)


def test_a_stack_over_several_files_is_one_image(tmp_path):
    write_set(tmp_path)
    (source,) = find_sources([tmp_path], tmp_path / "out")
    assert source.path.name == "s_0.ome.tif"
    assert read_image(source.path).data[:, 0, 0].tolist() == [0, 1]
    assert [path.name for path in image_files([tmp_path])] == ["s_0.ome.tif"]
    both = sorted(tmp_path.glob("*.tif"))
    assert len(find_sources(both, tmp_path / "out")) == 1
    assert len(find_sources(both[1:], tmp_path / "out")) == 1


def test_a_part_whose_beginning_is_gone_is_an_image(tmp_path):
    write_set(tmp_path)
    (tmp_path / "s_0.ome.tif").unlink()
    assert [path.name for path in image_files([tmp_path])] == ["s_1.ome.tif"]
    (tmp_path / "s_1.ome.tif").write_bytes(b"damaged")
    assert len(find_sources([tmp_path], tmp_path / "out")) == 1


@pytest.mark.parametrize("begin", ["", "raw/first.ome.tif", "/first.companion.ome"])
def test_a_file_that_says_elsewhere_where_its_image_begins_is_an_image(tmp_path, begin):
    names = f'MetadataFile="{begin}"'
    about = f'<OME xmlns="http://www.openmicroscopy.org/"><BinaryOnly {names}/></OME>'
    plane = np.zeros((6, 8), np.uint8)
    tifffile.imwrite(tmp_path / "a.ome.tif", plane, description=about, metadata=None)
    assert len(find_sources([tmp_path], tmp_path / "out")) == 1


@pytest.mark.parametrize("name", ["b.ome.tif", "b_instances.tif"])
def test_a_file_that_was_cut_off_is_an_image_that_fails_and_not_the_end(tmp_path, name):
    tifffile.imwrite(tmp_path / "whole.tif", np.zeros((8, 8), np.uint8), ome=True)
    whole = (tmp_path / "whole.tif").read_bytes()
    file = tmp_path / name
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        assert [source.path for source in find_sources([file], tmp_path / "out")] == [file]
