"""Han characters: Chinese, and what Japanese and Korean write with them. Pure."""

from __future__ import annotations

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
"""All of them, as the inside of a regular expression's character class."""
