"""Tests of the walk, of reading, and of front matter, on real files."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import NotesUnreadableError
from assistant.notes import read, scan, walk
from assistant.notes.front_matter import FrontMatter, front_matter
from assistant.records import Note, NoteFile, Skipped, Source


def write(root: Path, *paths: str, text: str = "x\n") -> None:
    """Write the same text to files below a folder."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def found(*sources: Path | Source) -> list[str]:
    """Return the paths that the walk finds."""
    return [file.path for file in walk(sources)[0]]


def passed_over(*sources: Path | Source) -> dict[str, str]:
    """Return what the walk skips, with the reasons."""
    return {item.path: item.reason for item in walk(sources)[1]}


def note_of(tmp_path: Path, raw: bytes) -> Note | Skipped:
    """Return what reading a file of these bytes gives."""
    (tmp_path / "a.md").write_bytes(raw)
    return read(NoteFile(tmp_path, "a.md", len(raw), 0))


# The walk


def test_walk_finds_markdown_in_order(tmp_path: Path) -> None:
    """Markdown is known by suffix in any case, comes sorted by path, and carries size and time."""
    write(
        tmp_path, "b.md", "a/Z.MD", "a/y.markdown", "a/no.txt", "中文.md", "c.md.bak", "d.md/e.md"
    )
    files, skipped = walk([tmp_path])
    assert [file.path for file in files] == [
        "a/Z.MD",
        "a/y.markdown",
        "b.md",
        "d.md/e.md",
        "中文.md",
    ]
    assert [item.path for item in skipped] == ["*.txt"]
    info = (tmp_path / "b.md").stat()
    told = ("b.md", 2, info.st_mtime_ns, "", scan.state_of(info))
    assert files[2] == NoteFile(tmp_path.resolve(), *told)


def test_names_of_folders_come_before_paths(tmp_path: Path) -> None:
    """Notes and what is skipped are shown behind the name, and still found on the disk."""
    write(tmp_path, "a/x.md", "a/.hidden/y.md", "b/x.md", "one.md")
    sources = (
        Source(tmp_path / "a", "work"),
        Source(tmp_path / "b", "home"),
        Source(tmp_path / "one.md", "single"),
    )

    assert found(*sources) == ["work/x.md", "home/x.md", "single/one.md"]
    assert passed_over(*sources) == {"work/.hidden/": "hidden"}
    files, _ = walk(sources)
    assert [file.inside for file in files] == ["x.md", "x.md", "one.md"]
    assert all(file.absolute.is_file() for file in files)


def test_notes_with_the_same_path_are_told_apart(tmp_path: Path) -> None:
    """Of folders without names the first keeps its paths; others show what tells them apart."""
    write(tmp_path, "x/n/a.md", "y/n/a.md", "z/n/a.md", "z/n/b.md", "w/n/a.md")
    folders = [tmp_path / name / "n" for name in "xyz"]

    assert found(*folders) == ["a.md", "n/a.md", "z/n/a.md", "b.md"]
    assert found(*reversed(folders)) == ["a.md", "b.md", "n/a.md", "x/n/a.md"]
    # A name of the user's is kept, wherever it comes.
    write(tmp_path, "v/n/a.md")
    named = Source(tmp_path / "w" / "n", "n")
    assert found(tmp_path / "v", named) == ["v/n/a.md", "n/a.md"]
    files, _ = walk([*folders, named])
    assert len({file.path for file in files}) == len(files) == 5
    assert len({file.absolute for file in files}) == 5
    assert all(file.absolute.is_file() for file in files)


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([], [], ["a.md", "drafts/b.md", "drafts/keep.md", "work/c.md", "work/deep/d.md"]),
        ([], ["drafts/"], ["a.md", "work/c.md", "work/deep/d.md"]),
        ([], ["drafts/*", "!keep.md"], ["a.md", "drafts/keep.md", "work/c.md", "work/deep/d.md"]),
        (["work/"], [], ["work/c.md", "work/deep/d.md"]),
        (["/work/*.md"], [], ["work/c.md"]),
        (["work/", "!deep/"], [], ["work/c.md"]),
        (
            ["*.md", "!drafts/", "keep.md"],
            [],
            ["a.md", "drafts/keep.md", "work/c.md", "work/deep/d.md"],
        ),
        (["work/"], ["deep/"], ["work/c.md"]),
        (["nothing"], [], []),
        ([], ["**"], []),
    ],
)
def test_patterns_of_settings_choose_notes(
    tmp_path: Path, include: list[str], exclude: list[str], expected: list[str]
) -> None:
    """Patterns read as in .gitignore, for the notes to take as for those to leave out."""
    write(tmp_path, "a.md", "drafts/b.md", "drafts/keep.md", "work/c.md", "work/deep/d.md")
    source = Source(tmp_path, "", tuple(include), tuple(exclude))

    assert found(source) == expected
    assert found(Source(tmp_path, "n", *(source.include, source.exclude))) == [
        f"n/{path}" for path in expected
    ]


