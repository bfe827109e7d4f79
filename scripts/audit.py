"""Check what is installed against the lock, without a network: the first half of `make audit`.

    python scripts/audit.py LOCK...

Every requirement of a lock has hashes; every package that is installed has the version of the
lock; every file of these packages is as the wheel it came from says. Says what differs, a line
each, and ends with 1 if anything does.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

REQUIREMENT = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>.*)$", re.DOTALL)


def locked(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield name, version and whether there is a hash, for each requirement of a lock."""
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = REQUIREMENT.match(line)
        if found is None:
            yield line.split()[0], "", False
        else:
            yield found["name"], found["version"], "--hash=sha256:" in found["rest"]


def is_as_installed(file: importlib.metadata.PackagePath) -> bool:
    """Tell whether a file is as its wheel says; what the wheel gives no sum of is passed over."""
    if file.hash is None or file.hash.mode != "sha256" or file.suffix == ".pyc":
        return True
    try:
        digest = hashlib.sha256(Path(str(file.locate())).read_bytes()).digest()
    except OSError:
        return False
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value


def differences(lock: str) -> Iterator[str]:
    """Yield what differs between a lock, its hashes, and what is installed."""
    versions: defaultdict[str, set[str]] = defaultdict(set)  # one for each range of Pythons
    for name, version, has_hash in locked(lock):
        versions[name].add(version)
        if not has_hash:
            yield f"{name}: the lock has no hash of it"
    for name, known in versions.items():
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or Python, or not asked for
        if found.version not in known:
            yield f"{name}: {found.version} is installed, which is not in the lock"
        altered = [str(file) for file in found.files or () if not is_as_installed(file)]
        if altered:
            yield f"{name}: {len(altered)} files are not as installed, such as {altered[0]}"


def main() -> None:
    """Check the locks given."""
    wrong = [line for path in sys.argv[1:] for line in differences(Path(path).read_text("utf-8"))]
    sys.stdout.write("\n".join([*wrong, f"{len(wrong)} differences from the lock"]) + "\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
