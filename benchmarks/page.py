"""How fast the page is, and how large its server: over content/, or notes with an index given.

    python benchmarks/page.py [assistant.toml]

Needs Chromium and its driver. Prints the time from Enter to painted answers with everything warm
(target 150 ms at the median), from a letter to the titles found (50 ms), from a step in the list to
its entry, from opening the address to a page that takes a question (2 s), and the memory of the
server (450 MB), and whether it ever loaded torch.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from browser import Browser, wait  # noqa: E402 # these lie beside the tests
from page_server import Server, serve  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

from assistant.library import Notes  # noqa: E402
from assistant.settings import load  # noqa: E402

QUESTIONS = 30
LOADS = 7
STEPS = 5

# From the press of Enter to the first frame after the last passage of the answer has been drawn.
WATCH = """
    window.painted = null;
    const heads = () => [...document.querySelectorAll("a.result .title, .reader header")];
    const said = () => heads().map((e) => e.innerText).join();
    const before = said();
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const begin = performance.now();
      const look = () => {
        const app = document.querySelector("[data-testid=stApp]");
        if (app.dataset.testScriptState === "notRunning" && said() !== before
            && !document.querySelector("[data-testid=stSkeleton]"))
          requestAnimationFrame(() => { window.painted = performance.now() - begin; });
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
"""
# From the press of a key to the second frame after it: titles that are found are painted by then.
TYPED = """
    window.typed = null;
    document.querySelector(".box input").addEventListener("keydown", () => {
      const begin = performance.now();
      requestAnimationFrame(() => requestAnimationFrame(() => {
        window.typed = performance.now() - begin;
      }));
    }, { once: true });
"""
# From the press of a key that chooses the next result to its entry in the reader.
CHOSEN = """
    window.chosen = null;
    const shown = () => document.querySelector(".reader article")?.innerText;
    const before = shown();
    document.addEventListener("keydown", () => {
      const begin = performance.now();
      const look = () => {
        if (shown() === before) requestAnimationFrame(look);
        else requestAnimationFrame(() => { window.chosen = performance.now() - begin; });
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
"""
# From the start of navigation to a box that takes a question.
LOADED = """
    if (!document.querySelector(".box input") || !document.querySelector("[role=tab]"))
      return null;
    return performance.now();
"""


def loads(browser: Browser) -> list[float]:
    """Return how many milliseconds the page takes to load, each time."""
    found = []
    for _ in range(LOADS):
        browser.driver.get("about:blank")
        browser.driver.get(browser.address)
        found.append(float(wait(lambda: browser.script(LOADED), "the box")))
    return found


def answers(browser: Browser, questions: list[str]) -> list[float]:
    """Return how many milliseconds each question takes from Enter to painted answers."""
    browser.open()
    found = []
    for question in questions:
        box = browser.one(".box input")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(question)
        browser.script(WATCH)
        box.send_keys(Keys.ENTER)
        found.append(float(wait(lambda: browser.script("return window.painted"), question)))
        time.sleep(0.3)
    return found


def letters(browser: Browser, words: str) -> list[float]:
    """Return how many milliseconds each letter takes until titles are painted."""
    browser.open()
    box = browser.one(".box input")
    found = []
    for letter in words:
        browser.script(TYPED)
        box.send_keys(letter)
        found.append(float(wait(lambda: browser.script("return window.typed"), letter)))
    return found


def choices(browser: Browser, question: str) -> list[float]:
    """Return how many milliseconds each step in the list takes until its entry can be read."""
    browser.open(q=question)
    browser.script("document.activeElement.blur()")
    browser.keys(Keys.ARROW_DOWN)
    found = []
    for _ in range(STEPS):
        browser.script(CHOSEN)
        browser.keys(Keys.ARROW_DOWN)
        found.append(float(wait(lambda: browser.script("return window.chosen"), "the entry")))
    return found


def memory(server: Server) -> tuple[float, float, bool]:
    """Return megabytes now and at most, and whether torch is loaded; Linux only."""
    process = Path("/proc") / str(server.pid)
    lines = dict(
        line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line
    )
    now, most = (int(lines[name].split()[0]) / 1000 for name in ("VmRSS", "VmHWM"))
    return now, most, "libtorch" in (process / "maps").read_text()


def main() -> None:
    """Measure and print."""
    settings = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else ROOT / "assistant.toml"
    with Notes(load.load(settings)) as notes:
        questions = notes.examples(QUESTIONS)
    with tempfile.TemporaryDirectory() as name, serve(Path(name), settings) as server:
        browser = Browser(server, Path(name) / "profile")
        try:
            answers(browser, questions[:3])  # warm up
            times = sorted(answers(browser, questions))
            typed = sorted(letters(browser, questions[0]))
            chosen = sorted(choices(browser, questions[1]))
            loaded = sorted(loads(browser))
        finally:
            browser.close()
        now, most, torch = memory(server)
    print(
        f"Enter to painted answers   {statistics.median(times):6.0f} ms median,"
        f" {times[int(0.95 * len(times))]:.0f} ms at 95 % of {len(times)} questions"
    )
    print(
        f"a letter to titles         {statistics.median(typed):6.0f} ms median,"
        f" {typed[-1]:.0f} ms at most of {len(typed)}"
    )
    print(
        f"a choice to its entry      {statistics.median(chosen):6.0f} ms median,"
        f" {chosen[-1]:.0f} ms at most of {len(chosen)}"
    )
    print(
        f"page load                  {statistics.median(loaded):6.0f} ms median,"
        f" {loaded[-1]:.0f} ms at most of {len(loaded)}"
    )
    print(f"memory of the server       {now:6.0f} MB, {most:.0f} MB at most; torch loaded: {torch}")


if __name__ == "__main__":
    main()
