"""The package in rooms: which package may import which, by which names, and what stays inside."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "assistant"

GROUND = (
    *(
        "combining",
        "disk",
        "errors",
        "faces",
        "left_out",
        "memory",
        "months",
        "own_python",
        "private_file",
    ),
    *("records", "results", "suggestion", "text", "user_folders"),
)
"""Modules that every package may import; of packages they import none."""

MAY_IMPORT = {
    "notes": "",
    "markdown": "",
    "language": "",
    "embedding": "",
    "store": "embedding",
    "settings": "notes embedding",
    "search": "store language embedding",
    "answering": "search store markdown language embedding",
    "rendering": "markdown",
    "indexing": "answering store notes markdown language embedding",
    "library": "indexing answering search store settings notes markdown embedding language",
    "evaluation": "indexing answering search store notes markdown language embedding",
    "agents": "library rendering settings",
    "web": "library rendering settings markdown",
    "cli": "library evaluation agents web rendering settings",
}
"""The packages, each with those below it that it may import."""

WALLS = {
    "faiss": "store",
    "filelock": "store",
    "sqlite3": "store language.gloss",
    "onnx": "embedding",
    "onnxruntime": "embedding",
    "tokenizers": "embedding",
    "torch": "embedding",
    "transformers": "embedding",
    "sentence_transformers": "embedding",
    "huggingface_hub": "embedding",
    "streamlit": "web",
    "mcp": "agents",
    "pydantic": "agents",
    "anyio": "agents",
    "typer": "cli",
    "rich": "rendering cli",
    "pygments": "rendering web.markup",
    "latex2mathml": "web.markup",
    "markdown_it": "markdown web.markup",
    "watchfiles": "library.watcher",
    "charset_normalizer": "notes",
    "yaml": "notes",
    "rapidfuzz": "language",
}
"""Libraries, each with the packages or modules that alone may import it."""

MOST_MODULES = 12
MOST_LINES = 400

LOADS_LATE = ("cli", "library", "embedding.background")
"""Where a function may import what is ours: everywhere else a face loads it when it is used."""


@dataclass(frozen=True, slots=True)
class Import:
    """An import in a module of ours."""

    importer: str
    """Dotted, without ``assistant.`` before it; likewise ``module``."""
    module: str
    """The one that is imported from, whole if it is a library's."""
    name: str
    """What is imported from it; empty for the module itself."""
    is_late: bool
    """Whether a function does it, when it is called."""


