"""What a person would pick instead, each as its own documentation puts it together.

    python peer_recipes.py PEER build MODEL STORE NOTES     notes -> what the peer keeps in STORE
    python peer_recipes.py PEER ask MODEL STORE [QUESTION]  without one, a question a line

It runs in an environment of its own, which `peers.py` makes, and imports nothing of this project.
Every peer that reads by meaning reads by the same model. An answer is a line of JSON: a list of
[note, passage], best first. Where a library has a splitter for Markdown it is used, and headings
are left in the passages; where it has none, ``cut`` does what people write.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

COUNT = 10
"""Results of a question."""

CHARACTERS, OVERLAP = 1000, 200
"""Of a window: what the tutorials use, and about what the model reads."""

Found = list[tuple[str, str]]
"""Note and passage, best first."""


class Peer(Protocol):
    """A program that finds passages."""

    def build(self, notes: Sequence[tuple[str, str]], store: Path) -> None:
        """Index notes, each a name and a text, and keep it in an empty folder."""

    def open(self, store: Path) -> Callable[[str], Found]:
        """Return a function that answers a question."""


def cut(notes: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield names and passages: sections from heading to heading, long ones in windows."""
    for name, text in notes:
        for section in re.split(r"^(?=#{1,6} )", text, flags=re.MULTILINE):
            for start in range(0, max(1, len(section) - OVERLAP), CHARACTERS - OVERLAP):
                if window := section[start : start + CHARACTERS].strip():
                    yield name, window


def keep(passages: Found, store: Path) -> None:
    """Keep passages beside an index that keeps none."""
    (store / "passages.json").write_text(json.dumps(passages), encoding="utf-8")


def kept(store: Path) -> Found:
    """Return the passages of ``keep``."""
    return [(name, text) for name, text in json.loads((store / "passages.json").read_text("utf-8"))]


class LangChain:
    """MarkdownHeaderTextSplitter, HuggingFaceEmbeddings and FAISS."""

    def __init__(self, model: Path) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings

        self._embeddings = HuggingFaceEmbeddings(
            model_name=str(model),
            model_kwargs={"device": "cpu"},
            encode_kwargs={"normalize_embeddings": True},
        )

    def build(self, notes: Sequence[tuple[str, str]], store: Path) -> None:
        """Split at headings, then into windows, as the guide to the splitter does."""
        from langchain_community.vectorstores import FAISS
        from langchain_text_splitters import (
            MarkdownHeaderTextSplitter,
            RecursiveCharacterTextSplitter,
        )

        levels = [("#" * level, f"h{level}") for level in range(1, 7)]
        sections = MarkdownHeaderTextSplitter(levels, strip_headers=False)
        windows = RecursiveCharacterTextSplitter(chunk_size=CHARACTERS, chunk_overlap=OVERLAP)
        documents = []
        for name, text in notes:
            for document in windows.split_documents(sections.split_text(text)):
                document.metadata["source"] = name
                documents.append(document)
        FAISS.from_documents(documents, self._embeddings).save_local(str(store))

    def open(self, store: Path) -> Callable[[str], Found]:
        """Load the index, whose documents are a pickle of our own."""
        from langchain_community.vectorstores import FAISS

        index = FAISS.load_local(str(store), self._embeddings, allow_dangerous_deserialization=True)
        return lambda question: [
            (document.metadata["source"], document.page_content)
            for document in index.similarity_search(question, k=COUNT)
        ]


class LlamaIndex:
    """MarkdownNodeParser, SentenceSplitter and the vector store that it has of its own."""

    def __init__(self, model: Path) -> None:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._model = HuggingFaceEmbedding(model_name=str(model), device="cpu")

    def build(self, notes: Sequence[tuple[str, str]], store: Path) -> None:
        """Split at headings, then to what the model reads; keep it as JSON."""
        from llama_index.core import Document, VectorStoreIndex
        from llama_index.core.ingestion import IngestionPipeline
        from llama_index.core.node_parser import MarkdownNodeParser, SentenceSplitter

        documents = [Document(text=text, metadata={"file_name": name}) for name, text in notes]
        splitters = [MarkdownNodeParser(), SentenceSplitter(chunk_size=256, chunk_overlap=20)]
        nodes = IngestionPipeline(transformations=splitters).run(documents=documents)
        index = VectorStoreIndex(nodes, embed_model=self._model)
        index.storage_context.persist(str(store))

    def open(self, store: Path) -> Callable[[str], Found]:
        """Load the index, and retrieve without a language model."""
        from llama_index.core import StorageContext, load_index_from_storage

        context = StorageContext.from_defaults(persist_dir=str(store))
        index: Any = load_index_from_storage(context, embed_model=self._model)
        retriever = index.as_retriever(similarity_top_k=COUNT)
        return lambda question: [
            (found.node.metadata["file_name"], found.node.get_content())
            for found in retriever.retrieve(question)
        ]


