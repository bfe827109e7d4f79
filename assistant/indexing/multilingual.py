"""Have notes in other languages read by the encoder of those, beside the model of the index.

It comes after all else of a build, and looks at what the index holds alone: which chunks it reads
depends on nothing else, so that an index after any edits has the vectors of one built afresh.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from assistant.answering import multilingual as judging
from assistant.embedding import Encoder, centroid
from assistant.indexing.embedder import digest_of
from assistant.indexing.scope import NONE, READ_BY_MODEL, Other, is_up_to_date, wanted
from assistant.language import identify
from assistant.markdown import plain_text
from assistant.store import EmbeddedText, Manifest, Multilingual, Update
from assistant.store import multilingual as stored
from assistant.user_folders import cache_folder

Progress = Callable[[str, int, int], None]

SAMPLE_OF_ENTRY, SAMPLE_OF_NOTE = 240, 2400
"""Characters of each entry, and of all together, that tell the language of a note."""

MOST_CONTEXT = 240
"""Characters of the name and the heading path that are read above a chunk."""

NOTES_AT_ONCE = 500
SAVED_EVERY = 256


def read(
    update: Update, manifest: Manifest, other: Other, progress: Progress | None = None
) -> Manifest:
    """Read the notes that are to be, and commit it; return the manifest with what it holds then.

    Raises:
        ModelUnavailableError: The encoder cannot be opened.
        IndexUnusableError: The index cannot be written.
    """
    if is_up_to_date(manifest, other) and not any(_faults(update, manifest.multilingual)):
        return manifest
    tables = stored.MultilingualUpdate(update)
    with update.transaction():
        tables.forget_gone()
        for note, language in _languages(update, update.unknown_languages()):
            update.put_language(note, language)
    languages = stored.languages(update)
    counts = tuple(stored.counts(update).items())
    told = Multilingual(generation=manifest.generation, languages=counts)
    if other.open is not None and other.scope != "none":
        old = manifest.multilingual
        told = replace(told, fingerprint=other.fingerprint, scope=wanted(other, old))
        notes = [
            note
            for note, language in languages.items()
            if told.scope == "all" or language not in READ_BY_MODEL
        ]
        told = _read(update, told, old, notes, other.open, progress)
    with update.transaction():
        found = update.put_manifest(replace(manifest, multilingual=told))
    tables.remove_strays(told.file, told.before)
    return found


def tell(update: Update, manifest: Manifest) -> Manifest:
    """Find out in which languages notes are, and commit that; return the manifest with it."""
    if is_up_to_date(manifest, NONE):
        return manifest
    with update.transaction():
        for note, language in _languages(update, update.unknown_languages()):
            update.put_language(note, language)
        counts = Counter(language for language in update.languages().values() if language)
        told = Multilingual(generation=manifest.generation, languages=tuple(counts.most_common()))
        return update.put_manifest(replace(manifest, multilingual=told))


def _faults(update: Update, told: Multilingual | None) -> Iterator[str]:
    """Yield what is wrong with the file of vectors of other languages, if there is one."""
    if told and told.file:
        yield from stored.MultilingualVectors(update, told).faults()


def _read(
    update: Update,
    told: Multilingual,
    old: Multilingual | None,
    notes: Sequence[int],
    open_encoder: Callable[[], Encoder],
    progress: Progress | None,
) -> Multilingual:
    """Embed the chunks of notes that are not yet; return what the manifest is to say."""
    tables = stored.MultilingualUpdate(update)
    same = old is not None and old.fingerprint in ("", told.fingerprint)
    with update.transaction():
        tables.keep_only(notes if same else ())
    texts = dict(_texts(update, tables, notes))
    digests = {chunk: digest_of(told.fingerprint, text) for chunk, text in texts.items()}
    _embed(update, {digests[chunk]: text for chunk, text in texts.items()}, open_encoder, progress)
    with update.transaction():
        tables.give(digests)
        for note in tables.without_centroid():
            tables.put_centroid(note, centroid(np.stack(tables.vectors_of(note))))
    file = tables.write_file()
    told = replace(told, **file, before=old.file if old else "")
    if not told.file:
        return told
    last = dict(old.calibrations) if old and same else {}
    made = judging.calibrations(
        update, told, open_encoder, cache_folder() / f"probes-{told.fingerprint}", last
    )
    return replace(told, calibrations=tuple(made.items()))


def _embed(
    update: Update,
    texts: dict[str, str],
    open_encoder: Callable[[], Encoder],
    progress: Progress | None,
) -> None:
    """Embed those of some texts, by their digests, whose vectors are not known, and keep these."""
    known = update.known_texts(texts, states=False)
    new = {digest: text for digest, text in texts.items() if digest not in known}
    if not new:
        return
    digests, wanted_texts = list(new), list(new.values())
    done, total = 0, sum(map(len, wanted_texts))
    pending: list[EmbeddedText] = []
    for at, embedded in open_encoder().encode_passages(wanted_texts):
        pending.append(EmbeddedText(digests[at], embedded.vector, None))
        done += len(wanted_texts[at])
        if len(pending) >= SAVED_EVERY:
            update.keep_texts(pending)
            pending.clear()
        if progress:
            progress("embedding", done, total)
    update.keep_texts(pending)


def _texts(
    update: Update, tables: stored.MultilingualUpdate, notes: Sequence[int]
) -> Iterator[tuple[int, str]]:
    """Yield the chunks of notes that have no vector, each with what is to be read of it."""
    names = {note.row: note.names[0] if note.names else "" for note in update.notes(notes)}
    lacking = tables.lacking(notes)
    for head in update.entries(notes) if lacking else ():
        if head.row not in lacking:
            continue
        found = update.entry(head.row)
        entry, wanted_chunks = found.entry, {*lacking[head.row]}
        name = names[head.note]
        path = " > ".join([*([name] if name not in ("", *entry.headings) else []), *entry.headings])
        for number, chunk in found.chunks:
            if number in wanted_chunks:
                body = plain_text.plain(entry.text, max(chunk.start, entry.body), chunk.end)
                yield number, f"{path[-MOST_CONTEXT:]}\n{body}".strip()


def _languages(update: Update, notes: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the language of each of some notes, by the beginnings of its entries."""
    for at in range(0, len(notes), NOTES_AT_ONCE):
        some = notes[at : at + NOTES_AT_ONCE]
        samples = dict.fromkeys(some, "")
        heads = [head for head in update.entries(some) if not head.is_of_properties]
        starts = update.starts(head.row for head in heads)
        for head in heads:
            if len(samples[head.note]) < SAMPLE_OF_NOTE:
                prose = _without_fences(starts[head.row].body)[:SAMPLE_OF_ENTRY]
                heading = head.headings[-1] if head.headings else ""
                samples[head.note] += f"{heading}\n{prose}\n"
        for note, sample in samples.items():
            yield note, identify.of_prose(sample) or ""


def _without_fences(body: str) -> str:
    """Return the beginning of an entry without its fenced blocks: code is in no language."""
    kept: list[str] = []
    within = False
    for line in body.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            within = not within
        elif not within:
            kept.append(line)
    return "\n".join(kept).strip()