def test_what_settings_leave_out_is_said(tmp_path: Path) -> None:
    """A pattern of the settings beats ignore files, and is named as the reason."""
    write(tmp_path, "a.md", "b.md", "c/d.md")
    write(tmp_path, ".gitignore", text="!b.md\n")
    source = Source(tmp_path, "", ("a.md",), ("b.md", "c/"))

    assert found(source) == ["a.md"]
    assert passed_over(source) == {
        "b.md": "excluded by the settings: b.md",
        "c/": "excluded by the settings: c/",
    }
    assert passed_over(Source(tmp_path, "", ("a.md",), ("c/",)))["b.md"] == scan.NOT_INCLUDED


def test_walk_of_a_file(tmp_path: Path) -> None:
    """A file named outright has its folder as root and is taken even if hidden or ignored."""
    write(tmp_path, ".hidden.md", "other.md")
    write(tmp_path, ".gitignore", text="*.md")
    assert walk([tmp_path / ".hidden.md"])[0][0].root == tmp_path.resolve()
    assert found(tmp_path / ".hidden.md", tmp_path / "other.md") == [".hidden.md", "other.md"]
    # Nor does another source then call it skipped.
    assert passed_over(tmp_path, tmp_path / "other.md", tmp_path / ".hidden.md") == {}


@pytest.mark.parametrize("name", ["missing", "missing.md", "a.txt", "nul\0.md", "loop.md", "pipe"])
def test_unusable_source(tmp_path: Path, name: str) -> None:
    """A source that is missing or not Markdown is an error that names it."""
    write(tmp_path, "a.txt")
    (tmp_path / "loop.md").symlink_to("loop.md")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotesUnreadableError) as caught:
        walk([tmp_path / name])
    assert str(tmp_path / name) in caught.value.cause
    assert caught.value.remedy


def test_source_that_is_not_utf8(tmp_path: Path) -> None:
    """A root whose path is not text is an error whose message can be printed."""
    bad = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    bad.mkdir()
    with pytest.raises(NotesUnreadableError) as caught:
        walk([bad])
    assert "\\xff" in caught.value.cause.encode().decode()


def test_overlapping_sources(tmp_path: Path) -> None:
    """Each file comes once, under the first source that holds it, in the order of the sources."""
    write(tmp_path, "a.md", "sub/b.md", "sub/.h.md")
    sub = tmp_path / "sub"
    assert found(tmp_path, sub, tmp_path) == ["a.md", "sub/b.md"]
    assert found(sub, tmp_path) == ["b.md", "a.md"]
    assert passed_over(sub, tmp_path, sub) == {".h.md": "hidden"}
    write(tmp_path, ".gitignore", text="sub/")
    assert passed_over(tmp_path, sub) == {".h.md": "hidden"}


def test_source_through_a_link(tmp_path: Path) -> None:
    """A source that is a link is followed, and counts as the folder it leads to."""
    write(tmp_path, "real/a.md")
    (tmp_path / "link").symlink_to("real")
    assert walk([tmp_path / "link", tmp_path / "real"])[0] == walk([tmp_path / "real"])[0]


def test_hidden(tmp_path: Path) -> None:
    """Hidden notes and folders are listed, folders once and unopened; .git is not listed."""
    write(tmp_path, ".a.md", ".obsidian/b.md", ".obsidian/x/c.md", ".git/d.md", "e.md", ".rc")
    assert found(tmp_path) == ["e.md"]
    assert passed_over(tmp_path) == {".a.md": "hidden", ".obsidian/": "hidden"}


