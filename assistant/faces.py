"""What a package offers, loaded when it is first asked for.

A package whose face imported its modules would load FAISS for a command that shows a version.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence


def lazily(
    package: str, names: Mapping[str, Sequence[str]], modules: Sequence[str] = ()
) -> Callable[[str], object]:
    """Return a package's ``__getattr__``, see PEP 562.

    Args:
        package: Its name.
        names: What it offers, by the module in it that defines them.
        modules: Modules in it that it offers whole.
    """
    module_of = {name: module for module, offered in names.items() for name in offered}

    def attribute(name: str) -> object:
        if name in module_of:
            return getattr(importlib.import_module(f"{package}.{module_of[name]}"), name)
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return attribute
