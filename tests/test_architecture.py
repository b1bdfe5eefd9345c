"""The folders are the tiers: arrows point down only, and what is light stays light."""

import argparse
import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from npe2 import PluginManifest

import napari_unet
from napari_unet.cli.flags.parser import build_parser
from napari_unet.ui.work.errors import LABELS

ROOT = Path(napari_unet.__file__).parent
TESTS = Path(__file__).parent
TIERS = {"core": 0, "storage": 1, "processes": 1, "runs": 2, "io": 2, "nn": 3, "scale": 4}
TIERS |= {"ui": 5, "cli": 5}
STRANGERS = [("nn", "io"), ("runs", "io"), ("storage", "processes"), ("ui", "cli")]
QT = {"napari", "magicgui", "qtpy", "superqt", "PyQt6", "PyQt5", "PySide6", "PySide2"}
MODULES = sorted(ROOT.rglob("*.py"))
MOST_FILES = 15
LONGEST_IN_UI = 150
LONGER = {
    "annotate/session.py",
    "annotate/widget.py",
    "finetune/data/pair_row.py",
    "finetune/data/pairs_table.py",
    "finetune/result/result_box.py",
    "finetune/running/training.py",
    "finetune/running/training_view.py",
    "finetune/widget.py",
    "layers/axes.py",
    "weights/widget.py",
    "widgets/forms.py",
    "work/working_widget.py",
}
"""Files of `ui` that are too long: none may come to them."""
DISK = {"io", "multiprocessing", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile"}
DISK_CALLS = {"open", "load", "save", "savez", "memmap", "fromfile", "tofile", "imread", "imsave"}
DISK_CALLS |= {"loadtxt", "savetxt", "genfromtxt", "Popen", "system", "unlink", "mkdir"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> set[str]:
    """Modules of this package that a file imports when it is itself imported."""
    tree = parsed(path)
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


@cache
def all_imports(path: Path) -> set[str]:
    """Modules of this package that a file names anywhere."""
    tree = parsed(path)
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    return {name for name in named if name and name.startswith("napari_unet")}


NAMES = {module_name(path): path for path in MODULES}


def tier_of(name: str) -> int:
    """Number of a module's folder; the public names stand on top, beside the command line."""
    parts = name.split(".")
    top = max(TIERS.values())
    return TIERS.get(parts[1], top) if len(parts) > 1 else top


def run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def loaded_by(code: str) -> set[str]:
    """Top-level modules that are loaded in a fresh interpreter after some code."""
    told = run_python(f"{code}\nimport sys; print('\\n', *sorted(sys.modules))")
    return {name.partition(".")[0] for name in told.split()}


COMPUTE = [name for name in TIERS if name != "ui"]
"""From the lowest tier up."""


@cache
def loaded_up_to() -> dict[str, set[str]]:
    """What is loaded once the modules of a folder and of all before it are, in one interpreter."""
    lines = ["import sys"]
    for folder in COMPUTE:
        names = [name for name in NAMES if name.startswith(f"napari_unet.{folder}")]
        lines += [*(f"import {name}" for name in names), "print('\\n', *sorted(sys.modules))"]
    told = [line for line in run_python("\n".join(lines)).splitlines() if line.strip()]
    tops = [{name.partition(".")[0] for name in line.split()} for line in told]
    return dict(zip(COMPUTE, tops, strict=True))


@pytest.mark.parametrize("folder", COMPUTE)
def test_compute_never_loads_the_viewer(folder):
    loaded = loaded_up_to()[folder]
    assert "napari_unet" in loaded
    assert not loaded & QT


@pytest.mark.parametrize("folder", [name for name in COMPUTE if TIERS[name] < TIERS["nn"]])
def test_what_is_below_the_network_loads_no_torch(folder):
    assert "torch" not in loaded_up_to()[folder]
    assert "torch" in loaded_up_to()["nn"]


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
    assert not loaded_by(code) & (QT | {"torch", "bioimageio", "pydantic"})


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


def test_features_of_the_window_do_not_know_each_other():
    """But weights, fine-tuning and proof-reading know the layers of an annotation."""
    shared = {f"napari_unet.ui.annotate.annotation_{each}" for each in ("layers", "copies")}
    features = {path.parent.name for path in MODULES if path.match("ui/*/widget.py")} | {"open"}
    found = [
        (name, other)
        for name, path in NAMES.items()
        for other in all_imports(path)
        if {feature_of(name), feature_of(other)} <= features
        and feature_of(name) != feature_of(other)
    ]
    assert len(features) == 8
    assert {other for _, other in found} <= shared
    assert {feature_of(name) for name, _ in found} <= {"weights", "finetune", "measure"}


def feature_of(name: str) -> str:
    """The folder of `ui` that a module lies in; empty for none."""
    parts = name.split(".")
    return parts[2] if parts[1:2] == ["ui"] and len(parts) > 2 else ""


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


@pytest.mark.parametrize("top", [ROOT, TESTS], ids=["src", "tests"])
def test_no_folder_is_full(top):
    files = (path for path in top.rglob("*") if path.is_file() and path.suffix != ".pyc")
    counts = Counter(path.parent for path in files if "__pycache__" not in path.parts)
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}


def test_files_of_the_window_are_short():
    ui = ROOT / "ui"
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in ui.rglob("*.py")
    }
    longer = {path for path, length in lengths.items() if length > LONGEST_IN_UI}
    assert {path.relative_to(ui).as_posix() for path in longer} == LONGER