def test_ignored(tmp_path: Path) -> None:
    """What is ignored is listed with file, line and pattern; an ignored folder once."""
    write(
        tmp_path, "a.tmp.md", "keep.md", "node_modules/x/y.md", "sub/draft.md", "sub/b.md", "t.tmp"
    )
    write(tmp_path, ".gitignore", text="# built\n*.tmp*\nnode_modules/\n")
    write(tmp_path, "sub/.assistantignore", text="/draft.md\r\n")
    assert found(tmp_path) == ["keep.md", "sub/b.md"]
    assert passed_over(tmp_path) == {
        "a.tmp.md": "ignored by .gitignore line 2: *.tmp*",
        "node_modules/": "ignored by .gitignore line 3: node_modules/",
        "sub/draft.md": "ignored by sub/.assistantignore line 1: /draft.md",
    }


def test_assistantignore_has_the_last_word(tmp_path: Path) -> None:
    """.assistantignore takes back in what .gitignore of the same folder puts out."""
    write(tmp_path, "a.md", "b.md")
    write(tmp_path, ".gitignore", text="*.md")
    write(tmp_path, ".assistantignore", text="!a.md")
    assert found(tmp_path) == ["a.md"]


@pytest.mark.parametrize(
    "text", ["*\n!*/\n!*.md", "sub/**\n!sub/b.md", "sub\n!sub/\n", "!\n//\n[z-a\n"]
)
def test_ignore_idioms_that_keep_notes(tmp_path: Path, text: str) -> None:
    """Common ways to ignore all but notes keep them, as git does; broken lines say nothing."""
    write(tmp_path, "a.md", "sub/b.md")
    write(tmp_path, ".gitignore", text=text)
    assert found(tmp_path) == ["a.md", "sub/b.md"]


def test_unreadable_ignore_file(tmp_path: Path) -> None:
    """An ignore file that cannot be read is listed, since its rules do not hold."""
    write(tmp_path, "a.md")
    os.mkfifo(tmp_path / ".gitignore")
    assert found(tmp_path) == ["a.md"]
    assert passed_over(tmp_path) == {".gitignore": "its rules do not apply: not a regular file"}


