"""What stands within a line: links to notes and to the web, images, wikilinks, plain tags. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.web.markup.marking import plain

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

LINKED = ("http://", "https://", "mailto:")

_WIKILINK = re.compile(
    r"(?P<embed>!?)\[\[(?P<note>[^\[\]|#\n]*)(?:#(?P<heading>[^\[\]|\n]*))?"
    r"(?:\\?\|(?P<shown>[^\[\]\n]*))?\]\]"
)
_TAG = re.compile(r"<(?:br ?/?|/?(?:kbd|mark|sub|sup))>", re.IGNORECASE)
"""Tags that are what they say, and that end with the block they are in: no other HTML is kept."""

_FOOTNOTE = re.compile(r"\[\^([^\s\]^]+)\]")
_SIZE = re.compile(r"\d+(?:x\d+)?")


def _nothing(*_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Links:
    """How what an entry points to is found; each gives "" where there is nothing."""

    entry: Callable[[str, str], str] = _nothing
    """The address of an entry on the page, by the note as it is named there (a path from the
    note's folder or a name; none for the note itself), and by a heading of it."""
    image: Callable[[str], str] = _nothing
    """The address of an image on the page, by its path or name."""


NOWHERE = Links()


def plug_in(parser: MarkdownIt) -> None:
    """Let a parser read wikilinks, references to footnotes and plain tags, and be safe to show."""
    parser.inline.ruler.before("link", "wikilink", _wikilink)
    parser.inline.ruler.before("link", "footnote_reference", _footnote)
    parser.inline.ruler.before("html_inline", "plain_tag", _plain_tag)
    parser.core.ruler.push("safe_inline", _make_safe)


def _wikilink(state: StateInline, silent: bool) -> bool:
    """Read ``[[Note#Heading|shown]]`` and ``![[image.png]]``, where there is such a thing."""
    if state.src[state.pos] not in "[!":
        return False
    match = _WIKILINK.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    note, heading, shown = (plain(match[key]).strip() for key in ("note", "heading", "shown"))
    links: Links = state.env.get("links", NOWHERE)
    picture = links.image(note) if match["embed"] else ""
    address = "" if picture else links.entry(note, heading)
    if not picture and not address:
        return False
    if not silent:
        if picture:
            alt = "" if _SIZE.fullmatch(shown) else shown
            state.push("picture", "img", 0).attrs = _picture(picture, alt or note)
        else:
            state.push("entry_open", "a", 1).attrs = {"href": address, "class": "to-entry"}
            text = state.push("text", "", 0)
            # With its ends of the best sentence, lest one be open for good.
            words = match["shown"] or " › ".join(filter(None, (match["note"], match["heading"])))
            text.content = words + "".join(c for c in match[0] if plain(c) == "" and c not in words)
            state.push("entry_close", "a", -1)
    state.pos = match.end()
    return True


def _footnote(state: StateInline, silent: bool) -> bool:
    """Read ``[^name]``, which points to a footnote of the note."""
    match = _FOOTNOTE.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("footnote_reference_open", "sup", 1)
        state.push("text", "", 0).content = match[1]
        state.push("footnote_reference_close", "sup", -1)
    state.pos = match.end()
    return True


def _plain_tag(state: StateInline, silent: bool) -> bool:
    """Read a tag that is what it says."""
    if state.src[state.pos] != "<":
        return False
    match = _TAG.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        tag = match[0].lower().replace(" ", "").replace("/>", ">")
        state.push("html_inline", "", 0).content = tag
    state.pos = match.end()
    return True


def _make_safe(state: StateCore) -> None:
    """Leave only links that may be followed, and images that are the notes' own."""
    links: Links = state.env.get("links", NOWHERE)
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = list(_safe(token.children, links))


def _safe(tokens: Iterable[Token], links: Links) -> Iterator[Token]:
    """Yield inline tokens with images and links that can do no harm."""
    opened: list[str] = []
    for token in tokens:
        if token.type == "image":
            source = plain(token.attrGet("src"))
            address = links.image(unquote(source))
            if address:
                words = plain(token.content) or source.rpartition("/")[2]
                yield Token("picture", "img", 0, attrs=_picture(address, words))
                continue
            tag, attributes = _link(source, NOWHERE)
            name = token.content or source.rpartition("/")[2]
            yield Token("link_open", tag, 1, attrs=attributes)
            yield Token("text", "", 0, content=f"image: {name}")
            yield Token("link_close", tag, -1)
        elif token.type == "link_open":
            tag, attributes = _link(plain(token.attrGet("href")), links)
            opened.append(tag)
            yield Token("link_open", tag, 1, attrs=attributes)
        elif token.type == "link_close":
            yield Token("link_close", opened.pop() if opened else "span", -1)
        else:
            yield token


def _link(target: str, links: Links) -> tuple[str, dict[str, str | int | float]]:
    """Return the element of a link and its attributes: one that leads nowhere is no link."""
    if target.lower().startswith(LINKED):
        return "a", {"href": target, "target": "_blank", "rel": "noopener noreferrer"}
    note, _, heading = unquote(target).partition("#")
    if target and (address := links.entry(note, heading)):
        return "a", {"href": address, "class": "to-entry"}
    return "span", {"class": "note-link", "title": target}


def _picture(address: str, words: str) -> dict[str, str | int | float]:
    return {"src": address, "alt": words, "loading": "lazy"}
