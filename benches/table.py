#!/usr/bin/env python3
"""Measures the augmenters and writes the tables of docs/performance.md.

    benches/table.py [--from FILE]

Runs `cargo bench --bench ops` (about 20 seconds after compiling; leave the machine alone meanwhile) and puts the medians between the
markers in docs/performance.md; the text around them stays as it is. With --from, reads what an earlier run printed. Needs Python 3
and cargo only.
"""
import argparse
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"

# Images a second that are asked for: on one core, and for presets on two.
POINT = 1_000_000
ASKED = {
    "add": POINT,
    "multiply": POINT,
    "invert": POINT,
    "invert, always": POINT,
    "linear_contrast": POINT,
    "grayscale": POINT,
    "fliplr": POINT,
    "fliplr, always": POINT,
    "flipud": POINT,
    "flipud, always": POINT,
    "add_to_hue_and_saturation": 200_000,
    "add_to_saturation": 200_000,
    "additive_gaussian_noise": 250_000,
    "gaussian_blur": 300_000,
    "median_blur": 30_000,
    "affine, bilinear": 250_000,
    "perspective_transform": 150_000,
    "piecewise_affine": 80_000,
    "elastic_transformation": 60_000,
    "superpixels": 5_000,
    "imgaug-heavy": 45_000,
    "elastic": 600_000,
}
UNIT = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}
TREE = "├╰│─ "


def measured(text):
    """{group: {name: median items a second}}, in the order of the output."""
    found, group, name = {}, None, None
    for line in text.splitlines():
        cells = line.split("│")
        label = re.match(rf"^[{TREE}]*(.*?)(\s{{2,}}.*)?$", line)[1].strip()
        rate = re.findall(r"([\d.]+) ([KMG]?)item/s", line)
        if rate and name:
            # Fastest, slowest, median, mean.
            value, unit = rate[2]
            found.setdefault(group, {})[name] = float(value) * UNIT[unit]
            name = None
        elif re.match(r"^[├╰]─", line):
            group, name = label, None
        elif re.match(r"^(│ | {2}) *[├╰]─", line) and re.search(r"\d (ns|µs|ms|s)\b", cells[-1] + line):
            name = label
    return found


def machine():
    """Threads and compiler; ratios of one run are what counts, not whose processor it was."""
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1:2]
    return f"{os.cpu_count()} threads, {platform.machine()}, rustc {' '.join(compiler)}"


def rows(results):
    """Lines of a table: what, asked, measured, ratio."""
    yield "| operation | asked, images/s | measured, images/s | ratio |"
    yield "| --- | ---: | ---: | ---: |"
    for name, rate in results.items():
        asked = ASKED.get(name)
        # Three digits; what lies beyond is noise.
        digits = f"{float(f'{rate:.3g}'):,.0f}"
        yield f"| {name} | {f'{asked:,}' if asked else ''} | {digits} | {f'{rate / asked:.2f}' if asked else ''} |"


def table(found):
    lines = [
        f"Measured with `benches/table.py` on: {machine()}.",
        "",
        "Presets, two threads; `elastic` on gray images:",
        "",
        *rows(found["two_threads"]),
        "",
        "Single operations, one thread:",
        "",
        *rows(found["single"]),
        "",
        "Corruptions of MNIST-C on gray images, one thread:",
        "",
        *rows(found["gray"]),
        "",
        "`imgaug-light` by size, one thread:",
        "",
        "| image | ns per pixel |",
        "| --- | ---: |",
    ]
    for size, rate in found["light_pixels"].items():
        height, width = re.findall(r"\d+", size)
        lines.append(f"| {height}x{width}x3 | {1e9 / rate:.2f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="file", type=pathlib.Path, help="output of an earlier run")
    args = parser.parse_args()
    if args.file:
        text = args.file.read_text()
    else:
        command = ["cargo", "bench", "--locked", "--bench", "ops"]
        run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        text = run.stdout
        sys.stderr.write(text)
        if run.returncode:
            sys.exit(run.returncode)
    found = measured(text)
    missing = {"single", "gray", "two_threads", "light_pixels"} - found.keys()
    missing |= ASKED.keys() - {name for group in found.values() for name in group}
    if missing:
        sys.exit(f"not in the output: {', '.join(sorted(missing))}")
    page = PAGE.read_text()
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        sys.exit(f"{PAGE}: expected the lines {BEGIN} and {END} once each")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}")


if __name__ == "__main__":
    main()
