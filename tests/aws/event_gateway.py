"""An HTTP server that calls a function by events, as API Gateway does: any HTTP client can talk to it.

    with EventGateway(emulator.invoke, rest_event) as gateway:
        requests.get(gateway.url + "/images")
"""

import json
import threading

import gateway_client
from http_exchange import Answer, ExchangeHandler, LoopbackServer

STAGE = "dev"


class EventGateway:
    """One event at a time, as an instance of a function takes them."""

    def __init__(self, invoke, make_event):
        self.invoke, self.make_event = invoke, make_event
        self._one_at_a_time = threading.Lock()
        handler = type("Handler", (ExchangeHandler,), {"exchange": lambda _, r: self.answer(r)})
        self._server = LoopbackServer(handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self):
        return self._server.url

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.end()
        self._thread.join()

    def answer(self, request):
        path, _, query = request.target.partition("?")
        body = request.body or None
        event = self.make_event(request.method, path, query, dict(request.headers), body)
        with self._one_at_a_time:
            invocation = self.invoke(event)
        if invocation.error is not None:  # API Gateway's answer to a function that failed
            problem = json.dumps({"message": "Internal server error", "error": invocation.error})
            return Answer(502, [("Content-Type", "application/json")], problem.encode())
        told = gateway_client.Answer(invocation.answer)
        return Answer(told.status_code, list(told.headers.items()), told.content)
