"""The record of how a result was made, which goes wherever the result goes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from napari_unet.core.config import DecodeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.option import Config, is_newer
from napari_unet.core.segment_request import SegmentRequest

PROGRAM = "napari-unet-studio"
KEY = "napari_unet"
"""Under which a record stands in the attributes of a zarr folder."""
_DIGEST = "digest"
_ALL_BUT = "all but "


@dataclass(frozen=True)
class ModelFile(Config):
    """Which model it was.

    Parameters
    ----------
    name
        Its own name.
    file
        By what `find_model` finds it: the name of a bundled or kept model, or a whole path; empty
        for one that was in no file.
    sha256
        Digest of all bytes of its file.
    """

    name: str = ""
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class SourceFile(Config):
    """Which image it was.

    Parameters
    ----------
    file
        Whole path of the file, or of the folder of an OME-Zarr; empty for one in no file.
    series
        Which of the images in the file, counted from 0.
    sha256
        Digest of what `hashed` says.
    hashed
        Of what the digest is, in words.
    part
        What of the image was segmented, such as ``"T3"``, or ``"all but T3, T5"`` where planes were
        segmented anew in another way; empty for all of it.
    """

    file: str = ""
    series: int = 0
    sha256: str = ""
    hashed: str = ""
    part: str = ""


@dataclass(frozen=True)
class Provenance(Config):
    """What a result was made with.

    Parameters
    ----------
    version, python, numpy, torch
        Versions of this program and of what it computes with.
    model
        The model.
    request
        How the image was segmented, with its axes, and the values with which objects were made.
        The memory that was free is left away: no result depends on it.
    by
        Pixels that the network saw per pixel of the image, per spatial axis; empty for the image's
        own size.
    size
        The sentence on the size that was found; empty where there is nothing to say.
    min_size
        The smallest size of objects in pixels of the image.
    device
        What computed: ``"cpu"``, or the name of a GPU.
    blocks
        Whether the image was worked on block by block, and its labels lie in OME-Zarr.
    source
        The image.
    kind
        What a file holds: ``"instances"``, ``"semantic"``, ``"objects"``, ``"probabilities"`` or
        ``"uncertainty"``.
    edited
        Whether a person has changed objects since.
    """

    PARTS: ClassVar = {"model": ModelFile, "request": SegmentRequest, "source": SourceFile}

    program: str = PROGRAM
    version: str = ""
    python: str = ""
    numpy: str = ""
    torch: str = ""
    model: ModelFile = ModelFile()
    request: SegmentRequest = SegmentRequest()
    by: tuple[float, ...] = ()
    size: str = ""
    min_size: int = 0
    device: str = ""
    blocks: bool = False
    source: SourceFile = SourceFile()
    kind: str = "instances"
    edited: bool = False

    def decoded(self, config: DecodeConfig) -> Self:
        """Return the record of the same with its objects made in another way."""
        request = self.request.replace(decode=config)
        return self.replace(request=request, min_size=config.smallest(self.by))

    def overwritten(self, by: Self) -> Self:
        """Return the record of a result a plane of which was segmented anew.

        It is the record of all but that plane. Of planes that were segmented one by one it is that
        of the newest.

        Parameters
        ----------
        by
            The record of the plane.
        """
        known, plane = self.source.part, by.source.part
        if known and not known.startswith(_ALL_BUT):
            return by
        planes = known.removeprefix(_ALL_BUT).split(", ") if known else []
        part = _ALL_BUT + ", ".join(dict.fromkeys([*planes, plane]))
        return self.replace(source=self.source.replace(part=part))

    def to_json(self) -> str:
        """Return the record as one line of ASCII, with a digest of itself."""
        values = self.to_dict()
        return json.dumps(values | {_DIGEST: _digest(values)}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, file: str) -> Self:
        """Read what `to_json` has written.

        Parameters
        ----------
        text
            The record.
        file
            Name of the file that it stands in, for the sentence.

        Raises
        ------
        UserError
            If it is of another program, of a newer version, damaged, or was edited.
        """
        try:
            values: dict[str, Any] = dict(json.loads(text))
        except (ValueError, TypeError) as error:
            raise _damaged(file) from error
        if values.get("program") != PROGRAM:
            raise UserError(f"{file} was not made by U-Net Studio, so it cannot be made again.")
        if is_newer(values.get("format")):
            raise UserError(f"{file} was made by a newer version: update napari-unet-studio.")
        if values.pop(_DIGEST, None) != _digest(values):
            raise _damaged(file)
        try:
            return cls.from_dict(values)
        except UserError as error:
            raise error.of(file) from error


def _digest(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _damaged(file: str) -> UserError:
    return UserError(
        f"What {file} says about how it was made is damaged or was edited, so it cannot be "
        "believed: segment the image again."
    )
