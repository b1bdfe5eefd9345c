"""With what images were segmented, to segment others in the same way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.option import Config
from napari_unet.core.provenance.record import PROGRAM, ModelFile, Provenance
from napari_unet.core.segment_request import SegmentRequest


@dataclass(frozen=True)
class Settings(Config):
    """With what images were segmented.

    Parameters
    ----------
    model
        The model.
    request
        How images are segmented, without what is true of one image or of one computer only: its
        axes, the size of its pixels, the device and its memory.
    """

    PARTS: ClassVar = {"model": ModelFile, "request": SegmentRequest}

    program: str = PROGRAM
    model: ModelFile = ModelFile()
    request: SegmentRequest = SegmentRequest()

    @classmethod
    def of(cls, made: Provenance) -> Self:
        """Return the settings that a result was made with."""
        asked, tiles = made.request, made.request.tiles
        # a record says of each image whether its planes were joined, also where nobody chose
        usual = asked.link.planes or "Z" not in (asked.axes or "")
        link = asked.link.replace(planes=None) if usual else asked.link
        request = asked.replace(
            axes=None,
            spacing=(),
            tiles=TileConfig(precision=tiles.precision, views=tiles.views),
            link=link,
        )
        return cls(model=made.model, request=request)

    def to_json(self) -> str:
        """Return the settings as text."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, file: str) -> Self:
        """Read what `to_json` has written.

        Parameters
        ----------
        text
            The settings.
        file
            Name of the file that they stand in, for the sentence.

        Raises
        ------
        UserError
            If they are of another program, of a newer version, or damaged.
        """
        try:
            values: dict[str, Any] = dict(json.loads(text))
        except (ValueError, TypeError, RecursionError):
            values = {}
        if values.get("program") != PROGRAM or "request" not in values:
            raise UserError(f"{file} holds no settings of U-Net Studio: choose another file.")
        try:
            return cls.from_dict(values)
        except UserError as error:
            raise error.of(file) from error
