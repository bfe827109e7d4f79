"""Front matter as people really write it: broken lines, other notations, names of a note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.notes.front_matter import front_matter

BACKSLASH = "\\"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("title: Car: winter tyres", "Car: winter tyres"),
        ("title: {{title}}", "{{title}}"),
        ("title: [Draft] X", "[Draft] X"),
        ("title: *Best* of", "*Best* of"),
        ("title: `ls`", "`ls`"),
        ('title: "Car" and more', '"Car" and more'),
        ("title: > 5", "> 5"),
        ("title: | x", "| x"),
        ("title: - dash", "- dash"),
        ("title: 'unclosed", "'unclosed"),
        ("title: %x", "%x"),
        ("title: @ada", "@ada"),
        ("title: T\nauthor: @ada", "T"),
        ("title: T\nrelated: [[A]], [[B]]", "T"),
        (f'title: "C:{BACKSLASH}Users{BACKSLASH}x"', f"C:{BACKSLASH}Users{BACKSLASH}x"),
        ("title: T\n%x", "T"),
        ("title: T\nsome junk", "T"),
        ("title: T\nlist:\n\t- tag", "T"),
        ("title: T\nnested: " + "[" * 30 + "]" * 30, "T"),
        ("title: T\nself: &a [*a]", "T"),
        ('"title": Foo: bar', "Foo: bar"),
        ("TITLE: Foo: bar", "Foo: bar"),
    ],
)
def test_a_bad_line_costs_itself_alone(line: str, title: str) -> None:
    """Of a block that is no YAML every key is read, and the bad line is named with the reason."""
    head = f"---\n{line}\ntags: [a, b]\ndate: 2024-03-01\n---\n"
    front = front_matter(f"{head}body")

    assert (front.title, front.tags, front.date) == (title, ("a", "b"), "2024-03-01")
    assert front.body_start == len(head)
    (remark,) = front.remarks
    first, last = (2, 1 + len(line.split("\n")))
    assert first <= remark.line <= last
    assert remark.words.startswith("not YAML (")


@pytest.mark.parametrize(
    ("block", "tags"),
    [
        ("tags:\n\t- a\n\t- b", ("a", "b")),
        ("tags:\n  - a\n  - @b", ("a", "@b")),
        ("tags:\n- a\n- 'b\nx: y", ("a", "b")),
        ("tags: [a, b\nx: y", ("a", "b")),
        ("tags: #a, #b\ntitle: x: y", ()),
        ("a: &x [p, q]\ntags: *x", ("p", "q")),
        ("base: &x\n  tags: [p]\n<<: *x", ("p",)),
        ("tags: [[a]]", ("a",)),
        ("tags:\n- '[[a]]'\n- b", ("a", "b")),
        ("keywords: lawn mower, garden", ("lawn mower", "garden")),
        ("keywords: [lawn mower]\ntags: x", ("x", "lawn mower")),
    ],
)
def test_tags_of_broken_and_linked_blocks(block: str, tags: tuple[str, ...]) -> None:
    """Lists are read line by line where they are no YAML; anchors stand for what they name."""
    assert front_matter(f"---\n{block}\n---\n").tags == tags


def test_aliases_are_bounded() -> None:
    """A block that would grow without end is read, and takes no more room than it has."""
    levels = "\n".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9)}]" for n in range(1, 40))
    front = front_matter(f"---\nk0: &k0 [x]\n{levels}\ntags: [a]\n---\n")
    many = front_matter("---\na: &a x\ntags: [" + "*a, " * 2000 + "b]\ntitle: t\n---\n")

    assert front.tags == ("a",)
    assert many.title == "t"
    assert "too many aliases" in many.remarks[0].words


@pytest.mark.parametrize(
    "text",
    [
        "---\nJust prose: with: colons\n\nand a second paragraph\n\n---\n",
        "---\nfirst words\ntitle: x: y\n---\n",
        "---\ntitle: x: y\none\ntwo\n---\n",
        "\n---\nNote: take care\n---\n",
        "Note: take care\n\nbody\n",
        "Title: x\nwhich goes on\n\nbody\n",
        "Date: tomorrow\n\nbody\n",
        "Date: tomorrow\nwe meet\n\nbody\n",
        "Title: x\n========\n",
        "+++\nprose\n+++\n",
        "+++\ntitle = 'x'\n",
        "{% include x %}\n",
        "{{< shortcode >}}\n",
        "{}\n",
        '{"a": 1} and more\n',
        "{" * 50_000 + "\n",
        '{"a":' * 30_000 + "\n",
        "<!-- a comment -->\n",
    ],
)
def test_prose_is_no_front_matter(text: str) -> None:
    """What only begins like front matter belongs to the body."""
    assert front_matter(text).body_start == 0


@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: T\ntags: [a, b]\ndate: 2024-03-01\n---\n",
        "\n\n---\ntitle: T\ntags: [a, b]\ndate: 2024-03-01\n---\n",
        "<!-- made by x -->\n---\ntitle: T\ntags: [a, b]\ndate: 2024-03-01\n---\n",
        "<!--\nlong\n-->\n\n---\ntitle: T\ntags: [a, b]\ndate: 2024-03-01\n---\n",
        "---\ntitle: T\n---\n---\ntags: [a, b]\ndate: 2024-03-01\ntitle: Second\n---\n",
        "+++\ntitle = 'T'\ntags = ['a', 'b']\ndate = 2024-03-01T10:00:00Z\n+++\n",
        "+++\ntitle = 'T'\ndate = 2024-03-01\n[taxonomies]\ntags = ['a', 'b']\n+++\n",
        "+++\ntitle = T\ntags = ['a', 'b']\ndate = 2024-03-01\n+++\n",
        '{"title": "T", "tags": ["a", "b"],\n"date": "2024-03-01", "n": 1}\n',
        "Title: T\nTags: a, b\nDate: 2024-03-01\n\n",
        "Title:   T\nAuthor: Ada\n    Lovelace\nTags: a, b\nDate: 2024-03-01\n",
    ],
)
def test_notations(head: str) -> None:
    """YAML after blank lines and comments, two blocks, TOML, JSON and headers say the same."""
    front = front_matter(f"{head}\nbody\n")

    assert (front.title, front.tags, front.date) == ("T", ("a", "b"), "2024-03-01")
    assert front.body_start in (len(head), len(head.rstrip("\n")) + 1)


def test_broken_toml_is_said() -> None:
    """A bad line of TOML costs itself alone, and is named."""
    front = front_matter("+++\ntitle = 'T'\nx = y z\ndraft = no way\n+++\n")
    assert front.title == "T"
    assert [(r.line, r.words) for r in front.remarks] == [
        (3, "not TOML (invalid value), and read line by line")
    ]


def test_properties_of_a_page_are_read_and_stay() -> None:
    """Logseq's properties name and date a page, and are a paragraph of it, too."""
    front = front_matter("title:: T\nalias:: [[a]], b\ntags:: x, y\ndate:: 2024-03-01\n\n- body")
    assert (front.title, front.aliases, front.tags) == ("T", ("a", "b"), ("x", "y"))
    assert (front.date, front.body_start) == ("2024-03-01", 0)
    for text in (
        "# T\n\ndate:: 2024-03-01\n",
        "\n- date:: [[2024-03-01]]\n- x",
        "date:: March 1, 2024",
    ):
        assert (front_matter(text).date, front_matter(text).body_start) == ("2024-03-01", 0)
    head = "---\ntitle: T\n---\n"
    below = front_matter(f"{head}# H\ntitle:: no\ntags:: x\n")
    assert (below.title, below.tags, below.body_start) == ("T", ("x",), len(head))
    assert front_matter("text first\ndate:: 2024-03-01\n").date == ""


