"""The `assistant` command: the command line, then out at once."""

from __future__ import annotations

import os
import sys


def _forget_working_folder() -> None:
    """Take the working folder off the path, where `python -m` has put it first.

    Any file in there may bear a module's name. It stays if this package was found in it.
    """
    packages = __file__.rsplit(os.sep, 2)[0]
    try:
        here = os.getcwd()  # noqa: PTH109 # pathlib would be imported from there
    except OSError:
        return  # it was deleted; then Python has not put it there
    if sys.path[0] == here != packages and not sys.flags.safe_path:
        del sys.path[0]


if __name__ == "__main__":
    _forget_working_folder()

from assistant.cli.terminal import interrupts  # noqa: E402 # only now


def run() -> None:
    """Run the command line and leave without the interpreter's tidying up.

    Taking the libraries down one object at a time takes a fifth of an answer's time, and the
    system frees all of it anyway. What has to be closed is closed by then.
    """
    interrupts.leave_at_once()  # before anything else is imported
    from contextlib import suppress

    # NumPy starts a thread a core for products of matrices, and none here is worth waking them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    code: object = 0
    try:
        from assistant.cli import main

        main()
    except SystemExit as leaving:
        code = leaving.code
    if not (code is None or isinstance(code, int)):
        raise SystemExit(code)
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    run()
