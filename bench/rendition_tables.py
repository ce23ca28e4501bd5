#!/usr/bin/env python3
"""The tables of renditions, from build/bench-results/*.json.

Usage: rendition_tables.py FILE.md    puts each table between <!-- table NAME --> and <!-- end -->
"""
import pathlib
import re
import statistics
import sys

import rendition_common as common

NO_MEASURE = "—"


def number(value, digits=1):
    return NO_MEASURE if value is None else f"{value:.{digits}f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def by_format(rows, cell):
    """One line for each who, one column for each format."""
    formats = list(dict.fromkeys(row["format"] for row in rows))
    cells = {(row["name"], row["format"]): cell(row) for row in rows}
    names = dict.fromkeys(row["name"] for row in rows)
    return table(["", *(fmt.upper() for fmt in formats)],
                 [(name, *(cells.get((name, fmt), NO_MEASURE) for fmt in formats)) for name in names])


def rate(row):
    return f"{row['per_second']:.1f}/s ({row['ratio']:.2f})"


def http(result):
    return by_format(result["rows"], rate)


def processor(result):
    measured = [row for row in result["rows"] if row["cpu_ms"] is not None]
    return by_format(measured, lambda row: f"{row['cpu_ms']:.1f} ms")


def bare(result):
    return by_format(result["rows"], rate)


def ladder(result):
    return table(("source", "six together", "six one by one", "ratio", "asked"),
                 [(r["source"], f"{r['together_ms']:.1f} ms", f"{r['apart_ms']:.1f} ms",
                   number(r["ratio"], 2), "≥ 1.9" if r["source"] == "baseline" else "≥ 2.5")
                  for r in result["rows"]])


def stored(result):
    return table((f"{result['bytes']} bytes, 16 connections", "median", "ratio", "asked"),
                 [(r["name"], f"{r['per_second']:.0f}/s", number(r["ratio"], 2), r["asked"])
                  for r in result["rows"]])


def memory(result):
    head = f"{result['at_once']} JPEGs of {result['megapixels']} megapixels at once"
    return table((head, "idle, MB", "peak, MB", "peak of resident, summed", "peaks of each process, summed"),
                 [(r["name"], number(r["idle_pss"]), number(r["peak_pss"]), number(r["peak_rss"]),
                   number(r["sum_of_peaks"])) for r in result["rows"]])


def part(samples, key, first, last):
    chosen = samples[int(len(samples) * first):max(int(len(samples) * last), 1)]
    return statistics.mean(sample[key] for sample in chosen)


def growth(result):
    spans = ((0.1, 0.2), (0.45, 0.55), (0.9, 1.0))
    titles = {"pss": "server and workers, shared pages once", "all": "server and workers, resident summed",
              "server": "server alone, resident"}
    rate_text = f"{result['renditions'] / result['seconds']:.0f}/s"
    return table((f"{result['renditions']} mixed renditions, {rate_text}", "from 10 to 20 %, MB",
                  "from 45 to 55 %, MB", "last 10 %, MB"),
                 [(title, *(number(part(result["samples"], key, *span)) for span in spans))
                  for key, title in titles.items()])


def peers(result):
    return table(("format", "who", "SSIMULACRA2", "worst", "bytes", "per second"),
                 [(r["format"], r["name"], number(r["score"]), number(r["worst"]), number(r["bytes"], 0),
                   number(r["per_second"])) for r in common.rated(result["peers"])])


def frontier(result):
    return table(("box", "by", "light", "pixels left by the decoder's shrink", "SSIMULACRA2", "worst",
                  "processor ms, PNG included"),
                 [(r["box"], r["by"], r["space"],
                   f"≥ {r['reserve']} times" if r["reserve"] else "no shrink", number(r["score"]),
                   number(r["worst"]), number(r["cpu_ms"])) for r in result["frontier"]])


def encoders(result):
    return table(("encoder", "SSIMULACRA2", "worst", "bytes", "processor ms to encode"),
                 [(f"`{r['settings']}`", number(r["score"]), number(r["worst"]), number(r["bytes"], 0),
                   number(r["encode_ms"])) for r in result["encoders"]])


def conditions(result):
    text = (f"Measured {result['made'][:10]} on {result['cores']} cores, medians of {result['rounds']} rounds "
            f"of {result['seconds']} s; the load average was {result['load']}.")
    # The benchmark itself keeps a client and two renderers busy.
    if result["load"] > 2 * result["cores"]:
        text += " **The machine had other work too: the figures are provisional.**"
    return text


# Name of a table: the result that it is made from, and how.
TABLES = {"conditions": ("http", conditions), "http": ("http", http), "processor": ("http", processor),
          "bare": ("bare", bare), "ladder": ("ladder", ladder), "stored": ("stored", stored),
          "memory": ("memory", memory), "growth": ("growth", growth), "peers": ("quality", peers),
          "frontier": ("quality", frontier), "encoders": ("quality", encoders)}


def show(*names):
    for name in names:
        source, draw = TABLES[name]
        print("\n" + draw(common.load(source)), flush=True)


def fill(match):
    source, draw = TABLES[match["name"]]
    result = common.load(source)
    # What was not measured keeps what is there.
    if result is None or source == "quality" and match["name"] not in result:
        return match[0]
    return f"<!-- table {match['name']} -->\n{draw(result)}\n<!-- end -->"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    page = pathlib.Path(sys.argv[1])
    blocks = re.compile(r"<!-- table (?P<name>\w+) -->\n.*?<!-- end -->", re.DOTALL)
    page.write_text(blocks.sub(fill, page.read_text()))


if __name__ == "__main__":
    main()
