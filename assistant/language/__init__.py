"""Words: terms, spelling, Chinese to English, what functions are for, which language.

analyzer       Text and questions to the terms of the lexical index
api_summaries  What the functions and classes that a heading names are for, in words
cedict         CC-CEDICT as one plain English sense for each Chinese word
cedict_file    The file of CC-CEDICT: where it lies, and what tells it from another
english        English words, by a list of our own
gloss          Chinese to English by dictionary
han            Han characters: Chinese, and what Japanese and Korean write with them
identify       The language that a question or a note is written in
keywords       The words that tell groups of texts apart
opposites      Words that mean the opposite of each other
spelling       Repair of question words that the notes do not know
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.language import (
        analyzer,
        api_summaries,
        cedict,
        cedict_file,
        english,
        gloss,
        identify,
        keywords,
        opposites,
        spelling,
    )
    from assistant.language.gloss import Glossary
    from assistant.language.han import HAN

__all__ = [
    "HAN",
    "Glossary",
    "analyzer",
    "api_summaries",
    "cedict",
    "cedict_file",
    "english",
    "gloss",
    "identify",
    "keywords",
    "opposites",
    "spelling",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "gloss": ["Glossary"],
        "han": ["HAN"],
    },
    modules=(
        *("analyzer", "api_summaries", "cedict", "cedict_file", "english", "gloss", "identify"),
        *("keywords", "opposites", "spelling"),
    ),
)
