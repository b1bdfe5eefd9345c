"""The metadata of a package as RO-Crate 1.1 has it, made and read.

RO-Crate (Research Object Crate) is a form of JSON-LD that archives and other programs read: each
file and folder is an entity, and points to others by their ``@id``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from napari_unet.core.errors import UserError
from napari_unet.core.option import FORMAT, is_newer
from napari_unet.core.provenance.record import PROGRAM
from napari_unet.storage.crate.content import (
    MODELS,
    RUNS,
    SETTINGS,
    Card,
    Crate,
    PackedFile,
    Part,
    in_words,
    is_allowed,
)

METADATA = "ro-crate-metadata.json"
_ROOT, _OURS, _MADE = "./", f"#{PROGRAM}", "#packed"
_CONFORMS = "https://w3id.org/ro/crate/1.1"
_CONTEXT = [f"{_CONFORMS}/context", {"sha256": "http://schema.org/sha256"}]
_LICENCES = "https://spdx.org/licenses/"
_HOME = f"https://pypi.org/project/{PROGRAM}/"
_FORMS = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "tif": "image/tiff",
    "csv": "text/csv",
    "npz": "application/zip",
}
_BINARY = "application/octet-stream"
_TOLD = {MODELS: "A model", RUNS: "A training that can be continued", SETTINGS: "Settings"}
Entity = dict[str, Any]


def to_json(crate: Crate) -> str:
    """Return the metadata of a package."""
    card, graph = crate.card, [*_frame(crate), *_about(crate.card)]
    for part in crate.parts:
        graph += _entities(part)
    root = graph[1]
    root["hasPart"] = [{"@id": _id(part)} for part in crate.parts]
    if card.authors:
        root["author"] = [{"@id": _person(name)} for name in card.authors]
    if card.licence:
        root["license"] = {"@id": _licence(card.licence)}
    return json.dumps({"@context": _CONTEXT, "@graph": graph}, indent=1) + "\n"


def _frame(crate: Crate) -> list[Entity]:
    """Return what every package has: what this is, the whole, and who made it with what."""
    told = in_words(crate.parts)
    return [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": _CONFORMS},
            "about": {"@id": _ROOT},
            "version": FORMAT,
        },
        {
            "@id": _ROOT,
            "@type": "Dataset",
            "name": crate.card.title or f"Shared from U-Net Studio: {told}",
            "description": f"{told} of U-Net Studio, for napari-unet share open.",
            "datePublished": crate.date,
        },
        {
            "@id": _OURS,
            "@type": "SoftwareApplication",
            "name": PROGRAM,
            "version": crate.version,
            "url": _HOME,
        },
        {
            "@id": _MADE,
            "@type": "CreateAction",
            "name": "Packed for sharing",
            "endTime": crate.date,
            "instrument": {"@id": _OURS},
            "result": {"@id": _ROOT},
        },
    ]


def _about(card: Card) -> Iterator[Entity]:
    for name in card.authors:
        yield {"@id": _person(name), "@type": "Person", "name": name}
    if card.licence:
        licence = {"@type": "CreativeWork", "name": card.licence}
        yield {"@id": _licence(card.licence), **licence}


def _entities(part: Part) -> Iterator[Entity]:
    told = _TOLD.get(part.kind, "Annotated images")
    if not part.is_folder:
        yield {**_file(part.files[0]), "description": told}
        return
    inside = [{"@id": quote(file.path)} for file in part.files]
    folder = {"@id": _id(part), "@type": "Dataset", "name": part.name, "description": told}
    yield folder | {"hasPart": inside}
    yield from map(_file, part.files)


def _file(file: PackedFile) -> Entity:
    return {
        "@id": quote(file.path),
        "@type": "File",
        "name": file.path.rpartition("/")[2],
        "encodingFormat": _FORMS.get(file.path.rpartition(".")[2], _BINARY),
        "contentSize": str(file.size),
        "sha256": file.sha256,
    }


def _id(part: Part) -> str:
    return quote(part.path) + "/" * part.is_folder


def _licence(name: str) -> str:
    return name if "://" in name else _LICENCES + quote(name)


def _person(name: str) -> str:
    return f"#{quote(name)}"


def from_json(text: bytes, package: str) -> Crate:
    """Read what `to_json` has written.

    Parameters
    ----------
    text
        The metadata.
    package
        What the package is called, for the sentence.

    Raises
    ------
    UserError
        If it is damaged, of another program or of a newer version, or names a file that would lie
        outside of the package or that no package has.
    """
    try:
        known = {each["@id"]: each for each in json.loads(text)["@graph"]}
        about = known[METADATA]
        root = known[about["about"]["@id"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(package) from error
    if _OURS not in known:
        raise UserError(
            f"{package} was made by another program: open it there, as U-Net Studio opens only "
            "what it has packed itself."
        )
    if is_newer(about.get("version")):
        raise UserError(
            f"{package} was written by a newer version: update napari-unet-studio to open it."
        )
    try:
        return _crate(root, known)
    except _Stray as error:
        raise UserError(
            f"{package} holds a file that is none of a shared package or would lie outside of it "
            f"({error}), so it is not to be trusted: get it again from whoever sent it."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(package) from error


class _Stray(Exception):  # noqa: N818 - is told in a sentence
    """A path that may not be in a package."""


def _crate(root: Entity, known: Mapping[str, Entity]) -> Crate:
    licence = unquote(root.get("license", {}).get("@id", "").removeprefix(_LICENCES))
    authors = tuple(_line(known[each["@id"]]["name"]) for each in root.get("author", []))
    parts = tuple(_part(known[each["@id"]], known) for each in root["hasPart"])
    if len({part.path for part in parts}) < len(parts):
        raise ValueError(parts)
    return Crate(
        card=Card(_line(root["name"]), authors, _line(licence)),
        date=_line(root["datePublished"]),
        version=_line(known[_OURS]["version"]),
        parts=parts,
    )


def _line(text: Any) -> str:
    """Return a text without what would move the cursor of a terminal, or end the line."""
    return "".join(filter(str.isprintable, str(text)))


def _part(entity: Entity, known: Mapping[str, Entity]) -> Part:
    path = unquote(entity["@id"]).removesuffix("/")
    inside = [known[each["@id"]] for each in entity["hasPart"]] if "hasPart" in entity else [entity]
    if not inside:
        raise ValueError(path)
    files = tuple(map(_packed, inside))
    for file in files:
        if "/".join(file.path.split("/")[:2]) != path or not is_allowed(file.path):
            raise _Stray(file.path)
    return Part(path, files)


def _packed(entity: Entity) -> PackedFile:
    size = int(entity["contentSize"])
    if size < 0:
        raise ValueError(size)
    return PackedFile(unquote(entity["@id"]), size, str(entity["sha256"]))


def _damaged(package: str) -> UserError:
    return UserError(f"{package} is damaged, as its {METADATA} cannot be read: get it again.")
