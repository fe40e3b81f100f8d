"""A process that renders: reads jobs from standard input and answers on standard output until the input ends.

Both ends are Speccast's own, so what goes between them are pickles, each after its length. The input ends when the
process that asks is gone, however it ended, and then this one goes, too.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import struct
import sys
import threading
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Any

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from typing import IO

_LENGTH = struct.Struct(">Q")


def write_message(stream: IO[bytes], message: object) -> None:
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read_message(stream: IO[bytes]) -> Any:
    """
    Raises:
        EOFError: the other end is gone.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return pickle.loads(body)


def collect_seldom() -> None:
    """Has the collector look for garbage less often: rendering makes much that lives long, and hardly any circles."""
    gc.set_threshold(50_000, 20, 100)


def main() -> None:
    """Works until there is no more work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the asking process decides
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what anything prints is no answer
    from speccast.generation.rendering import perform

    collect_seldom()
    # It takes a quarter of a second, which passes while the first job is thought out; few jobs do without. Nothing else is
    # imported meanwhile: two threads that import what imports each other may see it half done.
    loading = threading.Thread(
        target=import_module, args=("datamodel_code_generator.parser.jsonschema",), daemon=True
    )
    loading.start()
    while True:
        try:
            job = read_message(sys.stdin.buffer)
        except EOFError:
            return
        loading.join()
        answer: tuple[str, object]
        try:
            answer = "files", perform(job)
        except SpeccastError as error:
            answer = "error", (error.message, error.hint)
        except Exception as error:  # told to the asking process, which makes an internal error of it
            answer = "bug", (f"{type(error).__name__}: {error}", traceback.format_exc())
        try:
            write_message(answers, answer)
        except BrokenPipeError:
            return
