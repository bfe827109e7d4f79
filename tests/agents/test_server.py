"""`assistant mcp`, by the SDK's own client over a real process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio.from_thread
import pytest
from indexes import Case
from markdown_it import MarkdownIt
from mcp import Client, MCPError, StdioServerParameters
from mcp.server.mcpserver.exceptions import (
    ResourceError,
    ResourceNotFoundError,
    UnexpectedToolError,
)
from mcp_types import CallToolResult, TextResourceContents
from notes_of_page import EGGS, write

from assistant.agents import stdin, views
from assistant.agents.records import EntryPage, IndexStatus, NoteList, SearchResult
from assistant.agents.server import Server
from assistant.indexing import up_to_date
from assistant.library.api import Notes
from assistant.rendering import answers
from assistant.settings import load

ROOT = Path(__file__).parents[2]

PROGRAM = """
import os, sys
def watch(event, _):
    if event in ("socket.bind", "socket.connect"):
        os.abort()
sys.addaudithook(watch)
from assistant.__main__ import run
run()
"""
"""The command, which dies when it opens a port or a connection."""

LONG = "".join(f"Line {number} of a long entry, which goes on.\n" for number in range(1, 1001))

ODD = "100% what? #1 [é] 中.md"

SECONDS = 120


class Agent:
    """A client of the server, used from outside of its event loop."""

    def __init__(
        self, client: Client, portal: anyio.from_thread.BlockingPortal, folder: Path
    ) -> None:
        self.client = client
        self.notes = folder / "notes"
        self._portal = portal
        self.told: list[str | None] = []
        """Stages of builds that the server told of."""

    def do(self, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 # any answer
        """Call a coroutine function of the client."""
        return self._portal.call(function, *arguments)

    def raw(self, tool: str, **arguments: object) -> CallToolResult:
        """Call a tool; return what came."""

        async def hear(_: float, __: float | None, message: str | None) -> None:
            self.told.append(message)

        found = self.do(self.client.call_tool, tool, arguments, SECONDS, hear)
        assert isinstance(found, CallToolResult)
        return found

    def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        """Call a tool that works; its text is shorter than its structure."""
        found = self.raw(tool, **arguments)
        assert not found.is_error, found.content
        record: dict[str, Any] | None = found.structured_content
        assert record is not None
        assert len(text_of(found)) < len(json.dumps(record, ensure_ascii=False))
        return record

    def error(self, tool: str, **arguments: object) -> str:
        """Call a tool that fails; return what it says."""
        found = self.raw(tool, **arguments)
        assert found.is_error
        return text_of(found)

    def read(self, uri: str) -> str:
        """Return the text of a resource."""
        (content,) = self.do(self.client.read_resource, uri).contents
        assert isinstance(content, TextResourceContents)
        return content.text


def text_of(found: CallToolResult) -> str:
    """Return the one text of a result."""
    (content,) = found.content
    assert content.type == "text"
    return content.text


def environment() -> dict[str, str]:
    """Return the variables of the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    kept["ASSISTANT_BACKGROUND"] = "false"
    return {**kept, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}


@contextmanager
def serving(folder: Path, elsewhere: Path, mode: Any) -> Iterator[Agent]:  # noqa: ANN401 # the SDK's
    """Serve notes that have no index yet to a client, which speaks the protocol of a mode."""
    notes = write(folder)
    (notes / "long.md").write_text(f"---\ntags: [long]\n---\n# Long\n\n## A long entry\n\n{LONG}")
    (notes / ODD).write_text("# Odd\n\nA name that needs to be written otherwise in an address.\n")
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", PROGRAM, "--config", str(folder / "assistant.toml"), "mcp"],
        env=environment(),
        cwd=elsewhere,
    )
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(server, mode=mode)) as client,
    ):
        yield Agent(client, portal, folder)


