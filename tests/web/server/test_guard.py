"""Tests of who is let in to the page, by requests that no browser would make."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from page_server import Server, serve
from raw_page import ask, cookie, port_of, run_page, shake

from assistant import private_file
from assistant.user_folders import state_folder
from assistant.web.server import access, opening, request, security_headers
from assistant.web.server.request import Request

POSIX = sys.platform != "win32"
ROOT = Path(__file__).parents[3]
APP = ROOT / "app.py"

SERVED = ("/", "/favicon.png", "/_stcore/health", "/_stcore/host-config")
"""What the page asks for, beside its scripts and styles."""

NOT_SERVED = (
    *("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/openapi.json"),
    *("/_stcore/agent/interact", "/_stcore/agent/mcp", "/_stcore/upload_file/a/b", "/media/x.png"),
    *("/component/x/index.html", "/_stcore/bidi-components/x", "/auth/login", "/oauth2callback"),
    *("/app/static/x", "/other", "/static/../_stcore/metrics", "/static/%2e%2e/_stcore/metrics"),
    *("//", "/./", "/static", "/static/", "/static/js/", "/static//index.html", "/healthz"),
)


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """The cookie of the page's user."""
    return cookie(server)


@pytest.mark.parametrize("path", [*SERVED, *NOT_SERVED])
def test_nobody_is_let_in_without_the_token(server: Server, path: str) -> None:
    """Another user of this computer learns nothing, not even what there is."""
    got = ask(server, path)

    assert got.status == 403
    assert "run <code>assistant web</code>" in got.text
    assert "set-cookie" not in got.headers


@pytest.mark.parametrize("form", ["{}x", "x{}", "{}="])
def test_a_token_that_is_not_quite_right_is_wrong(server: Server, form: str) -> None:
    """The token counts whole, as it is, in the address of the page alone."""
    token = urlsplit(server.entry).query.removeprefix("token=")
    for path in (f"/?token={form.format(token)}", f"/?q=1&Token={token}", f"/static?token={token}"):
        assert ask(server, path).status == 403
    for name in ("token", access.cookie_name(port_of(server))):
        assert ask(server, Cookie=f"{name}={token}").status == 403
    assert ask(server, Cookie=f"{access.cookie_name(port_of(server))}=").status == 403


def test_the_printed_address_lets_in(server: Server) -> None:
    """It gives a cookie that no script reads, and leads to the same address without the token."""
    query = urlsplit(server.entry).query
    got = ask(server, f"/?q=a%20b%26&{query}&view=Map&note=%22%3E")

    assert got.status == 200
    assert got.headers["cache-control"] == "no-store"
    assert '"0; url=/?q=a%20b%26&amp;view=Map&amp;note=%22%3E"' in got.text
    name, *rest = got.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} < set(rest)
    assert str(port_of(server)) in name
    assert query.removeprefix("token=") not in name
    assert "<title>Streamlit</title>" in ask(server, Cookie=f"a=b; {name};c").text


def test_an_old_address_leads_on_whoever_is_known(server: Server, key: str) -> None:
    """A bookmark with a token of another day is no obstacle to who has the cookie."""
    got = ask(server, "/?token=old&q=egg", Cookie=key)

    assert got.status == 200
    assert 'url=/?q=egg"' in got.text


@pytest.mark.parametrize("path", SERVED)
def test_the_page_gets_what_it_needs(server: Server, key: str, path: str) -> None:
    """With the cookie everything that the page asks for is there."""
    assert ask(server, path, Cookie=key).status == 200


def test_scripts_and_styles_of_the_page_are_served(server: Server, key: str) -> None:
    """Whatever the page names is among the paths that are served."""
    page = ask(server, Cookie=key).text
    named = re.findall(r'(?:src|href)="\./(static/[^"]+)"', page)

    assert len(named) > 10
    assert {ask(server, f"/{path}", Cookie=key).status for path in named} == {200}


@pytest.mark.parametrize("path", NOT_SERVED)
def test_what_the_page_does_not_need_is_not_there(server: Server, key: str, path: str) -> None:
    """No metrics, no interface for agents, no uploads, for its user either."""
    assert ask(server, path, Cookie=key).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_is_sent_to_the_page_but_by_its_websocket(
    server: Server, key: str, method: str
) -> None:
    """Every path is read only."""
    for path in ("/", "/_stcore/agent/interact", "/_stcore/upload_file/a/b"):
        assert ask(server, path, method, "{}", Cookie=key).status == 405


