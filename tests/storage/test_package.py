"""A package is taken only as it was written; of anything else nothing is kept."""

import hashlib
import json
import pickle
import sys
from zipfile import ZipFile

import pytest
import yaml

from napari_unet.core.errors import UserError
from napari_unet.runs.config import AUTOMATIC
from napari_unet.storage.folders import models_folder
from napari_unet.storage.model_header import AUTO, RESERVED, bundled_models, read_header
from napari_unet.storage.package import keep_own, read_package

MODEL = "small.safetensors"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def parts(small_model):
    """The files of a package with what is read of it, as `write` wants them."""
    model, weights = small_model.read_bytes(), b"weights of others"
    told = {
        "type": "model",
        "format_version": "0.5.12",
        "attachments": [{"source": MODEL, "sha256": sha256(model)}],
        "weights": {"pytorch_state_dict": {"source": "weights.pt", "sha256": sha256(weights)}},
        "config": {"napari_unet": {"format": 1, "model": MODEL, "weights": sha256(weights)}},
    }
    return told, {MODEL: model, "weights.pt": weights}


def write(path, told, files):
    with ZipFile(path, "w") as zipped:
        if told is not None:
            zipped.writestr("rdf.yaml", told if isinstance(told, str) else yaml.safe_dump(told))
        for name, data in files.items():
            zipped.writestr(name, data)
    return path


def import_model(path, name=None):
    return keep_own(read_package(path), name)


def kept():
    folder = models_folder()
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("name", [None, "My cells 2"])
def test_a_model_is_kept_under_its_name(tmp_path, parts, small_model, name):
    path = import_model(write(tmp_path / "a.zip", *parts), name)
    called = name or "small"
    assert kept() == [f"{called}.safetensors"] == [path.name]
    assert read_header(path) == read_header(small_model) | {"name": called}


def broken(change):
    """Turn a change of what a package tells, and of its files, into a case."""

    def make(path, told, files):
        told = json.loads(json.dumps(told))
        return write(path, change(told, files) or told, files)

    return make


def no_zip(path, told, files):
    path.write_bytes(b"PK no zip at all")
    return path


def cut_short(path, told, files):
    data = write(path, told, files).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def changed_inside(path, told, files):
    """A byte of the model, which a ZIP file finds by its own checksum."""
    data = bytearray(write(path, told, files).read_bytes())
    data[data.index(files[MODEL]) + 200] ^= 1
    path.write_bytes(data)
    return path


def newer_model(told, files):
    length = int.from_bytes(files[MODEL][:8], "little")
    text = files[MODEL][8 : 8 + length].replace(b'\\"format\\": 1,', b'\\"format\\": 9,', 1)
    files[MODEL] = files[MODEL][:8] + text + files[MODEL][8 + length :]
    told["attachments"][0]["sha256"] = sha256(files[MODEL])


def no_model(told, files):
    files[MODEL] = b"\x08" + bytes(7) + b'{"a": 1}'
    told["attachments"][0]["sha256"] = sha256(files[MODEL])


