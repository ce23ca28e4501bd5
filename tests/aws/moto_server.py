"""moto's WSGI application, one request at a time, over connections that are kept.

moto's state is plain dictionaries without locks: with its own threaded server two conditional
writes can both find their condition true, and a cancelled transaction puts back a copy of all
tables. Here every call of the application holds one lock, so each request is atomic.
Run by the Python that has moto: `python moto_server.py PORT`.
"""

import io
import sys
import threading
import traceback
import urllib.parse

from http_exchange import Answer, ExchangeHandler, LoopbackServer
from moto.server import DomainDispatcherApplication, create_backend_app


def environ_of(request, port):
    """The request as PEP 3333 has it. The body is whole, whichever way it came."""
    path, _, query = request.target.partition("?")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": urllib.parse.unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            key = f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def call(application, environ):
    """Runs a WSGI application to the end of its answer."""
    started = []
    result = application(environ, lambda status, headers, *_: started.extend((status, headers)))
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    status, _, reason = started[0].partition(" ")
    return Answer(int(status), started[1], body, reason)


class MotoHandler(ExchangeHandler):
    application = DomainDispatcherApplication(create_backend_app)
    one_at_a_time = threading.Lock()

    def exchange(self, request):
        environ = environ_of(request, self.server.server_port)
        with self.one_at_a_time:
            try:
                return call(self.application, environ)
            except Exception:  # whatever it was, the log has it
                traceback.print_exc()
                return Answer(500, [])


def main():
    LoopbackServer(MotoHandler, int(sys.argv[1])).serve_forever()


if __name__ == "__main__":
    main()
