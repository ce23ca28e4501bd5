#!/usr/bin/env python3
"""What the server costs over real HTTP, as ratios within one run; median of several rounds.

Prints a table: reading one image and a page beside /healthz, durable creates per second beside the
disk's own fdatasync, downloads of 500 KB beside nginx (sendfile), uploads of 500 KB beside bare
writes, and resident memory. Usage: http_bench.py [--rounds N] [--seconds S] [WORD...]
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("TINTYPE_BUILD", ROOT / "build/bench"))
OBJECT_SIZE = 500_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`tintype serve` on a free port and a folder of its own."""

    def __init__(self, folder, *flags):
        self.process = subprocess.Popen(
            [BUILD / "tintype", "serve", "--listen", "127.0.0.1:0", "--data", folder,
             "--log.requests=false", *flags],
            # The server refuses TINTYPE_* variables that are no settings.
            env={k: v for k, v in os.environ.items() if not k.startswith("TINTYPE_")},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.url = line.split()[-1]

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def call(self, path, body=None, method=None):
        request = urllib.request.Request(
            self.url + path, data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} if body is not None else {}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


class Nginx:
    """nginx with sendfile on one folder, at the settings that serve files fastest."""

    def __init__(self, folder):
        self.folder = tempfile.mkdtemp(prefix="nginx-")
        self.url = f"http://127.0.0.1:{free_port()}"
        config = pathlib.Path(self.folder, "nginx.conf")
        config.write_text(f"""
            daemon off; master_process on; worker_processes auto; pid {self.folder}/pid;
            error_log {self.folder}/error.log;
            events {{ worker_connections 1024; }}
            http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
              open_file_cache max=100; open_file_cache_valid 60s;
              client_body_temp_path {self.folder}; proxy_temp_path {self.folder};
              fastcgi_temp_path {self.folder}; uwsgi_temp_path {self.folder};
              scgi_temp_path {self.folder};
              server {{ listen {self.url[7:]}; root {folder}; }} }}""")
        self.process = subprocess.Popen(["nginx", "-c", config, "-e", f"{self.folder}/error.log"],
                                        stderr=subprocess.DEVNULL)
        for _ in range(50):
            try:
                socket.create_connection(("127.0.0.1", int(self.url.rsplit(":", 1)[1]))).close()
                return
            except OSError:
                time.sleep(0.1)
        sys.exit("nginx did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


def wrk(url, seconds, connections=16, script=None):
    """Requests per second; stops the bench when an answer was no success."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    if script:
        command += ["-s", script]
    out = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"wrk had failures at {url}:\n{out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def fill(server, count, user="bench"):
    """Makes `count` images by batches; returns their ids. They stay in `processing`."""
    ids = []
    while len(ids) < count:
        operations = [{"op": "create", "user_id": user, "filename": f"photo-{i}.jpg",
                       "content_type": "image/jpeg", "size": OBJECT_SIZE,
                       "description": "A picture of the sea at noon", "tags": ["sea", "noon", "2026"],
                       "metadata": {"album": "summer", "stars": 4}} for i in range(100)]
        results = server.call("/images/batch", {"operations": operations})["results"]
        ids += [result["image"]["image_id"] for result in results]
    return ids


def upload_photo(server, folder):
    """One active image of about OBJECT_SIZE bytes (a PNG of noise); returns its id."""
    import struct
    import zlib
    width, height = 512, OBJECT_SIZE // (512 * 3 + 1)
    rows = b"".join(b"\0" + os.urandom(width * 3) for _ in range(height))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
           chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b""))
    pathlib.Path(folder, "object.bin").write_bytes(png)
    created = server.call("/images", {"filename": "noise.png", "content_type": "image/png",
                                      "size": len(png), "user_id": "photos"})
    put = urllib.request.Request(created["upload_url"], data=png, method="PUT",
                                 headers=created["upload_headers"])
    urllib.request.urlopen(put, timeout=60).close()
    image = server.call(f"/images/{created['image_id']}/complete", {}, "POST")
    assert image["status"] == "active", image
    return image["image_id"]


class Rounds:
    """Measures several things in turn, round by round, so that a noisy moment hits all of them."""

    def __init__(self, count):
        self.count = count

    def run(self, **measures):
        values = {name: [] for name in measures}
        for _ in range(self.count):
            for name, measure in measures.items():
                values[name].append(measure())
        return values

    @staticmethod
    def ratio(values, name, base):
        return statistics.median(a / b for a, b in zip(values[name], values[base]))


def row(name, value, ratio="", asked="", note=""):
    print(f"| {name} | {value} | {ratio} | {asked} | {note} |", flush=True)


def bench_reads(args, folder):
    server = Server(os.path.join(folder, "reads"))
    try:
        ids = fill(server, 1000)
        page = f"{server.url}/images?user_id=bench&status=processing&limit=50"
        values = Rounds(args.rounds).run(
            healthz=lambda: wrk(f"{server.url}/healthz", args.seconds),
            one=lambda: wrk(f"{server.url}/images/{ids[500]}", args.seconds),
            page=lambda: wrk(page, args.seconds))
    finally:
        server.stop()
    med = {name: statistics.median(series) for name, series in values.items()}
    row("GET /healthz", f"{med['healthz']:.0f}/s", "1")
    row("GET /images/{id}", f"{med['one']:.0f}/s", f"{Rounds.ratio(values, 'one', 'healthz'):.2f}",
        "≥ 0.7", "of /healthz")
    row("GET /images, page of 50", f"{med['page']:.0f}/s",
        f"{Rounds.ratio(values, 'page', 'healthz'):.2f}", "≥ 0.15", "of /healthz")


def fsync_rate(folder, seconds=1.0):
    """fdatasyncs per second of a 4 KiB append: what one durable commit costs at least."""
    path = os.path.join(folder, "fsync.bin")
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    count, start = 0, time.monotonic()
    while time.monotonic() - start < seconds:
        os.write(file, b"x" * 4096)
        os.fdatasync(file)
        count += 1
    os.close(file)
    os.unlink(path)
    return count / (time.monotonic() - start)


def bench_creates(args, folder):
    script = os.path.join(folder, "create.lua")
    pathlib.Path(script).write_text("""
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/json"
        wrk.body = '{"user_id":"bench","filename":"a.jpg","content_type":"image/jpeg","size":500000,"tags":["sea"]}'
    """)
    server = Server(os.path.join(folder, "creates"))
    try:
        values = Rounds(args.rounds).run(
            fsync=lambda: fsync_rate(folder),
            create=lambda: wrk(f"{server.url}/images", args.seconds, 64, script))
    finally:
        server.stop()
    fsync = statistics.median(values["fsync"])
    row("fdatasync of 4 KiB appended", f"{fsync:.0f}/s", "1", "", f"{1e3 / fsync:.2f} ms each")
    row("POST /images, 64 connections", f"{statistics.median(values['create']):.0f}/s",
        f"{Rounds.ratio(values, 'create', 'fsync'):.2f}", "≥ 2000/s", "durable before the answer")


def bench_downloads(args, folder):
    files = os.path.join(folder, "files")
    os.mkdir(files)
    os.chmod(folder, 0o755)
    os.chmod(files, 0o755)
    server = Server(os.path.join(folder, "downloads"))
    nginx = None
    try:
        image = upload_photo(server, files)
        os.chmod(os.path.join(files, "object.bin"), 0o644)
        link = server.call(f"/images/{image}/download?expires_in=86400")["download_url"]
        nginx = Nginx(files)
        values = Rounds(args.rounds).run(
            nginx=lambda: wrk(f"{nginx.url}/object.bin", args.seconds),
            tintype=lambda: wrk(link, args.seconds))
    finally:
        server.stop()
        if nginx:
            nginx.stop()
    row("nginx, sendfile of 500 KB", f"{statistics.median(values['nginx']):.0f}/s", "1")
    row("GET of a 500 KB object", f"{statistics.median(values['tintype']):.0f}/s",
        f"{Rounds.ratio(values, 'tintype', 'nginx'):.2f}", "≥ 0.9", "of nginx; signature checked")


def bare_writes(folder, count, threads):
    """Seconds for `count` files of OBJECT_SIZE: written, fdatasynced, and their folder fsynced."""
    data = os.urandom(OBJECT_SIZE)
    target = os.path.join(folder, "bare")
    shutil.rmtree(target, ignore_errors=True)
    os.mkdir(target)
    directory = os.open(target, os.O_RDONLY)

    def work(first):
        for i in range(first, count, threads):
            file = os.open(os.path.join(target, str(i)), os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(file, data)
            os.fdatasync(file)
            os.close(file)
            os.fsync(directory)
    start = time.monotonic()
    workers = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    os.close(directory)
    return time.monotonic() - start


def put_all(server, created, threads):
    """Seconds to PUT a body to each ticket, over one kept connection per thread."""
    import http.client
    data = os.urandom(OBJECT_SIZE)

    def work(first):
        connection = http.client.HTTPConnection(server.url[7:], timeout=60)
        for ticket in created[first::threads]:
            target = ticket["upload"]["upload_url"][len(server.url):]
            connection.request("PUT", target, data, ticket["upload"]["upload_headers"])
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
    start = time.monotonic()
    workers = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.monotonic() - start


def bench_uploads(args, folder, count=200, threads=8):
    server = Server(os.path.join(folder, "uploads"))

    def puts():
        operation = {"op": "create", "filename": "a.jpg", "content_type": "image/jpeg",
                     "size": OBJECT_SIZE}
        tickets = []
        while len(tickets) < count:
            tickets += server.call("/images/batch", {"operations": [operation] * 100})["results"]
        return count / put_all(server, tickets[:count], threads)
    try:
        values = Rounds(args.rounds).run(bare=lambda: count / bare_writes(folder, count, threads),
                                         put=puts)
    finally:
        server.stop()
    row("bare write, fdatasync, folder fsync of 500 KB",
        f"{statistics.median(values['bare']):.0f}/s", "1", "", f"{threads} threads")
    row("PUT of a 500 KB object", f"{statistics.median(values['put']):.0f}/s",
        f"{Rounds.ratio(values, 'put', 'bare'):.2f}", "share of the disk",
        f"{threads} connections; the uploads are examined meanwhile")


def resident(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def children(pid):
    listing = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    tasks = [int(child) for task in os.listdir(f"/proc/{pid}/task")
             for child in pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
    return sorted({int(child) for child in listing} | set(tasks))


def bench_memory(_args, folder):
    server = Server(os.path.join(folder, "memory"))
    try:
        pid = server.process.pid
        upload_photo(server, folder)
        time.sleep(1)
        idle = resident(pid)
        workers = sum(resident(child) for child in children(pid))
        operation = {"op": "create", "filename": "a.jpg", "content_type": "image/jpeg",
                     "size": 10_000_000}
        tickets = server.call("/images/batch", {"operations": [operation] * 100})["results"]
        before = resident(pid)
        sockets, peak = [], before
        piece = b"x" * 100_000
        for ticket in tickets:
            target = ticket["upload"]["upload_url"][len(server.url):]
            connection = socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])))
            connection.sendall(f"PUT {target} HTTP/1.1\r\nHost: {server.url[7:]}\r\n"
                               "Content-Type: image/jpeg\r\nContent-Length: 10000000\r\n\r\n".encode())
            sockets.append(connection)
        for _ in range(20):
            for connection in sockets:
                connection.sendall(piece)
            peak = max(peak, resident(pid))
        for connection in sockets:
            connection.close()
    finally:
        server.stop()
    row("resident, idle", f"{idle:.1f} MB", "", "≤ 30 MB", "after one upload")
    row("resident, idle, with workers", f"{idle + workers:.1f} MB", "", "≤ 90 MB",
        "shared pages counted in each process")
    row("100 slow 10 MB uploads at once", f"+{peak - before:.1f} MB", "", "< 20 MB", "20 MB/s in all")


BENCHES = {"reads": bench_reads, "creates": bench_creates, "downloads": bench_downloads,
           "uploads": bench_uploads, "memory": bench_memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], default=[])
    args = parser.parse_args()
    print("| what | median | ratio | asked | |\n|---|---|---|---|---|")
    for name in args.names or BENCHES:
        with tempfile.TemporaryDirectory(prefix="tintype-bench-", dir=os.environ.get("TINTYPE_BENCH_DIR")) as folder:
            BENCHES[name](args, folder)


if __name__ == "__main__":
    main()