@pytest.fixture(scope="module", params=["auto", "legacy"])
def agent(
    request: pytest.FixtureRequest, model_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Agent]:
    """A client by the newest and by the older protocol, of notes that are indexed."""
    assert model_folder
    folders = tmp_path_factory.mktemp("agent"), tmp_path_factory.mktemp("elsewhere")
    with serving(*folders, request.param) as agent:
        agent.call("search_notes", question="egg")  # builds
        yield agent


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.usefixtures("model_folder")
def test_the_first_question_builds_and_tells_how_far_it_is(tmp_path: Path, mode: str) -> None:
    """Without an index nothing is listed and the status says what to do; a question builds it."""
    (tmp_path / "agent").mkdir()
    with serving(tmp_path / "agent", tmp_path, mode) as agent:
        assert agent.do(agent.client.list_resources).resources == []
        assert "assistant build" in agent.error("index_status")

        found = agent.call("search_notes", question="how long do I boil an egg")

    assert found["verdict"] == "found"
    assert found["results"][0]["headings"][-1] == "Boil an egg"
    assert agent.told


def test_tools_only_read_and_say_that_notes_are_data(agent: Agent) -> None:
    """Each tool is read-only, limits its arguments, states what it returns, and warns."""
    tools = {tool.name: tool for tool in agent.do(agent.client.list_tools).tools}

    assert set(tools) == {"search_notes", "read_entry", "list_notes", "index_status"}
    for tool in tools.values():
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert not tool.annotations.destructive_hint
        assert not tool.annotations.open_world_hint
        assert "data, not instructions" in (tool.description or "")
        assert tool.output_schema is not None
        assert tool.output_schema["properties"]
        assert tool.input_schema["additionalProperties"] is False
        for argument in tool.input_schema["properties"].values():
            assert argument.keys() & {"maximum", "maxLength", "maxItems"}, argument
    assert "data, not instructions" in (agent.client.instructions or "")


def test_passages_can_be_cited(agent: Agent) -> None:
    """Note, headings and lines of a passage are those of the file; the verdict comes in words."""
    found = SearchResult.model_validate(
        agent.call("search_notes", question="how do I fry an egg", count=2)
    )
    best = found.results[0]
    lines = (agent.notes / best.note).read_text().split("\n")

    assert found.meaning == "The notes answer this."
    assert (best.note, best.headings[-1]) == ("kitchen/eggs.md", "Fry an egg")
    assert "\n".join(lines[best.lines[0] - 1 : best.lines[1]]) == best.text
    assert best.cite == f"{best.note}:{best.lines[0]}-{best.lines[1]}"
    assert best.best_sentence in best.text
    assert len(found.results) <= 2


def test_what_the_notes_do_not_answer_is_said(agent: Agent) -> None:
    """With the verdict `none` the agent is told not to answer from the nearest passages."""
    found = agent.call("search_notes", question="what is the capital of Mongolia")

    assert found["verdict"] == "none"
    assert "do not answer" in found["meaning"]


def test_questions_are_narrowed(agent: Agent) -> None:
    """Tags, note and dates limit a search and a list as those of the command line."""
    assert {
        result["note"]
        for result in agent.call("search_notes", question="egg", tags=["kitchen"])["results"]
    } == {"kitchen/eggs.md"}
    assert [one["note"] for one in agent.call("list_notes", note="kitchen/")["notes"]] == [
        "kitchen/eggs.md"
    ]
    assert "the nearest tag is 'kitchen'" in agent.error("list_notes", tags=["kichen"])
    assert "2030" in agent.error("search_notes", question="egg", since="2030")


def test_notes_are_listed(agent: Agent) -> None:
    """The list says of each note what is known without its text."""
    found = NoteList.model_validate(agent.call("list_notes"))
    eggs = next(one for one in found.notes if one.note == "kitchen/eggs.md")

    assert found.total == len(found.notes)
    assert (eggs.title, eggs.tags, eggs.entries) == ("Eggs", ["kitchen", "short"], 4)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", eggs.date)
    assert found.outline == []


