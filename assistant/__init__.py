"""A local question-answering assistant over Markdown notes, without a language model."""

__all__ = ["__version__"]

__version__ = "0.1.0"