NAMES = ["a", "b", "foo", "a.md"]
GLOBS = [*NAMES, "*", "**", "*.md", "f?o", "[ab]", "[!a]*", "b*"]
LINES = st.builds(
    lambda bang, lead, parts, tail: bang + lead + "/".join(parts) + tail,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(st.sampled_from(GLOBS), min_size=1, max_size=3),
    st.sampled_from(["", "", "/", " "]),
)
IGNORE_TEXTS = st.lists(LINES, max_size=5).map("\n".join)


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    """Make a git repository with notes three folders deep."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([git, "init", "-q", folder], check=True)
        for one in ("a", "b", "foo"):
            for two in ("a", "b", "foo"):
                write(Path(folder), f"{one}/{two}/x.md", f"{one}/{two}/a.md", f"{one}/b.md")
        write(Path(folder), "a.md", "foo.md")
        yield Path(folder).resolve()


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["", "a/", "a/b/", "foo/"]), IGNORE_TEXTS, min_size=1))
def test_ignore_rules_agree_with_git(repository: Path, ignores: dict[str, str]) -> None:
    """The walk takes exactly the notes that ``git check-ignore`` lets through."""
    for folder, text in ignores.items():
        (repository / folder / ".gitignore").write_text(text, "utf-8")
    try:
        every = [str(path.relative_to(repository)) for path in repository.rglob("*.md")]
        every = [path for path in every if (repository / path).is_file()]
        answer = subprocess.run(
            ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin", "-z"],
            cwd=repository,
            input="\0".join(every),
            capture_output=True,
            text=True,
            check=False,  # 1 says that nothing is ignored
        )
        assert answer.returncode in (0, 1), answer.stderr
        assert found(repository) == sorted(set(every) - set(answer.stdout.split("\0")))
    finally:
        for folder in ignores:
            (repository / folder / ".gitignore").unlink()


def test_a_link_says_what_it_leads_to(tmp_path: Path) -> None:
    """A link into the notes folder is refused with the reason why its target is no note there."""
    write(tmp_path, "a.md", ".hidden/b.md", "drafts/c.md", "plain.txt", "node_modules/d.md")
    write(tmp_path, ".gitignore", text="drafts/\n")
    for name, target in {
        "of-note.md": "a.md",
        "of-hidden.md": ".hidden/b.md",
        "of-ignored.md": "drafts/c.md",
        "of-text.md": "plain.txt",
        "of-packages": "node_modules",
    }.items():
        (tmp_path / name).symlink_to(target)

    assert found(tmp_path) == ["a.md"]
    reasons = passed_over(tmp_path)
    assert {name: reasons[name] for name in reasons if name.startswith("of-")} == {
        "of-note.md": "a link to a.md, which counts under its own name",
        "of-hidden.md": "a link to .hidden/b.md, which is passed over: hidden",
        "of-ignored.md": "a link to drafts/c.md, which is passed over: ignored by .gitignore"
        " line 1: drafts/",
        "of-text.md": "a link to plain.txt, which is no note by its ending",
        "of-packages/": "a link to node_modules, which is passed over: left out by the setting"
        " left_out: node_modules/",
    }


COPIES = [
    *("node_modules/x/README.md", "vendor/a.md", "sub/dist/a.md", "a.bak.md", "a~.md"),
    *("a.sync-conflict-20240301-101500-ABCDEFG.md", "a (conflicted copy 2024-03-01).md"),
    "a (Ada's conflicted copy).md",
]


@pytest.mark.parametrize("copy", COPIES)
def test_what_is_no_note_of_the_user_is_left_out(tmp_path: Path, copy: str) -> None:
    """Packages, products and copies are left out and told of, unless somebody takes them in."""
    write(tmp_path, "a.md", copy)
    assert found(tmp_path) == ["a.md"]
    (told,) = passed_over(tmp_path).values()
    assert told.startswith("left out by the setting left_out: ")

    assert copy in found(Source(tmp_path, left_out=()))
    again = "!" + next(step for step in copy.split("/") if step != "sub")
    assert copy in found(Source(tmp_path, exclude=(again,)))
    assert copy not in found(Source(tmp_path, exclude=("x",)))
    write(tmp_path, ".gitignore", text=f"{again}\n")
    assert copy in found(tmp_path)
    # What is named outright is not asked about.
    assert found(tmp_path / copy) == [copy.rpartition("/")[2]]


def test_other_endings_are_read_where_a_setting_names_them(tmp_path: Path) -> None:
    """Other texts are counted by ending, and are notes once the settings say so."""
    write(tmp_path, "a.md", "b.mdx", "c.TXT", "d/e.txt", "f.Rmd", "g.qmd", "h.png", ".txt")
    assert found(tmp_path) == ["a.md"]
    assert passed_over(tmp_path) == {
        "*.mdx": "1 file not read, since `endings` does not name .mdx",
        "*.txt": "3 files not read, since `endings` does not name .txt",
        "*.rmd": "1 file not read, since `endings` does not name .rmd",
        "*.qmd": "1 file not read, since `endings` does not name .qmd",
    }
    named = Source(tmp_path, endings=(".mdx", ".rmd", ".txt"))
    assert found(named) == ["a.md", "b.mdx", "c.TXT", "d/e.txt", "f.Rmd"]
    assert passed_over(named).keys() == {"*.qmd", ".txt"}
    assert found(Source(tmp_path / "c.TXT", endings=(".txt",))) == ["c.TXT"]


def test_the_name_and_the_file_date_a_note(tmp_path: Path) -> None:
    """Front matter tells the date before the name, the name before the file, and each is said."""
    write(tmp_path, "2024-03-01.md", "a.md")
    write(tmp_path, "2024-03-02.md", text="---\ndate: 2024-05-06\n---\n")
    os.utime(tmp_path / "a.md", (1712345678, 1712345678))
    told = [read(file) for file in walk([tmp_path])[0]]
    assert [(note.date, note.date_from) for note in told if isinstance(note, Note)] == [
        ("2024-03-01", "name"),
        ("2024-05-06", "front matter"),
        (date.fromtimestamp(1712345678).isoformat(), "file"),
    ]
    file = NoteFile(tmp_path, "04-03-2024.md", 0, 0)
    write(tmp_path, "04-03-2024.md")
    for order, day in (("day-month", "2024-03-04"), ("month-day", "2024-04-03")):
        note = read(file, order)
        assert isinstance(note, Note)
        assert (note.date, note.date_from) == (day, "name")


def test_links(tmp_path: Path) -> None:
    """No link is followed: each is listed with where it leads, and a loop ends."""
    root = tmp_path / "notes"
    write(root, "a.md", "sub/b.md")
    write(tmp_path, "out.md", "out/c.md", "notes-2/d.md")
    for name, target in {
        "in.md": "a.md",
        "out.md": "../out.md",
        "beside.md": "../notes-2/d.md",
        "gone.md": "nowhere",
        "self.md": "self.md",
        "folder": "../out",
        "sub/up": "..",
        "plain": "a.md",
    }.items():
        (root / name).symlink_to(target)
    assert found(root) == ["a.md", "sub/b.md"]
    assert passed_over(root) == {
        "beside.md": "a link that leaves the notes folder",
        "folder/": "a link that leaves the notes folder",
        "gone.md": "a link to nothing",
        "in.md": "a link to a.md, which counts under its own name",
        "out.md": "a link that leaves the notes folder",
        "self.md": "a link that leads nowhere: Too many levels of symbolic links",
        "sub/up/": "a link to ., which counts under its own name",
    }


def test_not_regular_and_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FIFOs and notes beyond the limit are listed; a note of just the limit is taken."""
    monkeypatch.setattr(scan, "MAX_BYTES", 1024 * 1024)
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "fits.md").write_bytes(b"x" * 1024 * 1024)
    (tmp_path / "large.md").write_bytes(b"x" * (1024 * 1024 + 1))
    assert found(tmp_path) == ["fits.md"]
    expected = {"large.md": "larger than 1 MiB", "pipe.md": "not a regular file"}
    assert passed_over(tmp_path) == expected
    assert isinstance(read(NoteFile(tmp_path, "fits.md", 0, 0)), Note)
    grown = read(NoteFile(tmp_path, "large.md", 1, 0))
    assert grown == Skipped("large.md", "cannot be read: larger than 1 MiB")


