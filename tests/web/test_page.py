"""Tests of the page's logic, without a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from notes_of_page import build, write
from streamlit.testing.v1 import AppTest

from assistant.answering.judging import grounding
from assistant.library.api import Notes
from assistant.settings import load
from assistant.web import page as web_page
from assistant.web.narrowing import LISTED
from assistant.web.reader import RELATED

APP = Path(__file__).parents[2] / "app.py"
SECONDS = 120


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_folder: Path) -> Iterator[Path]:
    """The notes of the page, without an index, as the settings in force."""
    write(tmp_path)
    monkeypatch.setenv("ASSISTANT_CONFIG", str(tmp_path / "assistant.toml"))
    monkeypatch.delenv("ASSISTANT_INDEX", raising=False)
    web_page.open_hub.clear()
    yield tmp_path
    web_page.open_hub.clear()


@pytest.fixture
def built(folder: Path) -> Path:
    """The notes of the page, indexed."""
    build(folder)
    return folder


def page(**address: str) -> AppTest:
    """The page as it is when it has been opened at an address."""
    app = AppTest.from_file(str(APP), default_timeout=SECONDS)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def told(app: AppTest, component: str) -> dict[str, Any]:
    """What the page gives to a component of its own."""
    found = {one.proto.component_name: one.proto.json for one in app.get("bidi_component")}
    data: dict[str, Any] = json.loads(found[f"notes_{component}"])
    return data


def html(app: AppTest) -> str:
    """All HTML of the page."""
    shown = [element.proto.body for element in app.get("html")]
    if any(one.proto.component_name == "notes_desk" for one in app.get("bidi_component")):
        data = told(app, "desk")
        shown += [data["list"], data["reader"]]
    return "\n".join(shown)


def go(app: AppTest, **address: str) -> AppTest:
    """Go on to another address, as by a link: what it does not name stays."""
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def test_question_in_the_address_is_answered(built: Path) -> None:
    """An address with a question shows its answer: verdict, list, the entry, marked sentence."""
    data = told(page(q="how long do I boil an egg"), "desk")

    assert 'class="verdict v-' in data["list"]
    assert '<span class="title">Boil an egg</span>' in data["list"]
    assert "<h2>Boil an egg</h2>" in data["reader"]
    assert "<mark>" in data["reader"]
    assert '<span class="language">python</span>' in data["reader"]
    assert data["reader"].count("<math ") == 2
    assert (data["place"], data["rank"]) == ("kitchen/eggs.md:7", 1)
    assert data["markdown"].startswith("## Boil an egg")
    assert data["markdown"].endswith("(kitchen/eggs.md › Boil an egg, lines 7–21)\n")
    assert data["editor"].endswith("/kitchen/eggs.md:7")


def test_entry_of_the_address_is_read(built: Path) -> None:
    """It stands beside the list, whichever it is; the results are not asked for again."""
    app = page(q="how long do I boil an egg")
    listed = told(app, "desk")["list"]
    second = re.findall(r'href="(\?read=[^"&]*)', listed)[1]
    go(app, read=second.removeprefix("?read="))
    data = told(app, "desk")

    assert (data["list"], data["rank"]) == (listed, 2)
    go(app, read="kitchen/eggs.md:28")
    assert "<h2>Time the eggs</h2>" in told(app, "desk")["reader"]


def test_entry_that_is_not_there_is_told(built: Path) -> None:
    """An old bookmark says what it cannot find, and the answer stands all the same."""
    app = page(q="egg", read="gone.md:3")

    assert "there is no note" in app.error[0].value.replace("\\", "").lower()
    assert "<h2" in told(app, "desk")["list"]


def test_links_between_notes_are_followed(folder: Path) -> None:
    """A wikilink and a relative link lead to the entry of the other note, by heading."""
    note = folder / "notes" / "links.md"
    note.write_text(
        "# Links\n\n## Here\n\n[[Eggs#Fry an egg]], [boil](kitchen/eggs.md#boil-an-egg),"
        " [up](#links), [[Nowhere]].\n",
        encoding="utf-8",
    )
    build(folder)
    shown = told(page(read="links.md:3"), "desk")["reader"]

    assert '<a href="?read=kitchen/eggs.md:23" class="to-entry">Eggs › Fry an egg</a>' in shown
    assert '<a href="?read=kitchen/eggs.md:7" class="to-entry">boil</a>' in shown
    assert '<a href="?read=links.md:1" class="to-entry">up</a>' in shown
    assert "[[Nowhere]]" in shown


def test_page_never_loads_torch(built: Path) -> None:
    """Neither a question nor the map brings in what embeds by other means than ONNX Runtime."""
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(APP)!r}, default_timeout={SECONDS})\n"
        "app.query_params.update({'q': 'boil an egg', 'view': 'Map'})\n"
        "assert not app.run().exception\n"
        "assert 'onnxruntime' in sys.modules\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'scipy', 'sklearn'}\n"
        "assert not heavy & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, check=False)

    assert done.returncode == 0, done.stderr.decode()


def test_filters_are_written_to_the_address(built: Path) -> None:
    """An answer that is narrowed can be bookmarked."""
    app = page(q="怎么煮鸡蛋")
    assert "chinese.md" in html(app)

    app.selectbox(key="language").set_value("en").run()
    app.text_input(key="since").set_value("2020").run()
    assert (app.query_params["language"], app.query_params["since"]) == ("en", "2020")
    assert "chinese.md" not in told(app, "desk")["list"]


def test_filters_of_the_address_hold(built: Path) -> None:
    """Note, tag, language and number of results are read from the address."""
    shown = html(page(q="egg", note="kitchen/", k="2"))

    assert "kitchen/eggs.md" in shown
    assert "hostile.md" not in shown
    assert shown.count('<a class="result"') == 2


def test_settings_that_change_hold_from_then_on(built: Path) -> None:
    """The page follows the settings file: a note that it comes to exclude answers no more."""
    assert "kitchen/eggs.md" in html(page(q="boil an egg"))
    file = built / "assistant.toml"
    file.write_text('exclude = ["kitchen/"]\n' + file.read_text())

    assert "kitchen/eggs.md" not in html(page(q="boil an egg"))


@pytest.mark.parametrize("view", ["Ask", "Browse", "Map", "Index"])
def test_notes_without_text_are_shown(folder: Path, view: str) -> None:
    """Every view opens of an index without an entry, and a question finds nothing."""
    for note in (folder / "notes").rglob("*.md"):
        note.unlink()
    (folder / "notes" / "a.md").touch()
    build(folder)
    shown = html(page(q="free memory", view=view))
    if view == "Ask":
        assert "The notes do not answer this: they do not mention free or memory." in shown


def test_nonsense_in_the_address_is_passed_over(built: Path) -> None:
    """An address written by hand does not break the page."""
    app = page(q="egg", view="Nowhere", language="xx", k="many", tag="nothing")

    assert app.number_input(key="k").value == LISTED
    assert [error.value.partition("  ")[0] for error in app.error] == [
        "**No note has the tag \\'nothing\\'.**"
    ]


def test_filters_show_and_are_lifted_by_a_click(built: Path) -> None:
    """What narrows the answers is told while the filters are closed; one button lifts it."""
    app = page(q="egg", note="kitchen/", tag="short", language="en", until="2030")

    (box,) = (box for box in app.get("popover") if box.proto.popover.label)
    words = box.proto.popover.label.replace("\\", "").replace("\u2060", "")
    assert words == "Filters: kitchen/, #short, – 2030, English"
    app.button(key="widen").click().run()
    assert [button.key for button in app.button] == []
    assert not {"note", "tag", "language", "until"} & app.query_params.keys()


def test_filters_are_closed_where_nothing_is_asked(built: Path) -> None:
    """Browse and Index do not ask, and what the filters say is kept."""
    app = page(q="egg", note="kitchen/", view="Browse")
    (box,) = (box for box in app.get("popover") if box.proto.popover.label)

    assert box.proto.popover.disabled
    go(app, view="Ask")
    assert "hostile.md" not in told(app, "desk")["list"]


def test_filter_that_fits_nothing_is_told(built: Path) -> None:
    """A pattern that matches no note is an error with its remedy, not a traceback."""
    app = page(q="egg", note="nothing*")

    assert "no note matches" in app.error[0].value.replace("\\", "").lower()


def test_filters_are_lifted_where_nothing_is_within_them(built: Path) -> None:
    """The button stands where it is told."""
    app = page(q="egg", since="2050")

    assert app.error
    app.button(key="mend").click().run()
    assert not app.error
    assert "kitchen/eggs.md" in html(app)


def test_tag_that_no_note_has_is_told(built: Path) -> None:
    """A bookmark with a tag that is gone does not answer from all notes as if it were none."""
    app = page(q="egg", tag="kitchin")

    assert "kitchen" in app.error[0].value
    assert "kitchin" in app.error[0].value


def test_notes_that_do_not_answer_say_so(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the verdict is none, the page says it plainly and shows the nearest all the same."""
    monkeypatch.setattr(grounding, "judged", lambda *_: "none")
    shown = html(page(q="how do I paint a fence"))

    assert re.search(r"The notes do not answer this: they do not mention [^<]*\. Nearest:", shown)
    assert '<a class="result"' in shown