def test_names_of_others_are_refused(server: Server, key: str) -> None:
    """A name that somebody's DNS leads here is not this server's, nor is another port."""
    port = port_of(server)
    hosts = [
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1",
        "localhost",
        f"127.0.0.1:{port + 1}",
    ]
    hosts += [f"127.0.0.1.evil.example:{port}", f"a@127.0.0.1:{port}", f"[::1]:{port}", f"0:{port}"]
    for host in hosts:
        assert ask(server, Cookie=key, Host=host).status == 403
        assert shake(server, Cookie=key, Host=host, Origin=f"http://{host}") == 403
    assert ask(server, Cookie=key, Host="").status in (400, 403)
    assert ask(server, Cookie=key, Host=f"LocalHost:{port}").status == 200


def test_two_hosts_are_none() -> None:
    """A header that is there twice says nothing."""
    own, other = [(b"host", name) for name in (b"127.0.0.1:8501", b"evil.example")]
    scope = {"path": "/", "query_string": b"", "server": ("127.0.0.1", 8501)}

    assert request.is_own(Request.of({**scope, "headers": [own]}))
    assert not request.is_own(Request.of({**scope, "headers": [own, other]}))


def origins(server: Server) -> list[str]:
    """Origins that are not the page's."""
    port = port_of(server)
    return [
        *("null", "http://evil.example", "file://", "http://localhost", "http://127.0.0.1"),
        *(f"http://127.0.0.1:{port + 1}", f"https://127.0.0.1:{port}", f"http://localhost:{port}"),
        f"http://127.0.0.1:{port}.evil.example",
    ]


def test_pages_of_others_are_refused(server: Server, key: str) -> None:
    """What another page asks for it does not get, be it a page of another port of this computer."""
    for origin in origins(server):
        assert ask(server, "/_stcore/host-config", Cookie=key, Origin=origin).status == 403
        assert ask(server, f"/?{urlsplit(server.entry).query}", Origin=origin).status == 403
    own = ask(server, "/_stcore/host-config", Cookie=key, Origin=server.address)
    assert own.status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_only_a_link_leads_here_from_another_page(server: Server, key: str, site: str) -> None:
    """What browsers say of a request's origin counts: no script, image or frame of others."""

    def status(mode: str, dest: str) -> int:
        told = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": dest}
        return ask(server, "/", Cookie=key, **told).status

    assert status("navigate", "document") == 200
    for dest in ("iframe", "frame", "embed", "object"):
        assert status("navigate", dest) == 403
    for dest in ("script", "image", "style", "empty"):
        assert status("no-cors", dest) == 403


def test_the_websocket_is_the_pages_alone(server: Server, key: str) -> None:
    """It wants the cookie and the page's own origin, which browsers always send."""
    assert shake(server, Cookie=key, Origin=server.address) == 101
    assert shake(server, Origin=server.address) == 403
    assert shake(server, Cookie=f"{key}0", Origin=server.address) == 403
    assert shake(server, Cookie=key) == 403
    for origin in origins(server):
        assert shake(server, Cookie=key, Origin=origin) == 403
    for path in ("/", "/_stcore/agent/mcp", "/_stcore/stream/", "/_stcore/health"):
        assert shake(server, path, Cookie=key, Origin=server.address) == 403


def test_its_user_gets_answers(server: Server) -> None:
    """With cookie and origin the page runs and answers."""
    assert "kitchen/eggs.md" in run_page(server, "q=how+long+do+I+boil+an+egg")


def test_every_answer_has_our_headers(server: Server, key: str) -> None:
    """Nothing may be framed, guessed at, or run that does not belong to the page."""
    page = ask(server, Cookie=key)
    static = ask(server, "/favicon.png", Cookie=key)
    missing = ask(server, "/_stcore/metrics", Cookie=key)
    for got in (
        page,
        static,
        missing,
        ask(server),
        ask(server, f"/?{urlsplit(server.entry).query}"),
    ):
        assert got.headers["x-frame-options"] == "DENY"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["referrer-policy"] == "no-referrer"
        assert got.headers["cross-origin-opener-policy"] == "same-origin"
        assert got.headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in got.headers["content-security-policy"]
        assert "server" not in got.headers
        assert "access-control-allow-origin" not in got.headers
    policy = page.headers["content-security-policy"]
    scripts = re.findall(r"script-src ([^;]*)", policy)[0].split()
    assert [source for source in scripts if not source.startswith("'sha256-")] == [
        "'self'",
        "blob:",
    ]
    assert len(scripts) == 4
    assert "default-src 'none'" in policy
    assert "http:" not in policy
    assert "*" not in policy


