"""What others are told of a model: who made it, what it finds, and what may be done with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from napari_unet.core.errors import UserError
from napari_unet.core.words import counted
from napari_unet.storage.model_header import bundled_models

_MAKERS = ("The U-Net Studio developers",)
"""Of the bundled models."""
_LONGEST = 1024
"""Letters of a description in a package of bioimage.io."""
_DOI = re.compile(r"10\.\d{4,}/[\w./()-]*\w")


@dataclass(frozen=True)
class ModelCard:
    """What others are told of a model.

    Parameters
    ----------
    authors
        Names of those who made it.
    licence
        Under which it is given away, as the short name of the SPDX list, such as ``"CC-BY-4.0"``.
    description
        What it finds, in a sentence.
    cite
        DOIs of what is to be cited with it, such as ``"10.1038/s41592-019-0612-7"``.
    """

    authors: tuple[str, ...] = ()
    licence: str = ""
    description: str = ""
    cite: tuple[str, ...] = ()

    def stated(self) -> dict[str, Any]:
        """Return what is said at all, as a model file holds it in its ``about``."""
        values = {
            "authors": [*filter(None, map(str.strip, self.authors))],
            "licence": self.licence.strip(),
            "description": self.description.strip(),
            "cite": [*filter(None, map(str.strip, self.cite))],
        }
        return {name: value for name, value in values.items() if value}


def known_card(header: Mapping[str, Any]) -> ModelCard:
    """Return what a model file says of this, and its page where it is bundled; empty for unknown.

    Parameters
    ----------
    header
        As `read_header` returns it, of which the ``name`` and ``about`` are looked at.
    """
    about, page = header["about"], bundled_page(header)
    found = _DOI.findall(page or str(about.get("data", "")))
    return ModelCard(
        authors=tuple(about.get("authors", _MAKERS if page else ())),
        licence=str(about.get("licence", "")).replace(" ", "-"),
        description=str(about.get("description", "")),
        cite=tuple(dict.fromkeys([*found, *about.get("cite", ())])),
    )


def bundled_page(header: Mapping[str, Any]) -> str:
    """Return the page that comes with a bundled model, in Markdown; empty for any other model.

    Parameters
    ----------
    header
        As for `known_card`.
    """
    path = bundled_models().get(header["name"])
    page = path and path.with_suffix(".md")
    # a model that somebody has trained may be called the same, but no recipe makes it
    if page is None or not page.exists() or "recipe" not in header["about"]:
        return ""
    return page.read_text(encoding="utf-8")


def learnt_from(entry: Mapping[str, Any]) -> str:
    """Say from which start and on what a model was trained, of an entry of its history."""
    images = counted(len(entry["images"]), "image")
    objects = "" if entry["objects"] is None else f"{counted(entry['objects'], 'object')} in "
    return f"from {entry['start'] or 'scratch'} on {objects}{images}"


def completed(card: ModelCard, header: Mapping[str, Any]) -> ModelCard:
    """Return a card with what is missing taken from the model file.

    Parameters
    ----------
    card
        What somebody has said.
    header
        As for `known_card`.

    Raises
    ------
    UserError
        If something is missing that nobody but the user knows, or is too long.
    """
    known = known_card(header)
    whole = ModelCard(
        tuple(filter(None, map(str.strip, card.authors))) or known.authors,
        card.licence.strip() or known.licence,
        card.description.strip() or known.description,
        tuple(dict.fromkeys((*known.cite, *card.cite))),
    )
    name = header["name"]
    if not whole.authors:
        raise UserError(f"Nobody is named who made {name!r}: name its author.", about="author")
    if not whole.licence:
        raise UserError(
            f"It is not said what others may do with {name!r}: give a licence, such as CC-BY-4.0.",
            about="licence",
        )
    if not whole.description:
        raise UserError(
            f"It is not said what {name!r} finds: describe it in a sentence.", about="description"
        )
    if len(whole.description) > _LONGEST:
        raise UserError(
            f"The description has {len(whole.description):,} letters: {_LONGEST:,} are the most "
            "that other programs take.",
            about="description",
        )
    return whole
