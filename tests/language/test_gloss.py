"""Tests of assistant.language.gloss."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.language import cedict, cedict_file, gloss
from assistant.language.gloss import Glossary, GlossedWord, cut, has_han

same_every_run = settings(derandomize=True, deadline=None)

WORDS = [f"{chr(0x4E00 + n % 90)}{chr(0x5000 + n // 90)}" for n in range(1800)]
"""Enough two-character words that a compiled file has many pages."""

ALPHABET = "甲乙丙的"
LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
any_text = st.text() | st.text(alphabet="张量的后後，。A 1\n\r\u2028龘😀〇\u3000", max_size=40)


@pytest.fixture(scope="session")
def glossary(tmp_path_factory: pytest.TempPathFactory) -> Glossary:
    """The real dictionary, compiled once."""
    return Glossary.open(tmp_path_factory.mktemp("gloss"))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for caches of a made-up dictionary, which compiles at once."""
    source = tmp_path / "cedict.txt.gz"
    lines = ["後來 后来 [hou4 lai2] /afterwards/"]
    lines += [f"{word} {word} [x] /word{n}/" for n, word in enumerate(WORDS)]
    source.write_bytes(gzip.compress("\n".join(lines).encode()))
    terms = tmp_path / "terms.tsv"
    terms.write_text("# none\n", encoding="utf-8")
    monkeypatch.setattr(cedict_file, "source", lambda: source)
    monkeypatch.setattr(gloss, "_TERMS", terms)
    return tmp_path / "cache"


def compiled(folder: Path) -> Path:
    """The one file of a cache folder."""
    (path,) = folder.iterdir()
    return path


def lookup_in(words: dict[str, GlossedWord]) -> gloss.Lookup:
    """Look words up in a plain dictionary."""

    def lookup(pair: str) -> list[GlossedWord]:
        found = [w for w in words.values() if w.han == pair[0] or w.han.startswith(pair)]
        return sorted(found, key=lambda word: len(word.han))

    return lookup


def all_cuts(run: str, words: dict[str, GlossedWord]) -> Iterator[list[GlossedWord]]:
    """Every way to cut a run into dictionary words and unknown single characters."""
    for count in range(len(run)):
        for inner in combinations(range(1, len(run)), count):
            bounds = [0, *inner, len(run)]
            parts = [run[a:b] for a, b in pairwise(bounds)]
            if all(len(part) == 1 or part in words for part in parts):
                yield [words.get(part, GlossedWord(part, part)) for part in parts]


def preference(parts: list[GlossedWord]) -> tuple[int, int, int, list[int]]:
    """The rules of ``cut``, for a whole cut at once."""
    singles = sum(len(part.han) == 1 and part.han != "的" for part in parts)
    plain = sum(len(part.han) for part in parts if not part.term)
    return len(parts), singles, plain, [len(part.han) for part in parts]


hans = st.text(alphabet=ALPHABET, min_size=1, max_size=4)
dictionaries = st.lists(
    st.builds(GlossedWord, hans, st.just("word"), st.booleans()), max_size=12
).map(lambda words: {word.han: word for word in words})


@same_every_run
@given(st.text(alphabet=ALPHABET, min_size=1, max_size=9), dictionaries)
def test_cut_is_the_best_of_all_cuts(run: str, words: dict[str, GlossedWord]) -> None:
    """No cut has fewer words, then fewer lone characters, then more terms, than the chosen one."""
    assert min(all_cuts(run, words), key=preference) == cut(run, lookup_in(words))


@pytest.mark.parametrize(
    ("run", "parts"),
    [
        ("梯度下降", "梯度下降"),  # the longest word, not 梯度 and 下降
        ("研究生命起源", "研究 生命 起源"),  # forward matching takes 研究生
        ("的确定值", "的 确定 值"),  # a function word costs nothing beside 的确
        ("不过滤异常值", "不 过滤 异常值"),  # a technical term rather than 不过
        ("龘龘", "龘 龘"),
    ],
)
def test_cutting(glossary: Glossary, run: str, parts: str) -> None:
    """Runs are cut where a reader would cut them."""
    assert parts.split() == [word.han for word in glossary._cut(run)]


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("张量", "tensor"),
        ("如何释放显存？", "how release GPU memory ?"),
        ("用Python的list", "use Python list"),
        ("**转置** `x.T`", "** transpose ** `x.T`"),
        ("第一行\n\n  第二行，完", "first row\n\n  second row , finish"),
        ("資料庫連線", "database connection"),
        ("不支持", "not supported"),
        ("我的猫，ＡＢＣ（１）。", "I cat ,ABC(1)."),
        ("的", ""),
        ("猫\u3000狗", "cat dog"),
        ("“好”", "“ good ”"),
    ],
)
def test_gloss(glossary: Glossary, text: str, english: str) -> None:
    """Words turn English with spaces around them, wide punctuation turns ASCII, the rest stays."""
    assert english == glossary.gloss(text)


