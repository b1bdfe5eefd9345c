"""The page of a package: what its model is for, and how its output becomes objects."""

from __future__ import annotations

from collections.abc import Sequence

from napari_unet.core.image.normalize import BEYOND
from napari_unet.nn.exchange.block import Block
from napari_unet.nn.model import Model
from napari_unet.storage.model_card import ModelCard, bundled_page, learnt_from

_FIGURES = {
    "ap50": "average precision {:.3f} at IoU 0.5",
    "ap75": "{:.3f} at IoU 0.75",
    "ap": "mean AP {:.3f}",
}
"""How the figures of a validation are said."""


def readme(model: Model, card: ModelCard, blocks: Sequence[Block]) -> str:
    """Return the page, in Markdown.

    Parameters
    ----------
    model, card
        What it is about.
    blocks
        Along each spatial axis.
    """
    page = bundled_page({"name": model.name, "about": model.about})
    return "\n\n".join(
        [
            page.strip() or _own_page(model, card),
            "# In this package",
            _grey_values(model),
            _output(model),
            _objects(model),
            _sizes(model, blocks),
            _validation(model),
        ]
    )


def _own_page(model: Model, card: ModelCard) -> str:
    parts = [f"# {model.name}", card.description]
    for entry in model.about.get("history", []):
        parts.append(f"Trained {learnt_from(entry)}, {entry['when'][:10]}.")
    return "\n\n".join(filter(None, [*parts, f"Licence: {card.licence}."]))


def _grey_values(model: Model) -> str:
    low, high = f"{model.normalize.low:g}", f"{model.normalize.high:g}"
    return f"""## Grey values

Each channel is brought between its percentiles {low} and {high}, as the preprocessing `scale_range`
says, and what is more than {BEYOND:g} times the range beyond them is cut off. U-Net Studio does the
same, with four differences. `scale_range` adds 0.000001 to the range, which changes nothing in
images of 8 or 16 bits. A channel whose percentiles are one value is scaled by its darkest and
brightest pixel in U-Net Studio. Of images beyond 16 million pixels it takes the percentiles from an
even sample, and those of an image with a bright scale bar or text without these."""


def _output(model: Model) -> str:
    classes = ("background", *model.config.classes)
    lines = [
        "## What comes out",
        "",
        f"- `probabilities`: of each class, from 0 to 1: {', '.join(classes)}.",
    ]
    if model.config.height:
        lines.append(
            "- `height`: high inside an object, low at its border, to tell touching objects apart."
        )
    return "\n".join(lines)


def _objects(model: Model) -> str:
    decode = model.decode
    summits = "the height" if model.config.height else "the foreground's probability"
    return f"""## Objects

The package runs no code of its own after the network, so that every program may use it; nothing in
it numbers the objects. U-Net Studio does, once the package is imported there (`napari-unet model
import`). Elsewhere, make them so: the foreground is where 1 minus the background's probability is
at least {decode.threshold:g}; {summits} is smoothed (Gaussian, 1 pixel); each pixel of the
foreground belongs to the summit that is reached uphill; two summits are one object where the lower
one rises less than {decode.split:g} above the saddle between them; objects of fewer than
{decode.min_size} pixels are dropped. A watershed from summits of that prominence comes close."""


def _sizes(model: Model, blocks: Sequence[Block]) -> str:
    halo = " x ".join(str(block.halo) for block in blocks)
    step = " x ".join(str(block.step) for block in blocks)
    known, working = model.object_size, model.sizes.working or (1.0,)
    told = f"It knows objects of about {known:.3g} pixels across." if known else ""
    if set(working) != {1.0}:
        by = " x ".join(f"{each:.2g}" for each in working)
        told += f" It has seen its images at {by} of their size: bring others there first."
    elif known:
        told += " Bring images with much larger or smaller ones to that size first."
    return f"""## Sizes

Large images may be cut into blocks. With a halo of {halo} pixels, and blocks that begin at
multiples of {step}, the parts fit together as if the image had been seen whole. At the image's own
border a program may mirror the image; U-Net Studio lets it end there, so that results differ
within the halo. {told}"""


def _validation(model: Model) -> str:
    figures = model.about.get("validation") or {}
    told = [
        words.format(figures[key])
        for key, words in _FIGURES.items()
        if isinstance(figures.get(key), float)
    ]
    said = f"On images that it has not learnt from: {', '.join(told)}. " if told else ""
    return f"""# Validation

{said}Compare its objects with some that you have marked yourself, on images that it has not learnt
from: `napari-unet evaluate PREDICTED TRUTH` gives average precision, F1, splits and merges."""
