"""Measure how the code is laid out: sizes, what is written again, and tests for each package.

Run from the top of the repository, for this tree or for others beside it:

    python docs/house.py [TREE ...]

It prints a column for each tree.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

REQUEST = {"axes", "channels", "spacing", "tiles", "decode", "size", "link"}
LETTERS = re.compile(
    r"zip\(.*\b(letters?|axes|axis|spatial|SPATIAL)\b.*\b(spacing|sizes?|values|steps|scale)\b"
    r'|\bif \w+ in (SPATIAL\[3\]|"ZYX")'
)
KEYS = re.compile(r'\b(?:progress|report|told|news)\.values(?:\.get\(|\[)"(\w+)"')
PROGRESS = re.compile(r"isinstance\((\w+\.)*(progress|preview|news)\b")
DEFINED = ast.FunctionDef | ast.AsyncFunctionDef


def house(tree: Path) -> dict[str, str]:
    """Return the figures of a checkout, by what they tell."""
    source = tree / "src" / "napari_unet"
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.py"))}
    lines = {path: len(text.splitlines()) for path, text in texts.items()}
    nodes = {path: list(ast.walk(ast.parse(text))) for path, text in texts.items()}
    every = [node for found in nodes.values() for node in found]
    functions = [node for node in every if isinstance(node, DEFINED)]
    classes = [node for node in every if isinstance(node, ast.ClassDef)]
    folders = Counter(path.parent for path in texts)
    fullest = max(folders, key=folders.__getitem__)
    modules = [count for path, count in lines.items() if path.stem != "__init__"]
    hand = {
        path: sum(map(bool, map(LETTERS.search, text.splitlines()))) for path, text in texts.items()
    }
    hand = {path: count for path, count in hand.items() if count and path.stem != "spacing"}
    requests = [node for node in every if len(REQUEST & set(fields(node))) >= 5]
    keys = {key for text in texts.values() for key in KEYS.findall(text)}
    return {
        "files in the largest folder": f"{folders[fullest]} ({fullest.relative_to(source)})",
        "modules": f"{len(modules)}",
        "lines of a module, median": f"{median(modules):.0f}",
        "lines of a module, longest": f"{max(modules)}",
        "functions": f"{len(functions)}",
        "lines of a function, median": f"{median(map(length, functions)):.0f}",
        "functions over 50 lines": f"{sum(length(node) > 50 for node in functions)}",
        "most parameters": f"{max(len(parameters(node)) for node in functions)}",
        "classes over 170 lines": f"{sum(length(node) > 170 for node in classes)}",
        "places with five or more of a request's fields": f"{len(requests)}",
        "lines that pair axis letters with numbers": f"{sum(hand.values())} in {len(hand)} files",
        "isinstance on progress": f"{sum(len(PROGRESS.findall(text)) for text in texts.values())}",
        "string keys read from progress": f"{len(keys)}",
        **tests_for_source(tree, lines),
        "under mypy's strict rules": f"{strict_share(tree, lines):.0%}",
    }


def tests_for_source(tree: Path, lines: dict[Path, int]) -> dict[str, str]:
    """Return lines of tests for each line of source, by package and over all."""
    source, tests = tree / "src" / "napari_unet", tree / "tests"
    tested = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in tests.rglob("*.py")
    }
    written = grouped(lines, source)
    proved = grouped(tested, tests)
    shown = {
        f"tests : source, {name}": ratio(proved[name], written[name])
        for name in sorted(written)
        if name
    }
    return shown | {"tests : source, all": ratio(proved.total(), written.total())}


def ratio(tests: int, source: int) -> str:
    """Return how many lines of tests there are for each line of source."""
    return f"{tests / source:.2f} ({tests} : {source})"


def grouped(lines: dict[Path, int], top: Path) -> Counter[str]:
    """Return lines by the first folder below the top."""
    counts: Counter[str] = Counter()
    for path, count in lines.items():
        first, *rest = path.relative_to(top).parts
        counts[first if rest else ""] += count
    return counts


def strict_share(tree: Path, lines: dict[Path, int]) -> float:
    """Return the share of the lines in the packages for which pyproject.toml asks for strict."""
    mypy = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    if mypy.get("strict"):
        return 1.0
    asked = [each["module"] for each in mypy["overrides"] if each.get("strict")]
    modules = {name.split(".")[1] for names in asked for name in names}
    written = grouped(lines, tree / "src" / "napari_unet")
    return sum(count for name, count in written.items() if name in modules) / written.total()


def fields(node: ast.AST) -> Iterator[str]:
    """Yield the fields of a class, or the parameters of a function."""
    if isinstance(node, ast.ClassDef):
        made = (each for each in node.body if isinstance(each, ast.AnnAssign))
        yield from (each.target.id for each in made if isinstance(each.target, ast.Name))
    if isinstance(node, DEFINED):
        yield from parameters(node)


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return the names of a function's parameters, but for the object of a method."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [each.arg for each in every if each.arg not in ("self", "cls")]


def length(node: ast.AST) -> int:
    """Return how many lines a definition has."""
    return node.end_lineno - node.lineno + 1


if __name__ == "__main__":
    trees = [Path(name) for name in sys.argv[1:]] or [Path(__file__).parents[1]]
    columns = [house(tree.resolve()) for tree in trees]
    for row in dict.fromkeys(name for column in columns for name in column):
        print(f"{row:48}", *(f"{column.get(row, '-'):>26}" for column in columns))