def test_odd_names(tmp_path: Path) -> None:
    """Names with control characters are kept; names that are not UTF-8 are skipped, printable."""
    write(tmp_path, "tab\tline\n.md")
    base = os.fsencode(tmp_path)
    Path(os.fsdecode(base + b"/caf\xe9.md")).write_bytes(b"x")
    Path(os.fsdecode(base + b"/\xff")).mkdir()
    assert found(tmp_path) == ["tab\tline\n.md"]
    reason = "its name is not valid UTF-8"
    assert passed_over(tmp_path) == {"\\xff/": reason, "caf\\xe9.md": reason}


def test_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be listed is skipped with the reason; a source is an error."""
    write(tmp_path, "a.md", "locked/b.md")
    scandir = os.scandir

    def guarded(path: str) -> object:
        if "locked" in path:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert found(tmp_path) == ["a.md"]
    assert passed_over(tmp_path) == {"locked/": "cannot be listed: permission denied"}
    with pytest.raises(NotesUnreadableError, match="permission denied"):
        walk([tmp_path / "locked"])


def test_imports_stay_light(tmp_path: Path) -> None:
    """Without front matter yaml is not imported."""
    write(tmp_path, "a.md")
    script = (
        "import sys; from pathlib import Path; from assistant.notes.listing import read, walk;"
        "print([read(f).text for f in walk([Path(sys.argv[1])])[0]],"
        "{'yaml'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert out == "['x\\n'] set()\n"


# Reading


def test_read_keeps_the_state_of_what_was_read(tmp_path: Path) -> None:
    """Digest is of the raw bytes; size and time are the file's at reading, not at the walk."""
    raw = b"\xef\xbb\xbfone\r\ntwo\rthree\n"
    note = note_of(tmp_path, raw)
    assert isinstance(note, Note)
    assert note.text == "one\ntwo\nthree\n"
    assert note.digest == hashlib.sha256(raw).hexdigest()
    info = (tmp_path / "a.md").stat()
    assert (note.file.size, note.file.modified_ns) == (len(raw), info.st_mtime_ns)


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "utf-8"])
def test_read_encodings(tmp_path: Path, codec: str) -> None:
    """UTF-8 with and without mark and UTF-16 with mark give the same text."""
    note = note_of(tmp_path, "显存 frei\r\n".encode(codec))
    assert isinstance(note, Note)
    assert note.text == "显存 frei\n"
    big = note_of(tmp_path, b"\xfe\xff" + "显".encode("utf-16-be"))
    assert isinstance(big, Note)
    assert big.text == "显"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"caf\xe9", "not UTF-8 text: byte 0xE9 at offset 3"),
        (b"\xef\xbb\xbf\xff", "not UTF-8 text: byte 0xFF at offset 3"),
        (b"\xff\xfeab\x00\xd8", "not UTF-16 text: byte 0x00 at offset 4"),
        (b"a\0\xff", "binary: it holds NUL bytes"),
        ("a".encode("utf-32"), "binary: it holds NUL characters"),
    ],
)
def test_read_what_is_not_text(tmp_path: Path, raw: bytes, reason: str) -> None:
    """What is not text is skipped with the reason and the place."""
    assert note_of(tmp_path, raw) == Skipped("a.md", reason)


