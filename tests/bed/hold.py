"""The slow upstream of the test bed: holds requests, streams, echoes, speaks WebSocket. Standard library only.

    hold.py PORT...

  /count              how many requests this port holds now
  /echo               the request as it arrived, as JSON: method, target, headers in order, the raw head,
                      length and SHA-256 of the body; also below /echo/
  /stream             five chunks, 200 ms apart
  /ws                 WebSocket echo (RFC 6455)
  /affinity           JSON: which port answered, on which connection, and how many requests that connection carried
  /status/NNN         that status, after the body was read
  /bytes?count=N      N bytes
  /reset              the connection is reset instead of an answer
  /closes             an answer that promises to keep the connection, which is then closed, as sogod does
  anything else       held for ?seconds=N (default 60) or until the client goes away, then 200
"""

import asyncio
import base64
import hashlib
import json
import resource
import socket
import struct
import sys
from http import HTTPStatus
from urllib.parse import parse_qs

HEAD_LIMIT = 256 * 1024
WEBSOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

held = {}
connections = 0


class Gone(Exception):
    """The peer has closed the connection."""


class Malformed(Exception):
    """The peer does not speak HTTP/1.1 or RFC 6455."""


class Connection:
    """Reads through a buffer of its own: while a request is held we must read to see the peer go, and what
    arrives then already belongs to the next request."""

    def __init__(self, reader, writer, port):
        global connections
        connections += 1
        self.number = connections
        self.port = port
        self.reader = reader
        self.writer = writer
        self.buffer = b""
        self.requests = 0

    async def fill(self):
        data = await self.reader.read(65536)
        if not data:
            raise Gone
        self.buffer += data

    async def until(self, mark):
        while mark not in self.buffer:
            if len(self.buffer) > HEAD_LIMIT:
                raise Malformed("head too long")
            await self.fill()
        part, self.buffer = self.buffer.split(mark, 1)
        return part

    async def exactly(self, count):
        while len(self.buffer) < count:
            await self.fill()
        part, self.buffer = self.buffer[:count], self.buffer[count:]
        return part

    async def pieces(self, count):
        """The next count bytes, without keeping them all."""
        while count:
            if not self.buffer:
                await self.fill()
            part, self.buffer = self.buffer[:count], self.buffer[count:]
            count -= len(part)
            yield part

    async def gone(self):
        """Returns when the peer has closed; whatever else it sends is kept."""
        while True:
            try:
                await self.fill()
            except (Gone, ConnectionError):
                return

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()


class Request:
    def __init__(self, head):
        self.head = head.decode("latin-1")
        lines = self.head.split("\r\n")
        try:
            self.method, self.target, self.version = lines[0].split(" ")
            self.headers = [tuple(line.split(":", 1)) for line in lines[1:]]
            self.headers = [(name, value.strip()) for name, value in self.headers]
        except ValueError:
            raise Malformed(lines[0]) from None
        self.path, _, query = self.target.partition("?")
        self.query = {name: values[-1] for name, values in parse_qs(query).items()}
        self.length = 0
        self.digest = hashlib.sha256()

    def header(self, name):
        return ", ".join(value for each, value in self.headers if each.lower() == name)

    @property
    def keep(self):
        return self.version != "HTTP/1.0" and self.header("connection").lower() != "close"

    def number(self, name, default):
        try:
            return float(self.query[name])
        except (KeyError, ValueError):
            return default

    async def read_body(self, connection):
        if self.header("expect").lower() == "100-continue":
            await connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in self.header("transfer-encoding").lower():
            while size := int((await connection.until(b"\r\n")).split(b";")[0], 16):
                await self.take(connection, size)
                await connection.exactly(2)
            while await connection.until(b"\r\n"):
                pass
        else:
            await self.take(connection, int(self.header("content-length") or 0))

    async def take(self, connection, count):
        async for piece in connection.pieces(count):
            self.length += len(piece)
            self.digest.update(piece)


def answer(body, status=200, kind="text/plain", extra=""):
    if isinstance(body, str):
        body = body.encode()
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Status"
    head = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode("latin-1") + body


def as_json(value, extra=""):
    return answer(json.dumps(value, ensure_ascii=False) + "\n", kind="application/json", extra=extra)


async def count(connection, request):
    await connection.send(answer(f"{held[connection.port]}\n"))


async def echo(connection, request):
    # latin-1 gives each byte its own character, so the target and the headers come back exactly as they arrived.
    await connection.send(as_json({
        "method": request.method,
        "target": request.target,
        "version": request.version,
        "head": request.head,
        "headers": [list(each) for each in request.headers],
        "bodyLength": request.length,
        "bodySha256": request.digest.hexdigest(),
    }))


