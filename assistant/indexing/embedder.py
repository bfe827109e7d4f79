"""Entries to chunks, and chunks to what the index keeps of them, by the model that embeds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import embedding
from assistant.embedding import Embedding, Encoder, ModelCard, maxsim, unopenable
from assistant.indexing import up_to_date
from assistant.indexing.pace import Bound
from assistant.language import analyzer, api_summaries, gloss
from assistant.markdown import chunks, plain_text
from assistant.records import Entry
from assistant.store import NewChunk
from assistant.user_folders import cache_folder

if TYPE_CHECKING:
    from assistant.embedding import Passages, Processor

MOST_ABOUT = 240
"""Characters read of what a note is about: more than a description for search engines has."""


FOLDED_FORM = "1"
"""Counts up when the encoder reads characters otherwise."""

LONG_WORD = re.compile(r"\S{100}")
"""A word as long may be one that no model knows."""


class Embedder:
    """Cuts entries into chunks and embeds them; opens the model when it is first needed."""

    def __init__(
        self,
        model_folder: Path,
        late_interaction: bool = True,
        open_encoder: Callable[[], Encoder] | None = None,
        faster: Processor | None = None,
    ) -> None:
        self.late_interaction = late_interaction
        self._open = open_encoder or (lambda: embedding.OnnxEncoder(model_folder))
        try:
            self.card = ModelCard.read(model_folder / "card.json")
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise unopenable(model_folder, error) from error
        self._faster = faster
        self.texts: dict[str, str] = {}
        """Embedded texts by digest, of all chunks that were cut."""
        self._counts: dict[str, int] = {}
        """Word pieces of lines that were counted ahead."""
        self.bound: Bound | None = None
        """How much of them may be new, if that is bounded."""

    @cached_property
    def encoder(self) -> Encoder:
        """The model, opened on first use."""
        return self._open()

    def for_many(self, count: int) -> Passages:
        """Return what embeds as many texts, the model or the same on a faster processor."""
        return self._faster.for_many(self.encoder, count) if self._faster else self.encoder

    @property
    def processor(self) -> str:
        """What became of another processor than the CPU, see ``Report``."""
        return self._faster.told if self._faster else ""

    @property
    def text_form(self) -> str:
        """What, beside the model, decides how a text is cut and embedded."""
        return up_to_date.text_form()

    @cached_property
    def _glossary(self) -> gloss.Glossary:
        return gloss.Glossary.open(cache_folder())

    def gloss(self, text: str) -> str:
        """Return a text with its Chinese, if it has any, in English."""
        return self._glossary.gloss(text) if gloss.has_han(text) else text

    def count_ahead(self, entries: Iterable[Entry]) -> None:
        """Count the word pieces of many entries at once, which is faster than one by one.

        The next entries to be cut should be these: earlier counts are forgotten.
        """
        lines = list({line for entry in entries for line in chunks.counted_lines(entry)})
        pieces = self.encoder.count_pieces([self.gloss(line) for line in lines])
        self._counts = dict(zip(lines, pieces, strict=True))

    def chunks(
        self,
        entry: Entry,
        about: str = "",
        name: str = "",
        called: Sequence[str] = (),
        in_python: bool = True,
    ) -> list[NewChunk]:
        """Return the chunks of an entry, and keep their texts to be embedded.

        Args:
            entry: The entry.
            about: What its note is about. It is read above the heading path, since a heading such
                as "Description" does not say of what.
            name: Of its note, where the path needs it, see ``naming.leading_name``.
            called: All names and tags of its note, by which the words find it.
            in_python: Whether its note tells of Python, see ``api_summaries``.

        Raises:
            TooLongError: There is more to embed than ``bound`` allows.
        """

        def count(texts: Sequence[str]) -> list[int]:
            known = self._counts
            if all(text in known for text in texts):
                return [known[text] for text in texts]
            pieces = self.encoder.count_pieces([self.gloss(text) for text in texts])
            if len(texts) == 1:  # a heading path, which is counted again
                known[texts[0]] = pieces[0]
            return pieces

        size = min(chunks.CHUNK_PIECES, self.encoder.room)
        said = about[:MOST_ABOUT]
        path = [part for part in (said, name, *entry.headings) if part]
        context = chunks.heading_context(path, count, size // chunks.HEADINGS_SHARE)
        context_pieces = count([context])[0] if context else 0
        heading_terms = self._terms(" > ".join(path))
        name_terms = self._terms("\n".join(called))
        # In the room that the model has beyond the chunk, so that no entry is cut elsewhere.
        room = self.encoder.room - size
        explained = api_summaries.explained(context, entry.headings, in_python, count, room)
        found = []
        new: dict[str, str] = {}
        for chunk in chunks.split_chunks(entry, count, size, context_pieces):
            body = plain_text.plain(entry.text, max(chunk.start, entry.body), chunk.end)
            text = self.gloss(chunks.embedded_text(explained, body))
            digest = self._digest(text)
            if digest not in self.texts:
                self.texts[digest] = new[digest] = text
            found.append(NewChunk(chunk, digest, heading_terms, self._terms(body), name_terms))
        if self.bound:
            wanted = list(new.keys() - self.bound.known(new))
            sizes = self.encoder.count_pieces([new[digest] for digest in wanted])
            self.bound.spend(dict(zip(wanted, sizes, strict=True)))
        return found

    def states(self, embedded: Embedding) -> bytes | None:
        """Return an embedding's token states as they are kept, if they are."""
        if not self.late_interaction:
            return None
        return maxsim.pack(embedded.states, self.encoder.projection)

    def _terms(self, text: str) -> str:
        return " ".join(analyzer.terms(self.gloss(text)))

    def _digest(self, text: str) -> str:
        # What the encoder folds or does not know is never all ASCII words: texts of those have the
        # names that they had before it folded, and are not embedded anew.
        form = () if text.isascii() and not LONG_WORD.search(text) else (FOLDED_FORM,)
        return digest_of(self.card.fingerprint, *form, text)


def digest_of(*parts: str) -> str:
    """Return the name of a text, made of its parts in order: 32 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
