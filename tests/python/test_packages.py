"""The packages stand on levels, and import only from below."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What each package, and the module that they share, may import of the others.
MAY_IMPORT: dict[str, set[str]] = {
    "console": set(),
    "refresh": {"console", "extract"},
    "parameters": {"console"},
    "extract": {"console"},
    "matching": {"console", "parameters"},
    "scoring": set(),
    "evidence": {"console", "matching", "parameters", "scoring"},
}


def files_of(package: str) -> list[Path]:
    """A package's own Python files, or the one file of a module."""
    return sorted((ROOT / package).rglob("*.py")) or [ROOT / f"{package}.py"]


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Every import of Python text, also one inside a function: its line and its first name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]


def from_elsewhere(package: str, source: str) -> list[tuple[int, str]]:
    """Imports of our packages that this one may not make."""
    barred = MAY_IMPORT.keys() - MAY_IMPORT[package] - {package}
    return [(line, name) for line, name in imported(source) if name in barred]


def test_every_package_has_its_level():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages | {path.stem for path in ROOT.glob("*.py")} == set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_from_below(package):
    files = files_of(package)
    assert files
    found = {
        f"{path.relative_to(ROOT)}:{line}": name
        for path in files
        for line, name in from_elsewhere(package, path.read_text(encoding="utf-8"))
    }
    assert found == {}


def test_an_import_from_the_side_or_from_above_is_found():
    inside = "def f():\n    import matching.ladder\n"
    assert from_elsewhere("scoring", "from matching import resolve\n") == [(1, "matching")]
    assert from_elsewhere("scoring", inside) == [(2, "matching")]
    assert from_elsewhere("matching", "from scoring.cells import Cells\n") == [(1, "scoring")]
    assert from_elsewhere("scoring", "from evidence import report\n") == [(1, "evidence")]
    assert from_elsewhere("scoring", "import numpy\nfrom scoring.cells import Cells\n") == []
