"""The sentence of a passage that answers. Pure."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.term_overlap import shared_weights
from assistant.embedding import Vectors
from assistant.language import analyzer
from assistant.markdown import (
    FEW_LINES,
    Leaf,
    code_of,
    destroys,
    is_code,
    is_output,
    leaves,
    line_starts,
    paragraph,
    placed_sentences,
)
from assistant.records import Span
from assistant.search import scaled

LEADS = re.compile(r"[:：][ *_`]*$|^(?P<strong>\*\*|__)[^*_]+(?P=strong)$")
"""What only leads to the next sentence: one that ends in a colon, a line that is all bold."""

ASKS = re.compile(r"[?？][ *_`\"”’)]*$")
"""A question, which the next sentence answers."""

PROPERTY = re.compile(r"[\w -]{1,30}::[ \t]")
"""A line of a note's properties, as Logseq and Dataview have them."""

IMPORT = re.compile(
    r"(?:import|from|using|require|library)\b[ (]\w|#include\b|(?:const|var) .*require\("
)
"""Code that names much of a question and answers little."""

PRINT = re.compile(r"(?:print|echo|console\.log|puts|printf|cat)\b")
"""Code that shows what came of the answer."""

SETUP = re.compile(
    r"\w+(?:, *\w+)* = (?:[\[{(\d\"']|\w+\.(?:array|tensor|zeros|ones|rand\w*|arange)\b)"
)
"""Code that makes up data to try something on."""

TYPED = re.compile(r"^(?:>>> |\$ |In \[\d+\]:)", re.MULTILINE)
"""A session: what has no such prompt was printed."""

CODE_SIGN = re.compile(r"[=(){}\[\];<>$|_#]|\w\.\w|^\s*(?:-|[a-z]+ -)")
"""Without one, an indented block is most likely prose."""

NAME = re.compile(
    r"[A-Za-z_]\w*(?:[._]\w+)+|\w+(?=\()|[A-Za-z]+[a-z][A-Z]\w*|--?[A-Za-z][\w-]+|`[^`]+`"
)
"""A name of a program in a heading."""

HOW = re.compile(
    r"\s*(?:how (?:do|can|to|should|would)|wie (?:kann|mache?|geht|\w+ ich)|comment|cómo|как)\b"
    r"|.*(?:怎么|如何|怎样|どうやって|方法)",
    re.IGNORECASE,
)
"""A question that a command or a line of code answers."""

WHAT = re.compile(
    r"\s*(?:why|what|who|where|when|which|is|are|does|should|will|was|warum|wieso|welche\w*|pourquoi"
    r"|quel\w*|por qué|qué|cuál|что|почему|какой)\b"
    r"|.*\b(?:meaning|difference|vs)\b|.*(?:什么|区别|为什么|吗|哪|多少|不同|谁|なぜ|何)",
    re.IGNORECASE,
)
"""A question that prose answers."""

DESTROY = re.compile(
    r"\b(?:delet|remov|discard|purg|drop|uninstall|clean|clear|eras|wip|reset|throw|get rid|forc"
    r"|overwrit|prun|destroy|empt|lösch|entfern|supprim|borr|elimin|удал)|删|卸载|清|移除|丢弃|削除",
    re.IGNORECASE,
)
"""A question that a command which deletes or overwrites may answer."""

WEIGHTS: Mapping[str, float] = {
    "words": 0.7,
    "share": 2.0,
    "meaning": 1.2,
    "beside": 0.4,
    "length": 0.7,
    "prose for what": 1.3,
    "code": 0.6,
    "code for how": 1.2,
    "code for what": -1.2,
    "led to": 1.0,
    "named": 1.4,
    "called": 0.6,
    "output": -1.2,
    "import": -1.5,
    "print": -0.9,
    "setup": -1.2,
    "destroys": -1.5,
    "lead": -1.6,
    "asks": -2.5,
    "answers": 0.6,
}
"""What each sign counts, see ``signs``; docs/quality.md tells what they were fitted on."""

PRIOR_CHARACTERS = 40
"""Length added before a sentence's is held against its words in common."""

