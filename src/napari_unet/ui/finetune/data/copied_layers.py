"""Which layers were learnt from, under the names that they had when they were copied."""

from __future__ import annotations

from weakref import ReferenceType, ref

from napari.layers import Image, Labels


class CopiedLayers:
    """Finds the layers that copies were made of, whatever they are called since."""

    def __init__(self) -> None:
        self._layers: dict[str, tuple[ReferenceType[Image], ReferenceType[Labels]]] = {}

    def add(self, name: str, image: Image, labels: Labels) -> None:
        """Remember an image and its annotation; both may be deleted all the same."""
        self._layers[name] = ref(image), ref(labels)

    def find(self, name: str) -> tuple[Image, Labels] | None:
        """Return the image that was copied under a name, and its annotation; None for neither."""
        found = self._layers.get(name)
        image, labels = (None, None) if found is None else (found[0](), found[1]())
        return None if image is None or labels is None else (image, labels)