def test_examples_are_asked_by_a_click(built: Path) -> None:
    """Before the first question stand headings of the notes that are one."""
    data = told(page(), "desk")

    assert '<a href="?q=' in data["list"]
    assert "Ask in your own words" in data["reader"]


def test_browser_knows_every_heading(built: Path) -> None:
    """Titles are found while one types, without the server."""
    data = told(page(), "box")
    notes = {note: entries for note, _, _, entries in json.loads(data["outline"])}

    assert data["count"] == 3
    assert notes["kitchen/eggs.md"][1] == [7, "Boil an egg"]


def test_related_entries_lead_on(built: Path) -> None:
    """Below an entry stand those beside it, and those that `similar` finds."""
    shown = told(page(q="how long do I boil an egg"), "desk")["reader"]
    with Notes.open(built / "index") as notes:
        near = [one.stored for one in notes.similar("kitchen/eggs.md", 8, RELATED)]

    assert '<a class="prev" href="?read=kitchen/eggs.md:5">← Eggs</a>' in shown
    assert '<a class="next" href="?read=kitchen/eggs.md:23">→ Fry an egg</a>' in shown
    related = re.findall(r'<a href="\?read=([^"]*)">', shown.partition("Related")[2])
    assert related == [f"{one.file.path}:{one.entry.first_line}" for one in near]


