"""What a slim installation leaves out: which packages, and what cannot be done without them."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the program that some packages serve alone."""

    what: str
    packages: tuple[str, ...]

    def missing(self) -> list[str]:
        """Return those of its packages that are not installed; none is imported."""
        modules = {name: name.replace("-", "_") for name in self.packages}
        return [name for name in self.packages if not importlib.util.find_spec(modules[name])]

    def remedy(self) -> str:
        """Return what to run so that nothing is missing."""
        return f"install what it needs: pip install {' '.join(self.missing())}"


MODELS = Part("another model than the default one", ("onnx", "sentence-transformers", "torch"))
PAGE = Part("the page, `assistant web`", ("latex2mathml", "streamlit"))

PARTS = (MODELS, PAGE)
