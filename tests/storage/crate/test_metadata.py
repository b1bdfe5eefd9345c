"""The metadata obeys the rules of RO-Crate 1.1, and nothing odd is read from it."""

import json
from urllib.parse import urlparse

import pytest

from napari_unet.core.errors import UserError
from napari_unet.storage.crate.content import Card, Crate, PackedFile, Part, in_words, is_allowed
from napari_unet.storage.crate.metadata import METADATA, from_json, to_json

DIGEST = "0" * 64
PARTS = (
    Part("models/my cells.safetensors", (PackedFile("models/my cells.safetensors", 7, DIGEST),)),
    Part(
        "runs/2026 ä",
        (
            PackedFile("runs/2026 ä/run.json", 3, DIGEST),
            PackedFile("runs/2026 ä/samples/0000.npz", 5, DIGEST),
        ),
    ),
)
CRATE = Crate(
    Card("Title", ("Ada Lovelace", "Ö"), "CC-BY-4.0"), "2026-11-29T12:00:00+00:00", "1.2", PARTS
)


def graph(text):
    return {each["@id"]: each for each in json.loads(text)["@graph"]}


def test_there_and_back():
    assert from_json(to_json(CRATE).encode(), "it.zip") == CRATE


def test_the_rules_of_the_specification():
    """As its sections on the root data entity, data entities and identifiers have them."""
    text = to_json(CRATE)
    context, *_ = json.loads(text)["@context"]
    assert context == "https://w3id.org/ro/crate/1.1/context"
    known = graph(text)
    assert len(known) == len(json.loads(text)["@graph"])  # flat: each @id once
    assert all(each["@type"] for each in known.values())
    about = known["ro-crate-metadata.json"]
    assert about["@type"] == "CreativeWork"
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert about["about"] == {"@id": "./"}
    root = known["./"]
    assert root["@type"] == "Dataset"
    assert {"name", "description", "datePublished", "license"} <= set(root)
    for each in known:  # URI references, so without blanks, and relative for what is inside
        assert each.isascii()
        assert " " not in each
        assert urlparse(each).scheme in ("", "https")
    reached, todo = set(), [root]
    while todo:
        parts = [known[part["@id"]] for part in todo.pop().get("hasPart", [])]
        reached |= {part["@id"] for part in parts}
        todo += parts
    data = {key for key, each in known.items() if each["@type"] in ("File", "Dataset")}
    assert reached == data - {"./"}
    for key in reached:
        assert key.endswith("/") == (known[key]["@type"] == "Dataset")
        if known[key]["@type"] == "File":
            assert {"name", "encodingFormat", "contentSize", "sha256"} <= set(known[key])
    assert [known[each["@id"]]["@type"] for each in root["author"]] == ["Person"] * 2
    assert known[root["license"]["@id"]]["name"] == "CC-BY-4.0"
    (program,) = (each for each in known.values() if each["@type"] == "SoftwareApplication")
    (action,) = (each for each in known.values() if each["@type"] == "CreateAction")
    assert action["instrument"]["@id"] == program["@id"]
    assert action["result"]["@id"] == "./"


def test_what_is_not_said_is_left_away():
    bare = graph(to_json(Crate(Card(), "2026-11-29", "1.2", PARTS)))
    assert not {"author", "license"} & set(bare["./"])
    assert "1 model and 1 training" in bare["./"]["name"]


def changed(change):
    values = json.loads(to_json(CRATE))
    change({each["@id"]: each for each in values["@graph"]})
    return json.dumps(values).encode()


def rename(old, new):
    def change(known):
        known[old]["@id"] = new
        for each in known.values():
            each["hasPart"] = [
                {"@id": new if part["@id"] == old else part["@id"]}
                for part in each.get("hasPart", [])
            ]
            if not each["hasPart"]:
                del each["hasPart"]

    return changed(change)


MODEL, RUN = "models/my%20cells.safetensors", "runs/2026%20%C3%A4"


@pytest.mark.parametrize(
    "text",
    [
        rename(MODEL, "models/../../evil.safetensors"),
        rename(MODEL, "/models/evil.safetensors"),
        rename(MODEL, "models/..%5C..%5Cevil.safetensors"),
        rename(MODEL, "models/C:evil.safetensors"),
        rename(MODEL, "models/evil.py"),
        rename(MODEL, "models/.safetensors/evil.safetensors"),
        rename(MODEL, "home/evil.safetensors"),
        rename(f"{RUN}/run.json", "runs/other/run.json"),
        rename(f"{RUN}/run.json", f"{RUN}/lock"),
        rename(f"{RUN}/run.json", f"{RUN}/samples/../run.json"),
        rename(f"{RUN}/", "runs/"),
        rename(f"{RUN}/", "runs/../"),
    ],
)
def test_a_file_that_would_lie_elsewhere(text):
    with pytest.raises(UserError, match="not to be trusted"):
        from_json(text, "it.zip")


def double(known):
    known["./"]["hasPart"] += known["./"]["hasPart"][:1]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"@graph": 3}',
        b"[" * 100_000,
        changed(lambda known: known[MODEL].pop("sha256")),
        changed(lambda known: known[MODEL].update(contentSize="-1")),
        changed(lambda known: known[MODEL].update(contentSize="many")),
        changed(lambda known: known[f"{RUN}/"].update(hasPart=[])),
        changed(lambda known: known["./"].update(hasPart=[{"@id": "nowhere"}])),
        changed(double),
    ],
)
def test_damaged(text):
    with pytest.raises(UserError, match=r"it\.zip is damaged, as its .* cannot be read"):
        from_json(text, "it.zip")


def test_of_another_program_or_a_newer_version():
    other = changed(lambda known: known["#napari-unet-studio"].update({"@id": "#other"}))
    with pytest.raises(UserError, match="made by another program"):
        from_json(other, "it.zip")
    newer = changed(lambda known: known[METADATA].update(version=99))
    with pytest.raises(UserError, match="newer version: update"):
        from_json(newer, "it.zip")


def test_words_of_others_are_one_line():
    text = changed(lambda known: known["./"].update(name="a\x1b[2J\nb"))
    assert from_json(text, "it.zip").card.title == "a[2Jb"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("annotations/a b/images/ä 1.tif", True),
        ("annotations/a/images/one.py", False),
        ("annotations/a/other/one.tif", False),
        ("runs/a/replayed/nuclei/0000.npz", True),
        ("runs/a/replayed/0000.npz", False),
        ("settings/a.json", True),
        ("settings/a\n.json", False),
        ("settings/.json", False),
        ("settings/a.json ", False),
        ("settings//a.json", False),
        ("settings/nul.json", False),
        ("annotations/Aux/images/one.tif", False),
        ("", False),
    ],
)
def test_what_may_be_in_a_package(path, allowed):
    assert is_allowed(path) == allowed


def test_in_words():
    assert in_words(PARTS) == "1 model and 1 training"
    assert in_words((*PARTS, PARTS[1], Part("settings/a.json", ()))) == (
        "1 model, 2 trainings and 1 file of settings"
    )
