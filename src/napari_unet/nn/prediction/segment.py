"""From an image to instance and semantic labels: the one path of viewer, shell and Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from napari_unet.core.decoding.advice import Advice
from napari_unet.core.decoding.fit import Fit
from napari_unet.core.decoding.seen import Seen
from napari_unet.core.decoding.segmentation import Segmentation
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.check import check_image
from napari_unet.core.image.resample import resampled
from napari_unet.core.instances.link import check_link, note_on_guess, settled
from napari_unet.core.progress import Progress, Steps, drive
from napari_unet.core.segment_request import RequestFields, SegmentRequest
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.best_model import Chosen, chosen_steps, resort_advice_steps
from napari_unet.nn.prediction.made_with import made_with
from napari_unet.nn.prediction.match_size import at_size, matched_steps
from napari_unet.nn.prediction.predict import Output, predict_steps


def segment_steps(
    image: Any,
    model: str | Path | Model = "nuclei",
    request: SegmentRequest | None = None,
    by: Sequence[float] | None = None,
) -> Steps[Segmentation]:
    """Segment an image step by step: `segment` is this, driven to its end.

    Parameters
    ----------
    image, model, request
        As for `segment`.
    by
        Pixels that the network shall see per pixel of the image, per spatial axis, empty for the
        image's own size, whatever the request says; None to do as it says.

    Yields
    ------
    Progress with the tiles done; it tells the device, and has a notice if something was guessed,
    chosen or had to be changed.
    """
    check_image(image, blank_allowed=True)
    request = request or SegmentRequest()
    chosen = yield from chosen_steps(image, model, request)
    model, request = chosen.model, chosen.request
    ndim = model.config.ndim
    axes, planes = request.arranged(image, model.config)
    check_link(axes, ndim, request.link)
    guess = "" if request.axes else note_on_guess(axes, image.shape, ndim, request.link)
    if noticed := " ".join(filter(None, (chosen.told, guess))):
        yield Progress("segmenting", notice=noticed)
    pixel = request.pixel(axes).of(SPATIAL[ndim])
    if by is None:
        matched = yield from matched_steps(planes, model, request.size, pixel, request.tiles)
    else:
        matched = at_size(planes, by)
    output = yield from predict_steps(matched.planes, model, request.tiles)
    seen, fit, advice = yield from _judged_steps(image, chosen, output)
    if matched.planes.spatial != planes.spatial:
        yield Progress("bringing back to full size")
        output = _at_size(output, planes.spatial)
    yield Progress("finding objects")
    found = Segmentation.from_output(
        output.probabilities, output.height, ndim, request.decode or model.decode, matched.match
    )
    found = replace(
        found,
        spread=output.spread,
        empty=output.empty,
        guess=" ".join(filter(None, (chosen.told, planes.told, guess))),
        gaps=output.gaps,
        seams=model.network.seams(matched.planes.spatial),
        model=model.name,
        chosen=chosen.automatic,
        seen=seen,
        fit=fit,
        advice=advice,
        made=made_with(model, request, axes, planes, matched.match),
    )
    return found.linked(planes.axes, settled(request.link, planes.axes, planes.lead))


def _judged_steps(image: Any, chosen: Chosen, output: Output) -> Steps[tuple[Seen, Fit, Advice]]:
    """Tell how well the image fits the model, and what may be better where it does not."""
    model, exchanged = chosen.model, chosen.request.grey.invert
    seen = Seen.of([output.probabilities], output.greys, len(model.config.classes))
    fit = Fit.of(seen, model.known, exchanged=exchanged)
    advice = Advice.on(fit, exchanged=exchanged)
    if not advice.told:
        advice = yield from resort_advice_steps(image, chosen)
    return seen, fit, advice


def _at_size(output: Output, spatial: tuple[int, ...]) -> Output:
    return replace(
        output,
        probabilities=resampled(output.probabilities, spatial),
        height=None if output.height is None else resampled(output.height, spatial),
        spread=None if output.spread is None else resampled(output.spread, spatial),
    )


def segment(
    image: Any,
    model: str | Path | Model = "nuclei",
    request: SegmentRequest | None = None,
    **fields: Unpack[RequestFields],
) -> Segmentation:
    """Segment an image into instances and classes.

    Parameters
    ----------
    image
        numpy, dask or zarr array, any real dtype: a picture, a stack, with or without channels.
    model
        Name of a bundled model, path of a model file, or a loaded `Model`; ``"auto"`` for the
        bundled one that fits the image best.
    request
        How it is segmented; see `SegmentRequest`.
    **fields
        Fields of a `SegmentRequest` by their names (`axes`, `channels`, `spacing`, `tiles`,
        `decode`, `size`, `grey`, `link`), in place of a request or to change some of its values.

    Returns
    -------
    Segmentation
        Instances, semantic labels, probabilities and height.

    Raises
    ------
    UserError
        For bad input, in one sentence that says what to do.

    Examples
    --------
    >>> from napari_unet import load_sample, segment
    >>> image, truth = load_sample("nuclei2d")
    >>> cells = segment(image.data, axes="TYX").instances
    """
    return drive(segment_steps(image, model, SegmentRequest.of(request, **fields)))
