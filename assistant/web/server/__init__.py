"""The server of the page: who is let in, and what the browser may do.

access            The token of the page: whoever has it is the user who started the page
guard             The guard in front of all that Streamlit serves: it lets the page's user in
images            Images of the notes folders, for the page alone
opening           Open the page in the user's browser, with its token in nobody else's sight
options           Streamlit's options as the page has them, all of them
request           Which requests the page answers: those of its user, from a page of its own
security_headers  Headers of every answer of the page's server: what the browser may load
start             Start the page: a server on this computer, for its user alone
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import faces

if TYPE_CHECKING:
    from assistant.web.server import access, images, start

__all__ = ["access", "images", "start"]

__getattr__ = faces.lazily(
    __name__,
    {},
    modules=("access", "images", "start"),
)
