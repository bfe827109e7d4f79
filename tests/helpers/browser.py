"""A headless Chromium, for the tests that look at the page as a person does."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from page_server import PATIENCE, Server
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars"
).split()

Found = TypeVar("Found")


def programs() -> tuple[str, str] | None:
    """Return Chromium and its driver, if both are installed."""
    found = shutil.which("chromium"), shutil.which("chromedriver")
    return (found[0], found[1]) if found[0] and found[1] else None


def wait(find: Callable[[], Found], what: str, seconds: float = PATIENCE) -> Found:
    """Return what a function finds as soon as that is true; fail when it takes too long."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := find():
                return found
        except StaleElementReferenceException:
            pass  # drawn anew meanwhile
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.05)


class Browser:
    """A window of Chromium on the page."""

    def __init__(self, server: Server | None, profile: Path) -> None:
        """Open a window.

        Args:
            server: Of the page that it is let in to by its token; None for an empty window.
            profile: Empty folder for what the browser keeps.
        """
        found = programs()
        assert found is not None
        options = webdriver.ChromeOptions()
        options.binary_location = found[0]
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(found[1]))
        self.look()
        if server is not None:
            self.enter(server)

    def enter(self, server: Server) -> None:
        """Open the address that a server printed, and wait until the page stands."""
        self.address = server.address
        allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        told = {"permissions": allowed, "origin": server.address}
        self.driver.execute_cdp_cmd("Browser.grantPermissions", told)
        self.driver.get(server.entry)
        wait(lambda: "token" not in self.driver.current_url, "the address without the token")
        self.idle()

    def look(self, width: int = 1100, height: int = 900, *, dark: bool = False) -> None:
        """Give the window a size and a theme."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, **address: str) -> None:
        """Load the page at an address, and wait until it stands."""
        self.driver.get(f"{self.address}/?{urlencode(address)}")
        self.idle()

    def idle(self) -> None:
        """Wait until the page has drawn what it was asked for."""
        script = """
            const app = document.querySelector("[data-testid=stApp]");
            return app !== null && app.dataset.testScriptState === "notRunning"
                && document.querySelector("[data-testid=stMainBlockContainer] *") !== null
                && document.querySelector("[data-testid=stSkeleton]") === null;
        """
        quiet = 0.0

        def rested() -> bool:
            nonlocal quiet
            now = time.monotonic()
            if not self.driver.execute_script(script):
                quiet = 0.0
            elif not quiet:
                quiet = now
            return bool(quiet) and now - quiet > 0.4

        wait(rested, "the page to come to rest")

    def all(self, selector: str) -> list[WebElement]:
        """Return the elements that a CSS selector finds."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """Return the first element that a CSS selector finds, waiting for it."""
        return wait(lambda: self.all(selector), selector)[0]

    def saying(self, words: str, selector: str = "*") -> WebElement:
        """Return the innermost visible element with these words, waiting for it."""

        def find() -> list[WebElement]:
            # Labels hold word joiners, which nobody sees: see ``html``.
            told = [(e, e.text.replace("\u2060", "")) for e in self.all(selector)]
            return [e for e, text in told if words in text and e.is_displayed()][-1:]

        return wait(find, f"{words!r} in {selector}")[0]

    def press(self, element: WebElement) -> None:
        """Click an element wherever it is, and wait for what comes of it."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        self.idle()

    def tab(self, name: str) -> None:
        """Turn to a tab."""
        self.press(wait(lambda: [t for t in self.all("[role=tab]") if t.text == name], name)[0])

    def ask(self, question: str) -> None:
        """Type a question into the box and press Enter."""
        box = self.one(".box input")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(question, Keys.ENTER)
        wait(lambda: "q=" in self.driver.current_url, "the question in the address")
        self.idle()

    def keys(self, *keys: str) -> None:
        """Press keys, wherever the cursor is, and wait for what comes of it."""
        ActionChains(self.driver).send_keys(*keys).perform()
        self.idle()

    def focused(self) -> str:
        """Return the words of the element that the keys go to."""
        found: str = self.script(
            "const e = document.activeElement;"
            "return (e.innerText || e.ariaLabel || e.title || e.placeholder || '').trim()"
        )
        return found

    def clipboard(self) -> str:
        """Return what was copied."""
        found: str = self.driver.execute_async_script(
            "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
        )
        return found

    def text(self) -> str:
        """Return what the page says."""
        return self.one("[data-testid=stMainBlockContainer]").text

    def script(self, code: str, *arguments: object) -> Any:  # noqa: ANN401 # whatever it returns
        """Run JavaScript in the page."""
        return self.driver.execute_script(code, *arguments)

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the last call."""
        found = []
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.webSocketCreated":
                found.append(message["params"]["url"])
        return found

    def complaints(self) -> list[str]:
        """Return what the browser refused to load or run, or complained of, since the last call."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def close(self) -> None:
        """Close the window."""
        self.driver.quit()
