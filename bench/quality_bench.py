#!/usr/bin/env python3
"""Quality beside speed: SSIMULACRA2 of renditions against a linear-light Lanczos reference.

  peers     Tintype's three modes beside the peers: mean and worst score, bytes (and per second
            where rendition_bench.py http has measured that)
  frontier  how far the decoder may shrink, in linear light or not
  encoders  what the encoders' settings cost and give

Needs scripts/peers ssimulacra2 sharp. Writes build/bench-results/quality.json.
Usage: quality_bench.py [NAME...]
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

import rendition_common as common
import rendition_tables
from rendition_common import BOX, QUALITY

EXTENSION = {"jpeg": "jpg", "webp": "webp", "avif": "avif", "png": "png"}


class Judge:
    """Scores pictures that fit into a box against the references of their sources."""

    def __init__(self, sources, folder, box):
        self.box = box
        self.folder = pathlib.Path(folder, f"references-{box}")
        self.folder.mkdir()
        for source in sources:
            subprocess.run([common.program("rendition_sources"), "reference", str(box), str(box),
                            source, self.folder / f"{source.name}.png"], check=True)
        self.process = subprocess.Popen([common.PEERS / "bin/tintype-ssimulacra2"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    # `pictures` maps names of sources to files. Decoded by libvips, whatever the format.
    def scores(self, pictures):
        with tempfile.TemporaryDirectory() as folder:
            decoded = {name: pathlib.Path(folder, name + ".png") for name in pictures}
            lines = "".join(f"{pictures[name]}\t{decoded[name]}\n" for name in pictures)
            subprocess.run(["node", common.ROOT / "bench/peers/sharp/peer.mjs", "convert"], input=lines,
                           text=True, check=True, stdout=subprocess.DEVNULL)
            return [self.score(self.folder / f"{name}.png", path) for name, path in decoded.items()]

    def score(self, reference, picture):
        self.process.stdin.write(f"{reference}\t{picture}\n")
        self.process.stdin.flush()
        text = self.process.stdout.readline().split("\t")[0]
        if text in ("", "nan"):
            sys.exit(f"{picture} cannot be scored: is it as large as {reference}?")
        return float(text)

    def row(self, pictures, **facts):
        scores = self.scores(pictures)
        return {**facts, "score": statistics.mean(scores), "worst": min(scores),
                "bytes": statistics.mean(path.stat().st_size for path in pictures.values())}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


def written(folder, sources, extension):
    return {source.name: pathlib.Path(folder, f"{source.name}.{extension}") for source in sources}


# --- beside the peers ------------------------------------------------------------------------

def by_probe(mode, fmt, sources, folder, box=BOX):
    quality = f"&quality={QUALITY[fmt]}" if QUALITY[fmt] else ""
    facts = common.tool("render_probe", mode, f"width={box}&height={box}&format={fmt}{quality}", folder,
                        *sources)
    return written(folder, sources, EXTENSION[fmt]), facts["cpu_ms"]


def by_server(server, fmt, sources, folder):
    pictures = written(folder, sources, EXTENSION[fmt])
    for source in sources:
        pictures[source.name].write_bytes(common.fetch(server.url + server.link(source, fmt))[1])
    return pictures


def by_sharp(fmt, sources, folder):
    pictures = written(folder, sources, EXTENSION[fmt])
    lines = "".join(f"{source}\t{pictures[source.name]}\n" for source in sources)
    subprocess.run(["node", common.ROOT / "bench/peers/sharp/peer.mjs", "convert", f"{BOX}x{BOX}"],
                   input=lines, text=True, check=True, stdout=subprocess.DEVNULL)
    return pictures


def bench_peers(sources, folder):
    with Judge(sources, folder, BOX) as judge:
        return peer_rows(judge, sources, folder)


def peer_rows(judge, sources, folder):
    rows, servers = [], common.peers_for(sources[0].parent, tuned=True)
    try:
        for fmt in QUALITY:
            def row(name, pictures, cpu_ms=None):
                rows.append(judge.row(pictures, format=fmt, name=name, cpu_ms=cpu_ms))
            for mode in ("fast", "balanced", "best"):
                row("tintype" if mode == "balanced" else f"tintype, {mode}",
                    *by_probe(mode, fmt, sources, folder))
            for server in servers:
                if fmt in server.formats:
                    row(server.name, by_server(server, fmt, sources, folder))
            row("sharp", by_sharp(fmt, sources, folder))
    finally:
        for server in servers:
            server.stop()
    return rows


# --- the frontier ----------------------------------------------------------------------------

LOSSLESS = ".png[compression=1]"


def bare_row(judge, sources, folder, way, **facts):
    """`way`: space, reserve and suffix of bare_vips."""
    space, reserve, suffix = way
    measured = common.tool("bare_vips", space, reserve, judge.box, judge.box, suffix, "write", folder, *sources)
    extension = suffix[1:suffix.find("[")]
    return judge.row(written(folder, sources, extension), cpu_ms=measured["cpu_ms"],
                     encode_ms=measured["encode_ms"], **facts)


def frontier_rows(judge, sources, folder):
    rows = []
    for space in ("gamma", "linear", "linear16"):
        for reserve in (1, 2, 4, 0):
            rows.append(bare_row(judge, sources, folder, (space, reserve, LOSSLESS), space=space,
                                 reserve=reserve, by="libvips"))
    for mode, reserve in (("fast", 2), ("balanced", 0), ("best", 0)):
        pictures, cpu_ms = by_probe(mode, "png", sources, folder, judge.box)
        rows.append(judge.row(pictures, space="linear", reserve=reserve, by=f"tintype, {mode}",
                              cpu_ms=cpu_ms))
    return rows


def bench_frontier(sources, folder):
    """In a quarter and an eighth of the usual source: the first leaves less to shrink."""
    rows = []
    for box in (BOX, BOX // 2):
        with Judge(sources, folder, box) as judge:
            rows += [{"box": box, **row} for row in frontier_rows(judge, sources, folder)]
    return rows


SUFFIXES = (
    [f".jpg[Q=80,quant_table={table},optimize_coding={coding}]"
     for table in (0, 3) for coding in ("false", "true")] +
    [f".webp[Q=75,effort={effort}]" for effort in range(5)] +
    [f".avif[Q=65,effort={effort}]" for effort in range(3)] +
    [f".png[compression={level},filter={kind}]"
     for level, kind in ((1, "sub"), (2, "sub"), (6, "sub"), (2, "all"), (6, "all"), (6, "none"))])


def bench_encoders(sources, folder):
    """From the same pixels: linear light, the decoder shrinks as far as by default."""
    with Judge(sources, folder, BOX) as judge:
        return [bare_row(judge, sources, folder, ("linear", 4, suffix), settings=suffix)
                for suffix in SUFFIXES]


BENCHES = {"peers": bench_peers, "frontier": bench_frontier, "encoders": bench_encoders}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], default=[])
    args = parser.parse_args()
    if not (common.PEERS / "bin/tintype-ssimulacra2").exists():
        sys.exit("The score is missing: scripts/peers ssimulacra2 sharp")
    sources = common.photos()
    results = common.load("quality") or {}
    with tempfile.TemporaryDirectory(prefix="tintype-bench-") as folder:
        for name in args.names or BENCHES:
            print(f"\n## {name}")
            with tempfile.TemporaryDirectory(dir=folder) as own:
                results[name] = BENCHES[name](sources, own)
            common.save("quality", sources=len(sources),
                        **{key: results[key] for key in BENCHES if key in results})
            rendition_tables.show(name)


if __name__ == "__main__":
    main()