@pytest.mark.parametrize("name", [name for name, path in NAMES.items() if path.stem == "__init__"])
def test_a_package_says_what_lives_there_and_what_does_not(name):
    told = ast.get_docstring(parsed(NAMES[name])) or ""
    assert len(re.findall(r"\w[`*]*\.(?=\s|$)", told)) >= 2


def test_a_feature_has_its_widget_in_widget_and_its_form_in_form():
    contributions = PluginManifest.from_file(ROOT / "napari.yaml").contributions
    places = {command.id: command.python_name for command in contributions.commands}
    modules = {places[widget.command].partition(":")[0] for widget in contributions.widgets}
    assert modules == {name for name in NAMES if re.fullmatch(r"napari_unet\.ui\..*\.widget", name)}
    forms = {
        name
        for name, path in NAMES.items()
        if re.search(r"^class \w+Form\b", path.read_text(encoding="utf-8"), re.M)
    }
    assert {name.rpartition(".")[2] for name in forms} == {"form"}
    assert {name.replace(".form", ".widget") for name in forms} <= modules


def test_core_opens_no_file_and_starts_no_process():
    found = []
    for name in (name for name in NAMES if name.startswith("napari_unet.core")):
        for node in ast.walk(parsed(NAMES[name])):
            if isinstance(node, ast.Import):
                found += [f"{name} imports {a.name}" for a in node.names if a.name in DISK]
            elif isinstance(node, ast.ImportFrom) and node.module in DISK:
                found.append(f"{name} imports {node.module}")
            elif isinstance(node, ast.Call) and called(node) in DISK_CALLS:
                found.append(f"{name} calls {called(node)}")
    assert found == []


def called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def test_only_the_surfaces_know_flags_and_buttons():
    """Sentences of the folders below are told in the shell, in the window and in Python."""
    below = [name for name in NAMES if tier_of(name) < TIERS["ui"]]
    buttons = {text for name in NAMES if ".ui." in name for text in labels(NAMES[name])}
    named = re.compile(rf"--[a-z{{]|[a-z,] (?:{'|'.join(map(re.escape, buttons))})\b|\b[Cc]lick")
    found = [
        (name, text) for name in below for text in sentences(NAMES[name]) if named.search(text)
    ]
    assert {"Segment", "Continue"} <= buttons
    assert found == []


def test_what_an_error_is_about_has_a_name_in_the_shell_or_the_window():
    actions = list(all_flags(build_parser()))
    flags = {action.dest.rpartition(".")[2] for action in actions}
    flags |= {flag.removeprefix("--") for action in actions for flag in action.option_strings}
    abouts = {
        option.partition(" ")[0]
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.keyword) and node.arg == "about"
        for text in texts(node.value)
        for option in text.split(", ")
        if option
    }
    assert {"axes", "overwrite"} <= abouts <= flags | LABELS.keys()
    assert LABELS.keys() <= abouts


def all_flags(parser: argparse.ArgumentParser):
    """What a command takes, and the commands below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from all_flags(below)


def labels(path: Path) -> set[str]:
    """What stands on the buttons and beside the fields of a file of the window."""
    made = {"QPushButton", "QCheckBox", "addRow", "setText", "button", "main_button", "tool_button"}
    calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    firsts = [arg for call in calls if called(call) in made for arg in call.args[:1]]
    titled = [row.elts[0] for call in calls if called(call) == "rows" for row in pairs(call)]
    found = {text for first in (*firsts, *titled) for text in texts(first)}
    return {text for text in found if re.fullmatch("[A-Z][a-z -]+", text)}


def pairs(call: ast.Call) -> list[ast.Tuple]:
    return [arg for arg in call.args if isinstance(arg, ast.Tuple)]


def sentences(path: Path) -> list[str]:
    """All texts of more than a word in a file's code, the values in them left open."""
    tree = parsed(path)
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    return [
        text
        for node in ast.walk(tree)
        if id(node) not in bare | parts
        for text in texts(node)
        if " " in text
    ]


def texts(node: ast.AST) -> list[str]:
    """The texts that an expression may be: itself, or both sides of a choice."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    if isinstance(node, ast.JoinedStr):
        parts = (getattr(part, "value", "") for part in node.values)
        return ["".join(part if isinstance(part, str) else "{}" for part in parts)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
