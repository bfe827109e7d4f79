"""One index put in the place of another, as readers see it: the old one whole, or the new one."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

from assistant.store import files, provenance
from assistant.store.connection import connect, sqlite_errors
from assistant.store.files import ASIDE, NEW
from assistant.store.manifest import Manifest, read_manifest
from assistant.store.repair import recovery
from assistant.store.update import Update


def become(folder: Path, other: Path) -> None:
    """Put a copy of another index in the place of the one in a folder, which is locked.

    What is copied gets a generation of its own, so that who has the old one open sees that there is
    another, and the user's mark for its new place if it had it for its own. Killed before the copy
    is complete it leaves the old one; after that, the next build puts the copy in place.

    Raises:
        IndexUnusableError: Either cannot be read, or the folder not be written to.
    """
    recovery.opened(folder).close()  # else a build that was killed would be finished over it
    with closing(connect(folder)) as old, closing(connect(other)) as new:
        before, after = read_manifest(old, folder), read_manifest(new, other)
        # Under this name a build takes a copy for nothing but vectors, until it is as it should be.
        with sqlite_errors(folder), closing(connect(folder, write=True, name=ASIDE)) as copy:
            new.backup(copy)
    try:
        stamped = _stamped(folder, other, before, after)
        with closing(Update(folder, ASIDE)) as update, update.transaction():
            update.put_manifest(stamped)
        files.remove_log(folder, ASIDE)
        (folder / ASIDE).replace(folder / NEW)
        files.sync_folder(folder)
    except OSError as error:
        raise files.unwritable(folder, error.strerror or str(error)) from error
    recovery.put_in_place(folder)


def _stamped(folder: Path, other: Path, before: Manifest, after: Manifest) -> Manifest:
    """Return the manifest of the copy in its place, and copy its file of vectors there."""
    first = max(before.generation, after.generation, files.last_generation(folder)) + 1
    generation = next(n for n in count(first) if not os.path.lexists(folder / _vectors(n)))
    with (
        (other / after.dense).open("rb") as file,
        files.create(folder / _vectors(generation)) as copy,
    ):
        shutil.copyfileobj(file, copy)
        copy.flush()
        os.fsync(copy.fileno())
    places = (folder, other)  # an index that went there and comes back has the mark of here
    ours = any(provenance.is_marked(place, after.sources, after.mark) for place in places)
    return replace(
        after,
        generation=generation,
        dense=_vectors(generation),
        dense_before="",
        mark=provenance.mark(folder, after.sources) if ours else "",
    )


def _vectors(generation: int) -> str:
    return f"dense-{generation}.faiss"
