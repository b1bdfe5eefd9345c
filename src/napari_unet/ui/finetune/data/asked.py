"""What the *Fine-tune* widget is asked to train, also to be copied as a command and as Python."""

from __future__ import annotations

from dataclasses import replace

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.errors import UserError
from napari_unet.runs.config import AUTOMATIC
from napari_unet.runs.work import TrainingWork
from napari_unet.ui.finetune.data.training_request import TrainingRequest
from napari_unet.ui.finetune.form import FineTuneForm


def asked(form: FineTuneForm, images: tuple[AnnotatedImage, ...]) -> TrainingRequest:
    """Return what is chosen.

    Parameters
    ----------
    form
        Where it is chosen.
    images
        Copies of what is learnt from with layers of the window.

    Raises
    ------
    UserError
        If something is not chosen.
    """
    train, targets = form.chosen()
    return TrainingRequest(
        images=images,
        notes=form.pairs.notes(),
        folders=tuple(form.pairs.folders),
        header=form.model.header(),
        start=form.model.path(),
        automatic=form.model.value == AUTOMATIC,
        length=form.length(),
        ndim=form.extent.chosen(),
        device=form.device(),
        train=train,
        targets=targets,
    )


def written_down(form: FineTuneForm) -> TrainingWork:
    """Return what is chosen as it can be written down.

    Raises
    ------
    UserError
        If something is not chosen, or it does not learn from one folder alone, which is what a
        command can read.
    """
    for image, _ in form.pairs.layers():
        raise UserError(
            f"What is painted on “{image.name}” is in this window only, which a command cannot "
            "read: save it in Annotate, choose that folder with “Folder…”, and take the pair away "
            "with ✕."
        )
    request = replace(asked(form, ()), ndim=form.extent.value)
    if not request.folders:
        raise UserError("There is nothing to learn from: choose a folder of annotations.")
    if len(request.folders) > 1:
        raise UserError("A command learns from one folder: save all annotations in the same one.")
    from napari_unet.io.annotations.read import annotated_folders  # noqa: PLC0415 - loads all readers
    from napari_unet.io.pairs.match import match_files  # noqa: PLC0415

    folder = request.folders[0]
    names, _ = match_files(*annotated_folders(folder), images=True)
    return TrainingWork(str(folder), request.base(next(iter(names))), request.settled)
