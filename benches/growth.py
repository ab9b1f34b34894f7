#!/usr/bin/env python3
"""What do many images and many shards cost?

    benches/growth.py [--shards N ...] [--dir FOLDER] [--bin PROGRAM]

First a part of 60,000 images of data sets of 10^4 to 10^8 digits, on six backgrounds each: seconds of processor time for a million images, and memory,
neither of which should grow. Then data sets of N shards of one image (default: 1000 10000; 100000 takes ten minutes, most of it the disk's syncing),
built as four parts: how long `merge`, `info`, `verify` and the same command again (which finds everything made) take, for each shard, and the most memory
that they hold. Needs Python 3 only; build first with `cargo build --release --locked`. Writes to FOLDER (default: a temporary folder) and removes it again.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PER_DIGIT = 6
MEASURE = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
code = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def measured(*command):
    """Seconds of the wall clock and of the processor, and the most megabytes, of a process."""
    out = subprocess.run([sys.executable, "-c", MEASURE, *map(str, command)], check=True, capture_output=True, text=True)
    code, wall, busy, peak = json.loads(out.stdout)
    if code:
        sys.exit(f"exit code {code}: {' '.join(map(str, command))}\n{out.stderr}")
    return wall, busy, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def images(program, folder):
    print("| digits | images in all | part | CPU s per million images | peak MB |\n| ---: | ---: | ---: | ---: | ---: |")
    for power in range(4, 9):
        total = 10**power * PER_DIGIT
        parts = total // 60_000
        out = folder / "images"
        part = ["--part", f"{parts // 2}/{parts}"] if parts > 1 else []
        _, busy, peak = measured(program, "colorize", "--quiet", "--input", f"digits:{10**power}", *part, "--out", out)
        manifest = next(path for path in out.iterdir() if path.name == "manifest.json" or path.name.startswith("part-"))
        made = sum(json.loads(line).get("rows", 0) for line in manifest.read_text().splitlines()) if part else total
        print(f"| 10^{power} | {total:,} | {made:,} | {busy / made * 1e6:.2f} | {peak:.0f} |", flush=True)
        shutil.rmtree(out)


def shards(program, folder, count):
    out = folder / "shards"
    build = [program, "colorize", "--quiet", "--input", f"digits:{count // PER_DIGIT}", "--shard-size", "1", "--out", out]
    for part in range(4):
        measured(*build, "--part", f"{part}/4")
    found = sum(path.name.endswith(".npz") for path in out.iterdir())
    for name, command in {
        "merge": [program, "merge", "--quiet", out],
        "info": [program, "info", out],
        "verify": [program, "verify", "--quiet", out],
        "again": build,
    }.items():
        wall, busy, peak = measured(*command)
        print(f"| {found:,} | {name} | {wall:.2f} | {busy / found * 1e6:.0f} | {peak:.0f} |", flush=True)
    shutil.rmtree(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", type=int, nargs="+", default=[1000, 10_000], metavar="N")
    parser.add_argument("--dir", type=pathlib.Path, help="folder on the disk to measure")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "target/release/mnistaug")
    args = parser.parse_args()
    if not args.bin.exists():
        sys.exit(f"{args.bin}: no such file; build it with: cargo build --release --locked")
    with tempfile.TemporaryDirectory(prefix="mnistaug-growth-", dir=args.dir) as folder:
        folder = pathlib.Path(folder)
        images(args.bin, folder)
        print("\n| shards | command | s | CPU µs a shard | peak MB |\n| ---: | --- | ---: | ---: | ---: |")
        for count in args.shards:
            shards(args.bin, folder, count)


if __name__ == "__main__":
    main()
