"""Where entries lie on the map, as the one holder of the lock writes it."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.store.tables import TableRows


class MapPoints(TableRows):
    """The points of the map, and how it was made."""

    def unplaced(self) -> list[int]:
        """Return the entries that are not on the map, in order."""
        rows = self.query("SELECT id FROM entries WHERE id NOT IN (SELECT entry FROM map)")
        return sorted(row for (row,) in rows)

    def put_points(self, points: Mapping[int, tuple[float, float]]) -> None:
        """Place entries on the map."""
        for entry, (x, y) in points.items():
            self.insert("map", "OR REPLACE", entry=entry, x=x, y=y)

    def clear_map(self) -> None:
        """Take all entries off the map."""
        self.query("DELETE FROM map")

    def put_plane(self, count: int, form: bytes) -> None:
        """Keep of how many entries the map was made, and how."""
        self.query("DELETE FROM plane")
        self.insert("plane", vectors=count, content=form)