def test_scripts_of_the_page_are_those_that_streamlit_sends(server: Server, key: str) -> None:
    """The scripts in the page that is served are the ones that may run."""
    page = ask(server, Cookie=key).text
    inline = security_headers.inline_scripts(page)

    assert inline
    assert [*inline, security_headers.PAGE_SCRIPT] == list(security_headers.streamlit_scripts())


def test_a_restart_logs_nobody_out(folder: Path, server: Server, key: str) -> None:
    """The token is the user's, kept for them alone, and the cookie of a port stays good."""
    file = state_folder() / "page-token"

    assert access.load() in server.entry
    if POSIX:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    with serve(folder) as other:
        assert other.entry.partition("?")[2] == server.entry.partition("?")[2]
        # A cookie of one port goes to every port; what it proves, it proves for its own.
        assert ask(other, Cookie=key).status == 403
        theirs = key.partition("=")[2]
        name = access.cookie_name(port_of(other))
        assert ask(other, Cookie=f"{name}={theirs}").status == 403


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of its own."""
    monkeypatch.setattr(access, "state_folder", lambda: tmp_path / "state")
    monkeypatch.setattr(opening, "state_folder", lambda: tmp_path / "state")
    return tmp_path / "state"


def test_a_token_that_others_may_know_is_replaced(away: Path) -> None:
    """A file that others may read, that is cut short, or a link holds no secret."""
    first = access.load()
    file = away / "page-token"

    def linked() -> None:
        file.symlink_to(file.rename(away / "other"))

    assert access.load() == first
    for spoil in (
        lambda: file.chmod(0o644),
        lambda: file.write_text(""),
        lambda: file.write_text("a" * 42),
        lambda: file.write_text("é" * 43),
        linked,
    ):
        known = access.load()
        spoil()
        now = access.load()
        assert now != known or not POSIX
        assert re.fullmatch(r"[\w-]{43}", now, re.ASCII)
        assert access.load() == now
        assert not file.is_symlink()


def test_a_token_that_cannot_be_kept_serves_once(away: Path) -> None:
    """Where nothing can be written the page works all the same."""
    away.write_text("a file in the folder's place")

    assert access.load() != access.load()


def test_a_link_in_the_place_of_a_private_file_is_not_followed(away: Path, tmp_path: Path) -> None:
    """What is written lies there itself, for its owner alone, whatever lay there before."""
    away.mkdir()
    other = tmp_path / "other"
    other.write_text("theirs")
    file = away / "page-8501.html"
    file.symlink_to(other)
    private_file.write(file, "ours")

    assert other.read_text() == "theirs"
    assert private_file.read(file) == "ours"


@pytest.mark.skipif(not POSIX, reason="Windows has no such modes")
def test_folders_made_for_a_private_file_are_private(tmp_path: Path) -> None:
    """All of them, so that the next private file lies in one, too."""
    private_file.write(tmp_path / "state" / "eval" / "one", "ours")

    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state" / "eval").stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform != "linux", reason="another system opens files by another program")
def test_the_browser_is_opened_with_the_token_out_of_sight(
    away: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program's arguments, which every user can see, name a file that nobody else can read."""
    told, program = tmp_path / "told", tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > {told}.new; mv {told}.new {told}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    file = away / "page-8501.html"
    with opening.opened("http://127.0.0.1:8501/?token=secret", 8501):
        end = time.monotonic() + 60
        while not told.exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        assert told.read_text().split() == [file.as_uri()]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert 'content="0; url=http://127.0.0.1:8501/?token=secret"' in file.read_text()
    assert not file.exists()


def test_no_screen_no_browser(away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a screen nothing is started, which might take the terminal."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("started"))
    monkeypatch.setattr(webbrowser, "open", lambda *_: pytest.fail("opened"))

    opening._show(away / "page.html")


def test_streamlit_run_has_the_same_guard(folder: Path) -> None:
    """Who starts ``app.py`` by Streamlit's own command is told the address, and guarded alike."""
    with serve(folder, program=("streamlit", "run", str(APP))) as found:
        mine = cookie(found)

        assert ask(found).status == 403
        assert ask(found, Cookie=mine).status == 200
        assert ask(found, "/_stcore/metrics", Cookie=mine).status == 404
        assert shake(found, Cookie=mine) == 403
        assert ask(found, Cookie=mine, Host="evil.example").status == 403
        assert "kitchen/eggs.md" in run_page(found, "q=how+long+do+I+boil+an+egg")
