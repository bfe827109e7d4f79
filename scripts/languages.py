"""Make assistant/language/data/languages.tsv: what the words of languages look like.

    python scripts/languages.py PROFILES STOP_WORDS

PROFILES is the folder of that name in the package ``langdetect``: how often each run of up to
three letters stands in texts of a language. STOP_WORDS is the file stopwords-iso.json of the
package ``stopwordsiso``.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from assistant.language import identify

OUTPUT = Path(identify.__file__).with_name("data") / "languages.tsv"

LANGUAGES = "en cs da de es fi fr hu id it nl no pl pt ro sv tr vi".split()
"""Those in Latin letters; the others are told by their script."""

RARE = 2e-4
"""Share of a language's trigrams; those that are rarer in all of them are left out."""

SHORT = "a i am an as at be by do go he if in is it me my no of ok on or so to up us we".split()
"""English words of one or two letters; the list has the ends of web addresses among them."""

HEAD = """\
# What the words of languages look like: made by scripts/languages.py.
# Below, the first line names the languages. Then, for each, the words that stand in most of its
# texts; then runs of three letters, a space for the edge of a word, each with a character for
# every language, from "!", a share of 1e-5 or less, in steps of 0.1 in the natural logarithm.
# Words: Stopwords ISO (MIT). Letters: langdetect (Apache-2.0). See NOTICE-words.

"""


def trigrams(profile: Path) -> dict[str, float]:
    """Return the share of each run of three letters in the texts of a language."""
    counts: Counter[str] = Counter()
    for run, count in json.loads(profile.read_text("utf-8"))["freq"].items():
        if len(run) == 3 == len(run.lower()):
            counts[run.lower()] += count
    total = counts.total()
    return {run: count / total for run, count in counts.items()}


def level(share: float) -> str:
    """Return the character that stands for a share."""
    steps = round((math.log(share) - math.log(identify.LEAST)) / identify.STEP) if share else 0
    return chr(identify.LOWEST + max(0, steps))


def table(shares: Mapping[str, Mapping[str, float]], stop_words: Mapping[str, list[str]]) -> str:
    """Return the file."""
    lines = ["\t".join(LANGUAGES)]
    for language in LANGUAGES:
        words = sorted({word for word in stop_words[language] if word.isalpha()})
        if language == "en":
            words = [word for word in words if len(word) > 2 or word in SHORT]
        lines.append(" ".join(words))
    runs = {run for of in shares.values() for run, share in of.items() if share >= RARE}
    lines += [
        run + "".join(level(shares[of].get(run, 0)) for of in LANGUAGES) for run in sorted(runs)
    ]
    return HEAD + "\n".join(lines) + "\n"


def main() -> None:
    """Write the file."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    shares = {language: trigrams(Path(sys.argv[1]) / language) for language in LANGUAGES}
    stop_words = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    OUTPUT.write_text(table(shares, stop_words), encoding="utf-8")


if __name__ == "__main__":
    main()
