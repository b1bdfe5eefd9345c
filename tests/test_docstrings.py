"""Who calls a function on arrays reads in its docstring what shape and type they have."""

import ast
import re
from pathlib import Path

import pytest

import napari_unet

ROOT = Path(napari_unet.__file__).parent
MODULES = sorted(path for folder in ("core", "nn") for path in (ROOT / folder).rglob("*.py"))
ARRAY = re.compile(r"NDArray|\bTensor\b|\b(Array|Floats|Ints|Integers|Longs|Labels)\b")
SAYS = re.compile(
    r"``\(|\b(u?int(eger)?s?(8|16|32|64)?|float(32|64)?|bool(ean)?|True where)\b"
    r"|\bof (the |its |any |one )?(same )?(\w+'s )?shape|\bas (in|for) (`|the class)",
    re.IGNORECASE,
)
"""A shape, a type, or where else these stand."""


def public_functions(tree):
    """The functions and methods that others may call."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node)
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def arrays(function):
    """Names of the array parameters; "return" where the function gives arrays back."""
    arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    notes = {each.arg: each.annotation for each in arguments} | {"return": function.returns}
    return [name for name, note in notes.items() if note and ARRAY.search(ast.unparse(note))]


def section(docstring, title):
    """The text under a heading of a numpydoc docstring; empty where there is none."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", docstring, re.M | re.S)
    return found.group(1) if found else ""


def told_of(docstring, name):
    """What a docstring tells of a parameter; a short one tells of all in its first lines."""
    if name == "return":
        return section(docstring, "Returns") or docstring
    for names, text in re.findall(
        r"^([\w, ]+)\n((?:[ \t]+.*\n?|\n)+)", section(docstring, "Parameters"), re.M
    ):
        if name in re.split(r", ?", names.strip()):
            return text
    return re.split(r"^\w+\n-+\n", docstring, maxsplit=1, flags=re.M)[0]


def silent(source):
    """The functions of a module, with the arrays of which they tell neither shape nor type."""
    for function in public_functions(ast.parse(source)):
        docstring = ast.get_docstring(function) or ""
        for name in arrays(function):
            if not SAYS.search(told_of(docstring, name)):
                yield f"{function.lineno} {function.name}({name})"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_array_has_a_shape_or_a_type(path):
    assert list(silent(path.read_text(encoding="utf-8"))) == []


def test_what_is_not_told_is_found():
    head = "def f(one: NDArray[Any], two: int, other: Tensor) -> NDArray[Any]:\n"
    lines = ["Do.", "", "Parameters", "-----", "one", "    %s", "other", "    %s"]
    body = "".join(f"    {line}\n" for line in ['"""', *lines, '"""'])
    assert list(silent(head + body % ("Float32 ``(y, x)``.", "An array."))) == ["1 f(other)"]
    assert list(silent(head + body % ("Labels.", "Of the same shape."))) == ["1 f(one)"]
    assert list(silent(head + '    """Do."""')) == ["1 f(one)", "1 f(other)", "1 f(return)"]
    assert list(silent(head + '    """Do it with integers."""')) == []
