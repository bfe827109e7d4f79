"""Which parts of a passage tell most."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import best_sentence, excerpt
from assistant.answering.best_sentence import Asked

TEXT = """\
A cache keeps what was read before, so that nothing is read twice.

Other things are said here.

You can empty it like this:

```python
cache.clear()
```

Steps to fill it:

- open the file
- read every line
- close the file

| key | use |
| --- | --- |
| k0 | none |
| k1 | size |
"""


def parts(best: str, question: str = "how do I empty the cache") -> list[list[str]]:
    """Return the parts of the whole text as texts."""
    span = TEXT.index(best), TEXT.index(best) + len(best)
    whole = (0, len(TEXT))
    worth = best_sentence.weighed(TEXT, whole, Asked(["empty", "cache"], question))
    found = excerpt.parts(TEXT, whole, span, worth, question)
    return [[TEXT[start:end] for start, end in part] for part in found]


def test_the_best_sentence_comes_first_and_its_code_next() -> None:
    """The code that the sentence leads to is told before all else, with the sentence."""
    first, second, *_ = parts("You can empty it like this:")

    assert first == ["You can empty it like this:"]
    assert second == ["You can empty it like this:", "```python\ncache.clear()\n```"]


def test_what_defines_comes_early_where_it_was_asked_for() -> None:
    """A question what something is gets the first paragraph, even if another sentence is best."""
    defining = [TEXT.split("\n")[0]]

    assert parts("cache.clear()", "what is a cache")[1] == defining
    assert parts("cache.clear()", "什么是缓存")[1] == defining
    assert parts("cache.clear()")[1] != defining


def test_rows_and_items_come_with_what_leads_to_them() -> None:
    """A row comes with the head of its table, an item with the line above its list."""
    assert ["| key | use |"] in parts("| k1 | size |")[:2]
    assert ["Steps to fill it:"] in parts("close the file")[:2]


@given(st.text(st.sampled_from("ab \n-#|`>1.:好"), max_size=200), st.data())
def test_parts_lie_in_the_passage_and_cover_it(text: str, data: st.DataObject) -> None:
    """Whatever the note, all parts lie within the passage, and no line of it is left out."""
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    worth = best_sentence.weighed(text, (low, high), Asked(["a"]))
    best = best_sentence.best_sentence(text, (low, high), worth)

    spans = [span for part in excerpt.parts(text, (low, high), best, worth) for span in part]

    assert all(low <= start < end <= high for start, end in spans)
    covered = {at for start, end in spans for at in range(start, end)}
    assert not {at for at in range(low, high) if text[at] != "\n"} - covered
