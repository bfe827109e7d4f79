"""Another model tried on the same notes, and taken, without losing the index in use.

exchange    The side index in the place of the one in use, with the setting, and back
side_index  The index beside the one in use: where it lies, and how it is built
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.library.trial.exchange import Taken, back, use
    from assistant.library.trial.side_index import build, tried

__all__ = ["Taken", "back", "build", "tried", "use"]

__getattr__ = faces.lazily(
    __name__,
    {
        "exchange": ["Taken", "back", "use"],
        "side_index": ["build", "tried"],
    },
)