async def stream(connection, request):
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    for number in range(1, 6):
        if number > 1:
            await asyncio.sleep(0.2)
        line = f"chunk {number}\n".encode()
        await connection.send(b"%x\r\n%s\r\n" % (len(line), line))
    await connection.send(b"0\r\n\r\n")


async def affinity(connection, request):
    await connection.send(as_json({
        "port": connection.port, "connection": connection.number, "requests": connection.requests,
        "cookie": request.header("cookie"),
    }))


async def status(connection, request):
    number = int(request.path.rsplit("/", 1)[1])
    extra = 'WWW-Authenticate: Basic realm="hold"\r\n' if number == 401 else ""
    await connection.send(answer(f"{number}\n", number, extra=extra))


async def send_bytes(connection, request):
    left = int(request.number("count", 1024))
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % left)
    while left:
        part = min(left, 65536)
        await connection.send(b"x" * part)
        left -= part


async def reset(connection, request):
    # Closing with a linger time of zero sends RST.
    raw = connection.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Gone


async def closes(connection, request):
    await connection.send(answer("gone now\n"))
    raise Gone


async def hold(connection, request):
    seconds = request.number("seconds", 60.0)
    held[connection.port] += 1
    watch = asyncio.create_task(connection.gone())
    try:
        done, _ = await asyncio.wait([watch], timeout=seconds)
    finally:
        held[connection.port] -= 1
        watch.cancel()
    if done:
        raise Gone
    # The cancelled read must be over before the next one begins.
    await asyncio.gather(watch, return_exceptions=True)
    await connection.send(answer(f"held {seconds:g} s\n"))


async def websocket(connection, request):
    key = request.header("sec-websocket-key")
    if "websocket" not in request.header("upgrade").lower() or not key:
        await connection.send(answer("a WebSocket only\n", 426, extra="Upgrade: websocket\r\nConnection: Upgrade\r\n"))
        return
    accept = base64.b64encode(hashlib.sha1((key + WEBSOCKET_KEY).encode()).digest()).decode()
    await connection.send((
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
    while True:
        first, second = await connection.exactly(2)
        length = second & 0x7F
        if length == 126:
            length, = struct.unpack("!H", await connection.exactly(2))
        elif length == 127:
            length, = struct.unpack("!Q", await connection.exactly(8))
        if not second & 0x80 or length > 16 * 1024 * 1024:
            raise Malformed("a client's frames are masked, and not that long")
        mask = await connection.exactly(4)
        payload = await connection.exactly(length)
        repeated = (mask * (length // 4 + 1))[:length]
        payload = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")
        kind = first & 0x0F
        # Text, binary and continuation go back as they came, a ping as pong, a close as close; a pong stays unanswered.
        if kind == 0xA:
            continue
        if kind == 0x9:
            first = 0x80 | 0xA
        await connection.send(frame_head(first, length) + payload)
        if kind == 0x8:
            raise Gone


def frame_head(first, length):
    if length < 126:
        return bytes([first, length])
    if length < 65536:
        return bytes([first, 126]) + struct.pack("!H", length)
    return bytes([first, 127]) + struct.pack("!Q", length)


ROUTES = {
    "/count": count, "/echo": echo, "/stream": stream, "/ws": websocket, "/affinity": affinity,
    "/bytes": send_bytes, "/reset": reset, "/closes": closes,
}


def route(path):
    if path in ROUTES:
        return ROUTES[path]
    prefix, _, last = path.rpartition("/")
    # Below a prefix too (/echo/a%2Fb), for tests of paths.
    if path.startswith("/echo/"):
        return echo
    return status if prefix == "/status" and last.isdigit() and len(last) == 3 else hold


async def serve(connection):
    keep = True
    while keep:
        request = Request(await connection.until(b"\r\n\r\n"))
        connection.requests += 1
        await request.read_body(connection)
        await route(request.path)(connection, request)
        keep = request.keep


async def accept(reader, writer, port):
    try:
        await serve(Connection(reader, writer, port))
    except (Gone, ConnectionError, asyncio.CancelledError):
        pass
    except (Malformed, ValueError) as error:
        print(f"hold: {error}", file=sys.stderr, flush=True)
        writer.write(answer("malformed\n", 400, extra="Connection: close\r\n"))
    finally:
        writer.close()


async def main(ports):
    # Thousands of held connections: as many files as we may have.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    servers = []
    for port in ports:
        held[port] = 0
        servers.append(await asyncio.start_server(
            lambda reader, writer, port=port: accept(reader, writer, port), "127.0.0.1", port, backlog=4096))
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main([int(port) for port in sys.argv[1:]]))
