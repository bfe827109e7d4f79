"""Run the Python blocks of one entry as a reader would: in order, in one namespace, in a folder."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType

from content_blocks import Block

NEEDS_PROCESS = re.compile(r"multiprocessing|ProcessPoolExecutor|num_workers=[1-9]|\bos\.fork\b")
"""Code that starts processes must lie in a file of its own: the children import it."""

SEPARATOR = "--- end of block ---"


def run_blocks(blocks: Sequence[Block], folder: Path) -> list[str]:
    """Run ``blocks`` in ``folder`` and return what each of them printed.

    Raises:
        AssertionError: A block that runs in a process of its own failed.
        Exception: Whatever a block raises.
    """
    if any(NEEDS_PROCESS.search(block.text) for block in blocks):
        return _run_in_child(blocks, folder)
    return _run_here(blocks, folder)


def compile_block(block: Block, name: str) -> CodeType:
    """Compile a block; its line numbers agree with the note."""
    source = "\n" * block.line + block.text
    code: CodeType = compile(source, name, "exec", dont_inherit=True)
    return code


def _run_in_child(blocks: Sequence[Block], folder: Path) -> list[str]:
    """Run the blocks as one script, which prints a separator after each block."""
    separator = f"if __name__ == '__main__':\n    print({SEPARATOR!r}, flush=True)\n"
    script = folder / "entry.py"
    script.write_text("".join(f"{block.text}\n{separator}" for block in blocks), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(f"{SEPARATOR}\n")[:-1]


def _run_here(blocks: Sequence[Block], folder: Path) -> list[str]:
    """Run the blocks in this process and put back what they are known to change."""
    module = ModuleType("__main__")  # what pickle and dataclasses look classes up in
    printed = []
    with _own_state(module, folder), warnings.catch_warnings():
        warnings.simplefilter("default")
        for block in blocks:
            screen = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
            with contextlib.redirect_stdout(screen):
                exec(compile_block(block, "content block"), module.__dict__)
            screen.flush()
            buffer = screen.detach()
            printed.append(buffer.getvalue().decode("utf-8"))
        module.__dict__.clear()
    return printed


@contextlib.contextmanager
def _own_state(module: ModuleType, folder: Path) -> Iterator[None]:
    """Give a run its folder, ``__main__``, arguments, environment, logging and options."""
    main, argv, path = sys.modules["__main__"], sys.argv, list(sys.path)
    environment, root = dict(os.environ), logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    loggers = set(logging.Logger.manager.loggerDict)
    sys.modules["__main__"], sys.argv = module, ["entry.py"]
    sys.path.insert(0, str(folder))
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        sys.modules["__main__"], sys.argv, sys.path[:] = main, argv, path
        os.environ.clear()
        os.environ.update(environment)
        root.setLevel(level)
        root.handlers[:] = handlers
        for name in logging.Logger.manager.loggerDict.keys() - loggers:
            logging.getLogger(name).handlers.clear()
        _forget_modules(folder)
        _reset_libraries()


def _forget_modules(folder: Path) -> None:
    """Drop the modules that a run imported from its own folder."""
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]


def _reset_libraries() -> None:
    """Put back the global options of libraries that some entry has imported."""
    if numpy := sys.modules.get("numpy"):
        numpy.set_printoptions(
            precision=8, threshold=1000, edgeitems=3, linewidth=75, suppress=False, formatter=None
        )
        numpy.seterr(all="warn", under="ignore")
    if torch := sys.modules.get("torch"):
        torch.set_default_dtype(torch.float32)
        torch.set_printoptions(profile="default", sci_mode=None)
        torch.set_grad_enabled(True)
        torch.use_deterministic_algorithms(False)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
        pyplot.rcdefaults()
        pyplot.switch_backend("Agg")
