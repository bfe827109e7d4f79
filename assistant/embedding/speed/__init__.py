"""How texts become vectors faster: by other processors, or in whole numbers.

quantised  The weights of a BERT in whole numbers of eight bits
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.embedding.speed import quantised

__all__ = ["quantised"]

__getattr__ = faces.lazily(__name__, {}, modules=("quantised",))
