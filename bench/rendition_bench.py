#!/usr/bin/env python3
"""What renditions cost, as ratios within one run; medians of rounds in which all take turns.

  http    renders through HTTP, fit 512x512, beside the peers (scripts/peers)
  bare    the same beside libvips in a bare loop
  ladder  six JPEGs from one decode beside six renders
  stored  stored and cached renditions beside nginx serving the same bytes
  memory  peak memory with 8 sources of 24 megapixels at once
  growth  resident memory over many mixed renditions

Prints tables and writes build/bench-results/NAME.json. TINTYPE_PHOTOS names a folder of JPEGs.
Usage: rendition_bench.py [--rounds N] [--seconds S] [--renditions N] [NAME...]
"""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile

import rendition_common as common
import rendition_memory
import rendition_tables
from http_bench import Nginx, wrk
from rendition_common import median, ratio

MODES = ("balanced", "fast", "best")


def tintype_modes(sources, modes=MODES):
    return {mode: common.Tintype(sources, "tintype" if mode == "balanced" else f"tintype, {mode}",
                                 (*common.Tintype.RENDER_ALWAYS, f"--imaging.quality={mode}"))
            for mode in modes}


def format_measures(servers, sources, fmt, seconds):
    """One measure for each who can make the format."""
    measures = {}
    for server in servers:
        if fmt in server.formats:
            common.check_type(server, sources[0], fmt)
            common.warm_up(server, sources, fmt)
            measures[server.name] = lambda s=server: common.measure_server(s, sources, fmt, seconds)
    if (common.PEERS / "sharp/node_modules/sharp").exists():
        measures["sharp"] = lambda: common.measure_sharp(sources, fmt, seconds, False)
        measures["sharp, jemalloc"] = lambda: common.measure_sharp(sources, fmt, seconds, True)
    return measures


def http_rows(fmt, values):
    for name, series in values.items():
        cpu = median(series, "cpu_ms") if "cpu_ms" in series[0] else None
        if name.startswith("tintype") and cpu < 1:
            sys.exit(f"{name} did not render each time: {cpu:.2f} ms of processor each")
        yield {"format": fmt, "name": name, "per_second": median(series, "per_second"),
               "ratio": ratio(values, "tintype", name), "cpu_ms": cpu,
               "bytes": median(series, "bytes")}


def bench_http(args):
    sources = common.photos()
    servers = [*tintype_modes(sources).values(), 
               *common.peers_for(sources[0].parent, tuned=True)]
    rows = []
    try:
        for fmt in common.QUALITY:
            seconds = args.seconds * (2 if fmt == "avif" else 1)
            values = common.in_turn(args.rounds, format_measures(servers, sources, fmt, seconds))
            rows += http_rows(fmt, values)
    finally:
        for server in servers:
            server.stop()
    common.save("http", rows=rows, rounds=args.rounds, seconds=args.seconds, sources=len(sources))
    rendition_tables.show("http", "processor")
    print("\nIn brackets: Tintype's multiple of it.")
    print("\n" + common.STANDIN_NOTE)


# The encoders as Tintype has them by default, so that resizing and the way there are compared; for
# PNG, which Tintype writes by libdeflate, the quickest of libvips with fewer than 300 KB.
BARE_SUFFIX = {"jpeg": ".jpg[Q=80,quant_table=3]", "webp": ".webp[Q=75,effort=2]",
               "avif": ".avif[Q=65,effort=0]", "png": ".png[compression=2,filter=sub]"}
BARE_WAYS = {"libvips, linear, whole decode": ("linear", 0),
             "libvips, linear, decoder shrinks, reserve 4": ("linear", 4),
             "libvips, linear by tables, decoder shrinks, reserve 4": ("linear16", 4),
             "libvips, gamma, decoder shrinks all": ("gamma", 1)}


def bench_bare(args):
    sources = common.photos()
    server = common.Tintype(sources)
    rows = []
    try:
        for fmt, suffix in BARE_SUFFIX.items():
            common.warm_up(server, sources, fmt)
            measures = {"tintype": lambda: common.measure_server(server, sources, fmt, args.seconds)}
            for name, (space, reserve) in BARE_WAYS.items():
                measures[name] = lambda s=space, r=reserve: common.tool(
                    "bare_vips", s, r, common.BOX, common.BOX, suffix, "loop", 2, args.seconds, *sources)
            values = common.in_turn(args.rounds, measures)
            rows += [{"format": fmt, "name": name, "per_second": median(series, "per_second"),
                      "ratio": ratio(values, "tintype", name), "bytes": median(series, "bytes")}
                     for name, series in values.items()]
    finally:
        server.stop()
    common.save("bare", rows=rows, rounds=args.rounds, seconds=args.seconds)
    rendition_tables.show("bare")


def bench_ladder(args):
    sources = common.photos()
    with tempfile.TemporaryDirectory(prefix="tintype-bench-") as folder:
        kinds = {"baseline": sources, "progressive": common.progressive_copies(sources, folder)}
        rows = [{"source": kind, **common.tool("rendition_ladder", args.rounds, *files)}
                for kind, files in kinds.items()]
    common.save("ladder", rows=rows, rounds=args.rounds)
    rendition_tables.show("ladder")


def bench_stored(args):
    sources = common.photos()[:1]
    servers = {
        "stored": common.Tintype(sources, "stored", ("--renditions.memory_cache=0",)),
        "memory": common.Tintype(sources, "memory", ("--renditions.memory_cache=64MiB",))}
    files = tempfile.mkdtemp(prefix="tintype-bench-")
    os.chmod(files, 0o755)
    nginx = None
    try:
        links = {name: server.url + server.link(sources[0], "jpeg") for name, server in servers.items()}
        for link in links.values():
            common.fetch(link)
        _, body = common.fetch(links["stored"])
        pathlib.Path(files, "a.jpg").write_bytes(body)
        nginx = Nginx(files)
        links = {"nginx": f"{nginx.url}/a.jpg", **links}
        values = common.in_turn(args.rounds, {
            name: (lambda l=link: {"per_second": wrk(l, args.seconds)}) for name, link in links.items()})
    finally:
        for server in servers.values():
            server.stop()
        if nginx:
            nginx.stop()
        shutil.rmtree(files)
    titles = {"nginx": ("nginx, sendfile, open_file_cache", ""), "stored": ("stored rendition", "≥ 0.6"),
              "memory": ("rendition in the memory cache", "≥ 0.8")}
    rows = [{"name": titles[name][0], "per_second": median(series, "per_second"),
             "ratio": ratio(values, name, "nginx"), "asked": titles[name][1]}
            for name, series in values.items()]
    common.save("stored", rows=rows, bytes=len(body), rounds=args.rounds, seconds=args.seconds)
    rendition_tables.show("stored")


BENCHES = {"http": bench_http, "bare": bench_bare, "ladder": bench_ladder, "stored": bench_stored,
           "memory": rendition_memory.bench_memory, "growth": rendition_memory.bench_growth}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--renditions", type=int, default=20_000)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], default=[])
    args = parser.parse_args()
    for name in args.names or BENCHES:
        print(f"\n## {name}")
        BENCHES[name](args)


if __name__ == "__main__":
    main()
