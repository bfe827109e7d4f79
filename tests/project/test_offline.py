"""No network is needed, and none is tried: every command, cut off from everything."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from notes_of_page import write
from page_server import serve
from project import ENVIRONMENT, HELPERS
from raw_page import ask, cookie, port_of, run_page, shake

Told = dict[str, dict[str, Any]]

PROGRAM = HELPERS / "offline.py"
NAMED = ("ask with a name", "build with a name", "doctor with a name")
"""Commands with a model that is given by a name that the hub's cache does not have."""


def has_namespaces() -> bool:
    """Tell whether a process can be put into a network namespace of its own."""
    try:
        return subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """How each command ended without a network, beginning with no cache at all."""
    folder = tmp_path_factory.mktemp("offline")
    write(folder)
    (folder / "named.toml").write_text(
        'notes = ["notes"]\nindex = "other"\nmodel = "nobody/nothing"\n'
    )
    asked = {"question": "how long do I boil an egg", "answers": [{"note": "kitchen/eggs.md"}]}
    (folder / "asked.jsonl").write_text(json.dumps(asked | {"kind": "exact"}) + "\n")
    apart = has_namespaces()
    words = [sys.executable, str(PROGRAM), str(folder)]
    run = subprocess.run(
        ["unshare", "-rn", *words, "namespace"] if apart else words,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    found = {record["name"]: record for record in map(json.loads, run.stdout.splitlines())}
    assert found["cut off"]["cut_off"] or not apart
    return found


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("build", "3 notes"),
        ("ask", "kitchen/eggs.md"),
        ("ask in Chinese", "chinese.md"),
        ("status", "all-MiniLM-L6-v2"),
        ("eval", "exact"),
        ("doctor", "need no network"),
        ("page", ""),
    ],
)
def test_everything_works_without_a_network(told: Told, name: str, says: str) -> None:
    """From an empty cache on, with the model to be exported, each command does what it is for.

    None of it, nor of the libraries that it uses, tries to reach another computer.
    """
    record = told[name]
    assert record["code"] == 0, record
    assert says in record["out"] + record["err"]
    assert record["reached"] == []


def test_the_page_is_served_without_a_network(told: Told) -> None:
    """The server of the page starts, gives its page, and tells nobody."""
    assert "<title>Streamlit</title>" in told["web"]["out"]
    assert told["web"]["reached"] == []


@pytest.fixture(scope="module")
def tracer() -> str:
    """The program that tells what a process asks of the system."""
    found = shutil.which("strace")
    works = found and subprocess.run([found, "true"], capture_output=True).returncode == 0
    if not works:
        why = (
            "strace is not installed: apt-get install strace" if not found else "nothing is traced"
        )
        assert os.environ.get("ASSISTANT_TEST_STRACE") != "required", why
        pytest.skip(why)
    assert found is not None
    return found


def test_the_page_opens_no_socket_but_its_own(
    tmp_path: Path, tracer: str, model_folder: Path
) -> None:
    """The system itself is asked for no way off this computer, whoever asks the page for what.

    Not even for a UDP socket, which sends nothing when it is opened to another computer, but tells
    this one's address.
    """
    write(tmp_path)
    calls = tmp_path / "calls"
    before = (tracer, "-D", "-f", "-qq", "-e", "trace=network", "-o", str(calls))
    with serve(tmp_path, before=before) as server:
        run_page(server, "")
        key = cookie(server)
        for origin in ("http://evil.example", "null", server.address):
            ask(server, Origin=origin)
            for path in ("/_stcore/host-config", "/_stcore/health", "/_stcore/metrics"):
                ask(server, path, Cookie=key, Origin=origin)
                ask(server, path, Cookie=key, Host="evil.example", Origin=origin)
            shake(server, Cookie=key, Origin=origin)
            shake(server, Cookie=key, Host="evil.example", Origin=origin)
    lines = calls.read_text().splitlines()
    internet = [line for line in lines if "AF_INET" in line]

    assert [line for line in internet if f"sin_port=htons({port_of(server)})" in line]
    assert [line for line in internet if "SOCK_DGRAM" in line or "SOCK_RAW" in line] == []
    named = re.compile(r'inet_addr\("127\.|inet_pton\(AF_INET6, "(?:::ffff:127\.|::1")')
    reached = [line for line in internet if re.search(r"\b(?:connect|sendto|sendmsg)\(", line)]
    assert [line for line in reached if not named.search(line)] == []


@pytest.mark.parametrize("name", NAMED)
def test_a_model_that_would_have_to_be_fetched(told: Told, name: str) -> None:
    """A name that is not cached ends with 4; the hub is looked for once, and by doctor not at all.

    To look again and again is what takes libraries of the hub minutes.
    """
    record = told[name]
    assert record["code"] == 4
    assert "nobody/nothing" in record["out"] + record["err"]
    assert len(record["reached"]) == (not name.startswith("doctor"))


def test_a_hub_that_never_answers(tmp_path: Path) -> None:
    """A network that swallows everything counts as none: one try, and the error."""
    program = (
        "from assistant.embedding import model\n"
        "from assistant.errors import ModelUnavailableError\n"
        "try:\n    model.find('nobody/nothing')\n"
        "except ModelUnavailableError as error:\n    print(error.cause)"
    )
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environment = {k: v for k, v in ENVIRONMENT.items() if not k.startswith("HF_")}
        callers: list[socket.socket] = []

        def accept() -> None:
            try:
                while True:
                    callers.append(silent.accept()[0])
            except OSError:
                return  # it is closed

        threading.Thread(target=accept, daemon=True).start()
        run = subprocess.run(
            [sys.executable, "-c", program],
            env=environment | {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        silent.shutdown(socket.SHUT_RDWR)
    assert run.stdout == (
        "the model 'nobody/nothing' is neither a folder nor in the local cache,"
        " and was not fetched\n"
    )
    assert len(callers) == 1
    for caller in callers:
        caller.close()


def test_no_library_tells_anyone_of_its_use() -> None:
    """The hub's library is told so before it is imported, wherever that is."""
    program = (
        "import sys\nfrom assistant.embedding import export, model, onnx_encoder\n"
        "assert 'huggingface_hub' not in sys.modules\n"
        "try:\n    model.find('nobody/nothing', fetch=False)\n"
        "except model.ModelUnavailableError:\n    pass\n"
        "from huggingface_hub import constants\nprint(constants.HF_HUB_DISABLE_TELEMETRY)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "True\n"
