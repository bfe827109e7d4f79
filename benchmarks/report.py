"""Figures to a table of Markdown, and the table into docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from process import Run

PACKAGES = ("numpy", "onnxruntime", "tokenizers", "faiss-cpu", "sentence-transformers", "torch")

TIMES_FASTER = 15
COLD_SECONDS = 0.6
PEAK_MB = 270
SAME_SECONDS = 0.5
EDITED_SECONDS = 1.0
EDITED_CHUNKS = 3
WARM_MS = 20
LARGE_COLD_SECONDS = 1.2
LARGE_WARM_MS = 40
RECALL = 0.98


def row(name: str, figure: str, target: str, met: bool) -> str:
    """Return one line of the table."""
    return f"| {name} | {figure} | {target} | {'yes' if met else '**no**'} |"


def rows(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the table."""
    cold: dict[str, Run] = found["cold"]
    recipe = cold["recipe"]
    yield "| what | measured | target | met |"
    yield "|---|---|---|---|"
    for name, title in (("plain", "piped"), ("json", "`--json`"), ("terminal", "on a terminal")):
        r = cold[name]
        yield row(
            f"cold `ask`, {title}",
            f"{r.wall:.2f} s; processor {r.cpu:.2f} s; peak {r.peak:.0f} MB",
            f"{COLD_SECONDS} s, {PEAK_MB} MB",
            r.wall <= COLD_SECONDS and r.peak <= PEAK_MB,
        )
    r, times = cold["plain"], recipe.wall / cold["plain"].wall
    yield row(
        "the recipe, cold",
        f"{recipe.wall:.2f} s; processor {recipe.cpu:.2f} s; peak {recipe.peak:.0f} MB:"
        f" {times:.1f} times as long, {recipe.cpu / r.cpu:.1f} times the processor time",
        f"{TIMES_FASTER} times",
        times >= TIMES_FASTER,
    )
    yield from build_rows(found)
    for language, taken in found["warm"].items():
        middle = statistics.median(taken)
        yield row(
            f"warm question, {language}",
            f"{middle:.1f} ms (nine of ten in {statistics.quantiles(taken, n=10)[-1]:.0f} ms)",
            f"{WARM_MS} ms",
            middle <= WARM_MS,
        )
    if "large" in found:
        chunks, r = f"{found['large']['chunks']:,} chunks", found["large cold"]
        yield row(
            f"cold `ask`, {chunks}",
            f"{r.wall:.2f} s; processor {r.cpu:.2f} s; peak {r.peak:.0f} MB",
            f"{LARGE_COLD_SECONDS} s",
            r.wall <= LARGE_COLD_SECONDS,
        )
        taken = found["large warm"]
        yield row(
            f"warm, {chunks}", f"{taken:.1f} ms", f"{LARGE_WARM_MS} ms", taken <= LARGE_WARM_MS
        )


def build_rows(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines about builds."""
    build, encode, counts = found["build"], found["encode"], found["texts"]
    yield row(
        f"full build, {counts['texts']:,} chunks, {counts['pieces']:,} word pieces",
        f"{build.wall:.1f} s; processor {build.cpu:.1f} s; {counts['texts'] / build.wall:.0f}"
        f" chunks/s, {counts['pieces'] / build.wall:,.0f} word pieces/s; peak {build.peak:.0f} MB",
        "that of the next line",
        build.wall <= encode["wall"],
    )
    yield (
        "| `SentenceTransformer.encode`, the same texts, model loaded |"
        f" {encode['wall']:.1f} s; processor {encode['cpu']:.1f} s;"
        f" {counts['texts'] / encode['wall']:.0f} chunks/s | | |"
    )
    same, edited = found["same"], found["edited"]
    yield row(
        "`build`, nothing changed",
        f"{same.wall:.2f} s; processor {same.cpu:.2f} s",
        f"{SAME_SECONDS} s",
        same.wall <= SAME_SECONDS,
    )
    least, most = found["embedded"]
    yield row(
        f"`build`, one entry edited in a note of {found['largest'] / 1000:,.0f} kB",
        f"{edited.wall:.2f} s; processor {edited.cpu:.2f} s; {least} to {most} chunks embedded",
        f"{EDITED_SECONDS} s, 1 to {EDITED_CHUNKS} chunks",
        edited.wall <= EDITED_SECONDS and 1 <= least <= most <= EDITED_CHUNKS,
    )


def dense_rows(dense: dict[str, Any]) -> Iterator[str]:
    """Yield the table of the inverted file."""
    yield (
        f"Recall@10 over {dense['count']:,} vectors (real ones with noise around them), beside an"
        f" exact search that takes {dense['exact']:.1f} ms; {dense['cells']:,} cells, made in"
        f" {dense['build']:.0f} s. In force: {dense['chosen']:.0%} of the cells, which has to keep"
        f" {RECALL}.\n"
    )
    yield "| cells searched | recall@10 | milliseconds |"
    yield "|---|---|---|"
    for item in dense["shares"]:
        yield f"| {item['share']:.1%} | {item['recall']:.3f} | {item['milliseconds']:.2f} |"


def processor() -> str:
    """Return the processor's name as far as the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def table(found: dict[str, Any]) -> str:
    """Return the tables as text."""
    tables = ["\n".join(rows(found))]
    if "dense" in found:
        tables.append("\n".join(dense_rows(found["dense"])))
    return "\n\n".join(tables)


def machine() -> str:
    """Return when and on what figures are taken: the date, the processor and how busy it is."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {processor()}, {os.cpu_count()} cores"
        f" (load {load} at the end), {platform.system()}, Python {platform.python_version()}"
    )


def put(path: Path, name: str, content: str) -> None:
    """Put text between the marks of a page that have this name.

    Raises:
        ValueError: There are no such marks.
    """
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    page = path.read_text(encoding="utf-8")
    before, mark, rest = page.partition(begin)
    _, closing, after = rest.partition(end)
    if not mark or not closing:
        raise ValueError(f"{path} has no {begin} with its end")
    path.write_text(f"{before}{begin}\n{content}\n{end}{after}", encoding="utf-8")


def write(path: Path, found: dict[str, Any], repeats: int) -> None:
    """Put machine and tables between the marks of a page."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    taken = f"{machine()}; {packages}. Medians of {repeats} runs, taken in turn."
    put(path, "make bench", f"{taken}\n\n{table(found)}")
