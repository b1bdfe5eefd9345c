"""The folders are the tiers: arrows point down only, and what is light stays light."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import napari_unet

ROOT = Path(napari_unet.__file__).parent
TIERS = {"core": 0, "storage": 1, "processes": 1, "runs": 2, "io": 2, "nn": 3, "scale": 4}
TIERS |= {"ui": 5, "cli": 5}
STRANGERS = [("nn", "io"), ("runs", "io"), ("storage", "processes"), ("ui", "cli")]
QT = {"napari", "magicgui", "qtpy", "superqt", "PyQt6", "PyQt5", "PySide6", "PySide2"}
MODULES = sorted(ROOT.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Modules of this package that a file imports when it is itself imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in loaded_nodes(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            both = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (both & set(NAMES)) or {node.module}
    return {name for name in found if name in NAMES}


def loaded_nodes(node: ast.AST):
    """All statements but those in functions and under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        lazy = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not lazy and not typing:
            yield child
            yield from loaded_nodes(child)


def all_imports(path: Path) -> set[str]:
    """Modules of this package that a file names anywhere."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    return {name for name in named if name and name.startswith("napari_unet")}


NAMES = {module_name(path): path for path in MODULES}


def tier_of(name: str) -> int:
    """Number of a module's folder; the command line and the public names stand on top."""
    parts = name.split(".")
    top = max(TIERS.values()) + 1
    return TIERS.get(parts[1], top) if len(parts) > 1 else top


def run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def loaded_by(code: str) -> set[str]:
    """Top-level modules that are loaded in a fresh interpreter after some code."""
    told = run_python(f"{code}\nimport sys; print('\\n', *sorted(sys.modules))")
    return {name.partition(".")[0] for name in told.split()}


@pytest.mark.parametrize("folder", [name for name in TIERS if name != "ui"])
def test_compute_never_loads_the_viewer(folder):
    names = [name for name in NAMES if name.startswith(f"napari_unet.{folder}")]
    loaded = loaded_by("\n".join(f"import {name}" for name in names))
    assert not loaded & QT


@pytest.mark.parametrize("folder", [name for name, tier in TIERS.items() if tier < TIERS["nn"]])
def test_what_is_below_the_network_loads_no_torch(folder):
    names = [name for name in NAMES if name.startswith(f"napari_unet.{folder}")]
    assert "torch" not in loaded_by("\n".join(f"import {name}" for name in names))


@pytest.mark.parametrize(
    "code",
    [
        "import napari_unet; napari_unet.__version__; dir(napari_unet)",
        "from napari_unet.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
        "from napari_unet.cli import main\ntry: main(['train', '--help'])\nexcept SystemExit: pass",
        "from napari_unet.cli import main; main(['models'])",
    ],
    ids=["import", "help", "train help", "models"],
)
def test_the_door_is_light(code):
    assert not loaded_by(code) & (QT | {"torch"})


def test_arrows_point_down():
    assert [
        f"{name} imports {other}"
        for name, path in NAMES.items()
        for other in all_imports(path)
        if len(name.split(".")) > 1 and tier_of(other) > tier_of(name)
    ] == []


@pytest.mark.parametrize("pair", STRANGERS, ids="-".join)
def test_neighbours_do_not_know_each_other(pair):
    assert [
        f"{name} imports {other}"
        for name, path in NAMES.items()
        for other in all_imports(path)
        if {*name.split(".")[1:2], *other.split(".")[1:2]} == {*pair}
    ] == []


def test_no_import_cycle():
    order = TopologicalSorter({name: imports(path) - {name} for name, path in NAMES.items()})
    assert set(order.static_order()) >= set(NAMES)


@pytest.mark.parametrize("name", napari_unet.__all__)
def test_public_names_are_there(name):
    assert name in dir(napari_unet)
    assert getattr(napari_unet, name).__name__ == name


def test_unknown_public_name():
    with pytest.raises(AttributeError, match="no_such_name"):
        napari_unet.no_such_name  # noqa: B018
