"""Two balls, and a microscope's image of them."""

import numpy as np


def make_labels(ndim: int, size: int = 48, depth: int = 16) -> np.ndarray:
    """Two balls that do not touch, numbered 1 and 2."""
    shape = (depth, size, size)[-ndim:]
    grid = np.indices(shape)
    labels = np.zeros(shape, np.uint16)
    for number, place in enumerate((0.3, 0.7), start=1):
        centre = [0.5 * depth, place * size, place * size][-ndim:]
        distance = sum((index - middle) ** 2 for index, middle in zip(grid, centre, strict=True))
        labels[distance < 36] = number
    return labels


def make_image(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Bright objects on a dark, noisy background, uint8."""
    noise = np.random.default_rng(seed).integers(0, 20, labels.shape)
    return (noise + 150 * (labels > 0)).astype(np.uint8)


def make_cells(ndim: int) -> tuple[np.ndarray, np.ndarray, dict[tuple[int, int], str]]:
    """Nuclei and cells of every case, and which: by number of the nucleus and of its cell.

    Cells 7 and 12 touch each other, and so do nuclei 5 and 8 of cell 900; 70 lies over 7 and 12,
    mostly in 12, and 71 over 40 and 900, mostly in neither.
    """
    nuclei, cells = np.zeros((2, 6, 12, 62), np.uint16)
    for number, start in {7: 0, 12: 10, 40: 22, 900: 33, 15: 45}.items():
        cells[:, :, start : start + 10] = number
    places = {
        2: ((2, 6), (24, 28)),
        3: ((2, 6), (2, 6)),
        5: ((2, 4), (35, 37)),
        8: ((1, 6), (37, 41)),
        11: ((2, 6), (57, 60)),
        70: ((8, 10), (8, 13)),
        71: ((8, 10), (30, 35)),
    }
    for number, ((low, high), (left, right)) in places.items():
        nuclei[1:5, low:high, left:right] = number
    truth = {
        (2, 40): "paired",
        (3, 7): "paired",
        (5, 900): "several nuclei",
        (8, 900): "several nuclei",
        (11, 0): "no cell",
        (70, 12): "across cells",
        (71, 0): "across cells",
        (0, 15): "no nucleus",
    }
    return (nuclei, cells, truth) if ndim == 3 else (nuclei[2], cells[2], truth)


def film(frames=6, count=12, step=4.0, seed=0):
    """Cells of 8 pixels that move at random; each keeps its number."""
    random = np.random.default_rng(seed)
    places = random.permutation(25)[:count]
    places = np.stack(np.divmod(places, 5), axis=1) * 24 + 16.0
    labels = np.zeros((frames, 128, 128), np.uint16)
    rows, columns = np.ogrid[:128, :128]
    for frame in labels:
        for number, (y, x) in enumerate(places, 1):
            frame[(rows - y) ** 2 + (columns - x) ** 2 < 16] = number
        places += random.uniform(-step, step, places.shape)
    return labels


def numbered_anew(labels, seed=1):
    """Give the objects of each plane numbers from 1 on."""
    random, anew = np.random.default_rng(seed), np.zeros_like(labels)
    for plane, out in zip(labels, anew, strict=True):
        numbers = np.unique(plane[plane > 0])
        for number, old in enumerate(random.permutation(numbers), 1):
            out[plane == old] = number
    return anew
