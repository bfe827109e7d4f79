"""What a person would write instead: sentence-transformers and FAISS in one script.

python benchmarks/recipe.py build FOLDER      texts.json there -> recipe.faiss; prints figures
python benchmarks/recipe.py ask FOLDER QUESTION
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import faiss
from sentence_transformers import SentenceTransformer

from assistant.embedding.model import DEFAULT_MODEL, find

COUNT = 3


def build(folder: Path) -> None:
    """Encode the texts and save the index; print how long the encoding alone took, as JSON."""
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    model = SentenceTransformer(str(find(DEFAULT_MODEL)), device="cpu")
    model.encode(texts[:1])
    wall, cpu = time.perf_counter(), time.process_time()
    vectors = model.encode(texts, normalize_embeddings=True)
    figures = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    index: Any = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(folder / "recipe.faiss"))
    print(json.dumps(figures))


def ask(folder: Path, question: str) -> None:
    """Print the texts nearest to a question."""
    model = SentenceTransformer(str(find(DEFAULT_MODEL)), device="cpu")
    index: Any = faiss.read_index(str(folder / "recipe.faiss"))
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    vector = model.encode([question], normalize_embeddings=True)
    scores, rows = index.search(vector, COUNT)
    for score, row in zip(scores[0], rows[0], strict=True):
        print(f"{score:.3f}\n{texts[row]}\n")


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build(Path(sys.argv[2]))
    else:
        ask(Path(sys.argv[2]), sys.argv[3])
