#!/usr/bin/env python3
"""Draws build/bench-results/*.json as one SVG. Usage: chart.py OUT.svg

What was not measured is left out. The picture follows the reader's light or dark mode.
"""
import html
import math
import pathlib
import sys

import rendition_common as common

PANEL_WIDTH, PANEL_HEIGHT, GAP, TOP = 500, 330, 24, 70
COLORS = {"tintype": "#1f77d0", "tintype, fast": "#63b1f5", "tintype, best": "#4b57c9",
          common.STANDIN: "#e07b28", common.STANDIN_TUNED: "#eba76b", "imgproxy": "#c9561a",
          "oximg": "#35a065", "sharp": "#a05fc7", "sharp, jemalloc": "#c79be0"}
OTHER = "#8a8f98"
STYLE = """
  text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #24292f }
  .page { fill: #ffffff } .card { fill: #f6f8fa } .grid { stroke: #d0d7de; stroke-width: 1 }
  .title { font-size: 15px; font-weight: 600 } .head { font-size: 20px; font-weight: 600 }
  .soft { fill: #57606a; font-size: 11px }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .page { fill: #0d1117 } .card { fill: #161b22 } .grid { stroke: #30363d }
    .soft { fill: #9198a1 } }
"""


def color(name):
    return COLORS.get(name, OTHER)


def short(value):
    if value >= 10_000:
        return f"{value / 1000:.0f}k"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


class Panel:
    """One diagram: a card with a title, and drawing in its own coordinates."""

    def __init__(self, title, note=""):
        self.parts = [f'<rect class="card" width="{PANEL_WIDTH}" height="{PANEL_HEIGHT}" rx="8"/>']
        self.text(16, 26, title, "title")
        if note:
            self.text(16, 44, note, "soft")

    def text(self, x, y, words, kind="", anchor="start", turn=0):
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}"{turned}>'
                          f"{html.escape(str(words))}</text>")

    def line(self, x1, y1, x2, y2):
        self.parts.append(f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def bar(self, x, y, width, height, fill):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" '
                          f'height="{height:.1f}" rx="2" fill="{fill}"/>')

    def dot(self, x, y, fill):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{fill}"/>')

    def path(self, points, stroke):
        steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{steps}" fill="none" stroke="{stroke}" stroke-width="2"/>')

    def at(self, x, y):
        return f'<g transform="translate({x} {y})">' + "".join(self.parts) + "</g>"


class Scale:
    """Values to pixels. `log` for rates and times."""

    def __init__(self, low, high, first, last, log=False):
        self.low, self.high, self.first, self.last, self.log = low, high, first, last, log

    def __call__(self, value):
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)

    def ticks(self):
        if self.log and self.high > 6 * self.low:
            steps = [factor * 10.0 ** power for power in range(-2, 7) for factor in (1, 2, 5)]
        else:
            rough = (self.high - self.low) / 5
            size = 10 ** math.floor(math.log10(rough))
            step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
            steps = [step * i for i in range(math.ceil(self.low / step), math.ceil(self.high / step) + 1)]
        return [step for step in steps if self.low <= step <= self.high]


def frame(panel, x, y, x_name, y_name):
    for tick in x.ticks():
        panel.line(x(tick), y.last, x(tick), y.first)
        panel.text(x(tick), y.first + 16, short(tick) if tick % 1 or tick >= 10_000 else f"{tick:.0f}",
                   "soft", "middle")
    for tick in y.ticks():
        panel.line(x.first, y(tick), x.last, y(tick))
        panel.text(x.first - 6, y(tick) + 4, f"{tick:g}", "soft", "end")
    panel.text((x.first + x.last) / 2, PANEL_HEIGHT - 10, x_name, "soft", "middle")
    panel.text(18, (y.first + y.last) / 2, y_name, "soft", "middle", -90)