BAD = {
    "no zip": (no_zip, "no package, or is damaged"),
    "cut short": (cut_short, "no package, or is damaged"),
    "changed inside": (changed_inside, "no package, or is damaged"),
    "not there": (lambda path, *_: path, "cannot be read: No such file"),
    "a folder": (lambda path, *_: path.mkdir() or path, "cannot be read: Is a directory"),
    "no description": (lambda path, told, files: write(path, None, files), "it has no rdf.yaml"),
    "no yaml": (lambda path, told, files: write(path, "a: [", files), "rdf.yaml cannot be read"),
    "yaml with code": (
        lambda path, told, files: write(path, "!!python/object/apply:os.getcwd []", files),
        "rdf.yaml cannot be read",
    ),
    "a data set": (broken(lambda told, _: told.update(type="dataset")), "holds no model"),
    "only words": (lambda path, told, files: write(path, "words", files), "holds no model"),
    "from the future": (
        broken(lambda told, _: told.update(format_version="0.6.0")),
        r"newer form than is known here \(0.6.0\)",
    ),
    "by a newer version": (
        broken(lambda told, _: told["config"]["napari_unet"].update(format=9)),
        "newer version: update",
    ),
    "a model of a newer version": (broken(newer_model), r"^bad\.zip was written by a newer"),
    "names no model": (
        broken(lambda told, _: told["config"]["napari_unet"].pop("model") and None),
        "does not name its model",
    ),
    "no hash": (
        broken(lambda told, _: told["attachments"][0].pop("sha256") and None),
        "does not tell the hash",
    ),
    "wrong hash of the model": (
        broken(lambda told, _: told["attachments"][0].update(sha256="0" * 64)),
        "somebody has changed it, as small.safetensors",
    ),
    "wrong hash of another file": (
        broken(lambda _, files: files.update({"weights.pt": b"others"})),
        "somebody has changed it, as weights.pt",
    ),
    "a file is missing": (
        broken(lambda _, files: files.pop("weights.pt") and None),
        "weights.pt is missing",
    ),
    "trained on elsewhere": (
        broken(lambda told, _: told["config"]["napari_unet"].update(weights="0" * 64)),
        "trained on in another program",
    ),
    "no model inside": (broken(no_model), "^bad.zip is not a U-Net Studio model"),
    "out of its folder": (
        broken(lambda _, files: files.update({"../evil.py": b"import os"})),
        "would lie outside of it",
    ),
    "out of its folder on Windows": (
        broken(lambda _, files: files.update({"a\\..\\..\\evil.py": b"import os"})),
        "would lie outside of it",
    ),
    "at a place of its own": (
        broken(lambda _, files: files.update({"/etc/evil": b"evil"})),
        "would lie outside of it",
    ),
    "on a drive": (
        broken(lambda _, files: files.update({"C:evil": b"evil"})),
        "would lie outside of it",
    ),
}


@pytest.mark.parametrize(("make", "told"), BAD.values(), ids=BAD)
def test_of_a_bad_package_nothing_is_kept(make, told, tmp_path, parts):
    package = make(tmp_path / "bad.zip", *parts)
    with pytest.raises(UserError, match=told) as error:
        import_model(package, "new")
    assert str(error.value).count(". ") == 0
    assert kept() == []


@pytest.mark.parametrize("config", [None, {}, {"stardist": {}}, "words"])
def test_packages_of_others_are_told_apart(tmp_path, parts, config):
    told, files = parts
    assert read_package(write(tmp_path / "a.zip", told, files)).is_own
    other = write(tmp_path / "b.zip", told | {"config": config}, files)
    assert not read_package(other).is_own
    with pytest.raises(UserError, match=r"not whole, as no\.pt is missing"):
        read_package(other).read("no.pt")


@pytest.mark.parametrize(
    "name", ["", " a", "a/b", "../a", "a.safetensors", "Aux", *RESERVED, "nuclei"]
)
def test_a_name_must_be_free_and_be_one(name, tmp_path, parts):
    with pytest.raises(UserError, match=r"cannot be a model's name|already|has no name: type one"):
        import_model(write(tmp_path / "a.zip", *parts), name)
    assert kept() == []


class _Pickled:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_no_code_of_a_package_is_run(tmp_path, parts):
    told, files = parts
    files["weights.pt"] = pickle.dumps(_Pickled(tmp_path / "unpickled"))
    files["plain_unet.py"] = f"open({str(tmp_path / 'run')!r}, 'w')".encode()
    weights = told["weights"]["pytorch_state_dict"]
    weights["sha256"] = told["config"]["napari_unet"]["weights"] = sha256(files["weights.pt"])
    weights["architecture"] = {
        "source": "plain_unet.py",
        "callable": "PlainUNet",
        "sha256": sha256(files["plain_unet.py"]),
    }
    import_model(write(tmp_path / "a.zip", told, files))
    assert kept() == [MODEL]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "home"]


def test_what_must_be_installed_is_named(tmp_path, parts, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UserError, match=r"napari-unet-studio\[exchange\]"):
        import_model(write(tmp_path / "a.zip", *parts))


def test_a_model_of_yours_is_never_replaced(tmp_path, parts):
    package = write(tmp_path / "a.zip", *parts)
    before = import_model(package).read_bytes()
    with pytest.raises(UserError, match="already: choose another name"):
        import_model(package)
    assert (models_folder() / MODEL).read_bytes() == before


def test_reserved_words_are_those_that_are_used():
    assert {AUTO, AUTOMATIC} <= {*RESERVED}
    assert not {*RESERVED} & bundled_models().keys()
