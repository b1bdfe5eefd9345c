"""Make the figures of *How it works* with the code that they explain.

Run from the top of the repository:

    python docs/figures.py

It writes ``docs/images/*.png``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Rectangle

from napari_unet import (
    DecodeConfig,
    TargetConfig,
    TileConfig,
    UNet,
    border_weight_map,
    load_sample,
    plan,
    segment,
)
from napari_unet.core.config import IGNORE, PRESETS
from napari_unet.core.image.tiles import Region, read_window
from napari_unet.core.targets.targets import Target, instance_target
from napari_unet.nn.device import choose_device
from napari_unet.nn.network.unet import Level
from napari_unet.nn.prediction.predictor import Predictor

IMAGES = Path(__file__).parent / "images"
KEPT, INPUT = "#f5b700", "#00a6d6"
DOWN, UP = "#c0392b", "#2e8b57"
CROWDED = (slice(96, 224), slice(128, 256))
"""Rows and columns of a sample in which nuclei touch."""


def main() -> None:
    mpl.use("Agg")
    mpl.rcParams |= {"font.size": 10, "axes.titlesize": 10, "savefig.dpi": 110}
    image, labels = (picture.data for picture in load_sample("nuclei2d"))
    draw_network()
    draw_overlap_tile(image[0])
    draw_weight_map(image[0][CROWDED], labels[0][CROWDED])
    draw_targets(image[0][CROWDED], labels[0][CROWDED])
    draw_splitting(image[0])


def draw_network() -> None:
    """The U of the 2015 paper; every number is measured in the network itself."""
    config = PRESETS["ronneberger2015"]
    figure, axes = plt.subplots(figsize=(9, 4.2))
    for index, (channels, size) in enumerate(level_shapes()):
        level = config.depth - abs(config.depth - index)
        height = 0.55 + 0.3 * size / 572
        corner = index - 0.26, -level - height / 2
        axes.add_patch(Rectangle(corner, 0.52, height, fc="#d8e6f3", ec="#35618f"))
        axes.text(index, -level, f"{size}²\n{channels}", ha="center", va="center")
        if index < config.depth:
            ends = (index + 0.32, -level), (2 * config.depth - index - 0.32, -level)
            arrow(axes, *ends, "#9a9a9a")
        if index < 2 * config.depth:
            step, colour = (-1, DOWN) if index < config.depth else (1, UP)
            start, stop = -level + 0.38 * step, -level + 0.62 * step
            arrow(axes, (index + 0.3, start), (index + 0.7, stop), colour)
    axes.text(config.depth, 0.08, "detail: cropped and joined", ha="center", color="#707070")
    axes.text(0.2, -3.6, "pool, 2 × 2", color=DOWN)
    axes.text(6.6, -3.6, "enlarge, 2 × 2", color=UP)
    axes.set(xlim=(-0.6, 2 * config.depth + 0.6), ylim=(-config.depth - 0.6, 0.7))
    axes.axis("off")
    save(figure, "unet")


def level_shapes() -> list[tuple[int, int]]:
    """Channels and edge of the image after each level of the paper's network, on the way."""
    shapes: list[tuple[int, int]] = []
    with torch.device("meta"):
        network = UNet(PRESETS["ronneberger2015"])
        for module in network.modules():
            if isinstance(module, Level):
                module.register_forward_hook(lambda *args: shapes.append(args[2].shape[1:3]))
        network(torch.empty(1, 1, 572, 572))
    return [(int(channels), int(size)) for channels, size in shapes]


def draw_overlap_tile(image: np.ndarray) -> None:
    """A tile in the corner: what is kept, and what the network must see for it."""
    network = UNet(PRESETS["ronneberger2015"].replace(features=1))
    predictor = Predictor(network, choose_device("cpu"), TileConfig())
    regions = plan(
        image.shape,
        predictor.strides,
        lambda region: all(stop - start <= 128 for start, stop in region),
    )
    kept = regions[0]
    window, _ = predictor.window(kept, image.shape)
    margin = predictor.geometry[0].lead + 8
    canvas: Region = tuple((-margin, size + margin) for size in image.shape)

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.8))
    show(left, read_window(bright(image)[np.newaxis], canvas)[0], "image, mirrored around its edge")
    for region in regions:
        outline(left, shifted(region, canvas), "white", lw=0.6)
    outline(left, shifted(kept, canvas), KEPT, lw=2.5)
    outline(left, shifted(window, canvas), INPUT, lw=2.5, ls="--")
    show(right, read_window(bright(image)[np.newaxis], window)[0], "what the network sees (dashed)")
    outline(right, shifted(kept, window), KEPT, lw=2.5)
    right.text(
        0.5, -0.06, "framed: what is kept of its answer", transform=right.transAxes, ha="center"
    )
    left.text(0.5, -0.06, "thin lines: all tiles", transform=left.transAxes, ha="center")
    save(figure, "overlap-tile")


