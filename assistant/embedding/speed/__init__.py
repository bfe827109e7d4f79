"""How texts become vectors faster: by other processors, or in whole numbers.

devices    Which processor embeds many texts: the one that is asked for, or a better one
faster     Many texts embedded by a better processor than the CPU, whose vectors are the CPU's
quantised  The weights of a BERT in whole numbers of eight bits
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.embedding.speed import devices, faster, quantised
    from assistant.embedding.speed.faster import Faster

__all__ = ["Faster", "devices", "faster", "quantised"]

__getattr__ = faces.lazily(
    __name__, {"faster": ["Faster"]}, modules=("devices", "faster", "quantised")
)
