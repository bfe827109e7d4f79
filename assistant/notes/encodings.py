"""Bytes to text: by mark as UTF-8 or UTF-16, else UTF-8, else what they surely are in. Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_UNICODE = (  # byte order mark, codec for what follows it, name in messages
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    (b"", "utf-8", "UTF-8"),
)

_OTHERS = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "koi8_r": "KOI8-R",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "euc_kr": "EUC-KR",
}
"""Encodings that notes of before Unicode are in, and what people call them."""

_OF_PAIRS = {"gb18030", "big5", "cp932", "euc_jp", "euc_kr"}

LEAST_PAIRS = 12
"""Characters of two bytes that it takes: a few words are sound in all these encodings."""

LEAST_COHERENCE = 0.3
"""Of letters by frequency with some language's, in 0..1, where a character is a byte."""

MOST_MESS = 0.1
"""Of unlikely neighbours, in 0..1, see charset-normalizer."""

# Compiled for the first note that is not in UTF-8.
_CONTROLS = rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]"
"""What no text holds; escapes some do."""

_WINDOWS = rb"[\x80-\x9f]"
"""Letters and quotes in the encodings of Windows, controls in those of ISO 8859."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, or why it is none."""

    text: str = ""
    encoding: str = ""
    """What it is in; empty for UTF-8 and UTF-16, which say so themselves."""
    reason: str = ""
    """Why it is no text; empty for one."""


def decoded(raw: bytes) -> Decoded:
    """Return the text that bytes are."""
    mark, codec, name = next(entry for entry in _UNICODE if raw.startswith(entry[0]))
    if name == "UTF-8" and b"\0" in raw:
        return Decoded(reason="binary: it holds NUL bytes")
    try:
        text = raw[len(mark) :].decode(codec)
    except UnicodeDecodeError as error:
        other = None if mark else _in_another(raw)
        if other:
            return other
        at = len(mark) + error.start
        return Decoded(reason=f"not {name} text: byte 0x{raw[at]:02X} at offset {at}")
    if "\0" in text:
        return Decoded(reason="binary: it holds NUL characters")
    return Decoded(text)


def _in_another(raw: bytes) -> Decoded | None:
    """Return the text of bytes in an encoding of before Unicode; None where that is not sure."""
    if re.search(_CONTROLS, raw):
        return None
    import charset_normalizer  # 40 ms, and hardly any note needs it

    matches = charset_normalizer.from_bytes(raw, cp_isolation=[*_OTHERS])
    best = matches.best()
    if best is None or best.chaos > MOST_MESS:
        return None
    # Of encodings that the frequency of letters does not tell apart, the usual one.
    usual = [match for match in matches if match.encoding == "cp1252"]
    codec = "cp1252" if usual and usual[0].coherence >= best.coherence else best.encoding
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:  # of a long text only parts were looked at
        return None
    if text == raw.decode("cp1252", "replace"):
        codec = "cp1252"
    if codec in _OF_PAIRS:
        is_sure = sum(not char.isascii() for char in text) >= LEAST_PAIRS
    else:
        is_sure = best.coherence >= LEAST_COHERENCE
    if codec == "cp1250" and not re.search(_WINDOWS, raw):
        is_sure = is_sure and text == raw.decode("iso8859_2")  # some letters lie elsewhere there
    return Decoded(text, _OTHERS[codec]) if is_sure else None
