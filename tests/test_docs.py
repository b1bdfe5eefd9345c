"""What the documentation says is true: its Python runs, and its commands are understood."""

import ast
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import napari_unet
from napari_unet.cli.flags.parser import build_parser
from napari_unet.nn.prediction.match_size import _knows

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(
    path for each in ("benchmarks", "docs", "recipes") for path in ROOT.glob(f"{each}/*.py")
)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def made_in(script: Path) -> set[str]:
    """Return what a script defines, which is not run: others' packages may be missing."""
    nodes = ast.parse(script.read_text(encoding="utf-8")).body
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    values = [each for node in nodes if isinstance(node, ast.Assign) for each in node.targets]
    return functions | {each.id for each in values if isinstance(each, ast.Name)}


def commands() -> list[str]:
    lines = [line for page in PAGES for block in blocks(page, "sh") for line in block.splitlines()]
    return sorted({line for line in lines if line.startswith("napari-unet ")})


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.stem
)
def test_python_runs(page, tmp_path, monkeypatch, capsys):
    """The blocks of a page run one after the other, as a reader would; errors shown are raised."""
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks(page, "python"):
        capsys.readouterr()
        exec(compile(block, page.name, "exec"), names)
        if shown := re.search(r"except \w+ as error:\n    print\(error\)  # (.*)", block):
            assert capsys.readouterr().out == f"{shown[1]}\n"
        assert "except" not in block or shown
    labels = names["result"].instances if "result" in names else names["found"]
    assert labels.shape == names["image"].data.shape
    assert labels.max() > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_users_import_from_one_module(page):
    """Modules below the package are moved at will; nothing that a page shows may break by it."""
    text = page.read_text(encoding="utf-8")
    code = "\n".join(blocks(page, "python"))
    assert re.findall(r"^ *(?:from|import) napari_unet\.\S+", code, re.M) == []
    assert re.findall(r"^::: napari_unet\.\w+\.\S+", text, re.M) == []


@pytest.mark.parametrize(
    "script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.stem}"
)
def test_scripts_import_what_is_there(script):
    """Nobody runs them in CI, so that a move would break them unseen."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        names, beside = {alias.name for alias in node.names}, script.parent / f"{node.module}.py"
        if beside.exists():
            assert names <= made_in(beside)
        elif node.module.startswith("napari_unet"):
            for name in names:
                exec(f"from {node.module} import {name}", {})


@pytest.mark.parametrize("command", commands())
def test_commands_are_understood(command):
    assert build_parser().parse_args(shlex.split(command)[1:]).run


def test_every_public_name_is_in_the_reference():
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    named = re.findall(r"^(?:::: napari_unet\.|\[\[options )(\w+)", text, re.M)
    assert sorted(named) == sorted(napari_unet.__all__)


def test_every_column_of_a_table_is_explained():
    text = (ROOT / "docs" / "measure.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\|[^|]+\|", text, re.M)))
    named += [f"intensity{name}" for name in named if name.startswith("_")]
    labels = np.zeros((2, 2, 8, 8), int)
    labels[..., 2:6, 2:6] = 1
    for ndim in (2, 3):
        table = napari_unet.measure_objects(labels, labels.astype(float), axes="TZYX", ndim=ndim)
        assert set(table) - set(named) == set()


def test_every_key_of_annotate_is_listed():
    page = (ROOT / "docs" / "annotate.md").read_text(encoding="utf-8")
    files = (ROOT / "src" / "napari_unet" / "ui" / "annotate").rglob("*.py")
    shown = re.findall(
        r'"([A-Z][a-z ]+)  \(([A-Z])\)"', "".join(path.read_text("utf-8") for path in files)
    )
    assert len(shown) >= 9
    assert [each for each in shown if f"| {each[0]} | {each[1]} |" not in page] == []


def test_pages_are_found_from_home():
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", text))
    pages = {page.name for page in PAGES[1:]} - {"index.md", "reference.md", "where-things-are.md"}
    assert pages - linked == set()


def test_where_things_are():
    """Every file that the page names is there, and every folder is in its picture."""
    text = (ROOT / "docs" / "where-things-are.md").read_text(encoding="utf-8")
    source = ROOT / "src" / "napari_unet"
    table = [line for line in text.splitlines() if line.startswith("| ")][1:]
    named = [re.findall(r"`([\w/]+\.py)`", line) for line in table]
    assert len(table) == 20
    assert all(named)
    assert [file for files in named for file in files if not (source / file).is_file()] == []
    drawn = re.findall(r'^    "(\w+)": "', (ROOT / "docs" / "tiers.py").read_text("utf-8"), re.M)
    assert set(drawn) == {path.parent.name for path in source.glob("*/__init__.py")}
    assert (ROOT / "docs" / "images" / "tiers.png").is_file()


def test_the_sizes_that_nuclei_keeps():
    """The page says from which size on images are resampled; the model's file decides it."""
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    said = re.search(r"`nuclei`\s+less than ([\d.]+) or more than ([\d.]+) times", text)
    smallest, largest = (float(times) for times in said.groups())
    sizes = napari_unet.load_model("nuclei").sizes
    times = (smallest - 0.01, smallest + 0.01, largest - 0.01, largest + 0.01)
    kept = [_knows(each * sizes.object, sizes) for each in times]
    assert kept == [False, True, True, False]
