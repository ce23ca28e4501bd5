"""What the benchmarks of renditions share: sources, servers, load and result files."""
import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from http_bench import BUILD, ROOT, Server, children, free_port

RESULTS = pathlib.Path(os.environ.get("TINTYPE_BENCH_RESULTS", ROOT / "build/bench-results"))
PEERS = ROOT / ".peers"
JEMALLOC = "libjemalloc.so.2"
QUALITY = {"jpeg": 80, "webp": 75, "avif": 65, "png": None}
BOX = 512
STANDIN = "stand-in"
STANDIN_TUNED = "stand-in, as benchmarked"  # with the settings of imgproxy's own benchmark
STANDIN_NOTE = (
    "The stand-in is a Go + libvips server with imgproxy's default steps (bench/peers/standin), not "
    "imgproxy: no package registry has that. `scripts/peers imgproxy` takes the real one from the "
    "PATH or $IMGPROXY, and it is then measured too. \"As benchmarked\": with the settings of its makers' "
    "benchmark, progressive JPEG and AVIF speed 9.")


def program(name):
    return str(BUILD / "bench" / name)


def tool(name, *arguments):
    """The JSON that one of the small programs prints."""
    return json.loads(subprocess.run([program(name), *map(str, arguments)], check=True,
                                     stdout=subprocess.PIPE).stdout)


# --- sources ---------------------------------------------------------------------------------

def paint(width, height, seed):
    """A made picture, kept from run to run."""
    folder = ROOT / "build/bench-photos"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"painted-{width}x{height}-{seed}.jpg"
    if not path.exists():
        subprocess.run([program("rendition_sources"), "paint", str(width), str(height), str(seed),
                        path], check=True)
    return path


def photos():
    """Photographs of about 2048 pixels: $TINTYPE_PHOTOS, ../shared/photos, or made ones."""
    given = os.environ.get("TINTYPE_PHOTOS")
    folder = pathlib.Path(given) if given else ROOT.parent / "shared/photos"
    found = sorted((folder / "photos").glob("*.jpg")) or sorted(folder.glob("*.jpg"))
    if found:
        return found
    print("\nNo photographs are here; the pictures are made by the benchmark.")
    return [paint(2048, 1365, seed) for seed in range(6)]


def progressive_copies(sources, folder):
    copies = []
    for source in sources:
        copy = pathlib.Path(folder, source.name)
        subprocess.run([program("rendition_sources"), "progressive", source, copy], check=True)
        copies.append(copy)
    return copies


# --- processes -------------------------------------------------------------------------------

def tree(pid):
    pids = [pid]
    for child in children(pid):
        pids += tree(child)
    return pids


def cpu_seconds(pid):
    """What the process and its descendants have used so far, ended ones included."""
    ticks = 0
    for one in tree(pid):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_for(url, process, seconds=20):
    for _ in range(seconds * 20):
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        if process.poll() is not None:
            break
    sys.exit(f"{process.args[0]} did not start")


