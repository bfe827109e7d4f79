"""Tests of the page as a person meets it, in a headless Chromium."""

from __future__ import annotations

import base64
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

if os.environ.get("ASSISTANT_TEST_BROWSER") != "required":
    pytest.importorskip("selenium", reason="selenium is not installed: see the dev extra")

import axe_core_python
from browser import Browser, programs, wait
from notes_of_page import EGGS, write
from page_server import Server, serve
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from assistant import web
from assistant.web.server import opening

if programs() is None:
    WHY = "Chromium and its driver are not installed: apt-get install chromium chromium-driver"
    if os.environ.get("ASSISTANT_TEST_BROWSER") == "required":
        raise RuntimeError(WHY)
    pytest.skip(WHY, allow_module_level=True)

QUESTION = "how long do I boil an egg"

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
"""The smallest image."""


@pytest.fixture(scope="module")
def window(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A window that the tests of this module share."""
    browser = Browser(server, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def page(window: Browser) -> Iterator[Browser]:
    """The window; after the test, everything it asked for was asked of this computer."""
    window.driver.get("about:blank")
    window.look()
    window.requests()
    yield window
    asked = {urlsplit(url) for url in window.requests() if not url.startswith(("data:", "blob:"))}
    outside = [url.geturl() for url in asked if url.scheme not in ("chrome", "about")]
    assert {urlsplit(url).hostname for url in outside} <= {"127.0.0.1"}
    assert window.complaints() == []


def test_ask_read_and_go_back(page: Browser) -> None:
    """The box has the cursor, Enter asks, the answer can be read, and back leads back."""
    page.open()
    wait(lambda: page.script("return document.activeElement.tagName") == "INPUT", "the cursor")
    page.driver.switch_to.active_element.send_keys(QUESTION, Keys.ENTER)
    page.saying("Boil an egg", ".reader h2")
    page.idle()

    assert page.all(".verdict")
    assert "lines" in page.one(".reader header .place").text
    assert any("egg" in mark.text for mark in page.all("mark"))
    assert page.all(".reader math")
    first = page.driver.current_url
    assert "q=how+long" in first

    page.ask("fry an egg")
    page.saying("Fry an egg", ".reader h2")
    page.driver.back()
    wait(lambda: page.driver.current_url == first, "the first address")
    wait(lambda: page.one(".box input").get_attribute("value") == QUESTION, "the question")
    page.saying("Boil an egg", ".reader h2")


def test_everything_by_keyboard(page: Browser) -> None:
    """Ask, choose, read, open, go back and ask again without a mouse; `?` tells how."""
    page.open(q=QUESTION)
    page.script("document.activeElement.blur()")
    page.keys("/")
    assert page.script("return document.activeElement.role") == "combobox"
    page.keys(Keys.ARROW_DOWN)
    assert page.focused().startswith("1")
    page.keys(Keys.ARROW_DOWN)
    title = page.one("a.result[aria-current] .title").text
    page.saying(title, ".reader h2")
    assert "read=" in page.driver.current_url
    page.keys(Keys.ENTER)
    assert page.script("return document.activeElement.matches('.reader article')")
    page.keys(Keys.ESCAPE)
    assert page.focused().startswith("2")
    page.keys("k")
    page.saying("Boil an egg", ".reader h2")
    page.script(
        "document.querySelector('a.editor').addEventListener('click', (e) =>"
        " { e.preventDefault(); window.opened = e.target.href; })"
    )
    page.keys("o")
    assert page.script("return window.opened").startswith("vscode://file/")
    page.keys("?")
    assert "choose a result" in page.one("dialog.keys").text
    page.keys(Keys.ESCAPE)
    page.keys(Keys.ESCAPE)
    assert page.script("return document.activeElement.role") == "combobox"
    page.script("document.activeElement.blur()")
    ActionChains(page.driver).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
    assert page.script("return document.activeElement.role") == "combobox"


def test_titles_are_found_while_typing(page: Browser) -> None:
    """Without the server: a title is chosen by its words, and read; a pause asks."""
    page.open()
    box = page.one(".box input")
    box.send_keys("fry egg")
    line = page.one(".box [role=option]")
    assert line.text.startswith("Fry an egg")
    box.send_keys(Keys.ARROW_DOWN)
    assert box.get_attribute("aria-activedescendant") == line.get_attribute("id")
    box.send_keys(Keys.ENTER)
    page.saying("Fry an egg", ".reader h2")

    box.send_keys("how long do I boil it")
    wait(lambda: "q=how+long" in page.driver.current_url, "a question asked by a pause")
    page.saying("Boil an egg", "a.result .title")


def test_recent_questions_are_the_browsers(page: Browser) -> None:
    """They survive a reload, and are forgotten by a click."""
    page.open()
    page.ask("how are eggs timed")
    page.open()
    page.press(page.saying("how are eggs timed", ".recent a"))
    assert "q=how+are+eggs" in page.driver.current_url
    page.open()
    page.press(page.one(".recent .forget"))
    assert not page.one(".recent").is_displayed()
    page.open()
    assert not page.one(".recent").is_displayed()


def test_what_is_read_can_be_copied(page: Browser) -> None:
    """Code as it stands in the note; the entry with its source; a link that leads to it."""
    page.open(q=QUESTION, k="1")
    page.press(page.one(".code .copy"))
    assert page.clipboard() == 'minutes = 8\nprint("egg")'
    page.press(page.one("button.copy-markdown"))
    assert page.clipboard().startswith("## Boil an egg")
    assert page.clipboard().endswith("(kitchen/eggs.md › Boil an egg, lines 7–21)\n")
    page.press(page.one("button.copy-link"))
    page.driver.get(page.clipboard())
    page.saying("Boil an egg", ".reader h2")
    assert page.one(".tree [aria-current]").text == "Boil an egg"


def test_images_of_the_notes_alone(page: Browser, folder: Path) -> None:
    """An image beside the note is shown; the route serves nothing else, to nobody else."""
    picture = folder / "notes" / "kitchen" / "pan.png"
    outside = folder / "secret.png"
    note = folder / "notes" / "kitchen" / "pan.md"
    try:
        for file in (picture, outside):
            file.write_bytes(PIXEL)
        note.write_text("# Pan\n\n![a pan](pan.png) ![no](../../secret.png)\n", encoding="utf-8")
        page.open(q="pan", k="1")
        image = page.one(".reader img")
        wait(lambda: page.script("return arguments[0].naturalWidth", image) == 1, "the image")
        assert len(page.all(".reader img")) == 1
        assert image.get_attribute("alt") == "a pan"
        source = page.script("return arguments[0].src", image)
        for other in (source + "0", source.replace("pan.png", "../../secret.png")):
            status = page.driver.execute_async_script(
                "fetch(arguments[0]).then((r) => arguments[1](r.status))", other
            )
            assert status == 404
        page.complaints()  # of the two
    finally:
        for file in (picture, outside, note):
            file.unlink(missing_ok=True)


def test_hostile_note_is_nothing_but_text(page: Browser) -> None:
    """No script runs, nothing is loaded, no link is followed that should not be."""
    page.open(q="disarm a hostile note", k="1")
    page.saying("Disarm it <script>window.pwned = 1</script>")
    text = page.text()

    assert ":red[reading] :smile: :material/home: it" in text
    assert "well -> ok." in text
    assert page.all("main img, main iframe, main object, main embed") == []
    links = {link.get_attribute("href") for link in page.all("main a")}
    assert not [link for link in links if link and link.lower().startswith(("javascript", "data"))]

    page.tab("Browse")
    page.press(page.saying("hostile.md", ".tree summary"))
    page.saying("Hostile <img src=x", ".tree a")
    page.one(".box input").send_keys(Keys.CONTROL, "a")
    page.one(".box input").send_keys("hostile")
    page.saying("Hostile <img src=x", ".box li")
    page.keys(Keys.ESCAPE)
    page.tab("Map")
    page.one(".map canvas[data-points]")
    page.open()
    page.saying("Disarm a hostile note :smile: -> <- --", ".examples a")
    assert page.script("return window.pwned ?? null") is None


def test_html_that_came_through_is_left_out(page: Browser) -> None:
    """The reader lets in known elements alone, should the server ever send others."""
    page.open(q=QUESTION)
    kept = page.driver.execute_async_script(
        """
        const [source, reader, done] = arguments;
        const blob = new Blob([source], { type: "text/javascript" });
        import(URL.createObjectURL(blob)).then(({ default: show }) => {
          const parentElement = document.createElement("div");
          parentElement.innerHTML = '<div class="desk"></div>';
          document.body.append(parentElement);
          show({ parentElement, data: { list: "", reader, place: "", rank: 0 } });
          done(parentElement.querySelector(".reader").innerHTML);
          parentElement.remove();
        }, (error) => done(String(error)));
        """,
        (Path(web.__file__).parent / "static" / "desk.js").read_text("utf-8"),
        '<p onclick="x()">a</p><img src="http://192.0.2.1/x.png" onerror="window.pwned=1">'
        '<script>window.pwned=2</script><iframe></iframe><a href="javascript:window.pwned=3">b</a>'
        '<svg onload="window.pwned=4"></svg><b style="position:fixed">c</b>',
    )

    assert kept == "<p>a</p><img><a>b</a><b>c</b>"
    assert all("Content Security Policy" in one for one in page.complaints())  # a wall behind it
    assert page.script("return window.pwned ?? null") is None


def test_narrow_down(page: Browser) -> None:
    """Answers can be narrowed to a tag, and the address keeps it; one click lifts it."""
    page.open(q="egg")
    page.press(page.saying("Filters", "button"))
    box = page.one("[data-testid=stPopoverBody] .st-key-tag input")
    page.press(box)
    box.send_keys("danger", Keys.ENTER)
    wait(lambda: "tag=danger" in page.driver.current_url, "the tag in the address")
    page.idle()

    assert {place.text.partition(" ")[0] for place in page.all("a.result .place")} == {"hostile.md"}
    page.script("document.querySelector('.st-key-widen button').click()")
    wait(lambda: "tag=" not in page.driver.current_url, "the address without the tag")


def test_edit_is_seen_and_rebuild_works(page: Browser, folder: Path) -> None:
    """A question after an edit sees it; the rebuild button says what it did."""
    note = folder / "notes" / "kitchen" / "eggs.md"
    try:
        note.write_text(
            EGGS + "\n## Poach an egg\n\nStir vinegar into simmering water.\n", encoding="utf-8"
        )
        page.open(q="how do I poach an egg")
        page.saying("Stir vinegar", ".reader p")
    finally:
        note.write_text(EGGS, encoding="utf-8")
    page.tab("Index")
    page.saying("1 note is newer than the index", "summary")
    page.press(page.saying("Rebuild", "button"))
    page.saying("The index was brought up to date. Notes read: 1")

    page.ask("how do I poach an egg")
    assert "Stir vinegar" not in page.text()


def test_browse_reads_an_entry(page: Browser) -> None:
    """The tree opens at the entry one came from, can be filtered, and leads on."""
    page.open(view="Browse")
    for words in ("kitchen/", "Eggs"):
        page.press(page.saying(words, ".tree summary"))
    page.press(page.saying("Boil an egg", ".tree a"))
    page.saying("eight minutes", ".reader p")
    page.press(page.saying("Fry an egg", ".reader footer a"))
    page.saying("Heat some oil", ".reader p")
    assert page.one(".tree [aria-current]").text == "Fry an egg"
    page.one(".tree input").send_keys("time egg")
    page.press(page.saying("Time the eggs", ".tree a"))
    page.saying("Start a timer", ".reader li")
    page.driver.back()
    page.saying("Heat some oil", ".reader p")

    page.open(q="fry an egg")
    page.tab("Browse")
    page.open(view="Browse", read="kitchen/eggs.md:23")
    assert page.one(".tree [aria-current]").text == "Fry an egg"


def test_map_shows_question_and_entry(page: Browser) -> None:
    """A click on a point shows its entry; so do the keys; dragging and zooming do not."""
    page.open(view="Map", q=QUESTION)
    canvas = page.one(".map canvas[data-points]")
    spot = """
        const { left, top, width, height } = arguments[0].getBoundingClientRect();
        const spot = document.querySelector(".map").spotOf("kitchen/eggs.md:23");
        return spot && [spot[0] - left - width / 2, spot[1] - top - height / 2].map(Math.round);
    """
    away = wait(lambda: page.script(spot, canvas), "the point")

    assert "its results" in page.text()
    assert canvas.size["height"] > 300
    to = ActionChains(page.driver).move_to_element_with_offset(canvas, *away)
    to.click_and_hold().move_by_offset(40, 30).release().perform()
    moved = page.script(spot, canvas)
    assert [after - before for before, after in zip(away, moved, strict=True)] == [40, 30]
    assert "read=" not in page.driver.current_url
    ActionChains(page.driver).move_to_element_with_offset(canvas, *moved).click().perform()
    page.saying("Fry an egg", ".reader h2")
    page.saying("Heat some oil", ".reader p")
    assert "read=kitchen" in page.driver.current_url

    page.script("document.querySelector('.map canvas').focus()")
    page.keys("0", "+", "-", Keys.ARROW_LEFT)
    page.keys(next(key for key in (Keys.ARROW_LEFT, Keys.ARROW_RIGHT) if page.all(".map .tip b")))
    heading = page.one(".map .tip b").text
    page.keys(Keys.ENTER)
    page.saying(heading, ".reader h2")


def test_tab_opened_a_moment_ago_stays_open(page: Browser) -> None:
    """Whatever else changes the address meanwhile, such as a question asked by a pause."""
    page.open(view="Browse")
    page.script("""
        const tabs = [...document.querySelectorAll("[role=tab]")];
        tabs.find(({ textContent }) => textContent === "Map").click();
        const asked = new CustomEvent("notes-go", { detail: { link: "?q=fry+an+egg" } });
        requestAnimationFrame(() => document.dispatchEvent(asked));
    """)
    page.one(".map canvas[data-points]")
    page.idle()
    assert "view=Map" in page.driver.current_url
    assert "q=fry" in page.driver.current_url
    assert page.all(".map canvas[data-points]")


def test_text_can_be_read_in_both_themes(page: Browser) -> None:
    """All text has a contrast of 4.5 to 1, that of code and of answers to nothing included."""
    contrast = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
    for dark in (False, True):
        page.look(dark=dark)
        for view in ("Ask", "Map", "Index"):
            page.open(q="how many carburettors has a steam engine", view=view)
            assert page.script(contrast) == []
        page.open(q=QUESTION)
        assert page.script(contrast) == []


AXE = """
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => done(violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))));
"""

SMALL = """
    const ours = ".box input, a.result, .reader button, a.editor, .reader footer a, .tree summary,"
      + " .tree a, .examples a, .map button, [role=tab]";
    return [...document.querySelectorAll(ours)]
      .map((element) => [element, element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width && (width < 24 || height < 24))
      .map(([element, { width, height }]) =>
        `${element.outerHTML.slice(0, 80)} ${width} x ${height}`);
"""


@pytest.mark.parametrize(
    ("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)]
)
def test_accessible(page: Browser, *, width: int, dark: bool) -> None:
    """axe-core finds nothing serious in any view, and everything to press has 24 pixels."""
    axe = Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    page.look(width, 800, dark=dark)
    for address in (
        {},
        {"q": QUESTION},
        {"q": "how many carburettors has a steam engine"},
        {"view": "Browse", "read": "kitchen/eggs.md:7"},
        {"view": "Map", "q": QUESTION},
        {"view": "Index"},
    ):
        page.open(**address)
        page.script(axe)
        assert page.driver.execute_async_script(AXE) == [], address
        assert page.script(SMALL) == [], address
        assert page.script("return document.querySelectorAll('h1').length") == 1
    page.open(q=QUESTION)
    page.press(page.saying("Filters", "button"))
    page.one("[data-testid=stPopoverBody] .st-key-tag input")
    page.script(axe)
    assert page.driver.execute_async_script(AXE) == []


def test_narrow_window_and_dark_theme(page: Browser) -> None:
    """In a window 390 pixels wide nothing runs out of it; the dark theme is dark."""
    for dark in (False, True):
        page.look(390, 800, dark=dark)
        page.open(q=QUESTION)
        for view in ("Ask", "Browse", "Map", "Index"):
            page.tab(view)
            assert page.script("return document.documentElement.scrollWidth") <= 390
        colour = page.script(
            "return getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        )
        assert colour == ("rgb(20, 23, 27)" if dark else "rgb(255, 255, 255)")


def test_tab_leads_through_the_page(page: Browser) -> None:
    """From the box, Tab leads to the filters, the tabs, the results and all of the entry."""
    page.open(q=QUESTION)
    page.one(".box input").send_keys("")
    reached = []
    for _ in range(40):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(page.focused())
        if any("Fry an egg" in words and "→" in words for words in reached):
            break

    places = [
        next(i for i, got in enumerate(reached) if words in got)
        for words in (
            "Filters",
            "Ask",
            "Boil an egg",
            "Copy link",
            "Open in editor",
            "→ Fry an egg",
        )
    ]
    assert places == sorted(places), reached
    page.script("document.querySelector('[role=tab]').focus()")
    ActionChains(page.driver).send_keys(Keys.ARROW_RIGHT, Keys.ENTER).perform()
    wait(lambda: "view=Browse" in page.driver.current_url, "the next tab")


def test_first_run_builds(tmp_path: Path, page: Browser) -> None:
    """With no index the page offers to build it, and then answers."""
    write(tmp_path)
    ours = page.address
    try:
        with serve(tmp_path) as server:
            page.enter(server)
            page.press(page.saying("Build the index", "button"))
            page.one(".box input")
            page.ask(QUESTION)
            page.saying("Boil an egg", ".reader h2")
            page.driver.get("about:blank")
    finally:
        page.address = ours


ATTACK = """<!DOCTYPE html><title>Theirs</title><iframe id="frame" src="{page}"></iframe><script>
  const told = [];
  const tell = (what) => (found) => told.push(`${what}: ${found}`);
  const tries = [
    fetch("{page}/", {credentials: "include"}).then((r) => r.text()).then(tell("page")),
    fetch("{page}/_stcore/health", {mode: "no-cors", credentials: "include"})
      .then((r) => { if (r.type !== "error") tell("fetched")(r.type); }),
    new Promise((done) => {
      const script = document.createElement("script");
      script.onload = () => { tell("script")("loaded"); done(); };
      script.onerror = done;
      script.src = "{page}/static/{script}";
      document.body ? document.body.append(script) : document.head.append(script);
    }),
    new Promise((done) => {
      const image = new Image();
      image.onload = () => { tell("image")(image.width); done(); };
      image.onerror = done;
      image.src = "{page}/favicon.png";
    }),
    new Promise((done) => {
      const stream = new WebSocket("{page}/_stcore/stream".replace("http", "ws"), ["streamlit"]);
      stream.onopen = () => { tell("stream")("open"); done(); };
      stream.onerror = done;
    }),
    new Promise((done) => { document.querySelector("#frame").onload = () => {
      try { tell("frame")(document.querySelector("#frame").contentDocument.title); } catch {}
      done();
    }; }),
  ];
  Promise.allSettled(tries).then(() => { window.told = told; });
</script><a href="{page}/?q=egg">a link</a>"""


@contextmanager
def another_page(folder: Path, html: str) -> Iterator[str]:
    """Serve a page of somebody else on another port of this computer."""
    (folder / "index.html").write_text(html, encoding="utf-8")
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as theirs:
        threading.Thread(target=theirs.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{theirs.server_address[1]}"
        theirs.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_of_another_learns_nothing(window: Browser, tmp_path: Path, host: str) -> None:
    """Open in the same browser, which has the cookie, it reads, loads, frames and streams nothing.

    127.0.0.1 counts as the same site as the page, so that browsers send the cookie; what it leads
    to is refused all the same.
    """
    window.open()
    (script,) = re.findall(r'src="\./static/(js/index[^"]+)"', window.driver.page_source)[:1]
    html = ATTACK.replace("{page}", window.address).replace("{script}", script)
    with another_page(tmp_path, html) as theirs:
        window.driver.get(f"http://{theirs.replace('127.0.0.1', host)}/")
        told = wait(lambda: window.script("return window.told && [window.told]"), "what it learned")
        window.driver.get("about:blank")
    assert told == [[]]
    assert any("frame" in complaint for complaint in window.complaints())


def test_a_browser_that_was_never_let_in(server: Server, tmp_path: Path) -> None:
    """It is told what to do; by the file that `assistant web` opens it comes in, and stays in."""
    file = tmp_path / "page.html"
    file.write_text(opening.leading(f"{server.entry}&q=boil+an+egg"), encoding="utf-8")
    browser = Browser(None, tmp_path / "profile")
    try:
        for host in ("127.0.0.1", "localhost"):
            browser.driver.get(server.address.replace("127.0.0.1", host))
            assert "run assistant web again" in browser.one("p").text
        browser.driver.get(file.as_uri())
        browser.address = server.address
        wait(lambda: browser.driver.current_url == f"{server.address}/?q=boil+an+egg", "the page")
        browser.saying("Boil an egg", ".reader h2")
        assert browser.script("return document.referrer") == ""
        assert "notes-assistant" not in browser.script("return document.cookie")
        browser.open(q="fry an egg")
        browser.saying("Fry an egg", ".reader h2")
    finally:
        browser.close()


def test_nothing_runs_that_is_not_ours(page: Browser) -> None:
    """A script that came into the page by whatever hole would not run, nor tell anyone anything."""
    page.open(q=QUESTION)
    page.script("""
        const into = document.querySelector("main, body");
        const script = document.createElement("script");
        script.textContent = "window.pwned = 1";
        into.append(script);
        into.insertAdjacentHTML("beforeend", "<img src=x onerror='window.pwned = 2'>");
        into.insertAdjacentHTML("beforeend", "<img src='http://192.0.2.1/x.png'>");
        const link = document.createElement("a");
        link.href = "javascript:window.pwned=3";
        into.append(link);
        link.click();
        fetch("http://192.0.2.1/").catch(() => { window.refused = true; });
    """)
    wait(lambda: page.script("return window.refused"), "the refusal")

    assert page.script("return window.pwned ?? null") is None
    refused = page.complaints()
    assert sum("Content Security Policy" in complaint for complaint in refused) >= 4, refused
    page.requests()  # among them those that were refused