BESIDE = 0.3
"""What the words of the sentences beside it count: an answer is seldom one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for in a passage."""

    terms: Collection[str]
    """Of the question, as ``analyzer.query_terms`` returns them."""
    question: str = ""
    """As the user wrote it."""
    heading: str = ""
    """Of the entry."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word pieces of a passage beside those of the question."""

    spans: Sequence[Span] = ()
    """Where they stand in the entry, in order; none where no states are at hand."""
    cosines: Vectors | None = None
    """Of each with each of the question, shape (n, m); see ``maxsim.cosines``."""


def weighed(
    text: str, within: Span, asked: Asked, pieces: Pieces | None = None
) -> dict[Span, float]:
    """Return the sentences of a passage, in order, with how likely each holds the answer.

    A conditional logit (McFadden 1974): the likelihoods are the softmax of a weighted sum of signs
    over the sentences, see ``signs``.

    Args:
        text: The entry.
        within: The passage in it, as [start, end).
        asked: The question.
        pieces: Of the passage.

    Returns:
        Each as [start, end) in ``text``, inside the passage, and its likelihood; they add up to 1.
    """
    found = signs(text, within, asked, pieces or Pieces())
    totals = [sum(WEIGHTS[name] * value for name, value in own.items()) for own in found.values()]
    most = max(totals, default=0.0)
    odds = [math.exp(total - most) for total in totals]
    return {span: own / sum(odds) for span, own in zip(found, odds, strict=True)}


def best_sentence(text: str, within: Span, worth: Mapping[Span, float]) -> Span:
    """Return the sentence of a passage that answers best, the first of equals.

    Of code it is the statement with the few lines that stand with it.

    Args:
        text: The entry.
        within: The passage in it, as [start, end).
        worth: From ``weighed``.
    """
    best = max(worth, key=worth.__getitem__, default=within)
    starts = line_starts(text)
    for leaf in leaves(text):
        if is_code(leaf) and starts[leaf.first] <= best[0] < starts[leaf.after]:
            first, after = leaf.first + (leaf.kind == "fence"), leaf.after - leaf.closed
            low, high = max(starts[first], within[0]), min(starts[after], within[1])
            return paragraph(text, best, (low, high))
    return best


def worth_of_code(worth: Mapping[Span, float]) -> Callable[[Span], float]:
    """Return how well a block of code answers: as the sentence of it that does so best.

    What leads to a block speaks for it by the signs of its sentences.
    """

    def of(block: Span) -> float:
        inside = (own for (start, _), own in worth.items() if block[0] <= start < block[1])
        return max(inside, default=0.0)

    return of


def signs(text: str, within: Span, asked: Asked, pieces: Pieces) -> dict[Span, dict[str, float]]:
    """Return the sentences of a passage, in order, with what speaks for and against each."""
    placed = placed_sentences(text, within)
    if not placed:
        return {}
    spans = [span for span, _ in placed]
    texts = [text[start:end] for start, end in spans]
    shared = shared_weights(text, spans, asked.terms)
    # What tells no sentence from another speaks for none: 0, not 1.
    lengths = [(len(sentence) + PRIOR_CHARACTERS) ** 0.5 for sentence in texts]
    words = scaled([weight / length for weight, length in zip(shared, lengths, strict=True)], 0.0)
    all_terms = {analyzer.stem(term) for term in asked.terms} - {""}
    most = math.log(1 + len(spans)) * len(all_terms) or 1.0
    meaning = _meaning(spans, pieces)
    blocks = leaves(text)
    kinds = _kinds(text, blocks, placed)
    leading = _leading(blocks, placed, words)
    names = _names(asked.heading)
    unasked = not DESTROY.search(asked.question)
    risky = _risky(blocks, placed, texts) if unasked else [False] * len(spans)
    how, what = bool(HOW.match(asked.question)), bool(WHAT.match(asked.question))
    found: dict[Span, dict[str, float]] = {}
    for i, span in enumerate(spans):
        kind = kinds[i]
        code = code_of(texts[i]) if kind == "code" else texts[i]
        in_code = kind == "code"
        named = in_code and any(name in code for name in names)
        beside = sum(words[max(i - 1, 0) : i] + words[i + 1 : i + 2])
        before = texts[i - 1] if i and kinds[i - 1] == "prose" else ""
        found[span] = {
            "words": words[i],
            "share": shared[i] / most,
            "meaning": meaning[i],
            "beside": beside,
            "length": math.log(len(texts[i]) + 1),
            "prose for what": words[i] * (what and not in_code),
            "code": in_code,
            "code for how": in_code and how,
            "code for what": in_code and what,
            "led to": leading.get(placed[i][1], 0.0) * in_code,
            "named": named,
            "called": named and any(f"{name}(" in code for name in names),
            "output": kind == "output",
            "import": in_code and bool(IMPORT.match(code)),
            "print": in_code and bool(PRINT.match(code)),
            "setup": in_code and bool(SETUP.match(code)),
            "destroys": in_code and risky[i],
            "lead": not in_code and bool(LEADS.search(texts[i]) or PROPERTY.match(texts[i])),
            "asks": not in_code and bool(ASKS.search(texts[i])),
            "answers": bool(ASKS.search(before) or LEADS.search(before)) and not in_code,
        }
    return found


