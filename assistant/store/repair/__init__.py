"""What is done about an index that a disk or somebody else changed.

as_kept    What earlier versions kept of texts, in the form in which it is kept today
carving    Vectors and states of texts out of the pages of a database
exchange   One index put in the place of another
integrity  Whether the files of an index are whole and agree with each other; reads all of them
recovery   An index that cannot be used as it is: made anew beside the old one
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.store.repair import integrity
    from assistant.store.repair.exchange import become
    from assistant.store.repair.integrity import Finding, full_text_search
    from assistant.store.repair.recovery import made_anew, opened

__all__ = ["Finding", "become", "full_text_search", "integrity", "made_anew", "opened"]

__getattr__ = faces.lazily(
    __name__,
    {
        "exchange": ["become"],
        "integrity": ["Finding", "full_text_search"],
        "recovery": ["made_anew", "opened"],
    },
    modules=("integrity",),
)
