"""`segment`'s tiled network pass on 2048 x 2048 pixels, against the limit and against MONAI.

The limit is the bare network's best time per pixel over window sizes, times the pixels. MONAI's
`sliding_window_inference` runs the same folded network in the same precision with windows of 256
and 512 pixels, an overlap of a quarter, and Gaussian blending (``pip install monai``).
Labels are compared on the sample images: AP at IoU 0.5 in float32 and in bfloat16.
"""

from __future__ import annotations

import numpy as np
import torch
from monai.inferers import sliding_window_inference
from timing import best

from napari_unet import TileConfig, drive, evaluate, load_model, load_sample, pool, segment
from napari_unet.core.image.planes import arrange
from napari_unet.nn.device import choose_device, memory_reused
from napari_unet.nn.prediction.predict import predict_steps
from napari_unet.nn.prediction.predictor import Predictor

SIZE = 2048
WINDOWS = (128, 256, 384, 512, 768, 1024, 2048)


def mosaic() -> np.ndarray:
    """Return the sample's planes side by side until the size is reached."""
    planes = list(load_sample("nuclei2d")[0].data)
    row = np.concatenate(planes * (SIZE // (256 * len(planes)) + 1), axis=1)[:256, :SIZE]
    return np.concatenate([np.roll(row, 256 * i, axis=1) for i in range(SIZE // 256)])[:SIZE]


def limit(predictor: Predictor) -> float:
    """Return the bare network's best seconds per pixel over window sizes."""
    rates = {}
    for window in WINDOWS:
        x = torch.rand(1, 1, window, window, dtype=predictor.dtype)
        with torch.inference_mode(), memory_reused():
            repeats = max(1, 512 // window) ** 2
            seconds = best(lambda x=x, n=repeats: [predictor.network(x) for _ in range(n)])
        rates[window] = seconds / repeats / window**2
        print(f"    bare network, window {window:4}: {rates[window] * 1e6:.3f} s per megapixel")
    return min(rates.values())


def monai(predictor: Predictor, image: np.ndarray, window: int) -> float:
    """Return the seconds that MONAI's sliding window takes."""
    x = torch.from_numpy(image.astype(np.float32) / 255)[None, None].to(predictor.dtype)

    def work() -> None:
        with torch.inference_mode():
            sliding_window_inference(
                x, (window, window), 1, predictor.network, overlap=0.25, mode="gaussian"
            )

    return best(work, 3)


def main() -> None:
    """Print every ratio."""
    model, image, device = load_model("nuclei"), mosaic(), choose_device("cpu")
    planes = arrange(image, "YX", 2, 1)
    references = {}
    print(f"{device.name}, bfloat16 in hardware: {device.bfloat16}")
    for precision in ("float32", "bfloat16") if device.bfloat16 else ("float32",):
        print(precision)
        config = TileConfig(device="cpu", precision=precision)
        predictor = Predictor(model.network, device, config)
        bound = limit(predictor) * image.size
        ours = best(lambda c=config: drive(predict_steps(planes, model, c)))
        print(f"  ours {ours:.2f} s; limit {bound:.2f} s: ratio {ours / bound:.2f} (at most 1.6)")
        for window in (256, 512):
            references[precision, window] = monai(predictor, image, window)
            print(f"    MONAI, window {window}: {references[precision, window]:.2f} s")
        better = min(references[precision, window] for window in (256, 512))
        print(f"  ours / MONAI, same precision: {ours / better:.2f} (at most 0.9)")
        exact = min(references["float32", window] for window in (256, 512))
        print(f"  ours / MONAI in float32: {ours / exact:.2f} (at most 0.5 in bfloat16)")
        images, truth = (picture.data for picture in load_sample("nuclei2d"))
        found = segment(images, model, tiles=config).instances
        report = pool([evaluate(one, other) for one, other in zip(found, truth, strict=True)])
        print(
            f"  AP of the labels at IoU 0.5: {report.at(0.5).ap:.4f}, 0.8: {report.at(0.8).ap:.4f}"
        )


if __name__ == "__main__":
    main()
