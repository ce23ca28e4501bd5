"""A Lambda Runtime API for tests, and `tintype lambda` as a process that asks it for events."""

import http.server
import json
import pathlib
import queue
import socketserver
import subprocess
import threading
import time

from tintype_server import binary, clean_environment, variables

PREFIX = "/2018-06-01/runtime/"


class Invocation:
    """What was asked, and what came back: `answer` (parsed JSON) or `error`."""

    def __init__(self, number, event, timeout, trace_id):
        self.id = f"invocation-{number}"
        self.body = event if isinstance(event, (bytes, str)) else json.dumps(event)
        self.deadline_ms = int((time.time() + timeout) * 1000)
        self.trace_id = trace_id
        self.done = threading.Event()
        self.answer = None
        self.error = None
        self.error_type = None


class RuntimeApi:
    """Serves one function. `close_connections` ends the connection after every answer."""

    def __init__(self, close_connections=False):
        self.close_connections = close_connections
        self.waiting = queue.Queue()
        self.invocations = {}
        self.init_error = None
        self.first_next = threading.Event()
        self.first_next_at = None
        self.lost_posts = 0  # how many posts are to be answered by closing the connection
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # an answer leaves in one piece

            def do_GET(self):
                assert self.path == PREFIX + "invocation/next"
                if not api.first_next.is_set():
                    api.first_next_at = time.perf_counter()
                    api.first_next.set()
                invocation = api.waiting.get()
                if invocation is None:
                    self.close_connection = True
                    return
                self.reply(200, invocation.body, {
                    "Lambda-Runtime-Aws-Request-Id": invocation.id,
                    "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                    "Lambda-Runtime-Trace-Id": invocation.trace_id,
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:1:function:f",
                })

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if api.lost_posts > 0:
                    api.lost_posts -= 1
                    self.close_connection = True
                    return
                api.take(self.path.removeprefix(PREFIX), body, self.headers)
                self.reply(202, "{}")

            def reply(self, status, body, headers=()):
                data = body if isinstance(body, bytes) else body.encode()
                self.send_response(status)
                for name, value in dict(headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                if api.close_connections:
                    self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        class Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """A function that ends cuts its connection."""

        self.server = Threads(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def take(self, path, body, headers):
        """A post of the function."""
        if path == "init/error":
            self.init_error = json.loads(body)
            return
        _, number, kind = path.split("/")
        invocation = self.invocations[number]
        if kind == "response":
            invocation.answer = json.loads(body)
        else:
            invocation.error = json.loads(body)
            invocation.error_type = headers["Lambda-Runtime-Function-Error-Type"]
        invocation.done.set()

    def invoke(self, event, timeout=30, wait=60, trace_id="Root=1-5bef4de7-ad49b0e87f6ef6c8"):
        """Waits for the function's word about one event."""
        invocation = Invocation(len(self.invocations), event, timeout, trace_id)
        self.invocations[invocation.id] = invocation
        self.waiting.put(invocation)
        assert invocation.done.wait(wait), "the function did not answer"
        return invocation

    def close(self):
        self.waiting.put(None)
        self.server.shutdown()
        self.server.server_close()


class Function:
    """A running `tintype lambda` on embedded stores. Settings are given as they are in Lambda, by
    variables: `Function(..., upload__url_ttl="1s")`. `program` is another command that runs it."""

    def __init__(
        self, runtime, data, log, program=None, arguments=("lambda",), env=None, **settings
    ):
        self.runtime = runtime
        self.log = pathlib.Path(log)
        self._log_file = open(self.log, "ab")
        settings = {"public_url": "http://127.0.0.1:8080", "data": data, **settings}
        environment = clean_environment(
            AWS_LAMBDA_RUNTIME_API=runtime.address, **variables(settings), **(env or {}))
        command = [*(program or [str(binary())]), *arguments]
        self.started_at = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log_file, stderr=self._log_file,
            env=environment, cwd=self.log.parent)
        self.pid = self.process.pid

    def invoke(self, event, **options):
        return self.runtime.invoke(event, **options)

    def alive(self):
        return self.process.poll() is None

    def errors(self):
        return self.log.read_text(errors="replace")

    def children(self):
        """The processes that it has started."""
        threads = pathlib.Path(f"/proc/{self.pid}/task").iterdir()
        return [child for thread in threads for child in (thread / "children").read_text().split()]

    def status(self, field):
        """A line of /proc/PID/status, such as VmRSS, as a number."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise KeyError(field)

    def end(self):
        if self.alive():
            self.process.kill()
        self.process.wait(30)
        self._log_file.close()
