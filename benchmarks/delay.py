"""A TCP proxy that makes a server far away: every byte waits half the way there and back.

Bytes wait side by side, so that it delays and does not throttle.
Usage: python -m benchmarks.delay PORT SERVER_PORT SECONDS
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

PIECE = 1 << 18


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float
) -> None:
    loop, waiting = asyncio.get_running_loop(), asyncio.Queue()

    async def send() -> None:
        while True:
            due, piece = await waiting.get()
            await asyncio.sleep(due - loop.time())
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.close()

    sending = asyncio.create_task(send())
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(PIECE):
            waiting.put_nowait((loop.time() + seconds, piece))
    waiting.put_nowait((loop.time() + seconds, b""))
    with contextlib.suppress(ConnectionError):
        await sending


async def _serve(port: int, server: int, seconds: float) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", server)
        await asyncio.gather(
            _pass_on(reader, their_writer, seconds / 2), _pass_on(their_reader, writer, seconds / 2)
        )

    await (await asyncio.start_server(connect, "127.0.0.1", port)).serve_forever()


if __name__ == "__main__":
    port, server, seconds = sys.argv[1:]
    asyncio.run(_serve(int(port), int(server), float(seconds)))
