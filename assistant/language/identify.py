"""The language that a question or a note is written in, by its script and its words. Pure.

Other scripts than Latin tell at once. Words in Latin letters are weighed by the words that stand in
most texts of a language, by runs of three letters as in Cavnar and Trenkle ("N-gram-based text
categorization", SDAIR 1994), and by a list of English words. What looks like code says nothing; a
misspelt English word or a name looks like any language, so that letters alone never make a question
foreign.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from assistant.language import english
from assistant.language.han import HAN

LEAST, STEP, LOWEST = 1e-5, 0.1, ord("!")
"""Of the table: the share that its lowest character stands for, and the step to the next."""

CLEARLY_ENGLISH = frozenset(
    "about after and because been before between both but can cannot could did does doing each"
    " every from get having how if into it its keep many more much need off only other our out she"
    " should show some than that the their them then there these they this those through too until"
    " up use using were what when where which while who whose why with without would you"
    " your".split()
)
"""English words that stand in most texts, and in few of other languages."""

FEWEST, SHARE = 2, 0.2
"""Clearly English words, and their share of all, that make a question in plain ASCII English."""

MOST_LETTERS = 1500
"""Of a note's prose that are read; more say nothing more."""

FROM_STOP_WORD, FROM_LETTER, FROM_LIST = 4.0, 1.0, 3.0
"""What a word adds, in the natural logarithm of its odds: one that stands in most texts of a
language, one such of a single letter, one of the list of English words."""

AT_MOST = 8.0
"""What a word may say against a language, so that a single one does not decide."""

MOST_RUNS = 5
"""Of a word that count in full: the runs of a long one say much the same."""

FOREIGN = 3.0
"""How much likelier than English a language is that a question is said to be in."""

UNSURE = -1.5
"""How likely another language must be for a question of words that are mostly no English ones."""

SCRIPT_SHARE = 0.2
"""Of a text's letters in another script than Latin that tell its language, since code is Latin."""

_FILE = Path(__file__).with_name("data") / "languages.tsv"

_AROUND = ".,;:?!…()[]{}\"'`*«»„“”‚‘’¿¡"

_LETTER = re.compile(r"[^\W\d_]")

_SCRIPTS = {
    "ja": "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "zh": HAN,
    "ru": "\u0400-\u052f",
    "el": "\u0370-\u03ff",
    "he": "\u0590-\u05ff",
    "ar": "\u0600-\u06ff\u0750-\u077f",
    "hi": "\u0900-\u097f",
    "th": "\u0e00-\u0e7f",
}
"""The most usual language of each script, and its characters as the inside of a regular
expression's class. Compiled when a question needs it: most are ASCII."""

_OTHERS = {
    "zh": (
        (
            "ja",
            "両乗亜仏仮伝価倹働児円剣剤労勧単厳営団囲図圏圧塁塩増壊壌壱売変奨娯嬢実寛対専峠巌巣巻帯帰庁広廃弐弾"
            "徳徴応恵悩悪懐戦戻払抜択拝拠拡挙挿捜掲揺摂撃斎暁暦査栄桜桟検楽榊様歯歳毎気沢浄涙渇済渉渋渓満滝瀬犠"
            "猟獣産畳痩発県穂穏穣竜籖粋粛経絵継続総緑縁縄繊聴脳臓舎舗荘蔵薫薬蛍蝋覚観訳読謡譲転軽辺辻込逓遅郷酔"
            "醤醸釈鉱銭鋭鋳録闘陥険隠雑霊顔顕駄駅駆騒験髪鴎鶏麿黒黙齢",
        ),
    ),
    "ru": (("uk", "іїєґ"), ("be", "ў"), ("sr", "ђјљњћџ")),
    "ar": (("fa", "پچژگ"),),
}
"""Other languages of a script, each by the characters that only it has."""


FEW_WORDS = 8
"""Words of a text below which one of them has to be typical of another language than English."""


def of_question(text: str) -> str | None:
    """Return the language of a question, as in ISO 639-1; None where that is not sure.

    One without any word to go by, such as a name in code, counts as English. Unsure is what may be
    another language, and has no word that it is known by: a few words that are no English ones.
    """
    found = _by_script(text)
    if found or _is_clearly_english(text):
        return found or "en"
    words = _plain_words(text)
    language, margin = _likeliest(words)
    typical = [word for word in words if _is_typical(word, language)]
    # Of two words in ASCII, such as "multi gpu", one that a language has says too little.
    if margin >= FOREIGN and typical and (len(words) > 2 or not "".join(typical).isascii()):
        return language
    unknown = sum(not _is_english(word) for word in words)
    return None if margin > UNSURE and 2 * unknown >= max(1, len(words)) else "en"


def of_prose(text: str) -> str | None:
    """Return the language of a text of some length, as in ISO 639-1; None where it has no words.

    Args:
        text: Prose, without code; of a long one the beginning is read.
    """
    text = text[:MOST_LETTERS]
    words = _plain_words(text)
    if not words:
        return _by_script(text)
    if found := _by_script(text):
        return found
    language, margin = _likeliest(words)
    # A name or a title alone looks like many a language.
    told = len(words) >= FEW_WORDS or any(_is_typical(word, language) for word in words)
    return language if margin > 0 and told else "en"


