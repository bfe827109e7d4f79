"""The texts that this program embeds for some notes, for the recipe to embed the same.

python benchmarks/texts.py FOLDER NOTES...      writes texts.json; prints figures
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from assistant import notes
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.indexing.embedder import Embedder
from assistant.markdown import split_entries
from assistant.records import Note


def main(folder: Path, sources: list[Path]) -> None:
    """Cut the notes as a build does, and write what it would embed."""
    embedder = Embedder(exported(DEFAULT_MODEL))
    for file in notes.walk(sources)[0]:
        note = notes.read(file)
        if isinstance(note, Note):
            for entry in split_entries(note.text, note.body_start):
                embedder.chunks(entry)
    texts = list(embedder.texts.values())
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    pieces = sum(embedder.encoder.count_pieces(texts))
    print(json.dumps({"texts": len(texts), "pieces": pieces}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(source).absolute() for source in sys.argv[2:]])
