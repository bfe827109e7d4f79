"""Tests of the tables that are shipped with the package."""

from __future__ import annotations

import builtins
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import assistant
from assistant.language import HAN

PACKAGE = Path(assistant.__file__).parent
DATA = PACKAGE / "language" / "data"


def rows(name: str) -> list[list[str]]:
    """The rows of a table, without its comments."""
    (file,) = PACKAGE.glob(f"*/data/{name}")
    lines = file.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    return [line.split("\t") for line in lines if not line.startswith("#")]


def test_opposites_are_pairs_of_words() -> None:
    """Each line has two sides of plain words, none of them on both, and no line is there twice."""
    table = rows("opposites.tsv")
    sides = [[frozenset(side.split()) for side in row] for row in table]

    assert {2} == {len(row) for row in table}
    assert [row for row in table if not re.fullmatch(r"[a-z -]+\t[a-z -]+", "\t".join(row))] == []
    assert [row for left, right in sides for row in [left & right] if row] == []
    assert len({frozenset(row) for row in sides}) == len(table)


def test_terms_are_words_with_one_sense() -> None:
    """Each term is a unique run of Han characters with one short English sense."""
    table = rows("terms.tsv")

    assert len(table) >= 500
    assert {2} == {len(row) for row in table}
    assert len(table) == len({han for han, _ in table})
    assert [han for han, _ in table if not re.fullmatch(f"[{HAN}]+", han)] == []
    assert [sense for _, sense in table if not re.fullmatch(r"[A-Za-z][A-Za-z -]*\b", sense)] == []


def test_probes_are_many_and_spread() -> None:
    """Each probe is a unique question, and no field has more than its share."""
    table = rows("probes.tsv")
    languages = Counter(language for language, _, _ in table)
    fields = Counter(field for _, field, _ in table)

    assert len(table) == len({question for _, _, question in table})
    assert languages["en"] >= 300
    assert languages["zh"] >= 100
    assert {"en", "zh"} == languages.keys()
    assert len(fields) >= 40
    assert max(fields.values()) <= 12


def test_probes_look_like_questions() -> None:
    """English probes have 5 to 20 words and no Han character; Chinese ones have some."""
    for language, _, question in rows("probes.tsv"):
        assert question == " ".join(question.split())
        assert (language == "zh") == (re.search(f"[{HAN}]", question) is not None)
        assert language == "zh" or 5 <= len(question.split()) <= 20


MODULES = {
    **{
        "torch": "PyTorch",
        "numpy": "NumPy",
        "pandas": "pandas",
        "scipy": "SciPy",
        "yaml": "PyYAML",
    },
    **{"sklearn": "scikit-learn", "matplotlib": "Matplotlib", "PIL": "Pillow", "cv2": "OpenCV"},
    **{name: name for name in "seaborn librosa einops h5py joblib openpyxl soundfile".split()},
}


def notice() -> dict[str, str]:
    """Return the licences of the notice by library."""
    text = (DATA / "NOTICE").read_text("utf-8")
    rule = "=" * 80
    parts = text.split(f"{rule}\n")[1:]
    return {
        head.partition(" (")[0]: body for head, body in zip(parts[::2], parts[1::2], strict=True)
    }


def test_the_notice_has_the_licence_of_every_library_of_the_table() -> None:
    """No docstring is passed on without the copyright line and the licence of its authors."""
    ours = {*sys.stdlib_module_names, *dir(builtins), "posixpath"}
    roots = {name.partition(".")[0] for name, _ in rows("apis.tsv")}
    found = notice()

    assert roots - ours == set(MODULES)
    assert set(found) == {"Python", *MODULES.values()}
    for name, text in found.items():
        assert re.search(r"Copyright\s*(?:\(c\)|©)?\s*\d{4}", text, re.IGNORECASE), name
        assert re.search("permission|permitted|granted|grants", text, re.IGNORECASE), name
        assert re.search('"?AS IS|WARRANTIES', text), name
        assert not re.search("also bundles?|redistributed within all", text), name


def test_the_notice_is_in_wheel_and_sources(tmp_path: Path) -> None:
    """Whoever installs the project gets all files, and the notice among the licences as well."""
    root = PACKAGE.parent
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, tmp_path)
    shutil.copytree(root / "assistant", tmp_path / "assistant")
    build = "from setuptools import build_meta as b; b.build_wheel('dist'); b.build_sdist('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    (sources,) = (tmp_path / "dist").glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert archive.read("assistant/language/data/NOTICE") == (DATA / "NOTICE").read_bytes()
    there = {str(path.relative_to(root)) for path in PACKAGE.rglob("*.*") if path.is_file()}
    assert {name for name in there if "__pycache__" not in name} <= set(names)
    assert [name for name in names if name.endswith("licenses/assistant/language/data/NOTICE")]
    with tarfile.open(sources) as archive:
        assert [
            name for name in archive.getnames() if name.endswith("assistant/language/data/NOTICE")
        ]
