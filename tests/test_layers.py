"""The modules stand in layers, and imports point down."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "assistant"

LAYERS = (
    (
        "admonition",
        "apis",
        "child_process",
        "disk",
        "editor_link",
        "errors",
        "formulas",
        "frontmatter",
        "fts5",
        "fuse",
        "interrupts",
        "late",
        "lexical",
        "memory",
        "metrics",
        "overlap",
        "own_python",
        "probes",
        "records",
        "schema",
        "seal",
        "suggestion",
        "text",
        "toml_lines",
        "user_folders",
        "vectors",
        "web_address",
        "web_headers",
        "web_options",
        "wildmatch",
    ),
    (
        "agent_records",
        "agent_stdin",
        "autostart",
        "blocks",
        "carve",
        "cedict",
        "editor",
        "features",
        "ignore",
        "index_files",
        "model",
        "pager",
        "passage",
        "private_file",
        "progress",
        "prompt",
        "question_input",
        "render",
        "spelling",
    ),
    (
        "chunk",
        "database",
        "dense",
        "encoder",
        "gloss",
        "markup",
        "notes",
        "options",
        "outline",
        "own_settings",
        "paint",
        "pasting",
        "plain",
        "provenance",
        "verdict",
        "web_opening",
        "web_text",
        "web_token",
    ),
    (
        "config",
        "code_blocks",
        "export",
        "lock",
        "manifest",
        "notes_folders",
        "projection",
        "questions",
        "sentences",
        "snippet",
        "terminal",
        "web_request",
    ),
    ("catalog", "sentence"),
    (
        "background_model",
        "commands",
        "output",
        "settings_file",
        "store",
        "web_guard",
    ),
    (
        "entry_view",
        "evidence",
        "filters",
        "freshness",
        "integrity",
        "locate",
        "settings_view",
        "shelf",
        "similar",
        "web_server",
        "writer",
    ),
    (
        "calibration",
        "command_settings",
        "completion_values",
        "map_chart",
        "salvage",
        "search",
        "status",
        "unchanged",
    ),
    (
        "agent_views",
        "answer",
        "completion_line",
        "embedder",
    ),
    (
        "command_completion",
        "evaluate",
        "plan",
    ),
    (
        "build",
        "history",
        "whynot",
    ),
    (
        "heading_questions",
        "scorecard",
        "session",
    ),
    (
        "build_process",
        "checkup",
        "library",
    ),
    (
        "agent_server",
        "command_doctor",
        "command_entries",
        "command_quality",
        "watch",
        "web_hub",
    ),
    (
        "command_mcp",
        "command_watch",
        "dialogue",
        "web_parts",
    ),
    (
        "command_ask",
        "web_ask",
        "web_views",
    ),
    (
        "cli",
        "web_page",
    ),
    ("web_script",),
)
"""Lowest first: a module imports only from layers below its own.

A new module goes into the lowest layer that is above all that it imports.
"""

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


def siblings(source: str) -> set[str]:
    """Return the modules of the package that a source imports, at any depth."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    parts = [name.split(".") for name in names]
    return {part[1] for part in parts if part[0] == "assistant" and len(part) > 1} & RANK.keys()


def modules() -> dict[str, set[str]]:
    """Return the modules of the package with those that each imports."""
    return {
        path.stem: siblings(path.read_text("utf-8"))
        for path in PACKAGE.glob("*.py")
        if not path.stem.startswith("__")
    }


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from assistant import chunk, dense", {"chunk", "dense"}),
        ("from assistant.chunk import split_entries", {"chunk"}),
        ("import assistant.chunk", {"chunk"}),
        ("import assistant\nfrom assistant import __version__", set()),
        ("def f():\n    if x:\n        from assistant.chunk import y", {"chunk"}),
        ("import chunk\nfrom other.chunk import x", set()),
    ],
)
def test_imports_of_every_form_are_seen(source: str, found: set[str]) -> None:
    """An import counts wherever it stands, in a function or for types alone, in any spelling."""
    assert siblings(source) == found


def test_every_module_has_a_layer() -> None:
    """The table names each module of the package, once."""
    assert sorted(modules()) == sorted(name for layer in LAYERS for name in layer)


def test_every_module_is_documented() -> None:
    """The table in ``docs/architecture.md`` names each module of the package, once."""
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8")
    table = page.partition("| module |")[2].partition("## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = re.findall(r"`(\w+)`", " ".join(cells))

    assert sorted(named) == sorted([*modules(), "__main__"])


def test_imports_point_down() -> None:
    """A module imports only from layers strictly below its own."""
    wrong = [
        f"{name} imports {other}"
        for name, others in modules().items()
        for other in others
        if RANK[other] >= RANK[name]
    ]
    assert wrong == []
