"""What is installed against the lock: `make audit` without a network."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
SUM = f"--hash=sha256:{'0' * 64}"


@pytest.fixture
def audit() -> ModuleType:
    """The script."""
    spec = importlib.util.spec_from_file_location("audit", ROOT / "scripts/audit.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one module, installed as a wheel would be."""
    module = tmp_path / "audited_example.py"
    module.write_text("print('as it was')\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(module.read_bytes()).digest()).decode()
    info = tmp_path / "audited_example-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: audited-example\nVersion: 1.2\n")
    record = f"{module.name},sha256={digest.rstrip('=')},19\n{info.name}/RECORD,,\n"
    (info / "RECORD").write_text(record)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return module


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("lock", "told"),
    [
        (f"audited-example==1.2 \\\n    {SUM}\n", []),
        (f"audited-example==1.1 ; python_version < '3' {SUM}\naudited-example==1.2 {SUM}\n", []),
        (f"audited-example==1.3 {SUM}\n", ["1.2 is installed, which is not in the lock"]),
        ("audited-example==1.2\n", ["the lock has no hash of it"]),
        (f"not-installed-anywhere==1.0 {SUM}\n", []),
        ("https://example.org/a.whl\n", ["the lock has no hash of it"]),
    ],
)
def test_versions_and_hashes(audit: ModuleType, lock: str, told: list[str]) -> None:
    """A package of another version than the lock's, and one without a hash, are named."""
    assert [line.partition(": ")[2] for line in audit.differences(lock)] == told


def test_a_file_that_was_changed(audit: ModuleType, package: Path) -> None:
    """A file that is not as its wheel says, or gone, is named."""
    for change in (lambda: package.write_text("print('something else')\n"), package.unlink):
        change()
        (told,) = audit.differences(f"audited-example==1.2 {SUM}\n")
        assert told == f"audited-example: 1 files are not as installed, such as {package.name}"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(audit: ModuleType, name: str) -> None:
    """The locks can be installed with --require-hashes, whatever the system."""
    found = list(audit.locked((ROOT / name).read_text("utf-8")))
    assert len(found) > 10
    assert all(version and has_hash for _, version, has_hash in found)
