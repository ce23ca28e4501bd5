"""Requests that no HTTP library would send: bytes on a socket, and what comes back."""

import http.client
import io
import socket


class RawConnection:
    """A TCP connection. `send` bytes, `answer` reads one response; `closed` waits for the end."""

    def __init__(self, server, timeout=20):
        self.socket = socket.create_connection(server.address, timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.host = "%s:%d" % server.address
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def send_ignoring_reset(self, data):
        """For a server that has answered and closed before everything was sent."""
        try:
            self.send(data)
        except OSError:
            pass
        return self

    def request(self, method, target, headers=None, body=b"", version="HTTP/1.1"):
        """A request with the given headers and no others than Host."""
        lines = [f"{method} {target} {version}"]
        for name, value in {"Host": self.host, **(headers or {})}.items():
            lines.append(f"{name}: {value}")
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def answer(self, head=False):
        """One response: (status, headers, body). Interim 100s are skipped by the caller's choice."""
        line = self.file.readline()
        if not line:
            raise EOFError("the connection was closed without an answer")
        version, status = line.split(b" ", 2)[:2]
        assert version in (b"HTTP/1.1", b"HTTP/1.0"), line
        raw = b""
        while True:
            header = self.file.readline()
            raw += header
            if header in (b"\r\n", b""):
                break
        headers = http.client.parse_headers(io.BytesIO(raw))
        size = int(headers.get("Content-Length", 0))
        body = b"" if head or int(status) in (100, 204, 304) else self.file.read(size)
        return int(status), headers, body

    def closed(self):
        """True when the server has closed; reads what is left. A reset counts."""
        try:
            while self.file.read(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    def still_open(self):
        """True when another request is answered on this connection."""
        try:
            status, _, _ = self.request("GET", "/healthz").answer()
        except (OSError, EOFError):
            return False
        return status == 200
