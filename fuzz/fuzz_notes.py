"""Fuzz bytes to notes, chunks, terms and what the page and the terminal show: `make fuzz`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["assistant", "markdown_it"]):
    from assistant import notes
    from assistant.answering import best_sentence, snippet
    from assistant.language import analyzer
    from assistant.markdown import chunks, leaf_blocks, split_entries
    from assistant.markdown.code import code_blocks
    from assistant.records import Note, NoteFile
    from assistant.store.local import fts5
    from assistant.text import printable
    from assistant.web.markup import pieces


def count_words(texts: list[str]) -> list[int]:
    """Count words in place of a model's word pieces."""
    return [len(text.split()) for text in texts]


FOLDER = Path(tempfile.mkdtemp(prefix="assistant-fuzz-"))


def fuzz(raw: bytes) -> None:
    """Hold that any bytes are read or refused with a reason, cut without loss, and shown."""
    file = FOLDER / "a.md"
    file.write_bytes(raw)
    note = notes.read(NoteFile(FOLDER, "a.md", len(raw), 0))
    if not isinstance(note, Note):
        assert note.reason
        return
    entries = split_entries(note.text, note.body_start)
    kept = "".join("".join(entry.text for entry in entries).split())
    assert kept == "".join(note.text[note.body_start :].split())
    for entry in entries:
        cut = chunks.split_chunks(entry, count_words, 20, 0)
        fts5.any_of(analyzer.query_terms(entry.text))
        leaf_blocks.leaves.cache_clear()
        start, end = snippet.passage(entry, cut, [0.0] * len(cut), ["a"], 300)
        worth = best_sentence.weighed(entry.text, (start, end), best_sentence.Asked(["a"]))
        best = best_sentence.best_sentence(entry.text, (start, end), worth)
        assert start <= best[0] <= best[1] <= end
        code = code_blocks(entry, best_sentence.worth_of_code(worth))
        shown = entry.text[start:end]
        assert "\x1b" not in printable(shown)
        for piece in pieces(shown, (best[0] - start, best[1] - start), code):
            assert piece.kind != "html" or "<script" not in piece.text


if __name__ == "__main__":
    atheris.Setup(sys.argv, fuzz)
    atheris.Fuzz()