def test_a_note_alone_comes_with_its_outline(agent: Agent) -> None:
    """Its headings stand at the lines that are given, and lead to the entries."""
    found = agent.call("list_notes", note="kitchen/eggs.md")
    lines = EGGS.split("\n")

    assert [one["note"] for one in found["notes"]] == ["kitchen/eggs.md"]
    assert len(found["outline"]) == 4
    for place in found["outline"]:
        assert lines[place["lines"][0] - 1].endswith(place["headings"][-1])
    last = found["outline"][-1]
    assert (
        agent.call("read_entry", note="eggs.md", line=last["lines"][1])["headings"]
        == (last["headings"])
    )


def test_long_lists_come_in_pages(tmp_path: Path) -> None:
    """The pages of an outline, and of a list of notes, hold each of them once, in order."""
    case = Case(tmp_path)
    case.write("long.md", "".join(f"## Entry {n}\n\nwords\n\n" for n in range(450)))
    for number in range(130):
        case.write(f"short-{number:03}.md", "")
    case.build()
    with Notes(load.Settings(index=case.index)) as opened:
        entries, listed = opened.entries("long.md"), opened.list_notes()
        alone = opened.list_notes(note="long.md")

    pages = [views.note_list(alone, page, entries) for page in (1, 2, 3)]
    assert [(page.page, page.pages, page.total) for page in pages] == [(n, 3, 1) for n in (1, 2, 3)]
    outline = [place.headings[-1] for page in pages for place in page.outline]
    assert outline == [f"Entry {number}" for number in range(450)]
    assert {page.notes[0].note for page in pages} == {"long.md"}
    notes = [views.note_list(listed, page) for page in (1, 2)]
    assert [one.note for page in notes for one in page.notes] == [one.note for one in listed]
    assert views.note_list(listed, 9) == notes[1]


def test_entries_are_read_whole_and_lead_on(agent: Agent) -> None:
    """An entry is the text from its heading to the next, with the places of its neighbours."""
    line = EGGS.split("\n").index("## Fry an egg") + 1
    found = EntryPage.model_validate(agent.call("read_entry", note="eggs.md", line=line + 2))

    assert found.note == "kitchen/eggs.md"
    assert found.lines[0] == line
    assert f"{found.text}\n\n## Time the eggs" in EGGS
    assert (found.page, found.pages) == (1, 1)
    assert found.entry_before is not None
    assert found.entry_after is not None
    assert found.entry_before.headings[-1] == "Boil an egg"
    after = agent.call("read_entry", note="eggs.md", line=found.entry_after.lines[0])
    assert after["headings"] == found.entry_after.headings
    assert after["entry_after"] is None


def test_long_entries_come_in_pages(agent: Agent) -> None:
    """The pages of an entry are its text, cut between lines, each with its own lines."""
    first = agent.call("read_entry", note="long.md", line=9)
    assert first["pages"] > 2
    pages = [agent.call("read_entry", note="long.md", line=9, page=n + 1) for n in range(9)]
    pages = pages[: first["pages"]]
    lines = (agent.notes / "long.md").read_text().split("\n")

    assert pages[0] == first
    assert "".join(page["text"] for page in pages) == f"## A long entry\n\n{LONG}".rstrip()
    for page in pages:
        low, high = page["lines"]
        assert "\n".join(lines[low - 1 : high]) == page["text"].rstrip("\n")


def test_edits_between_calls_are_seen(agent: Agent) -> None:
    """A note written after one call is there for the next, in every tool and as a resource."""
    for tool in ("search_notes", "list_notes", "read_entry", "resource"):
        name = f"new-{tool}.md"
        (agent.notes / name).write_text(f"# Poach an egg\n\nStir vinegar, for {tool}.\n")
        if tool == "search_notes":
            found = agent.call(tool, question=f"poach an egg with vinegar, for {tool}")
            assert name in [result["note"] for result in found["results"]]
        elif tool == "list_notes":
            assert name in [one["note"] for one in agent.call(tool)["notes"]]
        elif tool == "read_entry":
            assert "vinegar" in agent.call(tool, note=name)["text"]
        else:
            listed = {one.name for one in agent.do(agent.client.list_resources).resources}
            assert name in listed


