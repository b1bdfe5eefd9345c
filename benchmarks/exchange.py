"""What another program, bioimageio.core, makes of our packages: size, time, and how far it is off.

Grey values, probabilities and objects of a bundled sample, in blocks, against our own.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from bioimageio.core import create_prediction_pipeline
from bioimageio.core.digest_spec import create_sample_for_model
from bioimageio.spec import load_model_description

from napari_unet import SizeConfig, evaluate, export_model, load_model, segment
from napari_unet.core.decoding.decode import decode
from napari_unet.core.image.normalize import limits, normalize
from napari_unet.io.bundled import bundled_example
from napari_unet.nn.exchange.example import middle_of
from napari_unet.storage.model_header import bundled_models, read_header

MODELS = ("nuclei", "nuclei-tissue", "neurites")
EDGE, HALO = 400, 128


def compare(name: str, folder: Path) -> None:
    model = load_model(name)
    example = bundled_example(read_header(bundled_models()[name]))
    start = time.perf_counter()
    package = export_model(model, folder / f"{name}.zip", example=example)
    seconds = time.perf_counter() - start
    print(f"{name}: {package.stat().st_size / 1e6:.1f} MB in {seconds:.1f} s")
    image = middle_of(example, (EDGE, EDGE))
    description = load_model_description(package)
    with create_prediction_pipeline(description, weight_format="torchscript") as pipeline:
        sample = create_sample_for_model(description, inputs={"image": image[np.newaxis]})
        pipeline.apply_preprocessing(sample)
        grey = sample.members["image"].data.to_numpy()[0]
        sample = create_sample_for_model(description, inputs={"image": image[np.newaxis]})
        result = pipeline.predict_sample_with_blocking(sample, ns=4)
    outputs = {key: each.data.to_numpy()[0] for key, each in result.members.items()}
    theirs = outputs["probabilities"]
    colour = np.moveaxis(image, 0, -1)
    ours = segment(colour, model, axes="YXC", size=SizeConfig(match="off"))
    away = np.abs(theirs - ours.probabilities).max(axis=0)
    inside = (slice(HALO, -HALO),) * 2
    height = outputs["height"][0] if "height" in outputs else None
    objects, _ = decode(theirs, height, model.decode)
    report = evaluate(objects, ours.instances)
    ourselves = normalize(image, limits(image, model.normalize))
    print(
        f"  grey values: off by {np.abs(grey - ourselves).max():.1e} at most\n"
        f"  probabilities: {away[inside].max():.1e} at most inside, {away.max():.2f} near the "
        f"border; {(away > 0.01).mean():.1%} of the pixels off by more than 0.01\n"
        f"  objects: {objects.max()}, ours {ours.instances.max()}; of theirs against ours AP "
        f"{report.at(0.5).ap:.3f} at IoU 0.5, {report.at(0.9).ap:.3f} at 0.9"
    )


def main() -> None:
    with TemporaryDirectory() as folder:
        for name in MODELS:
            compare(name, Path(folder))


if __name__ == "__main__":
    main()
