"""Tests of the page's logic, without a browser."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from notes_of_page import build, write
from streamlit.testing.v1 import AppTest

from assistant.answering import verdict
from assistant.library.api import Notes
from assistant.settings import load
from assistant.web import page as web_page
from assistant.web.parts import RELATED

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


def html(app: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(element.proto.body for element in app.get("html"))


def test_question_in_the_address_is_answered(built: Path) -> None:
    """An address with a question shows its answer: verdict, breadcrumb, lines, marked sentence."""
    app = page(q="how long do I boil an egg")
    shown = html(app)

    assert app.text_input(key="q").value == "how long do I boil an egg"
    assert 'class="verdict' in shown
    assert "kitchen/eggs.md" in shown
    assert "Boil an egg" in shown
    assert "<mark>" in shown
    assert [code.language for code in app.code][:1] == ["python"]
    assert app.latex[0].value.strip("$ \n") == "E = mc^2"


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


def test_asking_writes_the_address(built: Path) -> None:
    """A question that is typed stands in the address; one in another language narrows it."""
    app = page()
    app.text_input(key="q").set_value("怎么煮鸡蛋").run()

    assert app.query_params["q"] == "怎么煮鸡蛋"
    assert "chinese.md" in html(app)

    app.selectbox(key="language").set_value("en").run()
    assert app.query_params["language"] == "en"
    assert "chinese.md" not in html(app)


def test_filters_of_the_address_hold(built: Path) -> None:
    """Note, tag, language and number of results are read from the address."""
    shown = html(page(q="egg", note="kitchen/", k="2"))

    assert "kitchen/eggs.md" in shown
    assert "hostile.md" not in shown
    assert shown.count('<div class="result-head">') == 2


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

    assert app.number_input(key="k").value == 3
    assert [error.value.partition("  ")[0] for error in app.error] == [
        "**No note has the tag \\'nothing\\'.**"
    ]


def test_filters_show_and_are_lifted_by_a_click(built: Path) -> None:
    """What narrows the answers is told while the filters are folded; one button lifts it."""
    app = page(q="egg", note="kitchen/", tag="short", language="en")
    (box,) = (box for box in app.expander if box.label.startswith("Narrow down"))

    assert box.label.replace("\\", "") == "Narrow down: kitchen/, #short, Not Chinese"
    next(button for button in app.button if button.label == "Ask all notes").click().run()
    (box,) = (box for box in app.expander if box.label.startswith("Narrow down"))
    assert box.label == "Narrow down"
    assert "note" not in app.query_params


def test_filter_that_fits_nothing_is_told(built: Path) -> None:
    """A pattern that matches no note is an error with its remedy, not a traceback."""
    app = page(q="egg", note="nothing*")

    assert "no note matches" in app.error[0].value.replace("\\", "").lower()


def test_tag_that_no_note_has_is_told(built: Path) -> None:
    """A bookmark with a tag that is gone does not answer from all notes as if it were none."""
    app = page(q="egg", tag="kitchin")

    assert "kitchen" in app.error[0].value
    assert "kitchin" in app.error[0].value


def test_notes_that_do_not_answer_say_so(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the verdict is none, the page says it plainly and shows the nearest all the same."""
    monkeypatch.setattr(verdict, "verdict", lambda _: "none")
    shown = html(page(q="how do I paint a fence"))

    assert re.search(r"The notes do not answer this: they do not mention [^<]*\. Nearest:", shown)
    assert '<div class="result-head">' in shown


def test_examples_and_recent_questions_are_asked_by_a_click(built: Path) -> None:
    """Examples come from the headings; a question asked before is offered again."""
    app = page()
    example = app.button(key="examples-0")
    words = example.label.replace("\\", "").replace("\u2060", "")
    example.click().run()

    assert app.text_input(key="q").value == words
    app.text_input(key="q").set_value("").run()
    assert words in app.button(key="recent-0").label.replace("\\", "").replace("\u2060", "")


def test_whole_entry_and_source(built: Path) -> None:
    """A passage shows its source and the whole entry on demand, with ways to its neighbours."""
    app = page(q="how long do I boil an egg", k="1")
    whole, raw = app.toggle
    whole.set_value(True)
    raw.set_value(True).run()

    assert any(code.language == "markdown" for code in app.code)
    beside = [b.label for b in app.button if b.label.startswith(("←", "→"))]
    assert beside == ["← Eggs", "→ Fry an egg"]


def test_related_entries_lead_on(built: Path) -> None:
    """Below a whole entry stand those that `similar` finds; a click shows one."""
    app = page(q="how long do I boil an egg", k="1")
    app.toggle[0].set_value(True).run()
    related = [button for button in app.button if button.key and "~" in button.key]
    with Notes.open(built / "index") as notes:
        rows = [near.stored.row for near in notes.similar("kitchen/eggs.md", 8, RELATED)]

    assert [int(str(button.key).partition("~")[2]) for button in related] == rows
    assert f'data-row="{rows[0]}"' not in html(app)
    related[0].click().run()
    assert f'data-row="{rows[0]}"' in html(app)


def test_index_tells_what_it_holds(built: Path) -> None:
    """The index tab shows counts and model, and a rebuild takes an edit in."""
    app = page(view="Index")

    assert "3 in" in html(app)
    assert "all-MiniLM-L6-v2" in html(app)


def test_map_shows_every_entry(built: Path) -> None:
    """The map is drawn, with the question on it."""
    app = page(view="Map", q="boil an egg")

    assert "boil an egg" in html(app)
    assert len(app.get("arrow_vega_lite_chart")) + len(app.get("vega_lite_chart")) == 1


def test_map_follows_the_entry_chosen_on_it(built: Path) -> None:
    """The entry beside one on the map takes its place, in the box of names as well."""
    app = page(view="Map")
    box = app.selectbox(key="map-entry")
    box.select(next(name for name in box.options if name.startswith("Boil an egg"))).run()
    next(button for button in app.button if button.label == "→ Fry an egg").click().run()

    assert "Heat some oil" in html(app)
    assert not app.exception


def test_entry_being_read_is_followed_through_a_build(built: Path) -> None:
    """A build that gives entries other rows does not break what is being read."""
    app = page(view="Map")
    box = app.selectbox(key="map-entry")
    box.select(next(name for name in box.options if name.startswith("Fry an egg"))).run()
    note = built / "notes" / "kitchen" / "eggs.md"
    note.write_text(note.read_text("utf-8").replace("some oil", "much butter"), encoding="utf-8")
    build(built)
    app.run()

    assert "Heat much butter" in html(app)
    assert not app.error


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
    app.text_input(key="q").set_value("egg").run()
    assert app.session_state.view == "Ask"
    assert hub.build is None


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

    assert "There are no Markdown notes in" in app.markdown[1].value


def test_no_notes_folder_is_told(folder: Path) -> None:
    """With no notes folder known, the page says how to name one."""
    (folder / "assistant.toml").write_text("", encoding="utf-8")
    app = page()

    assert "no notes folder is known" in app.error[0].value.replace("\\", "").lower()
