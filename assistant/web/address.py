"""The page's state in its address, so that an answer can be bookmarked and the back button works.

Streamlit's own ``bind="query-params"`` replaces the address and so leaves nothing to go back to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

READ = "address"
"""Session key of the address as it was last read or written."""

Parsers = Mapping[str, Callable[[str], Any]]
"""By parameter and session key: its value, or ValueError; an empty text gives the default."""


def read(parsers: Parsers) -> None:
    """Take over what the address says, where it was changed by other means than the page's."""
    before = st.session_state.get(READ, {})
    now = {key: st.query_params.get(key, "") for key in parsers}
    for key, parse in parsers.items():
        if key not in before or now[key] != before[key]:
            try:
                st.session_state[key] = parse(now[key])
            except ValueError:
                st.session_state[key] = parse("")
    st.session_state[READ] = now


def write(parsers: Parsers) -> None:
    """Bring the address up to date, as a new step in the history if it changes."""
    now = {}
    for key, parse in parsers.items():
        value = st.session_state.get(key)
        now[key] = "" if value is None or value == parse("") else str(value)
    if now != st.session_state[READ]:
        st.session_state[READ] = now
        st.query_params.from_dict({key: value for key, value in now.items() if value})
