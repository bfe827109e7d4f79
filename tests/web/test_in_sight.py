"""Tests that an answer is in sight as soon as it is there, by boxes measured in Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

if os.environ.get("ASSISTANT_TEST_BROWSER") != "required":
    pytest.importorskip("selenium", reason="selenium is not installed: see the dev extra")

from browser import Browser, programs
from notes_of_page import build
from page_server import serve

if programs() is None:
    pytest.skip("Chromium and its driver are not installed", allow_module_level=True)

CONTENT = Path(__file__).parents[2] / "content"

NOTES = ("conda-environments", "numpy-shapes", "pytorch-gpu-and-memory")

QUESTIONS = (
    "how do I free GPU memory",
    "how much GPU memory is in use",
    "what was the peak memory of a training step",
    "CUDA out of memory",
    "why does GPU memory grow with every iteration",
    "is CUDA available",
    "Torch not compiled with CUDA enabled",
    "move a model to the GPU",
    "pin_memory and non_blocking",
    "how do I time GPU code",
    "what does cudnn.benchmark do",
    "use only one of several GPUs",
    "device-side assert triggered",
    "memory fragmentation expandable_segments",
    "nvidia-smi 显示的显存为什么更大",
    "激活检查点",
    "how do I fix the random seed",
    "which operations take the most time",
    "let reshape work out a dimension",
    "why is the shape (4,)",
    "add an axis of length one",
    "flatten an array",
    "transpose and move axes",
    "concatenate 和 stack 的区别",
    "repeat the elements of an array",
    "take some columns of an array",
    "operands could not be broadcast together",
    "删除 conda 环境",
    "recreate an environment on another machine",
    "where does the treasure lie",
)
"""A fixed list; the last is answered far down in a long entry."""

LONG = "# Log\n\n## A long day\n\n{}\nThe treasure lies under the third oak of the lane.\n\n{}"

OUT_OF_SIGHT = """
    const named = {
      verdict: document.querySelector(".verdict"),
      heading: document.querySelector(".reader h2, a.result .title"),
      sentence: document.querySelector(".reader mark") ?? document.querySelector(".reader .body"),
    };
    const header = document.querySelector(".reader header").getBoundingClientRect();
    return Object.entries(named).filter(([name, element]) => {
      if (!element) return true;
      const [box] = element.getClientRects(); // a sentence may begin in the middle of a line
      if (box.top < 0 || box.bottom > innerHeight && box.top > innerHeight - 40) return true;
      const middle = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), box.top + 8);
      return !element.contains(middle);
    }).map(([name, element]) => `${name} ${element?.getBoundingClientRect().top}`);
"""


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Browser]:
    """A window on a few notes that ship with the project, and on a long one."""
    folder = tmp_path_factory.mktemp("sight")
    notes = folder / "notes"
    notes.mkdir()
    for name in NOTES:
        shutil.copy(CONTENT / f"{name}.md", notes)
    filler = "".join(f"At {hour}:00 nothing of note came to pass.\n\n" for hour in range(60))
    (notes / "log.md").write_text(LONG.format(filler, filler), encoding="utf-8")
    (folder / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n', encoding="utf-8")
    build(folder)
    with serve(folder) as server:
        browser = Browser(server, tmp_path_factory.mktemp("profile"))
        yield browser
        browser.close()


def test_verdict_heading_and_best_sentence_are_in_sight(window: Browser) -> None:
    """At 1280 by 800 nobody has to scroll, for any question of a fixed list."""
    window.look(1280, 800)
    hidden = {}
    for question in QUESTIONS:
        window.open(q=question)
        if missing := window.script(OUT_OF_SIGHT):
            hidden[question] = missing

    assert hidden == {}


def test_page_does_not_scroll_beside_its_panes(window: Browser) -> None:
    """List and reader scroll by themselves; a wide screen is used."""
    for width, height in ((1280, 800), (1920, 1080)):
        window.look(width, height)
        window.open(q=QUESTIONS[0])
        assert window.script("return document.documentElement.scrollHeight - innerHeight") <= 0
        used = window.script(
            "return document.querySelector('.list').offsetWidth"
            " + document.querySelector('.reader').offsetWidth"
        )
        assert used > 0.85 * width


def test_first_result_is_open_on_a_phone(window: Browser) -> None:
    """The others are a line each below it; nothing runs out of the screen."""
    window.look(390, 844)
    window.open(q=QUESTIONS[0])
    assert window.script("return document.querySelector('li:first-child .reader mark') !== null")
    assert window.script("return document.documentElement.scrollWidth") <= 390
    window.look(1280, 800)
