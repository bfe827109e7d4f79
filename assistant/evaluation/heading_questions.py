"""Questions that need no labels: each heading asks for its own entry, which has lost it.

A copy of the index gets a twin of each sampled entry: the same text under the same headings above
it, without its own. A question sees every chunk but those of the entry itself and of the other
twins, so that its heading counts nowhere, neither among the words nor in the vectors, and the rest
of the notes competes as it always does. A twin's note, as a whole, is the note of its entry without
that one heading. The twins make their words a little commoner.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from assistant.embedding import Encoder, centroid, export
from assistant.errors import ConfigError, UsageError
from assistant.evaluation import runner
from assistant.evaluation.questions import Question, Target, normal_heading
from assistant.evaluation.runner import Case, Outcome
from assistant.indexing import Progress, build
from assistant.markdown import without_number
from assistant.records import Source, StoredEntry
from assistant.search import Searcher
from assistant.store import Index, Snapshot, Update, index_at
from assistant.text import UNFOLLOWED

SAMPLE = 200
"""Headings that are asked unless the user says otherwise."""

SEED = 0
KIND = "heading"

SHORTEST_BODY = 20
"""Characters, blanks left out; less is a pointer or a stub, which nobody could find."""

GENERIC = frozenset(
    "api|arguments|background|basics|conclusion|contents|definition|description|details|example"
    "|examples|faq|general|installation|introduction|links|misc|miscellaneous|more|note|notes"
    "|options|other|others|output|overview|parameters|preface|properties|questions|readme|reference"
    "|references|remarks|result|results|return|returns|see also|setup|summary|syntax"
    "|table of contents|template|todo|usage"
    "|其他|其它|参数|参考|参考资料|参考链接|返回值|示例|例子|举例|语法|用法|使用方法|格式|说明|简介|介绍|注意"
    "|注意事项|总结|小结|目录|前言|背景|定义|描述|输出|结果|安装|代码|链接|笔记|附录".split("|")
)
"""Headings, in lower case, that name a part of any subject and ask for nothing."""

_ASKS = re.compile(r"[^\W\d_]{2}")  # two letters in a row, or two Chinese characters
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_TWIN = "heading-removed-{:05}.md"


@dataclass(frozen=True, slots=True)
class Sample:
    """Entries whose headings are asked, and the index that has their twins."""

    folder: Path
    """The index with the twins."""
    entries: tuple[StoredEntry, ...]
    """In order of note and position."""


def ask(
    searcher: Searcher, model: str, progress: Progress, *, limit: int = SAMPLE, fetch: bool
) -> list[Outcome]:
    """Ask the headings of an index, drawn by a fixed seed.

    Args:
        searcher: The index.
        model: The model that it is asked with, as configured.
        progress: Told of the twins that are embedded, then of the questions.
        limit: Headings at most.
        fetch: Fetch a model that is not on this computer.

    Raises:
        UsageError: No entry has a heading to ask.
        AssistantError: As ``prepare`` does.
    """
    found = sample(entries(searcher.snapshot), limit)
    if not found:
        raise UsageError(
            "no entry of the notes has a heading that asks for it alone",
            "write questions of your own: assistant eval my-questions.jsonl",
        )
    with tempfile.TemporaryDirectory(prefix="assistant-eval-") as name:
        exported = export.exported(model, fetch=fetch)
        drawn = prepare(searcher.snapshot, found, Path(name), exported, searcher.opening, progress)
        with closing(Searcher(drawn.folder, searcher.opening)) as without:
            asked = cases(without.snapshot, drawn)
            return runner.run(without, asked, lambda done: progress("questions", done, len(found)))


def entries(snapshot: Snapshot) -> list[StoredEntry]:
    """Return the entries whose heading asks for them: a body, and a heading like no other.

    A note's title asks for the note, not for what stands right below it.
    """
    found = _all_entries(snapshot)
    titles = _titles(found)
    named = Counter(normal_heading(step) for one in found for step in set(one.entry.headings))
    return [
        one
        for one in found
        if one.entry.headings
        and one.row not in titles
        and named[heading := normal_heading(one.entry.headings[-1])] == 1
        and heading.rstrip(":：") not in GENERIC
        and _ASKS.search(heading)
        and len("".join(one.entry.text[one.entry.body :].split())) >= SHORTEST_BODY
    ]


def _titles(found: Iterable[StoredEntry]) -> set[int]:
    """Return the rows of first-level headings that are the only one of their note."""
    tops: defaultdict[tuple[Path, str], list[int]] = defaultdict(list)
    for one in found:
        if one.entry.is_top:
            tops[one.file.root, one.file.path].append(one.row)
    return {rows[0] for rows in tops.values() if len(rows) == 1}


def sample(found: Sequence[StoredEntry], limit: int) -> list[StoredEntry]:
    """Return entries drawn by a fixed seed, in the order given."""
    chosen = Random(SEED).sample(range(len(found)), min(limit, len(found)))
    return [found[i] for i in sorted(chosen)]


def prepare(
    snapshot: Snapshot,
    chosen: Sequence[StoredEntry],
    folder: Path,
    model_folder: Path,
    encoder: Future[Encoder],
    progress: Progress | None = None,
) -> Sample:
    """Make the index with the twins in an empty folder; only the twins are embedded.

    Raises:
        AssistantError: The notes or the model cannot be read, or the folder not be written to.
    """
    twins, index = folder / "twins", folder / "index"
    twins.mkdir()
    index.mkdir()
    notes = {note.file.absolute: note for note in snapshot.notes()}
    for number, stored in enumerate(chosen):
        note = notes[stored.file.absolute]
        text = twin_text(stored, note.about, next(iter(note.names), ""))
        (twins / _TWIN.format(number)).write_bytes(text.encode())
    index_at(snapshot.folder).copy_to(index)
    sources = [*_named(snapshot), Source(twins)]
    build.build(
        index, sources, model_folder, progress=progress, open_encoder=lambda: encoder.result()
    )
    _set_centroids(index, chosen)
    return Sample(index, tuple(chosen))


def _named(snapshot: Snapshot) -> tuple[Source, ...]:
    """Return the notes of an index, which are read again.

    Raises:
        ConfigError: Nobody here has said that it is of them.
    """
    named = snapshot.manifest.named(snapshot.folder)
    if named.is_strange:
        raise ConfigError(f"the index in {snapshot.folder} follows {UNFOLLOWED}", "name them")
    return named.sources


def twin_text(stored: StoredEntry, about: str = "", name: str = "") -> str:
    """Return a note whose last entry is an entry without its own heading.

    The headings above it stand at the second level and below, since a sole first-level heading
    would be the note's title. More than five lose the outermost.

    Args:
        stored: The entry.
        about: What the front matter of its note says that the note is about.
        name: What its note is called: what is left of the headings may be read with it.
    """
    above = stored.entry.headings[:-1][-5:]
    escaped = [_PUNCTUATION.sub(r"\\\1", heading) for heading in above]
    lines = [f"{'#' * level} {heading}\n" for level, heading in enumerate(escaped, 2)]
    body = stored.entry.text[stored.entry.body :].strip("\n")
    said = {"title": name, "description": about}
    fields = [
        f"{key}: {json.dumps(text, ensure_ascii=False)}\n" for key, text in said.items() if text
    ]
    front = f"---\n{''.join(fields)}---\n" if fields else ""
    return front + "\n" + "\n".join(lines) + f"\n{body}\n"


def cases(snapshot: Snapshot, drawn: Sample) -> Iterator[Case]:
    """Yield the questions with the chunks that each may find.

    An entry that changed between the two indexes is passed over.

    Args:
        snapshot: Of the index with the twins.
        drawn: As ``prepare`` returned it.
    """
    pairs = _pairs(snapshot, drawn.entries)
    twins = {_TWIN.format(number) for number in range(len(drawn.entries))}
    plain = snapshot.chunks_of(note.row for note in snapshot.notes() if note.path not in twins)
    for pair in pairs:
        heading = pair.stored.entry.headings[-1]
        where = f"{pair.stored.file.path}:{pair.stored.entry.first_line}"
        target = Target(pair.twin, shown=f"{where} › {heading}")
        own = set(pair.own)
        yield Case(
            Question(without_number(heading), KIND, where, (target,)),
            [row for row in plain if row not in own] + list(pair.without),
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """An entry and its twin in the index with the twins."""

    stored: StoredEntry
    twin: str
    """Path of the twin."""
    note: int
    """Row of the twin's note."""
    own: tuple[int, ...]
    """Chunks of the entry."""
    siblings: tuple[int, ...]
    """Chunks of the other entries of its note."""
    without: tuple[int, ...]
    """Chunks of the twin."""