class Txtai:
    """Embeddings with content, hybrid: by words and by meaning."""

    def __init__(self, model: Path) -> None:
        self._model = model

    def build(self, notes: Sequence[tuple[str, str]], store: Path) -> None:
        """Index windows with the name of their note."""
        from txtai import Embeddings

        embeddings = Embeddings(path=str(self._model), content=True, hybrid=True, gpu=False)
        embeddings.index({"text": text, "note": name} for name, text in cut(notes))
        embeddings.save(str(store))

    def open(self, store: Path) -> Callable[[str], Found]:
        """Load the index; a question is a parameter of the query, never its text."""
        from txtai import Embeddings

        embeddings = Embeddings()
        embeddings.load(str(store))
        query = f"SELECT note, text FROM txtai WHERE similar(:question) LIMIT {COUNT}"

        def ask(question: str) -> Found:
            rows = embeddings.search(query, COUNT, parameters={"question": question})
            return [(row["note"], row["text"]) for row in rows]

        return ask


class PlainFaiss:
    """sentence-transformers and an exact index of FAISS."""

    def __init__(self, model: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(model), device="cpu")

    def build(self, notes: Sequence[tuple[str, str]], store: Path) -> None:
        """Encode windows."""
        import faiss

        passages = list(cut(notes))
        vectors = self._model.encode([text for _, text in passages], normalize_embeddings=True)
        index: Any = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, str(store / "vectors.faiss"))
        keep(passages, store)

    def open(self, store: Path) -> Callable[[str], Found]:
        """Load the vectors and the passages."""
        import faiss

        index: Any = faiss.read_index(str(store / "vectors.faiss"))
        passages = kept(store)

        def ask(question: str) -> Found:
            vector = self._model.encode([question], normalize_embeddings=True)
            return [passages[row] for row in index.search(vector, COUNT)[1][0] if row >= 0]

        return ask


class Bm25s:
    """BM25 with English stop words and stems; no model."""

    def __init__(self, model: Path) -> None:
        import Stemmer

        self._stemmer = Stemmer.Stemmer("english")

    def _tokens(self, texts: list[str]) -> Any:  # noqa: ANN401 # a type of bm25s
        import bm25s

        return bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)

    def build(self, notes: Sequence[tuple[str, str]], store: Path) -> None:
        """Index windows."""
        import bm25s

        passages = list(cut(notes))
        index = bm25s.BM25()
        index.index(self._tokens([text for _, text in passages]), show_progress=False)
        index.save(str(store))
        keep(passages, store)

    def open(self, store: Path) -> Callable[[str], Found]:
        """Load the index and the passages."""
        import bm25s

        index = bm25s.BM25.load(str(store))
        passages = kept(store)

        def ask(question: str) -> Found:
            k = min(COUNT, len(passages))
            rows, scores = index.retrieve(self._tokens([question]), k=k, show_progress=False)
            pairs = zip(rows[0], scores[0], strict=True)
            return [passages[row] for row, score in pairs if score > 0]

        return ask


PEERS: dict[str, Callable[[Path], Peer]] = {
    "langchain": LangChain,
    "llama-index": LlamaIndex,
    "txtai": Txtai,
    "faiss": PlainFaiss,
    "bm25s": Bm25s,
}


def main(name: str, task: str, model: str, store: str, *rest: str) -> None:
    """Build, or answer."""
    peer = PEERS[name](Path(model))
    if task == "build":
        folder = Path(rest[0])
        notes = [
            (path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))
            for path in sorted(folder.rglob("*.md"))
        ]
        Path(store).mkdir(parents=True)
        peer.build(notes, Path(store))
        return
    ask = peer.open(Path(store))
    for question in rest or sys.stdin:
        print(json.dumps(ask(question.rstrip("\n"))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