def _by_script(text: str) -> str | None:
    """Return the language of a text that has enough of another script than Latin, else None."""
    if not text or max(text) < "\u0370":  # where the scripts behind Latin begin
        return None
    letters = len(_LETTER.findall(text))
    counts = {language: len(re.findall(f"[{of}]", text)) for language, of in _SCRIPTS.items()}
    # Japanese is written in Han and kana: some of the latter tell it from Chinese.
    if counts["ja"] and counts["ja"] * 5 >= counts["zh"]:
        counts["ja"] += counts.pop("zh")
    language = max(counts, key=lambda each: counts[each])
    if not counts[language] or counts[language] < SCRIPT_SHARE * letters:
        return None
    characters = set(text.lower())
    others = _OTHERS.get(language, ())
    return next((other for other, own in others if not characters.isdisjoint(own)), language)


def _is_clearly_english(text: str) -> bool:
    """Return whether a question need not be looked at any closer. Reads no file."""
    if not text.isascii():
        return False
    words = text.lower().split()
    clear = sum(word.strip(_AROUND) in CLEARLY_ENGLISH for word in words)
    return clear >= max(FEWEST, SHARE * len(words))


def _plain_words(text: str) -> list[str]:
    """Return the words of a text, lower case; none that looks like code or has a capital inside.

    What lies between two spaces is a word or words with an apostrophe or a hyphen between, or a
    name, path, call or option, which says nothing.
    """
    # A pattern that is compiled for one question takes longer than all else here.
    prose = re.sub("`[^`]*`", " ", text) if "`" in text else text
    found = []
    for between in prose.split():
        parts = between.strip(_AROUND).replace("’", "'").replace("-", "'").split("'")
        if all(map(str.isalpha, parts)):
            found += [part.lower() for part in parts if part[1:] == part[1:].lower()]
    return found


def _likeliest(words: Sequence[str]) -> tuple[str, float]:
    """Return the likeliest language but English, and how much likelier it is: 0 without words."""
    languages = _table().languages
    total = [0.0] * len(languages)
    for word in words:
        said = _said(word)
        most = max(said)
        total = [old + max(new - most, -AT_MOST) for old, new in zip(total, said, strict=True)]
    margin, language = max(
        (score - total[0], language)
        for score, language in zip(total[1:], languages[1:], strict=True)
    )
    return language, margin


@lru_cache(maxsize=16384)
def _said(word: str) -> tuple[float, ...]:
    """Return how well a word fits each language, in natural logarithms of its odds."""
    table = _table()
    padded = f" {word} "
    runs = [padded[at : at + 3] for at in range(len(word))]
    weight = STEP * min(1.0, MOST_RUNS / len(runs))
    columns = zip(*(table.levels(run) for run in runs), strict=True)
    said = [weight * (sum(map(ord, column)) - LOWEST * len(runs)) for column in columns]
    stop_word = FROM_STOP_WORD if len(word) > 1 else FROM_LETTER
    said = [score + stop_word * table.has_stop_word(at, word) for at, score in enumerate(said)]
    if _is_english(word) and not table.has_stop_word(0, word):
        said[0] += FROM_LIST
    return tuple(said)


def _is_english(word: str) -> bool:
    """Return whether a word is an English one of three letters or more, or one of most texts."""
    return _table().has_stop_word(0, word) or (len(word) > 2 and english.is_word(word))


def _is_typical(word: str, language: str) -> bool:
    """Return whether a word is one that a language, but not English, is known by."""
    table = _table()
    stop_word = table.has_stop_word(table.languages.index(language), word)
    own = (stop_word and len(word) > 1) or not word.isascii()
    return own and not table.has_stop_word(0, word)


@dataclass(frozen=True, slots=True)
class _Table:
    """``data/languages.tsv``, searched as it lies there: a question needs few of its rows."""

    languages: tuple[str, ...]
    stop_words: tuple[str, ...]
    """Of each language, in one line with spaces around each."""
    rows: str
    """Three letters and a character for each language, in order, all equally long."""

    def has_stop_word(self, language: int, word: str) -> bool:
        """Return whether a word stands in most texts of a language, given by its position."""
        return f" {word} " in self.stop_words[language]

    def levels(self, run: str) -> str:
        """Return the character of each language for three letters."""
        width = 3 + len(self.languages) + 1
        count = len(self.rows) // width
        at = width * bisect_left(
            range(count), run, key=lambda row: self.rows[width * row : width * row + 3]
        )
        known = self.rows[at : at + 3] == run
        return self.rows[at + 3 : at + width - 1] if known else chr(LOWEST) * len(self.languages)


@cache
def _table() -> _Table:
    text = _FILE.read_bytes().decode()
    names, _, text = text[text.index("\n\n") + 2 :].partition("\n")
    languages = tuple(names.split("\t"))
    *lines, rows = text.split("\n", len(languages))
    return _Table(languages, tuple(f" {line} " for line in lines), rows)