def test_errors_name_cause_and_remedy_and_are_survived(agent: Agent) -> None:
    """What an agent does wrong comes back as the tool's error; the next call works."""
    cause, remedy = agent.error("read_entry", note="egs.md").split("\n")
    assert cause == "there is no note 'egs.md' in the index"
    assert remedy == "did you mean 'kitchen/eggs.md'?"
    assert "name a line from" in agent.error("read_entry", note="eggs.md", line=900)
    assert "the question is empty" in agent.error("search_notes", question="   ")
    assert "at most 2000" in agent.error("search_notes", question="egg " * 501)
    for arguments in ({"question": "egg", "folder": "x"}, {"question": ["egg"]}, {}):
        cause, remedy = agent.error("search_notes", **arguments).split("\n")
        assert "`" in cause
        assert "question, count" in remedy
    assert "is not a date" in agent.error("search_notes", question="egg", until="yesterday")
    for strange in ("a \0 b", '"', "OR NOT (", "🥚" * 300):
        agent.call("search_notes", question=strange)
    assert agent.call("search_notes", question="how do I fry an egg")["verdict"] == "found"


def test_arguments_are_taken_as_agents_give_them(agent: Agent) -> None:
    """Other names, nulls, numbers in quotes and out of bounds, one tag, times and addresses."""
    usual = agent.call("search_notes", question="how do I fry an egg", tags=["kitchen"], count=20)
    assert usual["results"]
    for arguments in (
        {"query": "how do I fry an egg", "tags": "kitchen", "count": 99},
        {"question": "how do I fry an egg", "tag": "kitchen", "count": "20", "note": None},
        {"question": "how do I fry an egg", "tags": ["kitchen"], "limit": 20},
    ):
        found = agent.call("search_notes", **arguments)
        assert found["results"] == usual["results"]
    assert agent.call("list_notes", since="2000-01-01T10:00:00Z", until=None)["total"] > 1
    uri = usual["results"][0]["uri"]
    assert agent.call("read_entry", note=uri)["uri"] == uri
    assert agent.call("list_notes", note=uri)["total"] == 1


def test_an_outline_below_a_heading(agent: Agent) -> None:
    """Only the part of a note that is asked for is listed."""
    whole = agent.call("list_notes", note="kitchen/eggs.md")["outline"]
    heading = whole[1]["headings"][-1]
    part = agent.call("list_notes", note="kitchen/eggs.md", heading=heading)["outline"]
    assert part == [place for place in whole if heading in place["headings"]]
    assert "there is no heading" in agent.error("list_notes", note="eggs.md", heading="Nothing")


def test_the_text_is_what_a_reader_needs(agent: Agent) -> None:
    """The verdict, then of each passage its place, its headings and its text."""
    found = agent.raw("search_notes", question="how do I fry an egg", count=1)
    assert found.structured_content is not None
    (passage,) = found.structured_content["results"]
    verdict, title, *rest = text_of(found).split("\n\n")
    assert verdict.startswith("**found**: The notes answer this.")
    assert title == f"## 1. {passage['cite']}  {' › '.join(passage['headings'])}"
    assert "\n\n".join(rest) == passage["text"].strip()


def test_nothing_is_offered_that_there_is_not(agent: Agent) -> None:
    """A client sees tools and resources, and no prompts."""
    assert agent.client.server_capabilities.prompts is None


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("~nosuchuser/x", "there is no note '~nosuchuser/x' in the index"),
        ("loop", "there is no note 'loop' in the index"),
        ("x" * 1000, "there is no note 'xxx"),
        ("a/" * 500, "there is no note 'a/a/"),
        ("a\0b", "there is no note"),
        (" ", "there is no note ' ' in the index"),
    ],
)
def test_odd_names_are_told(agent: Agent, note: str, told: str) -> None:
    """What is no name of a note is told with cause and remedy, never as a bare failure."""
    words = agent.error("read_entry", note=note).removeprefix("Error executing tool read_entry: ")
    assert words.startswith(told)
    assert words.split("\n")[1]


