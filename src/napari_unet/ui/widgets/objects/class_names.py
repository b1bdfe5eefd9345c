"""What the classes of objects are called, in an annotation or by the model that found them."""

from __future__ import annotations

from contextlib import suppress

from napari.layers import Layer

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.storage.model_header import find_model, read_header
from napari_unet.ui.layers.metadata import ANNOTATION, MADE
from napari_unet.ui.widgets.objects.one_result import of_one_result


def class_names(objects: Layer, semantic: Layer) -> tuple[str, ...]:
    """Return what the classes in a layer are called; nothing where nobody has named them.

    Parameters
    ----------
    objects
        The objects of an annotation or of a result.
    semantic
        The classes.
    """
    parts = objects.metadata.get(ANNOTATION)
    if parts is not None:
        return tuple(parts.class_names) if semantic is parts.semantic else ()
    return learnt_names(model_of(objects)) if of_one_result(objects, semantic) else ()


def model_of(objects: Layer) -> str:
    """Return the file of the model that found objects, or its name; empty where none did."""
    made = objects.metadata.get(MADE, {}).get("made")
    return "" if made is None else str(made.model.file)


def learnt_names(model: str) -> tuple[str, ...]:
    """Return what a model calls its classes; nothing where it has one only, or is gone."""
    if model:
        with suppress(UserError):
            config = ModelConfig.from_dict(read_header(find_model(model))["config"])
            return config.classes if len(config.classes) > 1 else ()
    return ()
