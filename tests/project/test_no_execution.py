"""The program never runs what it reads: a look at its own source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "assistant"

FORBIDDEN_MODULES = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "runpy"}
FORBIDDEN_NAMES = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_CALLS = {
    *("torch.load", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "yaml.full_load"),
    *("subprocess.getoutput", "subprocess.getstatusoutput", "pandas.read_pickle"),
}

ALLOWED = {"notes/yaml_fields.py": ["yaml.load"]}
"""Its loader is BaseLoader, which makes nothing but strings, lists and mappings."""


def offences(source: str) -> Iterator[str]:
    """Yield what of a source could run data as code, or give it to a shell."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in FORBIDDEN_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in FORBIDDEN_MODULES:
            yield node.module
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in FORBIDDEN_CALLS | FORBIDDEN_NAMES:
                yield called
            for keyword in node.keywords:
                allowed = ast.unparse(keyword.value) == "False"
                if keyword.arg in ("shell", "allow_pickle", "trust_remote_code") and not allowed:
                    yield f"{called}({keyword.arg})"
            if called in ("np.load", "numpy.load") and "allow_pickle=False" not in ast.unparse(
                node
            ):
                yield called


@pytest.mark.parametrize(
    "source",
    [
        *("import pickle", "from pickle import loads", "eval(x)", "torch.load(x)"),
        *("subprocess.run(x, shell=True)", "np.load(x)", "np.load(x, allow_pickle=True)"),
        *("def f():\n    exec(x)", "yaml.load(x)", "load(x, trust_remote_code=flag)"),
    ],
)
def test_each_way_to_run_data_is_seen(source: str) -> None:
    """What the next test looks for, it finds."""
    assert list(offences(source))


def test_nothing_that_is_read_is_run() -> None:
    """No pickle, no evaluation, no shell, no code that comes with a model, in any module."""
    found = {
        str(path.relative_to(PACKAGE)): list(offences(path.read_text("utf-8")))
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: told for name, told in found.items() if told} == ALLOWED
    assert len(found) > 50