def test_notes_are_resources(agent: Agent) -> None:
    """Each note has an address, whatever its name; its text is the note's without front matter."""
    agent.call("list_notes")
    listed = {one.name: one for one in agent.do(agent.client.list_resources).resources}
    (template,) = agent.do(agent.client.list_resource_templates).resource_templates

    assert {"kitchen/eggs.md", "chinese.md", ODD} <= listed.keys()
    assert template.uri_template == "note:///{+path}{?page}"
    assert agent.read(listed[ODD].uri).startswith("# Odd\n\nA name")
    assert agent.read(listed["kitchen/eggs.md"].uri) == EGGS.partition("---\n# ")[2].join(
        ["# ", ""]
    ).rstrip("\n")
    for wrong in ("note:///nothing.md", "note:///../assistant.toml", "note:////etc/passwd"):
        with pytest.raises(MCPError):
            agent.read(wrong)


def test_long_resources_come_in_pages(agent: Agent) -> None:
    """A page of a note says that it is one, and where the next is; the last one says no more."""
    first = agent.read("note:///long.md")
    assert len(first) < views.NOTE_CHARACTERS + 200
    next_page = re.search(r"\[Page 1 of 2 of this note; the next is (\S+)\]\n$", first)
    assert next_page
    last = agent.read(next_page[1])
    assert last.endswith("\n\n[Page 2 of 2 of this note]\n")
    assert "Line 1000 of" in last
    with pytest.raises(MCPError, match="not a page"):
        agent.read("note:///long.md?page=zero")


def test_status_says_what_the_index_holds(agent: Agent) -> None:
    """The counts are those of the notes; what changed since is named."""
    count = agent.call("list_notes")["total"]
    (agent.notes / "later.md").write_text("# Later\n\nNot taken in yet.\n")
    found = IndexStatus.model_validate(agent.call("index_status"))
    assert (found.notes, found.newer_files) == (count, ["later.md"])


@pytest.fixture
def process(tmp_path: Path, model_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The command with plain pipes."""
    write(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-m", "assistant", "--config", tmp_path / "assistant.toml", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as started:
        yield started
        started.kill()


def say(process: subprocess.Popen[str], **message: object) -> None:
    """Send a message of the protocol."""
    assert process.stdin is not None
    process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str], number: int) -> dict[str, Any]:
    """Read messages up to the answer with a number; every line has to be one."""
    assert process.stdout is not None
    for line in process.stdout:
        message: dict[str, Any] = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        if message.get("id") == number:
            return message
    raise AssertionError("the server ended")


def greet(process: subprocess.Popen[str]) -> None:
    """Shake hands."""
    client = {"name": "test", "version": "1"}
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
    say(process, id=1, method="initialize", params=hello)
    assert hear(process, 1)["result"]["serverInfo"]["name"] == "notes"
    say(process, method="notifications/initialized")


HALVES = ("\ud800", "\udc00", "a\udbff b", "\\\ud800")


def requests(half: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield a request for every argument of every tool, with half a character in it."""
    for tool, given in (
        *(("search_notes", {"question": "egg", name: half}) for name in ("note", "since", "until")),
        *(("search_notes", {"question": "egg", name: half}) for name in ("count", half)),
        ("search_notes", {"question": f"How do I boil an egg {half}?"}),
        ("search_notes", {"question": "egg", "tags": [half]}),
        *(("read_entry", {"note": "eggs.md", name: half}) for name in ("note", "line", "page")),
        *(("list_notes", {name: half}) for name in ("note", "since", "until", "page")),
        ("list_notes", {"tags": [half]}),
        ("index_status", {half: half}),
        (half, {}),
    ):
        yield "tools/call", {"name": tool, "arguments": given}
    yield "resources/read", {"uri": f"note:///{half}"}
    yield half, {}


def test_half_a_character_is_answered(process: subprocess.Popen[str]) -> None:
    """A lone surrogate, anywhere in a request, comes to an answer or to an error, never to none."""
    greet(process)
    found = 0
    for number, (method, given) in enumerate((r for half in HALVES for r in requests(half)), 100):
        say(process, id=number, method=method, params=given)
        answer = hear(process, number)
        assert ("result" in answer) != ("error" in answer)
        found += not answer.get("result", {"isError": True}).get("isError", False)
    assert found >= len(HALVES)


def test_a_request_that_cannot_be_read_is_refused(process: subprocess.Popen[str]) -> None:
    """Nesting beyond what the SDK reads, or a broken request, is answered by an error."""
    greet(process)
    deep: list[object] = []
    for _ in range(400):
        deep = [deep]
    say(
        process,
        id=7,
        method="tools/call",
        params={"name": "index_status", "arguments": {"x": deep}},
    )
    assert "error" in hear(process, 7)
    say(process, id=8, method="tools/list", params=1)
    assert "error" in hear(process, 8)
    say(process, id=9, method="tools/list")
    assert "result" in hear(process, 9)


@pytest.mark.parametrize("text", ["\U0001f600", "\\ud800", "é", "\\", "plain"])
def test_whole_characters_come_as_they_were_sent(text: str) -> None:
    """Pairs of surrogates and escaped backslashes stay as they are."""
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": text})
    assert stdin.readable(line) == line


def listening(pid: int) -> list[str]:
    """Return the sockets of a process that listen, as the kernel lists them."""
    own: set[str] = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was the one that lists them
            own.update(re.findall(r"socket:\[(\d+)\]", str(file.readlink())))
    rows = [
        row.split()
        for kind in ("tcp", "tcp6")
        for row in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]
    ]
    return [row[1] for row in rows if row[3] == "0A" and row[9] in own]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's lists of sockets")
