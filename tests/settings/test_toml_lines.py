"""On which line of a settings file a key stands."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from assistant.settings.toml_lines import MOST_LINES, key_lines

DOCUMENT = '''\
# a comment
results = 5  # another

model = """
[notes]
index = "not a key"
"""
notes.work = \'\'\'
x = 1\'\'\'
exclude = [
  "a",   # index = 1
  "[b]",
]

["quo.ted"]
x.y = 1
  [table."in".it]
  z = {a = 1, b = 2}

[table]
last = 1
'''


def test_each_key_has_the_line_on_which_it_begins() -> None:
    """Strings and lists over several lines, dotted keys, tables and quotes are read as TOML."""
    assert key_lines(DOCUMENT) == {
        ("results",): 2,
        ("model",): 4,
        ("notes",): 8,
        ("notes", "work"): 8,
        ("exclude",): 10,
        ("quo.ted",): 15,
        ("quo.ted", "x"): 16,
        ("quo.ted", "x", "y"): 16,
        ("table",): 17,
        ("table", "in"): 17,
        ("table", "in", "it"): 17,
        ("table", "in", "it", "z"): 18,
        ("table", "in", "it", "z", "a"): 18,
        ("table", "in", "it", "z", "b"): 18,
        ("table", "last"): 21,
    }


def test_line_ends_of_windows_count_the_same() -> None:
    """A file with carriage returns has the same lines."""
    assert key_lines(DOCUMENT.replace("\n", "\r\n")) == key_lines(DOCUMENT)


STATEMENTS = st.lists(
    st.sampled_from(
        [
            ("# {} = 1", 0),
            ("", 0),
            ("{} = 1", 1),
            ('{} = """\n[x]\ny = 1\n"""', 1),
            ("{} = [\n 1,\n\n 2]", 1),
            ("[{}]", 1),
            ("[{}.inner]", 1),
        ]
    ),
    max_size=12,
)


@given(STATEMENTS)
def test_every_statement_is_found_where_it_was_put(statements: list[tuple[str, int]]) -> None:
    """Keys with names of their own are found on the lines on which they were written."""
    lines: list[str] = []
    expected = {}
    for number, (form, counts) in enumerate(statements):
        name = f"key{number}"
        if counts:
            expected[name] = len(lines) + 1
        lines += form.format(name).split("\n")
    document = "\n".join(lines)
    tomllib.loads(document)
    found = key_lines(document)

    last = {path[-1]: line for path, line in found.items()} | {
        path[0]: line for path, line in found.items() if path[-1] == "inner"
    }
    last.pop("inner", None)
    assert last == expected


def test_long_documents_are_looked_at_in_part() -> None:
    """Lines after the first thousand are not looked for, since each costs a reading of them all."""
    document = "# x\n" * (MOST_LINES - 1) + "a = 1\nb = 2\n"
    assert key_lines(document) == {("a",): MOST_LINES}
