"""Headers of every answer of the page's server: what the browser may load, run and frame."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

DATA = Path(__file__).parents[1] / "static"

PAGE_SCRIPT = (DATA / "page.js").read_text("utf-8")

Headers = list[tuple[bytes, bytes]]

_ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

BARE = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""Policy of a page of a few words of ours."""


def policy(scripts: Iterable[str], host: str) -> str:
    """Return the content security policy of the page.

    Streamlit styles elements by attributes and by sheets that it makes as it goes, and gives the
    scripts of our components to the browser as blobs. No script that stands in the page runs but
    those named.

    Args:
        scripts: Texts of the scripts that stand in the page.
        host: Name and port under which the browser has it.
    """
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    named = " ".join(f"'sha256-{each}'" for each in hashes)
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' blob: {named}",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": "'self' data: blob:",
        "connect-src": f"'self' ws://{host}",  # older browsers do not count it to 'self'
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in parts.items())


def of_answer(policy: str) -> Headers:
    """Return the headers that an answer has besides its own."""
    named = {**_ALWAYS, "Content-Security-Policy": policy}
    return [(name.lower().encode(), value.encode()) for name, value in named.items()]


def inline_scripts(html: str) -> Sequence[str]:
    """Return the texts of the scripts that stand in a page."""
    return re.findall(r"<script>(.*?)</script>", html, re.DOTALL)


def streamlit_scripts() -> Sequence[str]:
    """Return the scripts that stand in the page as Streamlit sends it, and those that we add."""
    from streamlit import file_util

    page = Path(file_util.get_static_dir()) / "index.html"
    return [*inline_scripts(page.read_text("utf-8")), PAGE_SCRIPT]