def imports(source: str, importer: str) -> Iterator[Import]:
    """Yield the imports of a source, at any depth."""
    tree = ast.parse(source)
    late = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            found = [(str(arg.value), "") for arg in node.args if isinstance(arg, ast.Constant)]
        elif isinstance(node, ast.ImportFrom):
            found = [(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        for module, name in found:
            if module == "assistant" and name:  # a package or a ground module
                module, name = f"assistant.{name}", ""
            yield Import(importer, module, name, id(node) in late)


@cache
def modules() -> dict[str, Path]:
    """Return the modules of the program by their dotted names, without faces."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in sorted(ROOT.rglob("*.py"))
        if not path.stem.startswith("__")
    }


@cache
def faces() -> dict[str, Path]:
    """Return the packages and the packages within them, each with its face."""
    return {
        ".".join(path.parent.relative_to(ROOT).parts): path
        for path in sorted(ROOT.rglob("__init__.py"))
        if path.parent != ROOT
    }


@cache
def all_imports() -> list[Import]:
    """Return all imports of all modules and of the module that runs the program."""
    found = {**modules(), "__main__": ROOT / "__main__.py"}
    return [one for name, path in found.items() for one in imports(path.read_text("utf-8"), name)]


def ours(found: list[Import]) -> list[Import]:
    """Return the imports of what is ours, ``assistant.`` taken off."""
    return [
        Import(one.importer, one.module.removeprefix("assistant."), one.name, one.is_late)
        for one in found
        if one.module.startswith("assistant.")
    ]


def room(module: str) -> str:
    """Return the package that a module lies in; itself if it is a ground module."""
    return module.partition(".")[0]


@pytest.mark.parametrize(
    ("source", "module", "name"),
    [
        ("from assistant import store", "assistant.store", ""),
        ("from assistant.store import Snapshot", "assistant.store", "Snapshot"),
        ("import assistant.store.snapshot", "assistant.store.snapshot", ""),
        (
            "def f():\n    if x:\n        from assistant.store import Snapshot",
            "assistant.store",
            "Snapshot",
        ),
        (
            "if TYPE_CHECKING:\n    from assistant.store import Snapshot",
            "assistant.store",
            "Snapshot",
        ),
        ("import faiss", "faiss", ""),
        ('importlib.import_module("faiss")', "faiss", ""),
    ],
)
def test_imports_of_every_form_are_seen(source: str, module: str, name: str) -> None:
    """An import counts wherever it stands, in a function or for types alone, in any spelling."""
    (found,) = imports(source, "x.y")
    assert (found.module, found.name) == (module, name)


def test_every_module_lies_in_a_room() -> None:
    """A module is a ground module or lies in a package of the table."""
    lost = [name for name in modules() if "." not in name and name not in GROUND]
    lost += [name for name in modules() if "." in name and room(name) not in MAY_IMPORT]
    assert lost == []
    assert {room(name) for name in faces()} == set(MAY_IMPORT)


def test_packages_import_downward_only() -> None:
    """A package imports those that the table gives it, which stand before it, and the ground."""
    order = list(MAY_IMPORT)
    for name, below in MAY_IMPORT.items():
        assert all(order.index(other) < order.index(name) for other in below.split())

    wrong = {
        (one.importer, room(one.module))
        for one in ours(all_imports())
        if one.importer != "__main__"
        and room(one.module) not in (*GROUND, room(one.importer))
        and room(one.module) not in MAY_IMPORT.get(room(one.importer), "").split()
    }
    assert sorted(wrong) == []


def test_packages_know_each_other_by_their_faces() -> None:
    """Across packages only names that the other's face offers are imported."""
    offered = {name: importlib.import_module(f"assistant.{name}").__all__ for name in MAY_IMPORT}
    wrong = [
        f"{one.importer} imports {one.module} {one.name}"
        for one in ours(all_imports())
        if one.importer != "__main__"
        and room(one.module) in MAY_IMPORT
        and room(one.module) != room(one.importer)
        and not (one.module in MAY_IMPORT and (not one.name or one.name in offered[one.module]))
    ]
    assert wrong == []


def test_what_is_used_of_a_package_is_offered() -> None:
    """Where a package is imported by name, only what its face offers is used of it."""
    offered = {name: importlib.import_module(f"assistant.{name}").__all__ for name in MAY_IMPORT}
    wrong = []
    for name, path in modules().items():
        text = path.read_text("utf-8")
        known = {
            one.module.removeprefix("assistant.") for one in imports(text, name) if not one.name
        }
        wrong += [
            f"{name} uses {node.value.id}.{node.attr}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in known & offered.keys()
            and node.attr not in offered[node.value.id]
        ]
    assert wrong == []


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_modules_of_a_package_stand_in_no_circle(package: str) -> None:
    """Inside a package, too, imports point one way."""
    known = modules()
    arrows: dict[str, set[str]] = {name: set() for name in known if room(name) == package}
    for one in ours(all_imports()):
        for target in (one.module, f"{one.module}.{one.name}"):
            if one.importer in arrows and target in arrows:
                arrows[one.importer].add(target)
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {error.args[1]}")


def test_libraries_stay_behind_their_walls() -> None:
    """A library is imported by the packages or modules that the table names, and by no others."""
    wrong = [
        (library, one.importer)
        for one in all_imports()
        if (library := room(one.module)) in WALLS
        and not any(
            one.importer == place or one.importer.startswith(f"{place}.")
            for place in WALLS[library].split()
        )
    ]
    assert sorted(set(wrong)) == []


def test_walls_stand_around_what_is_there() -> None:
    """Each library of the table is imported by each place that the table names."""
    found = {(room(one.module), one.importer) for one in all_imports()}
    idle = [
        f"{library} in {place}"
        for library, places in WALLS.items()
        for place in places.split()
        if not any(name == library and f"{by}.".startswith(f"{place}.") for name, by in found)
    ]
    assert idle == []


def test_rooms_and_files_can_be_overlooked() -> None:
    """A package has few modules, and a module few lines."""
    known = modules()
    crowded = [
        name
        for name in faces()
        if sum(module.rpartition(".")[0] == name for module in known) > MOST_MODULES
    ]
    long = [n for n, path in known.items() if path.read_text("utf-8").count("\n") > MOST_LINES]
    assert crowded == []
    assert long == []


def test_own_imports_stand_at_the_top() -> None:
    """Only where starting fast asks for it does a function import what is ours."""
    wrong = [
        f"{one.importer} imports {one.module} {one.name}"
        for one in ours(all_imports())
        if one.is_late
        and one.importer != "__main__"
        and not any(f"{one.importer}.".startswith(f"{place}.") for place in LOADS_LATE)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", faces())
def test_faces_name_their_modules(package: str) -> None:
    """The docstring of a face has a line for each module, and all that it offers is there."""
    face = importlib.import_module(f"assistant.{package}")
    lines = re.findall(r"^(\w+)  +\S", face.__doc__ or "", re.MULTILINE)
    inside = [name.rpartition(".")[2] for name in modules() if name.rpartition(".")[0] == package]
    inside += [n.rpartition(".")[2] for n in faces() if n.rpartition(".")[0] == package]

    assert sorted(lines) == sorted(inside)
    offered = getattr(face, "__all__", ())
    assert len(offered) == len(set(offered))
    for name in offered:
        importlib.import_module(f"assistant.{package}.{name}") if name in inside else getattr(
            face, name
        )


def test_every_module_is_documented() -> None:
    """The table in ``docs/architecture.md`` names each package with each of its modules, once."""
    page = (ROOT.parent / "docs" / "architecture.md").read_text("utf-8")
    table = page.partition("| package |")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    named = {
        re.findall(r"`([\w/]+)`", package)[0].replace("/", "."): re.findall(r"`(\w+)`", cell)
        for package, cell in rows
    }
    there: dict[str, list[str]] = {}
    for module in modules():
        there.setdefault(module.rpartition(".")[0] or "assistant", []).append(
            module.rpartition(".")[2]
        )
    there["assistant"].append("__main__")
    assert {name: sorted(found) for name, found in named.items()} == {
        name: sorted(found) for name, found in there.items()
    }