def test_traditional_reads_as_simplified(glossary: Glossary) -> None:
    """Traditional and simplified writing give the same gloss."""
    assert glossary.gloss("機器學習與訓練數據") == glossary.gloss("机器学习与训练数据")


@pytest.mark.parametrize("text", ["", "plain", "ｆｕｌｌ　ｗｉｄｔｈ，", "“quoted” — dash", "かな"])
def test_text_without_han_stays(glossary: Glossary, text: str) -> None:
    """Without a Han character nothing changes, not even full-width punctuation."""
    assert not has_han(text)
    assert text == glossary.gloss(text)


@pytest.mark.parametrize("text", ["中", "a中b", "〇", "㐀", "龥", "\U00020000"])
def test_has_han(text: str) -> None:
    """Han characters are seen in every block that holds them."""
    assert has_han(text)


@same_every_run
@given(any_text)
def test_line_count_is_kept(glossary: Glossary, text: str) -> None:
    """Any text can be glossed, and keeps its lines."""
    english = glossary.gloss(text)

    assert [c for c in text if c in LINE_ENDS] == [c for c in english if c in LINE_ENDS]


@same_every_run
@given(st.data())
def test_known_characters_turn_english(glossary: Glossary, data: st.DataObject) -> None:
    """No Han character is left where the dictionary has them all."""
    known = data.draw(st.text(alphabet="张量后後的猫〇一不把著体體訓练", max_size=30))

    assert not has_han(glossary.gloss(known))


@same_every_run
@given(any_text)
def test_second_gloss_changes_nothing_known(glossary: Glossary, text: str) -> None:
    """What a gloss leaves in Han characters is what no dictionary has."""
    english = glossary.gloss(text)

    assert glossary.gloss(english) == english


@pytest.mark.parametrize("damage", ["missing", "empty", "half", "noise", "inner pages"])
def test_damaged_file_is_rebuilt(small: Path, damage: str) -> None:
    """A compiled file that cannot be read in whole or in part is compiled anew."""
    text = "。".join(WORDS)
    expected = Glossary.open(small).gloss(text)
    path = compiled(small)
    good = path.read_bytes()
    third = len(good) // 3
    damaged = {
        "missing": None,
        "empty": b"",
        "half": good[: len(good) // 2],
        "noise": b"\xff" * len(good),
        "inner pages": good[:third] + b"\xff" * third + good[2 * third :],
    }[damage]
    path.unlink()
    if damaged is not None:
        path.write_bytes(damaged)

    assert expected == Glossary.open(small).gloss(text)
    assert good == compiled(small).read_bytes()


def test_second_open_does_not_compile(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An existing file is opened as it is."""
    first = Glossary.open(small)
    monkeypatch.setattr(cedict, "load", lambda path: pytest.fail("compiled again"))

    second = Glossary.open(small)

    assert first.gloss("后来") == second.gloss("后来") == "afterwards"


def test_folder_that_cannot_be_written(small: Path) -> None:
    """Where no file can be written, the dictionary is compiled into memory."""
    small.write_text("a file where the folder should be")

    assert Glossary.open(small).gloss("后来") == "afterwards"


def test_opening_at_once(small: Path) -> None:
    """Threads that compile at the same time do not disturb each other, and leave one file."""
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: Glossary.open(small), range(4)))

    assert [one.gloss("后来") for one in opened] == ["afterwards"] * 4
    assert compiled(small).suffix == ".sqlite"


def test_sharing_between_threads(small: Path) -> None:
    """One glossary answers several threads."""
    shared, texts = Glossary.open(small), ["。".join(WORDS[n::4]) for n in range(4)]
    alone = [Glossary.open(small).gloss(text) for text in texts]

    with ThreadPoolExecutor(4) as pool:
        assert alone == list(pool.map(shared.gloss, texts))


def test_fingerprint_follows_terms(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another list of terms is another fingerprint and another file."""
    before, named = Glossary.open(small), gloss.fingerprint()
    terms = small.parent / "other.tsv"
    terms.write_text("后来\tlater\n", encoding="utf-8")
    monkeypatch.setattr(gloss, "_TERMS", terms)

    after = Glossary.open(small)

    assert named != gloss.fingerprint()
    assert (before.gloss("后来"), after.gloss("后来")) == ("afterwards", "later")
