"""Memory of renditions: the peak with many large sources at once, and growth over many renditions."""
import http.client
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time

import rendition_common as common
import rendition_tables

LARGE = (6000, 4000)
AT_ONCE = 8


def status_field(pid, name, file="status"):
    try:
        text = pathlib.Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return 0.0
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def resident(pid):
    return sum(status_field(one, "VmRSS") for one in common.tree(pid))


def proportional(pid):
    """Resident, with pages that several processes share counted once."""
    return sum(status_field(one, "Pss", "smaps_rollup") for one in common.tree(pid))


class PeakWatch:
    """Samples a process and its descendants while a block runs."""

    def __init__(self, pid):
        self.pid, self.rss, self.pss, self.high = pid, 0.0, 0.0, 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        samples = 0
        while not self.over.wait(0.01):
            self.rss = max(self.rss, resident(self.pid))
            if samples % 5 == 0:
                self.pss = max(self.pss, proportional(self.pid))
            samples += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.high = sum(status_field(one, "VmHWM") for one in common.tree(self.pid))
        self.over.set()
        self.thread.join()


def large_sources(folder):
    """As many files as there are requests; two pictures, so that making them takes no minutes."""
    painted = [common.paint(*LARGE, seed) for seed in (1, 2)]
    copies = []
    for i in range(AT_ONCE):
        copies.append(pathlib.Path(folder, f"large-{i}.jpg"))
        shutil.copy(painted[i % 2], copies[-1])
    return copies


def render_at_once(server, sources):
    threads = [threading.Thread(target=common.fetch, args=(server.url + server.link(source, "jpeg"),))
               for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def peak_of_server(server, sources, rounds):
    idle = proportional(server.pid)
    try:
        with PeakWatch(server.pid) as watch:
            for _ in range(rounds):
                render_at_once(server, sources)
    finally:
        server.stop()
    return {"name": server.name, "idle_pss": idle, "peak_pss": watch.pss, "peak_rss": watch.rss,
            "sum_of_peaks": watch.high}


def peak_of_sharp(sources, seconds, jemalloc):
    environment = {**os.environ, **({"LD_PRELOAD": common.JEMALLOC} if jemalloc else {})}
    process = subprocess.Popen(
        ["node", common.ROOT / "bench/peers/sharp/peer.mjs", "loop", "jpeg", str(seconds),
         str(AT_ONCE), *sources], env=environment, stdout=subprocess.DEVNULL)
    with PeakWatch(process.pid) as watch:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.1)
    process.wait(60)
    return {"name": "sharp, jemalloc" if jemalloc else "sharp", "idle_pss": None,
            "peak_pss": watch.pss, "peak_rss": watch.rss, "sum_of_peaks": watch.high}


def bench_memory(args):
    rows = []
    with tempfile.TemporaryDirectory(prefix="tintype-bench-") as folder:
        os.chmod(folder, 0o755)
        sources = large_sources(folder)
        for mode in ("balanced", "best"):
            flags = (*common.Tintype.RENDER_ALWAYS, f"--imaging.quality={mode}")
            name = "tintype" if mode == "balanced" else f"tintype, {mode}"
            rows.append(peak_of_server(common.Tintype(sources, name, flags), sources, args.rounds))
        for server in common.peers_for(folder):
            rows.append(peak_of_server(server, sources, args.rounds))
        if (common.PEERS / "sharp/node_modules/sharp").exists():
            rows += [peak_of_sharp(sources, args.seconds, jemalloc) for jemalloc in (False, True)]
    common.save("memory", rows=rows, at_once=AT_ONCE, megapixels=24)
    rendition_tables.show("memory")
    print("\nIdle and peak count pages that processes share once.\n\n" + common.STANDIN_NOTE)


class Wishes:
    """Mixed renditions, the same in every run."""

    def __init__(self, server, sources):
        self.ids = [server.ids[source] for source in sources]
        self.chance = random.Random(1)

    def path(self):
        chance = self.chance
        fmt = chance.choices(("jpeg", "webp", "png", "avif", "gif"), (45, 35, 12, 5, 3))[0]
        side = 200 if fmt in ("avif", "gif") else 800
        query = [f"width={chance.randint(16, side)}", f"format={fmt}"]
        if chance.random() < 0.5:
            query += [f"height={chance.randint(16, side)}",
                      "fit=" + chance.choice(("inside", "cover", "contain", "fill", "outside"))]
        if chance.random() < 0.2:
            query.append(chance.choice(("blur=1.5", "sharpen=1", "grayscale=true", "rotate=90", "flip=h")))
        return f"/images/{chance.choice(self.ids)}/rendition?" + "&".join(query)


class Growth:
    """Renders with two connections and notes the memory on the way."""

    def __init__(self, server, sources, count):
        self.server, self.count = server, count
        self.wishes = Wishes(server, sources)
        self.lock = threading.Lock()
        self.done = 0
        self.samples = []

    def next_path(self):
        with self.lock:
            if self.done >= self.count:
                return None
            if self.done % max(1, self.count // 200) == 0:
                self.samples.append(self.sample())
            self.done += 1
            return self.wishes.path()

    def sample(self):
        pid = self.server.pid
        return {"renditions": self.done, "server": status_field(pid, "VmRSS"), "all": resident(pid),
                "pss": proportional(pid)}

    def work(self):
        connection = http.client.HTTPConnection(self.server.url[7:], timeout=120)
        while path := self.next_path():
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} for {path}")

    def run(self):
        threads = [threading.Thread(target=self.work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.samples


def bench_growth(args):
    sources = common.photos()
    server = common.Tintype(sources, flags=())
    try:
        start = time.monotonic()
        samples = Growth(server, sources, args.renditions).run()
        seconds = time.monotonic() - start
    finally:
        server.stop()
    common.save("growth", samples=samples, renditions=args.renditions, seconds=round(seconds, 1))
    rendition_tables.show("growth")
