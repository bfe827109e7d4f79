"""Terms and queries, asked of a real FTS5 table with the store's own tokenizer."""

from __future__ import annotations

import re
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.language import HAN
from assistant.language.analyzer import (
    LONGEST_TERM,
    STOP_WORDS,
    query_terms,
    split_name,
    terms,
)
from assistant.store import tables
from assistant.store.local import fts5

NOTES = {
    "cache": "Call `torch.cuda.empty_cache()` to free memory.",
    "norm": "nn.BatchNorm2d(64) normalises a batch",
    "loader": "DataLoader(dataset, batch_size=4, pin_memory=True)",
    "leak": "GPU内存泄漏的排查方法",
    "card": "显存不足时先释放缓存",
    "flag": "pass --no-cache-dir to pip; std::vector in C++",
    "deep": "torch.distributed.algorithms.model_averaging.averagers.PeriodicModelAverager(g)",
    "hindi": "हिन्दी भाषा के शब्द",
    "accent": "Größe, naïve and the ﬁle of ＧＰＵ",
}
"""Texts by the name that the tests know them by."""


@pytest.fixture(scope="module")
def table() -> Iterator[sqlite3.Connection]:
    """The notes in a table made by the store's own statement."""
    created = re.search(r"CREATE VIRTUAL TABLE lexical .*?;", tables.TABLES, re.DOTALL)
    assert created
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(created[0])
        for row, text in enumerate(NOTES.values()):
            connection.execute(
                "INSERT INTO lexical (rowid, headings, body) VALUES (?, '', ?)",
                (row, " ".join(terms(text))),
            )
        yield connection


def matches(table: sqlite3.Connection, question: str) -> list[int]:
    """Return the rows that match a question, best first; the store asks nothing for no terms."""
    expression = fts5.any_of(query_terms(question))
    asked = "SELECT rowid FROM lexical WHERE lexical MATCH ? ORDER BY rank"
    return [row for (row,) in table.execute(asked, [expression])] if expression else []


def asked(table: sqlite3.Connection, question: str) -> list[str]:
    """Return the names of the notes that match a question, best first."""
    return [list(NOTES)[row] for row in matches(table, question)]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("torch.cuda.empty_cache()", "cache"),
        ("torch.cuda.empty_cache", "cache"),
        ("empty_cache", "cache"),
        ("how to empty the cache", "cache"),
        ("cuda", "cache"),
        ("BatchNorm2d", "norm"),
        ("nn.BatchNorm2d", "norm"),
        ("batchnorm2d", "norm"),
        ("norm", "norm"),
        ("normalise", "norm"),
        ("dataloader", "loader"),
        ("data loader", "loader"),
        ("pin_memory", "loader"),
        ("内存泄漏", "leak"),
        ("怎么排查泄漏", "leak"),
        ("释放显存", "card"),
        ("no-cache-dir", "flag"),
        ("vector", "flag"),
        ("std::vector", "flag"),
        ("PeriodicModelAverager", "deep"),
        ("averager", "deep"),
        ("torch.distributed.algorithms.model_averaging.averagers.PeriodicModelAverager", "deep"),
        ("groesse größe", "accent"),
        ("grosse naive", "accent"),
        ("the file", "accent"),
        ("nai\u0308ve", "accent"),
        ("हिन्दी", "hindi"),
    ],
)
def test_names_are_found_by_whole_and_by_part(
    table: sqlite3.Connection, question: str, first: str
) -> None:
    """A name, a part of it, another form of a word and a Chinese word each find their note."""
    assert asked(table, question)[:1] == [first]


def test_full_width_letters_are_letters(table: sqlite3.Connection) -> None:
    """What an input method for Chinese writes as wide letters matches the usual ones, both ways."""
    assert set(asked(table, "gpu")) == set(asked(table, "ＧＰＵ")) == {"leak", "accent"}


def test_a_word_is_not_its_consonants(table: sqlite3.Connection) -> None:
    """Vowel signs tell words apart, as letters do."""
    assert asked(table, "हनद") == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("empty_cache", ["empty", "cache"]),
        ("BatchNorm2d", ["batch", "norm"]),
        ("HTTPServer", ["http", "server"]),
        ("resnet50", ["resnet", "50"]),
        ("CrossEntropyLoss", ["cross", "entropy", "loss"]),
        ("ÜberGröße", ["über", "größe"]),
        ("__init__", ["init"]),
        ("x", []),
        ("", []),
    ],
)
def test_names_split_at_joints_and_capitals(name: str, parts: list[str]) -> None:
    """Parts are those that a programmer would say, without letters that stand alone."""
    assert split_name(name) == parts


def test_terms_come_in_order_with_repeats() -> None:
    """BM25 counts a word as often as it stands there; a part is told once for each name."""
    assert terms("Cache the cache_cache") == ["cache", "the", "cache_cache", "cache"]