def test_index_tells_what_it_holds(built: Path) -> None:
    """The index tab shows counts and model, and a rebuild takes an edit in."""
    app = page(view="Index")

    assert "3 in" in html(app)
    assert "all-MiniLM-L6-v2" in html(app)


def test_map_shows_every_entry(built: Path) -> None:
    """The map is drawn, with the question on it."""
    app = page(view="Map", q="boil an egg")

    assert "boil an egg" in html(app)
    drawn = told(app, "map")
    assert len(drawn["question"]) == 2
    assert drawn["results"][0] == "kitchen/eggs.md:7"
    assert sum(len(flat) for _, flat in json.loads(drawn["told"])["notes"]) == 4 * 7


def test_entry_being_read_is_followed_through_a_build(built: Path) -> None:
    """A build that moves an entry to another line does not lose what is being read."""
    app = page(view="Browse", read="kitchen/eggs.md:23")
    note = built / "notes" / "kitchen" / "eggs.md"
    text = note.read_text("utf-8").replace("some oil", "much butter")
    note.write_text(text.replace("# Eggs\n", "# Eggs\n\nFirst wash your hands.\n\nThen go.\n"))
    build(built)
    app.run()

    assert "Heat much butter" in html(app)
    assert not app.error
    assert told(app, "tree")["place"] == "kitchen/eggs.md:27"


def test_end_of_a_build_is_told_once(built: Path) -> None:
    """What a build did is said on its tab, and not again when the reader has left it."""
    app = page(view="Index")
    app.button(key="rebuild").click().run()
    settings = load.load()
    hub = web_page.open_hub(settings, repr(settings))
    build = hub.build
    assert build is not None
    while build.running:
        app.run()
    app.run()

    assert "brought up to date" in app.success[0].value
    go(app, view="Ask")
    assert hub.build is None


def test_damaged_index_is_built_anew_by_a_click(built: Path) -> None:
    """It says what is amiss, without a command of the shell, and mends it."""
    for file in (built / "index").glob("index.sqlite3*"):
        file.write_bytes(b"no database" * 1000)
    web_page.open_hub.clear()
    app = page(q="boil an egg")

    assert "damaged" in app.error[0].value
    assert "assistant build" not in app.error[0].value
    app.button(key="mend").click().run()
    settings = load.load()
    hub = web_page.open_hub(settings, repr(settings))
    while hub.build is not None and hub.build.running:
        app.run()
    go(app, view="Ask")
    assert "<h2>Boil an egg</h2>" in html(app)


def test_first_run_offers_to_build(folder: Path) -> None:
    """Without an index the page says where it would read notes, and builds on a click."""
    app = page()

    assert [button.label for button in app.button] == ["Build the index"]
    app.button[0].click().run()
    assert not app.exception


def test_no_notes_says_where_to_put_them(folder: Path) -> None:
    """With an empty notes folder the page names the folder."""
    for path in (folder / "notes").rglob("*.md"):
        path.unlink()
    app = page()

    assert "There are no Markdown notes in" in app.markdown[0].value


def test_no_notes_folder_is_told(folder: Path) -> None:
    """With no notes folder known, the page says how to name one."""
    (folder / "assistant.toml").write_text("", encoding="utf-8")
    app = page()

    assert "no notes folder is known" in app.error[0].value.replace("\\", "").lower()
