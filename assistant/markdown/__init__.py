"""Notes to entries, chunks and sentences, by a CommonMark parser. Pure.

admonitions   The indented blocks of MkDocs as blocks of a CommonMark parser
blocks        The blocks of a Markdown text: where they begin, how deep they lie, the headings
chunks        Entries to chunks that fit the model
code          The code of an entry: what it is, and what running it would do
definitions   Definitions of links and footnotes as blocks of a CommonMark parser
entries       Notes to entries: a heading, and what stands below it
leaf_blocks   The leaves of an entry's Markdown: which lines are prose, code, table rows, headings
math          Formulas in Markdown: ``$...$`` within a line, ``$$...$$`` as a block
plain_text    Markdown read as text, without the marks of its dialects
segmentation  The sentences of a Markdown text, in English and Chinese
slices        A long text in slices, which together have the blocks that the whole has
statements    The statements of a block of code, in any language, told by brackets and signs
dialects      Marks that dialects of Markdown add to it, each found in a block of prose
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.markdown import admonitions, chunks, definitions, math, plain_text
    from assistant.markdown.blocks import plain_heading
    from assistant.markdown.chunks import without_number
    from assistant.markdown.code import code_blocks, destroys, is_code, is_output, language_of
    from assistant.markdown.entries import split_again, split_entries
    from assistant.markdown.leaf_blocks import Leaf, LeafKind, leaves, line_starts
    from assistant.markdown.segmentation import placed_sentences, sentences
    from assistant.markdown.slices import LIST_MARK
    from assistant.markdown.statements import FEW_LINES, code_of, paragraph

__all__ = [
    "FEW_LINES",
    "LIST_MARK",
    "Leaf",
    "LeafKind",
    "admonitions",
    "chunks",
    "code_blocks",
    "code_of",
    "definitions",
    "destroys",
    "is_code",
    "is_output",
    "language_of",
    "leaves",
    "line_starts",
    "math",
    "paragraph",
    "placed_sentences",
    "plain_heading",
    "plain_text",
    "sentences",
    "split_again",
    "split_entries",
    "without_number",
]

__getattr__ = faces.lazily(
    __name__,
    {
        "blocks": ["plain_heading"],
        "chunks": ["without_number"],
        "code": ["code_blocks", "destroys", "is_code", "is_output", "language_of"],
        "entries": ["split_again", "split_entries"],
        "leaf_blocks": ["Leaf", "LeafKind", "leaves", "line_starts"],
        "segmentation": ["placed_sentences", "sentences"],
        "slices": ["LIST_MARK"],
        "statements": ["FEW_LINES", "code_of", "paragraph"],
    },
    modules=("admonitions", "chunks", "definitions", "math", "plain_text"),
)
