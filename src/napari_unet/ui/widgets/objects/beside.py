"""What lies beside measured objects and tells more of them: classes, probability, height."""

from __future__ import annotations

from collections.abc import Sequence

from napari.layers import Labels, Layer

from napari_unet.ui.annotate.annotation_layers import annotation_layers
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.widgets.objects.one_result import of_one_result, run_of

ROLES = {"semantic": "classes", "classes": "classes", "height": "height", "uncertainty": "spread"}
"""What result layers beside the objects are called, and what is read from them."""
PAINTED = {"semantic", "classes"}
"""Those that a person may have changed: what else was found, the result itself knows best."""


def beside(labels: Labels, layers: Sequence[Layer]) -> list[tuple[Layer, str]]:
    """Return the layers of what objects were found with, and their roles.

    Beside objects of which it is not known they are those of the newest result.
    """
    roles = [(layer, str(layer.metadata.get(MADE, {}).get("role", ""))) for layer in layers]
    found = [
        (layer, role)
        for layer, role in roles
        if (role in ROLES or role.startswith("probability"))
        and of_one_result(labels, layer)
        and not _is_foreign(labels, layer, role)
    ]
    runs = [run for layer, _ in found if (run := run_of(layer)) is not None]
    return [(layer, role) for layer, role in found if run_of(layer) in (None, *runs[-1:])]


def _is_foreign(labels: Labels, layer: Layer, role: str) -> bool:
    """Return whether a layer has the classes of other objects in the same image."""
    parts, classes = annotation_layers(labels), ROLES.get(role) == "classes"
    return classes and (role == "classes" if parts is None else layer is not parts.semantic)
