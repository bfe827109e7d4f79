"""Tests of what decides how the page's server runs: nothing that lies in a folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from notes_of_page import write
from project import HELPERS
from streamlit import config as streamlit_config
from streamlit.config_option import ConfigOption

from assistant.user_folders import cache_folder
from assistant.web.server import options as web_options

PROGRAM = HELPERS / "started_page.py"
ROOT = Path(__file__).parents[3]

TRAP = "open({!r}, 'a').write('sprung')\n"

SECRETS = """
PYTHONPATH = "{evil}"
PYTHONSTARTUP = "{evil}/sitecustomize.py"
LD_PRELOAD = "{evil}/none.so"
ASSISTANT_MODEL = "nobody/nothing"
ASSISTANT_INDEX = "{evil}/index"
ASSISTANT_CONFIG = "{evil}/assistant.toml"
XDG_CACHE_HOME = "{evil}/cache"
[auth]
cookie_secret = "known"
"""

Told = dict[str, Any]


def other_than(option: ConfigOption) -> object:
    """A value that an option does not have by itself, of its type."""
    ours = web_options.OPTIONS.get(option.key, option.default_val)
    if option.key == "server.trustedUserHeaders":
        return {"evil": "user"}
    if option.multiple or isinstance(ours, list):
        return ["evil.example"]
    if option.type is bool or isinstance(ours, bool):
        return not ours
    if option.type is int or isinstance(ours, int):
        return 77
    if option.type is float or isinstance(ours, float):
        return 7.75
    return "evil"


HOSTILE = {
    option.key: other_than(option)
    for option in streamlit_config._config_options_template.values()
    if not option.deprecated and not option.key.startswith("_test.")
}


def as_toml(options: dict[str, object]) -> str:
    """The options as a settings file of Streamlit's."""
    lines = []
    for key, value in options.items():
        section, _, name = key.rpartition(".")
        said = '{ evil = "user" }' if isinstance(value, dict) else json.dumps(value)
        lines.append(f"{section}.{name} = {said}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Visit:
    """A folder of a stranger's notes, and the home folder of who opens it."""

    folder: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The user's own."""
        known = {k: v for k, v in os.environ.items() if not k.startswith(("ASSISTANT_", "STREAM"))}
        return known | {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "XDG_CACHE_HOME": str(cache_folder().parent),
            "ASSISTANT_CONFIG": str(self.folder / "assistant.toml"),
            "PYTHONPATH": str(ROOT),
        }

    def start(self, *command: str, **variables: str) -> Told:
        """Start the page, and return what it ran with."""
        done = subprocess.run(
            [sys.executable, "-P", str(PROGRAM), *command],
            cwd=self.folder,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done
        found: Told = json.loads(done.stdout.splitlines()[-1])
        return found


@pytest.fixture
def visit(tmp_path: Path, model_folder: Path) -> Visit:
    """Notes, and a home folder with nothing in it."""
    found = Visit(tmp_path / "notes", tmp_path / "home")
    found.folder.mkdir()
    found.home.mkdir()
    write(found.folder)
    return found


def free_port() -> str:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def plant(folder: Path, evil: Path) -> None:
    """Put Streamlit's files into a folder, as they would do harm."""
    evil.mkdir(exist_ok=True)
    (evil / "sitecustomize.py").write_text(TRAP.format(str(evil / "sprung")), encoding="utf-8")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(as_toml(HOSTILE), encoding="utf-8")
    secrets = SECRETS.replace("{evil}", str(evil))
    (folder / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")


def test_hostile_values_are_read_where_nobody_takes_over(visit: Visit) -> None:
    """The files of the next test are such that Streamlit by itself would heed every option."""
    plant(visit.folder, visit.folder / "evil")
    code = (
        "import json; from streamlit import config\n"
        "config._on_config_parsed.send = lambda: None\n"
        "config.config_util.process_theme_inheritance = lambda *_: None\n"
        "found = config.get_config_options()\n"
        "print(json.dumps({key: option.value for key, option in found.items()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=visit.folder,
        env=visit.environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    found = json.loads(done.stdout)

    assert {key: found[key] for key in HOSTILE} == HOSTILE
    assert len(HOSTILE) > 300


def test_no_file_of_streamlits_decides_anything(visit: Visit, tmp_path: Path) -> None:
    """Neither the working folder's nor the home folder's files change an option or a variable.

    No process of the page's inherits from them; nor does any variable set an option.
    """
    port = free_port()
    command = ("assistant", "web", "--no-browser", "--port", port)
    clean = visit.start(*command)
    evil = visit.folder / "evil"
    plant(visit.folder, evil)
    plant(visit.home, evil)
    variables = {
        option.env_var: "true" if option.type is bool else "77" if option.type is int else "evil"
        for option in streamlit_config._config_options_template.values()
    }
    hostile = visit.start(*command, **variables)

    secret = (
        clean["options"].pop("server.cookieSecret"),
        hostile["options"].pop("server.cookieSecret"),
    )
    assert len({*secret, "evil"}) == 3
    assert hostile["options"] == clean["options"]
    assert {key: clean["options"][key] for key in web_options.OPTIONS} == web_options.OPTIONS
    for whose in ("environment", "child"):
        assert hostile[whose] == clean[whose] | variables
    assert hostile["model"] == clean["model"]
    assert hostile["index"] == clean["index"]
    assert clean["read"] == 3
    assert not (evil / "sprung").exists()


def test_streamlit_run_takes_over_too(visit: Visit) -> None:
    """Started as ``streamlit run app.py``, the page has its options in any home folder."""
    evil = visit.folder / "evil"
    plant(visit.home, evil)
    harmless = {
        **{"server.enableCORS": False, "server.enableAgentApi": True, "server.allowedHosts": ["*"]},
        **{"client.toolbarMode": "developer", "browser.gatherUsageStats": True},
    }
    (visit.home / ".streamlit" / "config.toml").write_text(as_toml(harmless), encoding="utf-8")
    found = visit.start(
        *("streamlit", "run", str(ROOT / "app.py")),
        *("--server.port", free_port(), "--server.address", "127.0.0.1"),
    )

    assert not {key for key, value in harmless.items() if found["options"].get(key) == value}
    assert "evil" not in "".join(v for k, v in found["child"].items() if k != "PWD")
    assert not (evil / "sprung").exists()
