"""Patterns as in `.gitignore`: what git says of random trees, and patterns made to take time."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import warnings
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.notes import ignore, walk
from assistant.notes.wildmatch import Glob
from assistant.records import Source
from assistant.settings.options import OPTIONS

CLASSES = "alnum alpha blank cntrl digit graph lower print punct space upper xdigit".split()

TREES = 40


# One pattern and one name


def wildmatch(pattern: bytes, name: bytes) -> bool:
    """Match as git's wildmatch.c reads, each place of pattern and name looked at once."""

    @cache
    def from_here(p: int, n: int) -> bool:
        if p == len(pattern):
            return n == len(name)
        byte, left = pattern[p : p + 1], n < len(name)
        if byte == b"*":
            end = p
            while pattern[end : end + 1] == b"*":
                end += 1
            own_step = p == 0 or pattern[p - 1 : p] == b"/"
            rest = pattern[end:]
            if end - p > 1 and own_step and (not rest or rest.startswith((b"/", b"\\/"))):
                if rest[:1] == b"/" and from_here(end + 1, n):
                    return True
                return any(from_here(end, at) for at in range(n, len(name) + 1))
            until = name.find(b"/", n)
            until = len(name) if until < 0 else until
            return any(from_here(end, at) for at in range(n, until + 1))
        if not left:
            return False
        if byte == b"?":
            return name[n : n + 1] != b"/" and from_here(p + 1, n + 1)
        if byte == b"\\":
            return pattern[p + 1 : p + 2] == name[n : n + 1] and from_here(p + 2, n + 1)
        return byte == name[n : n + 1] and from_here(p + 1, n + 1)

    return from_here(0, 0)


@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "/**/", "?", "\\/", "\\*"])),
    st.text("ab/*", max_size=12),
)
def test_stars_match_as_in_the_source_of_git(pattern: list[str], name: str) -> None:
    """Any mixture of stars, slashes and letters fits the names that wildmatch.c says."""
    text = "".join(pattern).encode()

    assert Glob(text).fits(name.encode()) == wildmatch(text, name.encode())


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*a" * 12 + "b", "a" * 100),
        ("*a" * 40 + "b", "a" * 255),
        ("*?" * 100 + "b", "a" * 255),
        ("*[!b]*" * 40 + "b", "a" * 255),
        ("**/" * 20_000 + "b", "a/" * 2000 + "a"),
        ("**/a" * 1000 + "b", "a/" * 2000 + "a"),
        (("**/*" + "a*" * 5 + "/") * 20 + "b", ("a" * 15 + "/") * 200 + "a"),
        ("a?" * 30_000, "a" * 255),
        ("*" * 60_000 + "b", "a" * 255),
        ("[[:a" * 15_000 + "]", "a" * 255),
    ],
    ids=lambda text: text[:12],
)
def test_hostile_stars_end(pattern: str, name: str) -> None:
    """Patterns whose stars could be shared out in more ways than there are atoms end."""
    assert not Glob(pattern.encode()).fits(name.encode())
    assert not wildmatch(b"*a*a*ab", b"a" * 20)  # that the oracle is one of failures, too


@pytest.mark.parametrize("pattern", ["*a*a*a*a*a*a*a*a*a*a*a*ab", "*a" * 40 + "b"])
def test_hostile_stars_hang_no_walk(tmp_path: Path, pattern: str) -> None:
    """Neither an ignore file nor a setting of a stranger's holds the walk up."""
    (tmp_path / ("a" * 100 + ".md")).write_text("x")
    (tmp_path / ".gitignore").write_text(f"{pattern}\n")

    files, _ = walk([Source(tmp_path, exclude=(pattern,))])
    assert len(files) == 1
    _, skipped = walk([Source(tmp_path, include=(pattern,))])
    assert len(skipped) == 1


# Whole trees

NAMES = [
    *r"a b ab foo foobar a.md b.md x1.md A.md é.md 中.md [x].md a*.md -.md !a.md #a.md".split(),
    *("a\\.md", "a .md", "a b.md", "a\tb.md", "1", "_", "]", "foo.tmp.md", "a\udcff.md"),
]
GLOBS = [
    *(*NAMES, "\\*", "\\a", "\\!a.md", "\\#a.md", "a\\"),
    *"* ** *** *.md ?o* f?o b* *a* a** **a a**b ??.md ???.md *.*.md foo*r".split(),
    *"[ab] [!a]* [^a]* [a []x]* [!]]* [a-c]* [c-a] [a-c-x]* [--0]* [\\]] [a/b] [a-\\z]*".split(),
    *"[[:bogus:]] [[:x]* [[:space:][:digit:]a]* [[:digit:]]*.md [![:alnum:]]*".split(),
]


def line(chance: random.Random) -> str:
    """Return a line of an ignore file, sound or not."""
    steps = [
        chance.choice(GLOBS)
        if chance.random() < 0.8
        else "".join(chance.choices("ab*?[]\\!-^:/ .#", k=chance.randint(1, 7)))
        for _ in range(chance.choice([1, 1, 1, 2, 2, 3]))
    ]
    lead = chance.choice(["", "", "!"]) + chance.choice(["", "", "/"])
    tail = chance.choice(["", "", "", "/", " ", "  ", "\\ ", "\t", "\r", "/ ", "\0x"])
    return lead + chance.choice(["/"] * 8 + ["\\/", "//"]).join(steps) + tail


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty git repository."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("repository").resolve()
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def says_git(folder: Path, paths: list[str]) -> dict[str, str]:
    """Return the ignore file, the line and the pattern that git names for each path."""
    command = ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "-z", "-v", "-n"]
    answer = subprocess.run(
        [*command, "--stdin"],
        cwd=folder,
        input=b"\0".join(map(os.fsencode, paths)),
        stdout=subprocess.PIPE,
        check=False,  # 1 says that nothing is ignored
    )
    assert answer.returncode in (0, 1)
    fields = answer.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    places = zip(fields[::4], fields[1::4], strict=True)
    return {
        path: f"{file} line {number}" if file else ""
        for (file, number), path in zip(places, fields[3::4], strict=True)
    }