@pytest.mark.parametrize(
    ("block", "aliases"),
    [
        ("aliases: [Winter tyres, Snow]", ("Winter tyres", "Snow")),
        ("aliases:\n- A\n- B", ("A", "B")),
        ("aliases: A, B", ("A", "B")),
        ("Alias: A", ("A",)),
        ("aliases: [[A]]", ("A",)),
        ("aliases: [[A]], [[B]]", ("A", "B")),
        ("aliases: [\"A\", 'B'\nx: y", ("A", "B")),
        ("id: 20240301\npermalink: /a/b/", ("20240301", "/a/b/")),
        ("id: a, b", ("a, b",)),
        ("aliases:", ()),
        ("aliases: {a: b}", ()),
    ],
)
def test_other_names(block: str, aliases: tuple[str, ...]) -> None:
    """Aliases, as a list or a text, the id and the permalink are names of a note."""
    assert front_matter(f"---\n{block}\n---\n").aliases == aliases


@pytest.mark.parametrize(
    "key",
    "date created Date-Created date_created created_at createdAt CREATED published publishDate"
    " pubDatetime updated lastmod".replace("date created", "date\tcreated").split(" "),
)
def test_keys_of_dates(key: str) -> None:
    """The usual keys of a date count in any case, and with any sign between their words."""
    front = front_matter(f"---\n{key.replace(chr(9), ' ')}: 2024-03-01\n---\n")
    assert front.date == "2024-03-01"


