"""Draw the folders of the code as tiers, from what the modules import.

Run from the top of the repository:

    python docs/tiers.py

It writes ``docs/images/tiers.png``. Arrows that follow from others are left away.
"""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

TOP = Path(__file__).parents[1] / "src" / "napari_unet"
PICTURE = Path(__file__).parent / "images" / "tiers.png"
WHAT = {
    "core": "pure functions on arrays",
    "storage": "files written whole",
    "processes": "the program, started again",
    "runs": "a training's folder",
    "io": "images in and out",
    "nn": "the network, with torch",
    "scale": "many images, large images",
    "ui": "the window in napari",
    "cli": "the command napari-unet",
}
"""The folders, and a few words on each."""
WIDTH, HEIGHT, STEP = 1.1, 0.5, 1.3


def draw() -> None:
    """Write the picture."""
    used = imports()
    tiers = levels(used)
    places = {
        name: ((column - (len(names) - 1) / 2) * STEP, level)
        for level, names in enumerate(tiers)
        for column, name in enumerate(names)
    }
    mpl.rcParams["font.size"] = 9
    figure, axes = plt.subplots(figsize=(5.4, 6), layout="constrained")
    for above, below in needed(used):
        arrow(axes, places[above], places[below])
    for name, place in places.items():
        box(axes, place, name)
    axes.set(xlim=(-STEP, STEP), ylim=(-0.4, len(tiers) - 0.6))
    axes.axis("off")
    figure.savefig(PICTURE, dpi=150, pil_kwargs={"optimize": True})


def imports() -> dict[str, set[str]]:
    """Return which folders the modules of each folder import something of, wherever they do."""
    return {name: imported(TOP / name) & (WHAT.keys() - {name}) for name in WHAT}


def imported(folder: Path) -> set[str]:
    """Return the first folder of all that the modules of a folder import of this package."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    named = [(node.module or "").split(".") for node in nodes]
    return {parts[1] for parts in named if parts[0] == "napari_unet" and len(parts) > 1}


def levels(used: dict[str, set[str]]) -> list[list[str]]:
    """Return the folders from the lowest up, each above all that it imports."""
    level: dict[str, int] = {}
    for name in TopologicalSorter(used).static_order():
        level[name] = 1 + max((level[other] for other in used[name]), default=-1)
    return [[name for name in WHAT if level[name] == each] for each in sorted({*level.values()})]


def needed(used: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return who imports whom, without what follows from the rest."""
    reached: dict[str, set[str]] = {}
    for name in TopologicalSorter(used).static_order():
        reached[name] = used[name].union(*(reached[other] for other in used[name]))
    return [
        (name, other)
        for name, others in used.items()
        for other in others
        if not any(other in reached[between] for between in others)
    ]


def arrow(axes: Axes, above: tuple[float, float], below: tuple[float, float]) -> None:
    """Draw that one folder imports something of another one."""
    style = {"arrowstyle": "-|>", "color": "0.4", "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
    end, start = (below[0], below[1] + HEIGHT / 2), (above[0], above[1] - HEIGHT / 2)
    axes.annotate("", end, start, arrowprops=style)


def box(axes: Axes, place: tuple[float, float], name: str) -> None:
    """Draw a folder."""
    x, y = place
    corner, shape = (x - WIDTH / 2, y - HEIGHT / 2), "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch(corner, WIDTH, HEIGHT, shape, fc="white", ec="0.2", zorder=4))
    axes.text(x, y + 0.08, f"{name}/", ha="center", va="center", weight="bold", size=11, zorder=5)
    axes.text(x, y - 0.12, WHAT[name], ha="center", va="center", size=8, zorder=5)


if __name__ == "__main__":
    draw()
