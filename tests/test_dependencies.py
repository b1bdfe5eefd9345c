"""Every package that is declared is imported, so that nobody installs what is not used."""

import ast
import re
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
SHARED = {"bioimageio-core"}
"""Only tests import it, but it shares its first name with what we import."""
EXTRAS = ("all", "cluster", "exchange", "parquet")
"""Those of the package itself, not of its tests and docs."""


def project():
    return tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements):
    """Return the distributions that are asked for, without this one's own extras."""
    found = {plain(re.match(r"[\w.-]+", each).group()) for each in requirements}
    return found - {project()["name"]}


@cache
def imported():
    """Return the distributions that the package imports, by a statement or by name."""
    modules = set()
    for path in (HOME / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module)
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
                modules |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    owners = packages_distributions()
    tops = {name.partition(".")[0] for name in modules}
    return {plain(owner) for top in tops for owner in owners.get(top, ())}


DECLARED = {"base": names(project()["dependencies"])} | {
    extra: names(project()["optional-dependencies"][extra]) for extra in EXTRAS
}


@pytest.mark.parametrize("extra", DECLARED)
def test_what_is_declared_is_imported(extra):
    assert DECLARED[extra] <= imported()


def test_what_is_imported_is_declared():
    asked = set().union(*DECLARED.values())
    assert imported() - asked - SHARED <= {plain(project()["name"])}