def say_we(folder: Path, paths: list[str]) -> dict[str, str]:
    """Return what decides on each path, level by level, as the walk of notes asks."""

    def rules(prefix: str) -> tuple[ignore.Rules, ...]:
        names = {path.name for path in (folder / prefix).iterdir()}
        own, unread = ignore.folder_rules(folder, prefix, names)
        assert not unread
        above = prefix[:-1].rpartition("/")
        return own + (rules(above[0] + above[1]) if prefix else ())

    found = {}
    for path in paths:
        steps = path.split("/")
        found[path] = ""
        for count in range(1, len(steps) + 1):
            prefix = "".join(f"{step}/" for step in steps[: count - 1])
            part = "/".join(steps[:count])
            is_folder = (folder / part).is_dir()
            some = (own.deciding((part, is_folder)) for own in rules(prefix))
            rule = next(filter(None, some), None)
            name = ignore.encoded(part.rpartition("/")[2])
            assert not rule or any(own.may_speak_of(name) for own in rules(prefix))
            found[path] = rule.where.partition(":")[0] if rule else ""
            if rule and rule.ignores:
                break
    return found


@pytest.mark.parametrize("seed", range(TREES))
def test_random_trees_are_read_as_git_reads_them(repository: Path, seed: int) -> None:
    """For every file and folder the same line of the same ignore file decides as for git.

    Nested ignore files, negation, rules for folders, sets and classes, escapes, broken patterns,
    trailing blanks, names that are not UTF-8.
    """
    chance = random.Random(seed)
    top = repository / str(seed)
    top.mkdir()
    folders = [""]
    for _ in range(chance.randint(2, 12)):
        path = chance.choice(folders) + chance.choice(NAMES)
        if not (top / path).exists():
            (top / path).mkdir()
            folders.append(f"{path}/")
    for _ in range(chance.randint(5, 40)):
        path = chance.choice(folders) + chance.choice(NAMES)
        if not (top / path).exists():
            (top / path).touch()
    paths = [str(path.relative_to(top)) for path in top.rglob("*")]
    for folder in chance.sample(folders, min(len(folders), 3)):
        text = "\n".join(line(chance) for _ in range(chance.randint(1, 6)))
        (top / folder / ".gitignore").write_bytes(os.fsencode(text))

    theirs = {path: place.removeprefix(f"{seed}/") for path, place in says_git(top, paths).items()}
    assert say_we(top, paths) == theirs


def test_classes_hold_the_bytes_that_git_says(repository: Path) -> None:
    """Each POSIX class, and its contrary, fits the same one-byte names as in git."""
    # A path that begins with a colon would be an expression to git.
    names = [os.fsdecode(bytes([byte])) for byte in range(1, 256) if byte not in b"/.:"]
    top = repository / "classes"
    top.mkdir()
    for name in CLASSES:
        for mark in ("", "!"):
            pattern = f"[{mark}[:{name}:]]"
            (top / ".gitignore").write_text(f"{pattern}\n")
            fits = [text for text, place in says_git(top, names).items() if place]
            glob = Glob(pattern.encode())
            assert [text for text in names if glob.fits(os.fsencode(text))] == sorted(
                fits, key=names.index
            )


def test_odd_patterns_warn_of_nothing(tmp_path: Path) -> None:
    """Sets that `re` would warn of are read without a word, and mean what they do in git."""
    lines = ("[[:digit:]]*.md", "[[a]x.md", "[a--b]y.md", "[a||b]z.md")
    (tmp_path / ".gitignore").write_text("\n".join(lines))
    for name in ("1.md", "[x.md", "ay.md", "|z.md", "ky.md"):
        (tmp_path / name).write_text("x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [file.path for file in walk([tmp_path])[0]] == ["ky.md"]


# Limits


def test_too_many_wildcards_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ignore file whose lines would be held against every name by the thousand is refused."""
    monkeypatch.setattr(ignore, "MOST_WILD", 3)
    (tmp_path / "a.md").write_text("x")
    usual = "a.md\n/b/c.md\n*.tmp\nd/\n" * 5
    (tmp_path / ".gitignore").write_text(usual + "e?.md\n" * 3)
    assert walk([tmp_path])[0] == []

    (tmp_path / ".gitignore").write_text(usual + "e?.md\n" * 4)
    files, skipped = walk([tmp_path])
    assert len(files) == 1
    assert [item.reason for item in skipped] == [
        "its rules do not apply: more than 3 patterns with wildcards"
    ]
    assert not OPTIONS["exclude"].holds(["e?.md"] * 4)


def test_a_huge_ignore_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ignore file beyond the limit does not apply, and is named with the limit."""
    (tmp_path / "a.md").write_text("x")
    (tmp_path / ".gitignore").write_text("a.md\n" + "#" * ignore.MAX_BYTES)
    files, skipped = walk([tmp_path])

    assert len(files) == 1
    assert [item.reason for item in skipped] == ["its rules do not apply: larger than 256 KiB"]


@pytest.mark.parametrize("text", ["", " ", "#x", "!", "/", "//", "[a", "[[:no:]]", "a\\"])
def test_a_setting_that_says_nothing_is_refused(text: str) -> None:
    """A pattern of the settings that no name can fit is a mistake."""
    assert not OPTIONS["exclude"].holds([text])
    assert OPTIONS["exclude"].holds(["*.md", "[[:digit:]]*/", "!a b", "\\ "])