def bars(title, note, rows, unit):
    """Horizontal bars: (label, value, colour); a label without value is a heading."""
    panel = Panel(title, note)
    top, bottom = 58, PANEL_HEIGHT - 28
    left = max(120, 24 + 6.2 * max(len(label) for label, _, _ in rows))
    pitch = min(32, (bottom - top) / len(rows))
    most = max(value for _, value, _ in rows if value is not None)
    scale = Scale(0, most * 1.18, left, PANEL_WIDTH - 16)
    for tick in scale.ticks():
        panel.line(scale(tick), top - 4, scale(tick), bottom)
        panel.text(scale(tick), bottom + 13, f"{tick:g}", "soft", "middle")
    for i, (label, value, fill) in enumerate(rows):
        y = top + i * pitch
        panel.text(left - 8, y + pitch * 0.5 + 4, label, "soft" if value is not None else "", "end")
        if value is not None:
            panel.bar(left, y + pitch * 0.12, scale(value) - left, pitch * 0.76, fill)
            panel.text(scale(value) + 5, y + pitch * 0.5 + 4, short(value), "soft")
    panel.text((left + PANEL_WIDTH - 16) / 2, PANEL_HEIGHT - 3, unit, "soft", "middle")
    return panel


def label_places(x, y, width):
    """Where a name may stand, best first: left edge and middle."""
    for down in (0, 13, -13, 26, -26, 39, -39, 52):
        for start in (x + 9, x - 9 - width):
            if 50 < start and start + width < PANEL_WIDTH - 10 and 58 < y + down < PANEL_HEIGHT - 50:
                yield start, y + down
    yield x + 9, y


def labels(panel, points):
    """Names beside dots, so that none covers another, or a dot."""
    taken = [(x - 7, x + 7, y, 9) for x, y, _ in points]
    for x, y, name in sorted(points, key=lambda point: point[1]):
        width = 6.0 * len(name)
        places = list(label_places(x, y, width))
        start, middle = next((place for place in places if not any(
            abs(place[1] - level) < room and place[0] < right and left < place[0] + width
            for left, right, level, room in taken)), places[0])
        taken.append((start, start + width, middle, 12))
        if start < x:
            panel.text(x - 9, middle + 4, name, "soft", "end")
        else:
            panel.text(start, middle + 4, name, "soft")


def scatter(title, note, points, x_name, y_name, lines=()):
    """Dots (x, y, label, colour) over a logarithmic x; `lines` join the points of a group."""
    panel = Panel(title, note)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    pad = max(1.0, (max(ys) - min(ys)) * 0.12)
    x = Scale(min(xs) / 1.25, max(xs) * 1.5, 58, PANEL_WIDTH - 16, log=True)
    y = Scale(min(ys) - pad, max(ys) + pad, PANEL_HEIGHT - 48, 58)
    frame(panel, x, y, x_name, y_name)
    for group, stroke in lines:
        panel.path([(x(a), y(b)) for a, b in group], stroke)
    for a, b, _, fill in points:
        panel.dot(x(a), y(b), fill)
    labels(panel, [(x(a), y(b), name) for a, b, name, _ in points])
    return panel


# --- the panels ------------------------------------------------------------------------------

def rate_panels(http):
    for fmts in (("jpeg", "webp"), ("png", "avif")):
        rows = []
        for fmt in fmts:
            chosen = [r for r in http["rows"] if r["format"] == fmt]
            if chosen:
                rows.append((fmt.upper(), None, None))
                rows += [(r["name"], r["per_second"], color(r["name"])) for r in chosen]
        if rows:
            yield bars("Renditions per second: " + ", ".join(fmt.upper() for fmt in fmts),
                       "through HTTP, fit 512 × 512, two at a time; sharp in a loop without HTTP", rows,
                       "renditions per second")


def quality_panels(quality):
    for fmt in ("jpeg", "webp", "png"):
        points = [(r["per_second"], r["score"], r["name"], color(r["name"]))
                  for r in common.rated(quality["peers"]) if r["format"] == fmt and r["per_second"]]
        if points:
            yield scatter(f"Quality beside speed: {fmt.upper()}",
                          "SSIMULACRA2 against a linear-light Lanczos reference; up and right is better",
                          points, "renditions per second (logarithmic)", "SSIMULACRA2, mean")


