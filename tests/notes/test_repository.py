"""What git ignores from outside a notes folder: as git says, over random trees."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.notes import git_config, walk

TREES = 40

NAMES = ["a", "b", "foo", "docs", "private", "a.md", "b.md", "x1.md", "é.md", "a b.md"]
GLOBS = ["*", "*.md", "f?o", "[ab]", "[!a]*", "b*", "**/a", "a/**", "*/", "foo/*.md", "**/b/*.md"]
PATTERNS = [*NAMES, *GLOBS, "docs/a.md", "/docs/*.md", "docs/private/", "/a.md", "!*.md", "!docs/"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without settings of git."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME", "GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


def repository(folder: Path) -> Path:
    """Make an empty git repository."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder.resolve()


def write(root: Path, *paths: str, text: str = "x\n") -> None:
    """Write the same text to files below a folder."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def found(folder: Path) -> list[str]:
    """Return the paths that the walk finds."""
    return [file.path for file in walk([folder])[0]]


def passed_over(folder: Path) -> dict[str, str]:
    """Return what the walk skips, with the reasons."""
    return {item.path: item.reason for item in walk([folder])[1]}


def not_ignored(folder: Path) -> list[str]:
    """Return the notes in a folder that git would offer to add."""
    command = ["git", "ls-files", "-o", "--exclude-standard", "-z"]
    out = subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout
    names = sorted(os.fsdecode(name) for name in out.split(b"\0") if name)
    return [name for name in names if name.endswith(".md") and not name.startswith(".")]


@pytest.mark.parametrize("seed", range(TREES))
def test_random_trees_are_read_as_git_reads_them(home: Path, seed: int) -> None:
    """A folder inside a repository gives the notes that ``git ls-files -o`` lists there."""
    chance = random.Random(seed)
    top = repository(home / "top")
    folders = ["", "docs/"]
    (top / "docs").mkdir()
    for _ in range(8):
        path = chance.choice(folders) + chance.choice(NAMES[:5])
        (top / path).mkdir(exist_ok=True)
        folders.append(f"{path}/")
    for _ in range(40):
        (top / (chance.choice(folders) + chance.choice(NAMES[5:]))).touch()
    write(home, "everywhere", text=lines(chance))
    write(home, ".gitconfig", text="[core]\n\texcludesFile = ~/everywhere\n")
    write(top, ".git/info/exclude", text=lines(chance))
    for folder in chance.sample(sorted(set(folders)), 3):
        write(top, f"{folder}.gitignore", text=lines(chance))

    for folder in sorted(set(folders)):
        ignored = subprocess.run(["git", "check-ignore", "-q", f"./{folder}"], cwd=top, check=False)
        # A folder that is named outright is taken, whatever is said of it above.
        if ignored.returncode == 1:
            assert found(top / folder) == not_ignored(top / folder)


def lines(chance: random.Random) -> str:
    """Return an ignore file, which more often than not says something of the notes."""
    chosen = chance.choices([p for p in PATTERNS if p != "*"], k=4)
    return "".join(f"{chance.choice(['', '', '!'])}{pattern}\n" for pattern in chosen)


def test_what_is_private_above_stays_out(home: Path) -> None:
    """A pattern above the notes folder holds in it, and is named from there."""
    top = repository(home / "top")
    write(top, "docs/a.md", "docs/private/b.md", "docs/deep/private/c.md")
    write(top, ".gitignore", text="private/\n")

    assert found(top / "docs") == ["a.md"]
    assert passed_over(top / "docs") == {
        "private/": "ignored by ../.gitignore line 1: private/",
        "deep/private/": "ignored by ../.gitignore line 1: private/",
    }
    # The folder itself is taken when it is named.
    assert found(top / "docs" / "private") == ["b.md"]


def test_above_the_top_nothing_counts(home: Path) -> None:
    """Ignore files above the top of a repository, and above notes in none, say nothing."""
    top = repository(home / "top")
    write(top, "docs/a.md")
    write(home, "plain/docs/a.md")
    write(home, ".gitignore", "plain/.gitignore", text="*.md\n")
    assert found(top / "docs") == found(home / "plain" / "docs") == ["a.md"]


def test_own_excludes_count_in_repositories_alone(home: Path) -> None:
    """What the user has git ignore everywhere holds in repositories, also below the notes."""
    write(home, ".config/git/ignore", text="draft.md\n")
    write(home, "notes/draft.md", "notes/inner/draft.md", "notes/inner/a.md")
    inner = repository(home / "notes" / "inner")
    write(inner, ".git/info/exclude", text="a.md\n")

    assert found(home / "notes") == ["draft.md"]
    ignore = home / ".config" / "git" / "ignore"
    reasons = passed_over(home / "notes")
    assert reasons["inner/a.md"] == "ignored by inner/.git/info/exclude line 1: a.md"
    assert reasons["inner/draft.md"].endswith("line 1: draft.md")
    assert found(inner) == []
    ignore.unlink()
    assert found(inner) == ["draft.md"]


def test_worktrees_and_submodules(home: Path) -> None:
    """The file ``.git`` of a worktree and of a submodule leads to what they exclude."""
    top = repository(home / "top")
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always"]

    def git(*words: str) -> None:
        subprocess.run(["git", *identity, *words], cwd=top, check=True, capture_output=True)

    git("commit", "-q", "--allow-empty", "-m", "x")
    git("worktree", "add", "-q", "../tree")
    git("submodule", "add", "-q", "./", "sub")
    write(top, ".git/info/exclude", text="out.md\n")
    write(top, ".git/modules/sub/info/exclude", text="a.md\n")
    write(home, "tree/out.md", "tree/a.md", "top/sub/a.md", "top/sub/b.md")

    assert found(home / "tree") == not_ignored(home / "tree") == ["a.md"]
    assert found(top / "sub") == not_ignored(top / "sub") == ["b.md"]


def test_a_strangers_repository_leads_nowhere(home: Path) -> None:
    """No file, link or setting of a repository has a file outside it read."""
    write(home, "secret", "away/info/exclude", "away/HEAD", text="*.md\n")
    write(home, "away/worktrees/x/gitdir", text="/elsewhere/.git\n")
    top = repository(home / "top")
    write(top, "a.md")
    with (top / ".git" / "config").open("a") as config:
        config.write(f"[core]\n\texcludesFile = {home}/secret\n\tworktree = {home}\n")
    assert found(top) == ["a.md"]

    (top / ".git" / "info" / "exclude").unlink()
    (top / ".git" / "info" / "exclude").symlink_to(home / "secret")
    assert found(top) == ["a.md"]
    assert passed_over(top) == {
        ".git/info/exclude": "its rules do not apply: a link, which is not followed"
    }
    shutil.rmtree(top / ".git" / "info")
    (top / ".git" / "info").symlink_to(home / "away" / "info")
    assert found(top) == ["a.md"]
    assert passed_over(top) == {
        ".git/info": "its rules do not apply: a link, which is not followed"
    }

    shutil.rmtree(top / ".git")
    for target in ("../away", str(home / "away"), "../away/worktrees/x"):
        write(top, ".git", text=f"gitdir: {target}\n")
        assert found(top) == ["a.md"]
    (top / ".git").unlink()
    (top / ".git").symlink_to(home / "away")
    assert found(top) == ["a.md"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("", "~/.config/git/ignore"),
        ("[core]\nexcludesfile=~/x", "~/x"),
        ("[CORE] ExcludesFile = ~/x # all", "~/x"),
        ('[core]\n\texcludesFile = "~/x y" ; z', "~/x y"),
        ('[core]\n\texcludesFile = "~/x\\ty"', "~/x\ty"),
        ("[core]\n\texcludesFile = ~/x\\\ny", "~/xy"),
        ("[core]\n\texcludesFile = ~/x\n[core]\n\texcludesFile = ~/y", "~/y"),
        ('[core "x"]\n\texcludesFile = ~/x', "~/.config/git/ignore"),
        ("; [core]\n\texcludesFile = ~/x", "~/.config/git/ignore"),
        ("[include]\n\tpath = more", "~/of-more"),
        ("[include]\n\tpath = .gitconfig", "~/.config/git/ignore"),
        ("[core]\n\texcludesFile =", None),
    ],
)
def test_settings_of_git(home: Path, config: str, expected: str | None) -> None:
    """The user's file is read as git reads it, with what it includes."""
    write(home, ".gitconfig", text=config + "\n")
    write(home, "more", text="[core]\n\texcludesFile = ~/of-more\n")
    told = git_config.excludes_file()
    assert told == (expected and Path(expected.replace("~", str(home), 1)))
    if shutil.which("git") and expected and ".config" not in expected:
        command = ["git", "config", "--global", "--includes", "--path", "core.excludesFile"]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert out == f"{told}\n"
