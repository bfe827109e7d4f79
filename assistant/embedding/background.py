"""The model opened by a thread, so that its user imports and reads other things meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.embedding.encoder import Encoder


def open_encoder(model: str, *, few: bool = False, fetch: bool = True) -> Future[Encoder]:
    """Open the model in a thread, for a question or for as long as a command runs.

    Args:
        model: As configured.
        few: For a question or two, see ``OnnxEncoder``.
        fetch: Fetch a model that is not on this computer.

    Returns:
        The encoder, or ModelUnavailableError as its exception.
    """
    future: Future[Encoder] = Future()

    def work() -> None:
        try:
            from assistant.embedding.export import exported
            from assistant.embedding.onnx_encoder import OnnxEncoder

            future.set_result(OnnxEncoder(exported(model, fetch=fetch), few=few))
        # Whatever happens here is raised again where the result is asked for.
        except BaseException as error:
            future.set_exception(error)

    # Not a daemon, even if its caller is one: cut short inside C++, it would abort the process.
    threading.Thread(target=work, name="open-encoder", daemon=False).start()
    return future


def open_encoder_apart(model: str, *, fetch: bool = True) -> Future[Encoder]:
    """Open the model in a thread; a model never used before is exported by another process.

    That process loads torch, which this one would keep in memory for as long as it runs.
    """
    future: Future[Encoder] = Future()

    def work() -> None:
        try:
            import subprocess  # which a question does without

            from assistant import own_python
            from assistant.embedding import export

            if export.ready(model, fetch=fetch) is None:
                code = "import sys; from assistant import embedding;"
                code += " embedding.export.exported(sys.argv[1])"
                # Whatever goes wrong goes wrong again below, and is told there.
                command, environment = (
                    own_python.command("-c", code, model),
                    own_python.environment(),
                )
                subprocess.run(command, env=environment, check=False, timeout=600)
            future.set_result(open_encoder(model, fetch=fetch).result())
        # Whatever happens here is raised again where the result is asked for.
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="export-model", daemon=True).start()
    return future