def frontier_panel(frontier):
    box = min(row["box"] for row in frontier)
    frontier = [row for row in frontier if row["box"] == box]
    ways = {"gamma": "#e07b28", "linear16": "#35a065"}
    points, lines = [], []
    for space, stroke in ways.items():
        rows = [r for r in frontier if r["space"] == space and r["by"] == "libvips"]
        light = space.removesuffix("16")
        named = [(r["cpu_ms"], r["score"], f"{light}, {r['reserve'] or 'no shrink'}", stroke)
                 for r in rows]
        points += named
        lines.append(([point[:2] for point in named], stroke))
    own = [(r["cpu_ms"], r["score"], r["by"], color(r["by"].replace(", balanced", "")))
           for r in frontier if r["by"] != "libvips"]
    lines.append(([point[:2] for point in own], COLORS["tintype"]))
    return scatter("How far the JPEG decoder may shrink",
                   f"to {box} × {box}, PNG; numbers: how many times the result's size the decoder leaves",
                   points + own, "processor ms for one rendition (logarithmic)", "SSIMULACRA2, mean", lines)


def ladder_panel(ladder):
    rows = []
    for r in ladder["rows"]:
        rows += [(f"{r['source']} source", None, None), ("one by one", r["apart_ms"], OTHER),
                 ("from one decode", r["together_ms"], COLORS["tintype"])]
    return bars("A ladder of six JPEGs", "1080, 720, 480, 320, 160 and 64 pixels", rows,
                "processor ms for all six")


def stored_panel(stored):
    rows = [(r["name"], r["per_second"] / 1000, COLORS["tintype"] if i else OTHER)
            for i, r in enumerate(stored["rows"])]
    return bars("Renditions that are there", f"{stored['bytes']} bytes, 16 connections", rows,
                "thousands of answers per second")


def memory_panel(memory):
    rows = [(r["name"], r["peak_pss"], color(r["name"])) for r in memory["rows"]]
    return bars("Peak memory", f"{memory['at_once']} JPEGs of {memory['megapixels']} megapixels at once",
                rows, "MB, pages shared by processes counted once")


def growth_panel(growth):
    panel = Panel("Memory over many renditions", "mixed sizes, formats and operations, two at a time")
    samples = growth["samples"]
    x = Scale(0, samples[-1]["renditions"] or 1, 58, PANEL_WIDTH - 110)
    y = Scale(0, max(sample["pss"] for sample in samples) * 1.15, PANEL_HEIGHT - 48, 58)
    frame(panel, x, y, "renditions", "MB")
    for key, name, stroke in (("pss", "with workers", COLORS["tintype"]), ("server", "server alone", OTHER)):
        panel.path([(x(s["renditions"]), y(s[key])) for s in samples], stroke)
        panel.text(x.last + 6, y(samples[-1][key]) + 4, name, "soft")
    return panel


def panels():
    found = {name: common.load(name) for name in ("http", "quality", "ladder", "stored", "memory", "growth")}
    if found["http"]:
        yield from rate_panels(found["http"])
    if found["quality"] and "peers" in found["quality"]:
        yield from quality_panels(found["quality"])
    if found["quality"] and "frontier" in found["quality"]:
        yield frontier_panel(found["quality"]["frontier"])
    for name, draw in (("ladder", ladder_panel), ("stored", stored_panel), ("memory", memory_panel),
                       ("growth", growth_panel)):
        if found[name]:
            yield draw(found[name])


def main():
    drawn = list(panels())
    if not drawn:
        sys.exit("There are no results: bench/run/renditions.sh makes them.")
    width = 2 * PANEL_WIDTH + 3 * GAP
    height = TOP + math.ceil(len(drawn) / 2) * (PANEL_HEIGHT + GAP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
           f'aria-label="Benchmarks of renditions"><style>{STYLE}</style>'
           f'<rect class="page" width="{width}" height="{height}"/>'
           f'<text class="head" x="{GAP}" y="36">Tintype: renditions</text>'
           f'<text class="soft" x="{GAP}" y="56">One machine, one run; stand-in: a Go + libvips server '
           "with imgproxy's default steps. docs/PERFORMANCE.md has the method.</text>"]
    for i, panel in enumerate(drawn):
        out.append(panel.at(GAP + i % 2 * (PANEL_WIDTH + GAP), TOP + i // 2 * (PANEL_HEIGHT + GAP)))
    pathlib.Path(sys.argv[1]).write_text("\n".join(out) + "\n</svg>\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