def test_a_date_of_two_readings_is_said() -> None:
    """What may be in March or in April is none until a setting says so, and the note is named."""
    text = "---\ndate: 03/04/2024\n---\n"
    assert front_matter(text).date == ""
    assert "date_order" in front_matter(text).remarks[0].words
    assert front_matter(text, "day-month").date == "2024-04-03"
    assert front_matter(text, "month-day").date == "2024-03-04"
    both = front_matter("---\ndate: 03/04/2024\ncreated: 2024-05-01\n---\n")
    assert (both.date, both.remarks) == ("2024-05-01", ())


LINES = ["title: a: b", "tags: [x", "- y", "  z", "a: &b *b", "+++", "---", "", "{", '"', "k = v"]


@given(st.lists(st.sampled_from(LINES), max_size=12), st.sampled_from(["---", "+++", "{", ""]))
def test_any_lines_are_read(lines: list[str], first: str) -> None:
    """Whatever stands at the top, the body begins at a line, and remarks name lines of the note."""
    text = "\n".join([first, *lines])
    front = front_matter(text)
    assert front.body_start in (0, len(text)) or text[front.body_start - 1] == "\n"
    assert all(0 <= remark.line <= text.count("\n") + 1 for remark in front.remarks)


@pytest.mark.parametrize(
    ("block", "properties"),
    [
        ("phone: 555 0142", "phone: 555 0142"),
        ("title: Ada\nphone: 555 0142\ntags: [a]", "title: Ada\nphone: 555 0142"),
        (
            "tags: [a]\nphone: 1\ndate: 2024-03-01\nE-mail: a@b\n",
            "phone: 1\ndate: 2024-03-01\nE-mail: a@b",
        ),
        ("title: Ada\ntags: [a]\ndescription: b\ncreated: 2024-03-01\nid: 1", ""),
        ("draft: false\nlayout: post\nhide_title: true\nsidebar_position: 3\nfavourite: true", ""),
        ("list: [a, b]\nmapping: {a: b}\nempty:", ""),
        ("# phone: 1\n", ""),
        ("phone: 555: 0142\nlink: *x", "phone: 555: 0142\nlink: *x"),
    ],
)
def test_properties(block: str, properties: str) -> None:
    """What the front matter says beside what all notes have is told as it is written."""
    text = f"---\n{block}\n---\nbody"
    start, end = front_matter(text).properties
    assert text[start:end] == properties


def test_properties_of_other_notations() -> None:
    """TOML, JSON and headers have properties, too; those of Logseq are text anyway."""
    for text, expected in {
        "+++\ntitle = 'T'\nphone = '555'\n+++\n": "title = 'T'\nphone = '555'",
        '{\n"phone": "555",\n"tags": []\n}\n': '"phone": "555",',
        "Title: T\nPhone: 555\n\nbody": "Title: T\nPhone: 555",
        "phone:: 555\n": "",
    }.items():
        start, end = front_matter(text).properties
        assert text[start:end] == expected