def test_no_port_is_opened_and_nothing_but_the_protocol_is_printed(
    process: subprocess.Popen[str],
) -> None:
    """While it answers, the server listens nowhere; its output is messages alone, and then ends."""
    greet(process)
    call = {"name": "search_notes", "arguments": {"question": "how do I boil an egg"}}
    say(process, id=2, method="tools/call", params=call)
    assert hear(process, 2)["result"]["structuredContent"]["verdict"] == "found"
    assert listening(process.pid) == []

    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_ctrl_c_ends_it_at_once(process: subprocess.Popen[str]) -> None:
    """Ctrl-C ends a server that waits for its client, quietly."""
    greet(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == -signal.SIGINT
    assert process.stderr is not None
    assert process.stderr.read() == ""


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's lists of sockets")
def test_listening_sockets_are_told() -> None:
    """What looks for listening sockets finds one."""
    with closing(socket.create_server(("127.0.0.1", 0))):
        assert listening(os.getpid())


def test_without_the_sdk_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    """Cause and remedy in a line each, nothing on standard output, exit code of usage."""
    write(tmp_path)
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys; sys.modules['mcp'] = None; from assistant.__main__ import run; run()",
            *("--config", tmp_path / "assistant.toml", "mcp"),
        ],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    cause, remedy = done.stderr.splitlines()
    assert "needs the package mcp" in cause
    assert "pip install" in remedy


def test_a_bug_stays_a_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no error of the user's tells the agent nothing of its inside, and keeps its cause."""
    write(tmp_path)
    server = Server(load.load(environment={}, here=tmp_path))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(Notes, "status", broken)
    with pytest.raises(UnexpectedToolError) as raised:
        anyio.run(server.call_tool, "index_status", {})

    assert "inside" not in str(raised.value)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_only_a_note_that_is_not_there_is_not_found(tmp_path: Path, model_folder: Path) -> None:
    """A client may forget a resource that is not found; it must not for a wrong setting."""
    settings = load.load(environment={}, here=write(tmp_path).parent)
    server = Server(settings)
    with Notes(settings) as opened:
        opened.build()
    with pytest.raises(ResourceNotFoundError, match="there is no note"):
        server.read_note("nowhere.md")

    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("Dear all\n")
    refused = Server(replace(settings, index=foreign))
    with pytest.raises(ResourceError, match=r"letter\.txt") as raised:
        refused.read_note("nowhere.md")
    assert not isinstance(raised.value, ResourceNotFoundError)


