#!/usr/bin/env bash
# The server over HTTP: see bench/http_bench.py.
exec /usr/bin/python3 "$(dirname "$0")/../http_bench.py" "$@"
