"""A pooler in transaction mode, as PgBouncer is one: many clients take turns at few sessions, one transaction each."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
PROTOCOL, ASKS_FOR_TLS, ASKS_FOR_GSS, CANCELS = 196608, 80877103, 80877104, 80877102
TOLERATED = {"user", "database", "application_name", "client_encoding", "datestyle", "timezone"}
"""What a client may say of itself; all else would be lost on the next session, and is refused."""


@dataclass(eq=False)
class Session:
    """A connection to the server, which is lent for a transaction at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@dataclass(eq=False)
class Client:
    """Somebody who is given a session for the length of a transaction."""

    writer: asyncio.StreamWriter
    session: Session | None = None
    owed: int = 0
    is_within: bool = False
    """Whether something was sent that no Sync has ended yet."""
    told: asyncio.Task[None] | None = None


@dataclass
class Pooler:
    """Lends the sessions that it has opened, and notes what it was sent."""

    socket: str
    database: str
    port: int = 0
    sent: list[tuple[bytes, str]] = field(default_factory=list)
    """The name and the text of every statement: of a simple query the name is empty, too."""
    clients: set[asyncio.StreamWriter] = field(default_factory=set)
    """Who has been let in, the ones that left among them."""
    _sessions: list[asyncio.StreamWriter] = field(default_factory=list)
    _free: asyncio.Queue[Session] = field(default_factory=asyncio.Queue)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def close(self) -> None:
        """This will part from everybody."""
        for writer in (*self.clients, *self._sessions):
            writer.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def open_session(self) -> None:
        """This will add a session to those that are lent."""
        reader, writer = await asyncio.open_unix_connection(self.socket)
        self._sessions.append(writer)
        said = f"user\0postgres\0database\0{self.database}\0\0".encode()
        writer.write(struct.pack("!ii", len(said) + 8, PROTOCOL) + said)
        while (await message(reader))[:1] != b"Z":
            pass
        self._free.put_nowait(Session(reader, writer))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """This will serve a client until it leaves."""
        client = Client(writer)
        try:
            if await self._greet(reader, writer):
                self.clients.add(writer)
                await self._bring(reader, client)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            if client.told is not None and client.session is not None:
                client.told.cancel()
                client.session.writer.close()  # with what it has begun
                await self.open_session()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        while True:
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            body = await reader.readexactly(length - 4)
            (code,) = struct.unpack("!i", body[:4])
            if code not in (ASKS_FOR_TLS, ASKS_FOR_GSS):
                break
            writer.write(b"N")
        words = body[4:].split(b"\0")
        if code == CANCELS:
            return False
        if strange := {name.decode().lower() for name in words[:-2:2]} - TOLERATED:
            text = f"SFATAL\0C08P01\0Munsupported startup parameter: {strange}\0\0".encode()
            writer.write(b"E" + struct.pack("!i", len(text) + 4) + text)
            return False
        for kind, text in ((b"R", bytes(4)), (b"S", b"server_version\x0018.0\0"), (b"K", bytes(8)), (b"Z", b"I")):
            writer.write(kind + struct.pack("!i", len(text) + 4) + text)
        return True

    async def _bring(self, reader: asyncio.StreamReader, client: Client) -> None:
        while (sent := await message(reader))[:1] != b"X":
            self._note(sent)
            if client.session is None:
                client.session = await self._free.get()
                client.told = asyncio.create_task(self._tell(client, client.session))
                self._tasks.add(client.told)
                client.told.add_done_callback(self._tasks.discard)
            ends = sent[:1] in b"SQ"
            client.owed += ends
            client.is_within = not ends
            client.session.writer.write(sent)

    async def _tell(self, client: Client, session: Session) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                told = await message(session.reader)
                client.writer.write(told)
                client.owed -= told[:1] == b"Z"
                if told[:1] == b"Z" and told[5:] == b"I" and not client.owed and not client.is_within:
                    client.session = None
                    self._free.put_nowait(session)
                    return

    def _note(self, sent: bytes) -> None:
        if sent[:1] == b"Q":
            self.sent.append((b"", sent[5:-1].decode()))
        elif sent[:1] == b"P":
            name, text = sent[5:].split(b"\0")[:2]
            self.sent.append((name, text.decode()))


async def message(reader: asyncio.StreamReader) -> bytes:
    """One message of the protocol, whole."""
    head = await reader.readexactly(5)
    (length,) = struct.unpack("!i", head[1:])
    return head + await reader.readexactly(length - 4)


@asynccontextmanager
async def pooling(socket: str, database: str, *, sessions: int) -> AsyncIterator[Pooler]:
    """A pooler with so many sessions, for the length of the block."""
    pooler = Pooler(socket, database)
    for _ in range(sessions):
        await pooler.open_session()
    async with await asyncio.start_server(pooler.serve, HOST, 0) as server:
        pooler.port = server.sockets[0].getsockname()[1]
        yield pooler
    await pooler.close()