def test_chinese_is_cut_into_bigrams() -> None:
    """A run gives its pairs, a character by itself stays, and letters end a run."""
    assert terms("内存泄漏") == ["内存", "存泄", "泄漏"]
    assert terms("存 GPU显存") == ["gpu", "存", "显存"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "김치찌개는 맛있다",
            ["김치찌개는", "맛있다", "김치", "치찌", "찌개", "개는", "맛있", "있다"],
        ),
        ("プリンターのドライバー", ["プリンター", "ドライバー"]),
        ("冷蔵庫は開きます", ["冷蔵", "蔵庫", "開", "きま", "ます"]),
    ],
    ids=["Korean", "katakana", "Japanese"],
)
def test_words_without_spaces_or_with_endings_are_found_by_parts(
    text: str, found: list[str]
) -> None:
    """Particles stand at the end of Korean words; katakana write a word at a time."""
    assert terms(text) == found


def test_han_is_not_hangul() -> None:
    """Korean words stay whole where Chinese characters are looked for."""
    assert re.search(f"[{HAN}]", "김치찌개 \ue000 ꀀ") is None
    assert re.findall(f"[{HAN}]", "\uf900漢字〇𠮷") == ["\uf900", "漢", "字", "〇", "𠮷"]


def test_a_stop_word_in_capitals_is_meant() -> None:
    """It is a name, unless all of the question is in capitals."""
    assert query_terms("what does OR mean in IT") == ["or", "mean", "it"]
    assert query_terms("WHO IS IT FOR ME") == ["who", "is", "it", "for", "me"]


def test_encoded_data_is_no_word() -> None:
    """What is too long for a word is left out; a long name is found by its parts."""
    assert terms("a" * LONGEST_TERM) == ["a" * LONGEST_TERM]
    assert terms("a" * (LONGEST_TERM + 1)) == []
    assert terms(".".join(["part"] * 20)) == ["part"] * 20


def test_stop_words_are_left_out_of_questions() -> None:
    """Words that say nothing are dropped, and kept only when there is nothing else."""
    assert query_terms("How do I free the memory of the GPU") == ["free", "memory", "gpu"]
    assert query_terms("to be or not to be") == ["not"]
    assert query_terms("what is this?") == ["what", "is", "this"]
    assert query_terms("?!") == []


def test_stop_words_could_be_terms() -> None:
    """Each stop word is a single term in the form that terms have."""
    assert [word for word in STOP_WORDS if terms(word) != [word]] == []


OPERATORS = st.sampled_from(
    "\" ' * ( ) ^ : - + { } AND OR NOT NEAR(a headings: body:x rank \\ ;-- ％ İ ﷺ 1/2 ²".split(" ")
) | st.sampled_from("\0\ud800")
questions = st.lists(
    OPERATORS | st.text(max_size=8) | st.text(string.printable, max_size=8), max_size=12
).map(" ".join) | st.text(st.characters(exclude_categories=()), max_size=40)


@given(questions)
@example('"')
@example("a\0b")
@example("NEAR(memory cache)")
def test_no_question_is_an_error(table: sqlite3.Connection, question: str) -> None:
    """Whatever a question holds is looked for as text: no operator, no quote that ends it."""
    assert set(matches(table, question)) <= set(range(len(NOTES)))


@given(questions)
def test_a_text_is_found_by_its_own_words(table: sqlite3.Connection, text: str) -> None:
    """Any text that has terms is found by them, whatever scripts they are in."""
    row = len(NOTES)
    table.execute(
        "INSERT INTO lexical (rowid, headings, body) VALUES (?, '', ?)",
        [row, " ".join(terms(text))],
    )
    try:
        assert (row in matches(table, text)) == bool(terms(text))
    finally:
        table.execute("DELETE FROM lexical WHERE rowid = ?", [row])


def test_hostile_operators_find_nothing_that_is_not_there(table: sqlite3.Connection) -> None:
    """``NOT`` excludes nothing, ``*`` expands nothing, and a column's name limits nothing."""
    assert asked(table, 'cuda NOT "cuda"') == ["cache"]
    assert asked(table, "cud*") == []
    assert asked(table, "headings:cuda") == ["cache"]


@given(questions)
def test_terms_are_clean(question: str) -> None:
    """A term has no white space, quote or upper case, so that the query and the table agree."""
    for term in [*terms(question), *query_terms(question)]:
        assert term
        assert not re.search(r'["\s\0]', term)
        assert term == term.lower()


def test_a_long_question_is_a_query() -> None:
    """A thousand terms are more than are ever asked, and still no error."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5 (body)")
        connection.execute("INSERT INTO t VALUES ('word7')")
        expression = fts5.any_of([f"word{i}" for i in range(1000)])

        assert connection.execute("SELECT rowid FROM t WHERE t MATCH ?", [expression]).fetchall()
