"""Make assistant/language/data/english.bloom: the English words that need no repair.

    python scripts/english_words.py FOLDER

FOLDER is that of the word lists of SCOWL (Spell Checker Oriented Word Lists), which Debian's
package ``scowl`` installs as /usr/share/dict/scowl. The same lists give the same file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from assistant.language import english

OUTPUT = Path(english.__file__).with_name("data") / "english.bloom"

LIST = re.compile(r"(english|american|british|british_z)-(?!abbreviations)[a-z-]+\.(\d+)")
"""Both spellings, with names, but none of the variants, nor abbreviations, such as ``adm``: any run
of three letters is one."""

LARGEST = 60
"""SCOWL's own limit for spelling checkers: above it stand words that are rarer than their typos."""


def words(folder: Path) -> set[str]:
    """Return the words of the lists, lower case: of ``isn't`` what stands before the sign."""
    chosen = [
        file
        for file in folder.iterdir()
        if (match := LIST.fullmatch(file.name)) and int(match[2]) <= LARGEST
    ]
    listed = (word.lower() for file in chosen for word in file.read_text("latin-1").split())
    return {before for word in listed if (before := word.partition("'")[0]).isalpha()}


def packed(words: Iterable[str]) -> bytes:
    """Return the filter of words, as ``english.is_word`` reads it."""
    bits = bytearray(english.BITS // 8)
    for word in words:
        for at in english.positions(word):
            bits[at >> 3] |= 1 << (at & 7)
    return bytes(bits)


def main() -> None:
    """Write the file."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = words(Path(sys.argv[1]))
    if not found:
        sys.exit(f"there are no word lists in {sys.argv[1]}")
    OUTPUT.write_bytes(packed(found))


if __name__ == "__main__":
    main()
