"""What of the settings of *Segment* is not as usual, in words."""

from __future__ import annotations

from napari_unet.core.segment_request import SegmentRequest
from napari_unet.ui.widgets.decode_box import DecodeBox


def in_words(used: SegmentRequest, values: DecodeBox) -> str:
    """Say what of the settings is not as usual."""
    changed = [f"{title} {value:g}" for title, value in values.changes()]
    words = changed or ["the model's own values"]
    if used.size.match == "off":
        words.append("size not matched")
    elif used.size.match != "automatic":
        words.append(f"{used.size.match} matched")
    if used.grey.invert:
        words.append("dark and bright exchanged")
    if used.link.planes is False:
        words.append("planes not joined")
    if used.link.frames:
        words.append("objects followed through time")
    if used.axes:
        words.append(f"axes {' '.join(used.axes)}")
    return ", ".join(words)
