"""Take the pictures of the page in docs/images/, over content/ with its index built.

    python benchmarks/screenshots.py

Needs Chromium and its driver, and a font with Chinese characters.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import Browser  # noqa: E402 # these lie beside the tests
from page_server import serve  # noqa: E402

FOLDER = ROOT / "docs" / "images"
QUESTION = "how do I free GPU memory"


def main() -> None:
    """Take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as name,
        serve(Path(name), ROOT / "assistant.toml") as server,
    ):
        browser = Browser(server, Path(name) / "profile")
        try:
            shoot(browser, "ask", height=860, q=QUESTION)
            shoot(browser, "ask-dark", height=860, dark=True, q="怎么打乱数组的顺序")
            shoot(browser, "map", height=780, q=QUESTION, view="Map")
        finally:
            browser.close()


def shoot(browser: Browser, name: str, *, height: int, dark: bool = False, **address: str) -> None:
    """Take one picture."""
    browser.look(1000, height, dark=dark)
    browser.open(**address)
    browser.script("document.activeElement.blur()")
    browser.idle()
    browser.driver.save_screenshot(str(FOLDER / f"{name}.png"))


if __name__ == "__main__":
    main()
