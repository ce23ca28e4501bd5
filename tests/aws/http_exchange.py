"""One HTTP/1.1 request read as a whole, one answer written as a whole; connections are kept alive.

The fault proxy and moto's server stand on this. A body is always read to its end before anything
else happens, so the next request line is where it is looked for; an answer leaves in one write, so
that no part of it waits for the acknowledgement of another.
"""

import dataclasses
import http
import http.server
import socket
import struct
import sys
import threading

# They concern one connection, not the message (RFC 9110, 7.6.1), or are made anew from the body.
CONNECTION_HEADERS = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length"))
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH")


class Reset(Exception):
    """Raised by `exchange`: the client's connection is reset instead of answered."""


def find_header(headers, name, default=None):
    return next((value for key, value in headers if key.lower() == name.lower()), default)


@dataclasses.dataclass
class Request:
    """`target` is path and query as they were sent; `chunked` says how the body came."""

    method: str
    target: str
    headers: list
    body: bytes
    chunked: bool = False

    def header(self, name, default=None):
        return find_header(self.headers, name, default)


@dataclasses.dataclass
class Answer:
    """`send_only` bytes of the body are sent, then the connection ends; None means all of it."""

    status: int
    headers: list
    body: bytes = b""
    reason: str = ""
    send_only: int | None = None

    def header(self, name, default=None):
        return find_header(self.headers, name, default)

    def head(self, method):
        """Status line and headers. Content-Length is the body's, but for HEAD as it was given."""
        reason = self.reason or http.HTTPStatus(self.status).phrase
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        lines += [f"{k}: {v}" for k, v in self.headers if k.lower() not in CONNECTION_HEADERS]
        length = self.header("Content-Length") if method == "HEAD" else len(self.body)
        if length is not None and self.status not in (204, 304):
            lines.append(f"Content-Length: {length}")
        return "\r\n".join(lines + ["", ""]).encode("latin-1")


class ExchangeHandler(http.server.BaseHTTPRequestHandler):
    """Give it `exchange(request) -> Answer`, which runs in the connection's own thread."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def exchange(self, request):
        raise NotImplementedError

    def do_exchange(self):
        chunked = "chunked" in self.headers.get("Transfer-Encoding", "").lower()
        body = b"".join(self._chunks()) if chunked else self._read(self._content_length())
        request = Request(self.command, self.path, self.headers.items(), body, chunked)
        try:
            self._send(self.exchange(request))
        except Reset:
            self._reset()

    def _content_length(self):
        return int(self.headers.get("Content-Length") or 0)

    def _read(self, length):
        data = self.rfile.read(length)
        if len(data) < length:
            raise ConnectionResetError("the client went away within its body")
        return data

    def _chunks(self):
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self._read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass

    def _send(self, answer):
        without_body = self.command == "HEAD" or answer.status in (204, 304)
        body = b"" if without_body else answer.body[: answer.send_only]
        self.wfile.write(answer.head(self.command) + body)
        if answer.send_only is not None:
            self.close_connection = True

    def _reset(self):
        """Closing with a linger time of zero sends RST, not FIN."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.rfile.close()  # as long as it is open, so is the socket
        self.connection.close()

    def log_message(self, *_):
        pass


for _method in METHODS:
    setattr(ExchangeHandler, f"do_{_method}", ExchangeHandler.do_exchange)


class LoopbackServer(http.server.ThreadingHTTPServer):
    """A thread for each connection, on 127.0.0.1. `end()` ends the open connections too."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler, port=0):
        self._open = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request, client_address):
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that goes away is no fault of the server's; anything else is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def end(self):
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it ended by itself