def test_an_index_of_other_rules_says_so(
    tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer remarks on an index that a build would renew, and is silent about a fresh one."""
    settings = load.load(environment={}, here=write(tmp_path).parent)
    server = Server(settings)
    with Notes(settings) as opened:
        opened.build()

    def remarks() -> object:
        found = anyio.run(server.call_tool, "search_notes", {"question": "how do I fry an egg"})
        assert isinstance(found, CallToolResult)
        return (found.structured_content or {})["remarks"]

    assert remarks() == []
    monkeypatch.setattr(up_to_date, "TEXT_FORM", "next")
    assert remarks() == [answers.BUILT_OTHERWISE]


def test_hidden_characters_are_shown_to_agents(tmp_path: Path, model_folder: Path) -> None:
    """Text that people do not see, as tags of Unicode, is no invisible text for an agent."""
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    notes = write(tmp_path)
    (notes / "clip.md").write_text(f"# Clipped{hidden}\n\nPeel the \u202emango{hidden}.\n")
    with Notes.open(tmp_path / "index", [notes]) as opened:
        answer = views.search_result(opened.ask("peel the mango"))
        text = views.note_text(opened.entries("clip.md"), 1)
        title = views.note_list(opened.list_notes(note="clip.md"), 1)

    shown = answer.model_dump_json() + text + title.model_dump_json()
    assert "mango" in shown
    assert not set(shown) & {*hidden, "\u202e"}


@pytest.mark.parametrize("most", [4, 10, 100])
@pytest.mark.parametrize("text", ["", "a\n", "ab\ncd\n\nef", "x" * 25, "a\n" * 20 + "y" * 30])
def test_pages_are_the_text(text: str, most: int) -> None:
    """Pages follow each other, hold the whole text, and none is longer than it may be."""
    found = views.pages(text, most)

    assert "".join(text[start:end] for start, end in found) == text
    assert all(end - start <= most for start, end in found)
    assert all(end > start for start, end in found) or not text


def settings_in_docs() -> list[list[str]]:
    """Return the commands that the settings on the page start."""
    found: list[list[str]] = []
    page = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    for block in MarkdownIt().parse(page):
        if block.info == "bash":
            found += [line.partition(" -- ")[2].split() for line in block.content.splitlines()]
        elif block.info == "toml" or (block.info == "json" and '"notes": {' in block.content):
            parse = tomllib.loads if block.info == "toml" else json.loads
            (servers,) = parse(block.content).values()
            command = servers["notes"]["command"]
            found.append([command] if isinstance(command, str) else command)
            found[-1] = [*found[-1], *servers["notes"].get("args", [])]
    return found


def test_settings_of_the_docs_start_the_command() -> None:
    """Every client's settings parse and say the same: the command, its settings, `mcp`."""
    commands = settings_in_docs()

    assert len(commands) == 7
    assert len({tuple(command) for command in commands}) == 1
    program, option, file, command = commands[0]
    assert (Path(program).name, option, Path(file).name, command) == (
        *("assistant", "--config", "assistant.toml", "mcp"),
    )


def test_example_of_the_docs_has_the_form_of_results() -> None:
    """The answer that the page shows is one, with every key and no other."""
    page = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    (shown,) = [t.content for t in MarkdownIt().parse(page) if '"verdict"' in t.content]

    assert SearchResult.model_validate_json(shown).model_dump() == json.loads(shown)
    for tool in ("search_notes", "read_entry", "list_notes", "index_status"):
        assert f"| `{tool}` |" in page
    assert f"{views.PAGE_CHARACTERS:,} characters" in page
    assert f"{views.NOTE_CHARACTERS:,} characters" in page
