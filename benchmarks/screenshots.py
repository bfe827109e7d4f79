"""Take the pictures of the page in docs/images/, over content/ with its index built.

    python benchmarks/screenshots.py

Needs Chromium and its driver, and a font with Chinese characters. Eight states, at three sizes, one
of them dark: few colours, so that the files are small.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from browser import Browser  # noqa: E402 # these lie beside the tests
from page_server import serve  # noqa: E402
from PIL import Image  # noqa: E402

FOLDER = ROOT / "docs" / "images"
SIZES = ((1280, 800, False), (1920, 1080, True), (390, 844, False))
COLOURS = 64
QUESTION = "how do I free GPU memory"


def type_letters(browser: Browser) -> None:
    """Begin to write a question."""
    browser.one(".box input").send_keys("cuda mem")


def show_keys(browser: Browser) -> None:
    """Show what the keys do."""
    browser.script("document.activeElement.blur()")
    browser.keys("?")


def leave_box(browser: Browser) -> None:
    """Take the cursor away, which blinks."""
    browser.script("document.activeElement.blur()")


STATES: dict[str, tuple[dict[str, str], Callable[[Browser], None]]] = {
    "ask": ({"q": QUESTION}, leave_box),
    "chinese": ({"q": "怎么打乱数组的顺序", "note": "numpy-*"}, leave_box),
    "none": ({"q": "how many carburettors has a steam engine"}, leave_box),
    "start": ({}, leave_box),
    "typing": ({}, type_letters),
    "keys": ({"q": QUESTION}, show_keys),
    "browse": ({"view": "Browse", "read": "numpy-shapes.md:20"}, leave_box),
    "map": ({"view": "Map", "q": QUESTION}, leave_box),
}
"""States of the page, each by its address and what is done there."""


def main() -> None:
    """Take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as name,
        serve(Path(name), ROOT / "assistant.toml") as server,
    ):
        browser = Browser(server, Path(name) / "profile")
        try:
            for width, height, dark in SIZES:
                browser.look(width, height, dark=dark)
                for state, (address, act) in STATES.items():
                    browser.open(**address)
                    act(browser)
                    browser.idle()
                    save(browser.driver.get_screenshot_as_png(), f"{state}-{width}")
        finally:
            browser.close()


def save(picture: bytes, name: str) -> None:
    """Keep a picture, with few colours."""
    found = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS)
    found.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
