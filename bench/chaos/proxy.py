"""A network that can be made slow, stuck or cut: a TCP port before the Unix socket of an engine."""

import asyncio
from contextlib import suppress

HOST = "127.0.0.1"
PIECE = 65536


class Proxy:
    """Passes bytes on, both ways, as its network allows."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lines: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.delay_seconds = 0.0
        self.is_cut = False
        self.port = 0

    async def open(self) -> None:
        """This will listen on a free port."""
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """This will end every connection, and let no new one come about until it is healed."""
        self.is_cut = True
        for line in self._lines:
            line.transport.abort()

    def stick(self) -> None:
        """This will pass nothing on until it is healed, though all connections stay."""
        self._flows.clear()

    def heal(self) -> None:
        """This will be a good network again."""
        self.is_cut, self.delay_seconds = False, 0.0
        self._flows.set()

    async def close(self) -> None:
        """This will end everything."""
        self._server.close()
        self.cut()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            inner_reader, inner_writer = await asyncio.open_unix_connection(self._path)
        except OSError:
            writer.transport.abort()
            return
        for pump in (self._pump(reader, inner_writer), self._pump(inner_reader, writer)):
            task = asyncio.create_task(pump)
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        with suppress(OSError):
            while some := await reader.read(PIECE):
                await self._flows.wait()
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                writer.write(some)
                await writer.drain()
        self._lines.discard(writer)
        writer.close()
