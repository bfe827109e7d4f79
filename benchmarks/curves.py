"""Draw the two curves of the verdict for docs/quality.md, as one SVG.

By hand, since it is two axes and two lines, and a library for plots weighs more than the program.
Colours come from the reader's own theme where the page is light or dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SIDE = 260
"""Length of an axis."""

LEFT, TOP, GAP = 60, 40, 110

STYLE = """\
<style>
text { font: 12px sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: bold }
.axis { fill: none; stroke: #6e7781 }
.ideal { stroke: #6e7781; stroke-dasharray: 4 4 }
.curve { fill: none; stroke: #0969da; stroke-width: 2 }
.point { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .axis, .ideal { stroke: #8b949e }
  .curve { stroke: #58a6ff } .point { fill: #58a6ff }
}
</style>"""


def svg(
    reliability: Sequence[tuple[float, float, int]], risk_coverage: Sequence[tuple[float, float]]
) -> str:
    """Return both curves beside each other.

    Args:
        reliability: Mean probability, share answered and number of questions of each tenth.
        risk_coverage: Share of the questions answered, share of these that have no answer.
    """
    highest = max([0.1, *(risk for _, risk in risk_coverage)])
    right = LEFT + SIDE + GAP
    width, height = right + SIDE + 30, TOP + SIDE + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>Reliability, and risk against coverage, of the verdict</title>",
        STYLE,
        *axes(LEFT, "Reliability", "probability given", "share answered", 1.0),
        f'<line class="ideal" x1="{LEFT}" y1="{TOP + SIDE}" x2="{LEFT + SIDE}" y2="{TOP}"/>',
        line(LEFT, [(x, y) for x, y, _ in reliability], 1.0),
        *(dot(LEFT, *point) for point in reliability),
        *axes(right, "Risk and coverage", "share of questions not refused", "risk", highest),
        line(right, risk_coverage, highest),
        "</svg>\n",
    ]
    return "\n".join(parts)


def axes(left: int, title: str, across: str, up: str, highest: float) -> list[str]:
    """Return the frame of a plot, with a mark at each fifth."""
    bottom, middle = TOP + SIDE, left + SIDE / 2
    found = [
        f'<text class="title" x="{middle}" y="{TOP - 14}" text-anchor="middle">{title}</text>',
        f'<rect class="axis" x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}"/>',
        f'<text x="{middle}" y="{bottom + 38}" text-anchor="middle">{across}</text>',
        f'<text x="{left - 42}" y="{TOP + SIDE / 2}" text-anchor="middle"'
        f' transform="rotate(-90 {left - 42} {TOP + SIDE / 2})">{up}</text>',
    ]
    for i in range(6):
        x, y = left + SIDE * i / 5, bottom - SIDE * i / 5
        found += [
            f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{i / 5:.1f}</text>',
            f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{highest * i / 5:.2f}</text>',
        ]
    return found


def line(left: int, points: Sequence[tuple[float, float]], highest: float) -> str:
    """Return a line through points."""
    placed = " ".join(
        f"{left + SIDE * x:.1f},{TOP + SIDE - SIDE * y / highest:.1f}" for x, y in points
    )
    return f'<polyline class="curve" points="{placed}"/>'


def dot(left: int, x: float, y: float, count: int) -> str:
    """Return a point whose area grows with the questions that it stands for."""
    radius = min(3 + count**0.5 / 2, 12)
    return (
        f'<circle class="point" cx="{left + SIDE * x:.1f}" cy="{TOP + SIDE - SIDE * y:.1f}"'
        f' r="{radius:.1f}"><title>{count} questions</title></circle>'
    )


def write(
    path: Path,
    reliability: Sequence[tuple[float, float, int]],
    risk_coverage: Sequence[tuple[float, float]],
) -> None:
    """Write the picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(reliability, risk_coverage), encoding="utf-8")