def test_characters_that_end_no_line(tmp_path: Path) -> None:
    """Form feeds, separators, marks of direction, emoji and the like stay as they are written."""
    odd = "a\fb\x0bc\u2028d\u2029e\x85f\u200fg\ue000h\U0001f469\u200d\U0001f467\ufeffi\x1c"
    for codec in ("utf-8", "utf-16"):
        note = note_of(tmp_path, f"1\r{odd}\r\n3\n\r5".encode(codec))
        assert isinstance(note, Note)
        assert note.text.split("\n") == ["1", odd, "3", "", "5"]


def test_read_what_grows_or_shrinks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that changes between its size and its bytes is read as it is, up to the limit."""
    monkeypatch.setattr(scan, "MAX_BYTES", 100_000)
    fstat = os.fstat

    def then(text: str) -> None:
        def changed(descriptor: int) -> os.stat_result:
            info = fstat(descriptor)
            (tmp_path / "a.md").write_text(text)
            return info

        monkeypatch.setattr(os, "fstat", changed)

    then("x" * 90_000)
    note = note_of(tmp_path, b"x")
    assert isinstance(note, Note)
    assert (len(note.text), note.file.size) == (90_000, 1)
    then("")
    note = note_of(tmp_path, b"x" * 50)
    assert isinstance(note, Note)
    assert (note.text, note.file.size) == ("", 50)
    then("x" * 200_000)
    assert isinstance(note_of(tmp_path, b"x"), Skipped)


def test_sockets_devices_and_long_names(tmp_path: Path) -> None:
    """A socket is skipped with the reason, and the longest name there can be is read."""
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        os.chdir(tmp_path)  # its path may have some hundred characters only
        server.bind("socket.md")
        os.chdir(before)
        write(tmp_path, "x" * 252 + ".md")
        assert found(tmp_path) == ["x" * 252 + ".md"]
        assert passed_over(tmp_path) == {"socket.md": "not a regular file"}
    with pytest.raises(NotesUnreadableError, match="neither a folder nor a Markdown"):
        walk([Path(os.devnull)])


def test_read_what_was_swapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that vanished, or became a FIFO, folder or link since the walk, is skipped at once."""
    write(tmp_path, "a.md", "folder.md/x")
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "link.md").symlink_to("a.md")
    reasons = {
        "gone.md": "no longer there",
        "pipe.md": "not a regular file",
        "folder.md": "not a regular file",
        "link.md": "a link, which is not followed",
    }
    for path, reason in reasons.items():
        assert read(NoteFile(tmp_path, path, 2, 0)) == Skipped(path, f"cannot be read: {reason}")

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    skipped = Skipped("a.md", "cannot be read: permission denied")
    assert read(NoteFile(tmp_path, "a.md", 2, 0)) == skipped


PIECES = [
    b"---\n",
    b"\r",
    b"\n",
    b"\r\n",
    b"title: x",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
    b"\xe4\xb8",
]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join))
def test_read_never_raises(raw: bytes) -> None:
    """Any bytes give a note or a reason; line ends become one kind and none is lost."""
    with tempfile.TemporaryDirectory() as folder:
        note = note_of(Path(folder), raw)
    if isinstance(note, Skipped):
        assert note.reason.startswith(("binary", "not UTF-"))
        return
    assert "\r" not in note.text
    codec = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    reference = raw.decode(codec)
    breaks = sum(
        char == "\n" or (char == "\r" and reference[at + 1 : at + 2] != "\n")
        for at, char in enumerate(reference)
    )
    assert note.text.count("\n") == breaks


# Front matter