def _kinds(text: str, blocks: Sequence[Leaf], placed: Sequence[tuple[Span, int]]) -> list[str]:
    """Return of each sentence whether it is code, output or prose."""
    lines = text.split("\n")
    printed = {at: is_output(lines, blocks, at) for at in {at for _, at in placed} if at >= 0}
    kinds = []
    for (start, end), at in placed:
        sentence = text[start:end]
        block = blocks[at] if at >= 0 else None
        if block is None or not is_code(block):
            kinds.append("prose")
        elif printed[at] or (TYPED.search(block.content) and not TYPED.search(sentence)):
            kinds.append("output")
        else:
            indented_prose = block.kind == "code" and not CODE_SIGN.search(sentence)
            kinds.append("prose" if indented_prose else "code")
    return kinds


def _risky(
    blocks: Sequence[Leaf], placed: Sequence[tuple[Span, int]], texts: Sequence[str]
) -> list[bool]:
    """Return of each sentence whether it deletes or overwrites, or stands with such a command."""
    short = {
        at: destroys(blocks[at].content)
        for at in {at for _, at in placed if at >= 0 and is_code(blocks[at])}
        if blocks[at].after - blocks[at].first <= FEW_LINES + 2  # its two marks
    }
    return [
        short[at] if at in short else at >= 0 and is_code(blocks[at]) and destroys(text)
        for (_, at), text in zip(placed, texts, strict=True)
    ]


def _leading(
    blocks: Sequence[Leaf], placed: Sequence[tuple[Span, int]], words: Sequence[float]
) -> dict[int, float]:
    """Return of the blocks of code how much the paragraph before them has of the question."""
    found: dict[int, float] = {}
    for (_, at), own in zip(placed, words, strict=True):
        if (
            at >= 0
            and at + 1 < len(blocks)
            and blocks[at].kind == "prose"
            and is_code(blocks[at + 1])
        ):
            found[at + 1] = max(found.get(at + 1, 0.0), own)
    return found


def _names(heading: str) -> set[str]:
    """Return the names of a heading that code may use, each whole and by its last part."""
    whole = {name.strip("`() ") for name in NAME.findall(heading)}
    last = {name.partition("(")[0].rpartition(".")[2] for name in whole}
    return {name for name in whole | last if len(name) > 2}


def _meaning(spans: Sequence[Span], pieces: Pieces) -> list[float]:
    """Return how much better than the others each sentence meets the pieces of the question.

    Late interaction within the passage: of each piece of the question the best cosine in the
    sentence, less the mean of these over the sentences. A sentence without pieces has the mean.
    """
    if pieces.cosines is None or not pieces.cosines.size:
        return [0.0] * len(spans)
    order = sorted(range(len(pieces.spans)), key=pieces.spans.__getitem__)
    starts = [pieces.spans[i][0] for i in order]
    cosines = pieces.cosines[order]
    mean = cosines.mean(axis=0)
    best = np.empty((len(spans), cosines.shape[1]), np.float32)
    for i, (low, high) in enumerate(spans):
        inside = cosines[bisect_left(starts, low) : bisect_left(starts, high)]
        best[i] = inside.max(axis=0) if len(inside) else mean
    found: list[float] = (best - best.mean(axis=0)).mean(axis=1, dtype=np.float64).round(5).tolist()
    return found