class Peer:
    """A server that renders files of a folder: one URL for each file and format."""

    formats = tuple(QUALITY)

    def __init__(self, name, command, folder, **environment):
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [part.format(port=self.port, folder=folder) for part in command],
            env={**os.environ, **{key: value.format(port=self.port, folder=folder)
                                  for key, value in environment.items()}},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        wait_for(self.url + "/", self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class StandIn(Peer):
    def __init__(self, folder, name=STANDIN, *flags):
        super().__init__(name, [str(PEERS / "bin/standin"), "-listen", "127.0.0.1:{port}", "-root",
                                "{folder}", *flags], folder, LD_PRELOAD=JEMALLOC)

    def link(self, source, fmt):
        return f"/resize/{BOX}/{BOX}/{source.name}@{fmt}"


class Oximg(Peer):
    formats = ("jpeg", "webp", "png")

    def __init__(self, folder):
        super().__init__("oximg", [str(PEERS / "bin/oximg")], folder, PORT="{port}",
                         IMAGES_DIR="{folder}", OXIMG_BIND="127.0.0.1")

    def link(self, source, fmt):
        return f"/resize/{BOX}/{BOX}/{source.name}" + ("" if fmt == "jpeg" else f"@{fmt}")


class Imgproxy(Peer):
    """The real one, where it is installed, with the settings of its makers' benchmark."""

    def __init__(self, folder):
        super().__init__("imgproxy", [str(PEERS / "bin/imgproxy")], folder, LD_PRELOAD=JEMALLOC,
                         IMGPROXY_BIND="127.0.0.1:{port}", IMGPROXY_LOCAL_FILESYSTEM_ROOT="{folder}",
                         IMGPROXY_AVIF_SPEED="9", IMGPROXY_JPEG_PROGRESSIVE="1",
                         IMGPROXY_MAX_SRC_RESOLUTION="99", IMGPROXY_LOG_LEVEL="error")

    def link(self, source, fmt):
        quality = f"/q:{QUALITY[fmt]}" if QUALITY[fmt] else ""
        return f"/insecure/rs:fit:{BOX}:{BOX}{quality}/plain/local:///{source.name}@{fmt}"


class Tintype:
    """`tintype serve`, filled with the sources. By default everything is rendered for each request."""

    formats = tuple(QUALITY)
    RENDER_ALWAYS = ("--renditions.store=false", "--renditions.memory_cache=0",
                     "--renditions.ladder=none")

    def __init__(self, sources, name="tintype", flags=RENDER_ALWAYS):
        self.name = name
        self.folder = tempfile.TemporaryDirectory(prefix="tintype-bench-",
                                                  dir=os.environ.get("TINTYPE_BENCH_DIR"))
        self.server = Server(self.folder.name, "--limits.max_upload_bytes=100MiB", *flags)
        self.url, self.pid = self.server.url, self.server.process.pid
        self.ids = {source: self.upload(source) for source in sources}

    def upload(self, source):
        body = source.read_bytes()
        created = self.server.call("/images", {
            "filename": source.name, "content_type": "image/jpeg", "size": len(body),
            "user_id": "bench", "visibility": "public"})
        put = urllib.request.Request(created["upload_url"], data=body, method="PUT",
                                     headers=created["upload_headers"])
        urllib.request.urlopen(put, timeout=60).close()
        image = self.server.call(f"/images/{created['image_id']}/complete", {}, "POST")
        if image["status"] != "active":
            sys.exit(f"{source} was not taken: {image['failure']}")
        return image["image_id"]

    def link(self, source, fmt, width=BOX, height=BOX):
        quality = f"&quality={QUALITY[fmt]}" if QUALITY[fmt] else ""
        return f"/images/{self.ids[source]}/rendition?width={width}&height={height}&format={fmt}{quality}"

    def stop(self):
        self.server.stop()
        self.folder.cleanup()


def peers_for(folder, tuned=False):
    """Those of the peers' servers that are installed, started; the stand-in twice if `tuned`."""
    running = []
    for name, start in {"standin": StandIn, "oximg": Oximg, "imgproxy": Imgproxy}.items():
        if (PEERS / "bin" / name).exists():
            running.append(start(folder))
        elif name != "imgproxy":
            print(f"\n{name} is not installed (scripts/peers {name}) and is left out.")
    if tuned and (PEERS / "bin/standin").exists():
        running.append(StandIn(folder, STANDIN_TUNED, "-avif-speed", "9", "-jpeg-progressive"))
        running[-1].formats = ("jpeg", "avif")
    return running


# --- load ------------------------------------------------------------------------------------

def fetch(url):
    with urllib.request.urlopen(url, timeout=120) as answer:
        return answer.headers.get("Content-Type", ""), answer.read()


def check_type(server, source, fmt):
    kind, _ = fetch(server.url + server.link(source, fmt))
    if kind != f"image/{fmt}":
        sys.exit(f"{server.name} answers {kind} instead of image/{fmt}")


def wrk_cycle(url, paths, seconds, connections=2):
    """Requests the paths in turn; {"per_second", "bytes"}."""
    listed = ",".join(json.dumps(path) for path in paths)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"""
            local paths, requests, at = {{{listed}}}, {{}}, 0
            function init() for n, path in ipairs(paths) do requests[n] = wrk.format("GET", path) end end
            function request() at = at % #requests + 1; return requests[at] end
            function done(summary, latency)
              local errors = summary.errors
              print(string.format("TOTAL %d %d %d %d", summary.requests, summary.bytes, summary.duration,
                errors.connect + errors.read + errors.write + errors.status + errors.timeout))
            end""")
        script.flush()
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s",
                              "-s", script.name, url], capture_output=True, text=True, check=True).stdout
    count, size, micros, errors = map(int, re.search(r"TOTAL (\d+) (\d+) (\d+) (\d+)", out).groups())
    if errors or not count:
        sys.exit(f"wrk had failures at {url}:\n{out}")
    return {"per_second": count / micros * 1e6, "bytes": round(size / count), "count": count}


def warm_up(server, sources, fmt):
    """Every source once, two at a time: workers run, files are cached."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda source: fetch(server.url + server.link(source, fmt)), sources))


def measure_server(server, sources, fmt, seconds):
    before = cpu_seconds(server.pid)
    result = wrk_cycle(server.url, [server.link(source, fmt) for source in sources], seconds)
    result["cpu_ms"] = (cpu_seconds(server.pid) - before) * 1e3 / result["count"]
    return result


def measure_sharp(sources, fmt, seconds, jemalloc):
    """sharp called in a loop, two renders in flight, without HTTP."""
    environment = {**os.environ, **({"LD_PRELOAD": JEMALLOC} if jemalloc else {})}
    command = ["node", ROOT / "bench/peers/sharp/peer.mjs", "loop", fmt, str(seconds), "2", *sources]
    out = json.loads(subprocess.run(command, env=environment, check=True,
                                    stdout=subprocess.PIPE).stdout)
    return {"per_second": out["per_second"], "bytes": out["bytes"], "count": out["renders"]}


# --- rounds and result files -------------------------------------------------------------------

def in_turn(rounds, measures):
    """{name: [result, ...]}; all take turns within a round, so that a noisy moment hits all."""
    values = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            values[name].append(measure())
    return values


def median(series, key):
    return statistics.median(one[key] for one in series)


def ratio(values, name, base, key="per_second"):
    return statistics.median(a[key] / b[key] for a, b in zip(values[name], values[base]))


def save(name, **content):
    RESULTS.mkdir(parents=True, exist_ok=True)
    facts = {"made": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
             "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    (RESULTS / f"{name}.json").write_text(json.dumps({**facts, **content}, indent=1) + "\n")


def load(name):
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def rated(rows):
    """The rows with "per_second" of the same name and format, where `http` has measured it."""
    measured = load("http")
    rates = {(row["name"], row["format"]): row["per_second"]
             for row in (measured["rows"] if measured else [])}
    return [{**row, "per_second": rates.get((row["name"], row["format"]))} for row in rows]