def test_front_matter_fields() -> None:
    """Title, tags and date are read, and the body begins after the closing line."""
    head = "---\nTitle: 'GPU: notes'\ntags: [gpu, '#cuda', gpu, 3]\ntag: x\ndate: 2024-03-01\n---\n"
    front = front_matter(head + "body")
    assert front == FrontMatter(len(head), "GPU: notes", ("gpu", "cuda", "3", "x"), "2024-03-01")


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ("description: Free the memory of a card", "Free the memory of a card"),
        ("Summary: >\n  Two\n  lines", "Two lines"),
        ("summary: later\ndescription: first", "first"),
        ("description: ''\nabstract: a", "a"),
        ("description: [a, b]", ""),
        ("title: a", ""),
    ],
)
def test_front_matter_tells_what_a_note_is_about(fields: str, about: str) -> None:
    """The description is one line of text, else the summary, else the abstract."""
    assert front_matter(f"---\n{fields}\n---\nbody").about == about


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ("gpu cuda", ("gpu", "cuda")),
        ("machine learning, gpu,", ("machine learning", "gpu")),
        ("显存，显卡、驱动", ("显存", "显卡", "驱动")),
        ("'#a #b'", ("a", "b")),
        ("\n- a b\n- [c]\n- '#'\n-", ("a b",)),
        ("{a: b}", ()),
        ("", ()),
        ("~", ()),
    ],
)
def test_front_matter_tags(value: str, tags: tuple[str, ...]) -> None:
    """Tags come from a list, or a string parted by commas, else by spaces."""
    assert front_matter(f"---\ntags: {value}\n---\n").tags == tags


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("date: 2024-3-1", "2024-03-01"),
        ("created: '2024-03-01T23:59:00+08:00'", "2024-03-01"),
        ("created: 2023-01-01\ndate: 2024-03-01 10:00:00", "2024-03-01"),
        ("date: soon\ncreated: 2024/03/01", "2024-03-01"),
        ("date: 2024年3月1日", "2024-03-01"),
        ("date: 2024-13-45", ""),
        ("date: [2024-03-01]", "2024-03-01"),
        ("date: 0000-01-01", ""),
    ],
)
def test_front_matter_dates(field: str, expected: str) -> None:
    """The date as written, never shifted by its time zone, becomes ISO; no date stays empty."""
    front = front_matter(f"---\n{field}\ntitle: t\n---\n")
    assert (front.date, front.title) == (expected, "t")


@given(st.dates())
def test_front_matter_date_round_trip(day: date) -> None:
    """Every date comes back as it was written."""
    assert front_matter(f"---\ndate: {day.isoformat()}\n---\n").date == day.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "---\n",
        "---\ntitle: x\n",
        "\n---\ntitle x\n---\n",
        "----\ntitle: x\n---\n",
        " ---\ntitle: x\n---\n",
        "---\nJust prose: with: colons\n\nand a second paragraph\n\n---\n",
        "---\nonly prose\n---\n",
        "---\n- a\n- list\n---\n",
        "---\n[broken\n---\n",
        "---\ntitle: x\n ---\n",
        "---\ntitle: x\n" + "a: b\n" * 20_000 + "---\n",
        "---\n" + "[" * 60_000 + "\n---\n",
    ],
)
def test_no_front_matter(text: str) -> None:
    """Thematic breaks, prose, lists and blocks beyond the limit belong to the body."""
    assert front_matter(text) == FrontMatter()


@pytest.mark.parametrize(
    "block",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "# a comment\n",
        "",
    ],
)
@pytest.mark.parametrize("close", ["---", "...", "---  "])
def test_front_matter_that_tells_nothing_is_passed_over(block: str, close: str) -> None:
    """A block of comments, or of fields that say nothing of the note, is no body."""
    head = f"---\n{block}{close}\n"
    assert front_matter(head + "body\n---\n") == FrontMatter(len(head))


BITS = [
    "---",
    "...",
    "\n",
    "\n",
    "title",
    ": ",
    "- ",
    "[",
    "*a",
    "&a ",
    "'",
    "#",
    "\t",
    "date: 1",
    "\x1b",
]


@settings(max_examples=200, deadline=None)
@given(st.text("-.\n: a", max_size=40) | st.lists(st.sampled_from(BITS), max_size=15).map("".join))
def test_body_begins_at_a_line(rest: str) -> None:
    """Whatever follows an opening line, the body starts at a line, and the parts make the text."""
    text = "---\n" + rest
    start = front_matter(text).body_start
    assert 0 <= start <= len(text)
    assert text[:start] + text[start:] == text
    assert start in (0, len(text)) or text[start - 1] == "\n"