def _pairs(snapshot: Snapshot, drawn: Sequence[StoredEntry]) -> list[_Pair]:
    """Return the entries with their twins; those that changed meanwhile are left out."""
    rows = snapshot.entry_of_chunks()
    places = sorted(snapshot.places(rows).items(), key=lambda item: item[1])
    by_entry: defaultdict[int, list[int]] = defaultdict(list)
    by_note: defaultdict[int, list[int]] = defaultdict(list)
    for row, place in places:
        by_entry[place.entry].append(row)
        by_note[place.note].append(row)
    note_of = {place.entry: place.note for _, place in places}
    last = {place.path: place for _, place in places}  # the one that stands last
    now = {_identity(one): one.row for one in _all_entries(snapshot)}
    found = []
    for number, stored in enumerate(drawn):
        twin = _TWIN.format(number)
        entry = now.get(_identity(stored), 0)
        if entry in by_entry and twin in last:
            own = by_entry[entry]
            siblings = [row for row in by_note[note_of[entry]] if row not in own]
            without = tuple(by_entry[last[twin].entry])
            found.append(_Pair(stored, twin, last[twin].note, tuple(own), tuple(siblings), without))
    return found


def _set_centroids(index: Path, drawn: Sequence[StoredEntry]) -> None:
    """Give each twin's note the centroid that the note would have without the one heading."""
    with Index(index).snapshot() as snapshot:
        centroids = []
        for pair in _pairs(snapshot, drawn):
            vectors = snapshot.vectors([*pair.siblings, *pair.without])
            found = centroid(np.stack([vectors[row] for row in sorted(vectors)]))
            centroids.append((pair.note, found))
    with Update(index) as update, update.transaction():
        for note, vector in centroids:
            update.put_centroid(note, vector)


def _all_entries(snapshot: Snapshot) -> list[StoredEntry]:
    """Return the entries of an index in the order of the notes."""
    return [snapshot.entry(head.row) for head in snapshot.entries()]


def _identity(stored: StoredEntry) -> tuple[object, ...]:
    """Return what tells an entry from every other, in any index."""
    file, entry = stored.file, stored.entry
    return file.root, file.path, entry.headings, entry.text