def draw_weight_map(image: np.ndarray, labels: np.ndarray) -> None:
    """The border weight map of a crowded place, with the paper's constants."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.4), width_ratios=(1, 1, 1.2))
    show(left, bright(image), "image")
    show(middle, coloured(labels), "one number per nucleus")
    shown = right.imshow(border_weight_map(labels), cmap="YlOrRd", vmin=1)
    right.contour(labels > 0, [0.5], colors="#8fa8bf", linewidths=0.7)
    show(right, None, "border weight map")
    figure.colorbar(shown, ax=right, label="how much a pixel counts")
    save(figure, "weight-map")


def draw_targets(image: np.ndarray, labels: np.ndarray) -> None:
    """Everything that the network is taught about an image, with a part that is ignored."""
    ignored = np.zeros(labels.shape, bool)
    ignored[88:, :56] = True
    target: Target = instance_target(labels, ignored, TargetConfig())
    figure, axes = plt.subplots(1, 4, figsize=(11, 3))
    show(axes[0], bright(image), "image")
    classes = np.where(target.semantic == IGNORE, 2, target.semantic)
    axes[1].imshow(classes, cmap=ListedColormap(["white", "#35618f", "#b0b0b0"]), vmin=0, vmax=2)
    show(axes[1], None, "semantic (grey: ignored)")
    show(axes[2], target.height, "height", cmap="viridis")
    axes[3].imshow(np.ma.masked_equal(target.weight, 0), cmap="YlOrRd", vmin=1)
    axes[3].set_facecolor("#b0b0b0")
    show(axes[3], None, "weight map (grey: 0)")
    save(figure, "targets")


def draw_splitting(image: np.ndarray) -> None:
    """The same network output, parted less and less eagerly."""
    result = segment(image, tiles=TileConfig(device="cpu"))
    figure, axes = plt.subplots(1, 5, figsize=(13, 3))
    show(axes[0], bright(image[CROWDED]), "image")
    show(axes[1], result.height[CROWDED], "height, as predicted", cmap="viridis")
    for place, split in zip(axes[2:], (0.0, 0.1, 0.6), strict=True):
        found = result.decoded(DecodeConfig(split=split)).instances[CROWDED]
        show(place, coloured(found), f"split {split:g}: {len(np.unique(found)) - 1} objects")
    save(figure, "splitting")


def bright(image: np.ndarray) -> np.ndarray:
    """Bring out what is dim."""
    return (image / image.max()) ** 0.6


def coloured(labels: np.ndarray) -> np.ndarray:
    colours = np.random.default_rng(4).uniform(0.25, 0.95, (int(labels.max()) + 1, 3))
    colours[0] = 1
    return colours[labels]


def show(axes: Axes, image: np.ndarray | None, title: str, cmap: str = "gray") -> None:
    if image is not None:
        axes.imshow(image, cmap=cmap)
    axes.set(title=title, xticks=[], yticks=[])


def shifted(region: Region, origin: Region) -> Region:
    """The region in pixels of a window that begins at another place."""
    return tuple((a - first, b - first) for (a, b), (first, _) in zip(region, origin, strict=True))


def outline(axes: Axes, region: Region, colour: str, **style: object) -> None:
    (top, bottom), (left, right) = region
    corner = (left - 0.5, top - 0.5)
    axes.add_patch(Rectangle(corner, right - left, bottom - top, fill=False, ec=colour, **style))


def arrow(axes: Axes, start: tuple[float, float], stop: tuple[float, float], colour: str) -> None:
    axes.annotate("", stop, start, arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.6})


def save(figure: plt.Figure, name: str) -> None:
    figure.savefig(IMAGES / f"{name}.png", bbox_inches="tight", facecolor="white")
    plt.close(figure)


if __name__ == "__main__":
    main()
