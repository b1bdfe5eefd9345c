"""What is not to be trusted, or has no room, is refused in one sentence, and nothing is written."""

import errno
import hashlib
import json
import os
import shutil
import stat
from collections import namedtuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop, drive
from napari_unet.scale.share.pack import share, share_steps
from napari_unet.scale.share.parcel import Parcel
from napari_unet.scale.share.unpack import open_shared, open_steps
from napari_unet.storage.crate import read
from napari_unet.storage.crate.metadata import METADATA
from napari_unet.storage.folders import data_folder
from quick_runs import quick_run


@pytest.fixture
def package(tmp_path, small_model):
    run = quick_run(tmp_path / "run")
    return share(tmp_path / "it.zip", Parcel((small_model,), (run.folder,)))


def rewritten(package, change):
    """Write a package again with other files in it, by their names."""
    with ZipFile(package) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    change(files)
    with ZipFile(package, "w", ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return package


def refused(package, told):
    with pytest.raises(UserError, match=told) as found:
        open_shared(package)
    assert str(found.value).endswith(".")
    assert "\n" not in str(found.value)
    assert not data_folder().exists() or not list(data_folder().rglob("*.*"))


MODEL, RUN = "models/small.safetensors", "runs/run/run.json"


def flip(files):
    files[MODEL] = files[MODEL][:-1] + bytes([files[MODEL][-1] ^ 1])


def without_model(files):
    del files[MODEL]


def longer(files):
    files[MODEL] += b"more"


def newer(files):
    change_run(files, {"format": 99})


def odd(files):
    change_run(files, {"train": {"epochs": -3}})


def change_run(files, values):
    """Change a run, with digests that fit: as somebody would who wants to do harm."""
    described = json.loads(files[METADATA])
    data = json.dumps(json.loads(files[RUN]) | values).encode()
    described = set_file(described, RUN, data)
    files |= {RUN: data, METADATA: json.dumps(described).encode()}


def no_model(files):
    data = b"import os"
    described = set_file(json.loads(files[METADATA]), MODEL, data)
    files |= {MODEL: data, METADATA: json.dumps(described).encode()}


def set_file(described, name, data):
    for each in described["@graph"]:
        if each["@id"] == name:
            each |= {"contentSize": str(len(data)), "sha256": hashlib.sha256(data).hexdigest()}
    return described


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (flip, r"it\.zip is damaged, or somebody has changed it"),
        (longer, r"it\.zip is damaged, or somebody has changed it"),
        (without_model, r"is not whole, as models/small\.safetensors is missing"),
        (newer, "newer version: update"),
        (odd, "epochs must be"),
        (no_model, r"small\.safetensors is not a U-Net Studio model"),
        (dict.clear, f"is no shared package, or is damaged, as it has no {METADATA}"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_damaged_or_changed(package, change, told):
    refused(rewritten(package, change), told)


def test_cut_short_or_no_package_at_all(package, tmp_path):
    package.write_bytes(package.read_bytes()[:-500])
    refused(package, "is no shared package, or is damaged")
    package.write_text("hello")
    refused(package, "is no shared package, or is damaged")
    refused(tmp_path / "none.zip", "cannot be read")
    refused(tmp_path, f"has no {METADATA}")


def test_more_in_it_than_it_says_is_left_where_it_is(package, tmp_path):
    def stray(files):
        files["../evil.txt"] = files["runs/run/evil.pkl"] = b"evil"

    laid = open_shared(rewritten(package, stray))
    assert len(laid) == 2
    assert list(tmp_path.rglob("evil*")) == []


def test_links(package, tmp_path):
    def without(files):
        del files[MODEL]

    rewritten(package, without)
    link = ZipInfo(MODEL)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(package, "a") as zipped:
        zipped.writestr(link, "/etc/passwd")
    refused(package, "is missing")


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_in_a_folder(tmp_path, small_model):
    folder = share(tmp_path / "it", Parcel((small_model,)))
    (folder / MODEL).rename(tmp_path / "outside")
    (folder / MODEL).symlink_to(tmp_path / "outside")
    refused(folder, "is missing")


def test_no_room(package, monkeypatch):
    """A ZIP file may tell of any size: what it says is compared with the disk before it is read."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    refused(package, "MB left on that disk: make room first")


def test_a_bomb_is_no_larger_than_it_says(package):
    """More bytes than the metadata tells are not unpacked to find that out."""

    def bomb(files):
        files[MODEL] = b"\0" * 50_000_000

    refused(rewritten(package, bomb), "is damaged, or somebody has changed it")


def test_a_full_disk_leaves_nothing(package, monkeypatch):
    failing = iter([False, False, True])

    def chunks(files, path, real=read.chunks):
        for chunk in real(files, path):
            if next(failing, False):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            yield chunk

    monkeypatch.setattr("napari_unet.scale.share.unpack.chunks", chunks)
    with pytest.raises(UserError, match="No space left on device"):
        open_shared(package)
    assert [path for path in data_folder().rglob("*") if path.is_file()] == []


def test_stopped(package, tmp_path, small_model):
    with pytest.raises(Stop):
        drive(open_steps(package), stop_requested=lambda: True)
    assert not data_folder().exists()
    with pytest.raises(Stop):
        drive(share_steps(tmp_path / "no.zip", Parcel((small_model,))), stop_requested=lambda: True)
    assert list(tmp_path.glob("*no.zip*")) == []


def test_a_folder_that_is_a_file(package, tmp_path):
    closed = tmp_path / "closed"
    closed.write_bytes(b"a file, in which nothing can lie")
    with pytest.raises(UserError, match="is a file: give a folder"):
        share(closed / "it.zip", Parcel(("nuclei",)))
    assert closed.read_bytes() == b"a file, in which nothing can lie"
