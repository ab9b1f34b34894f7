#!/usr/bin/env python3
"""How long do colorize and quadrant take, measured against copying what they write?

    benches/ratio.py [INPUT] [--pairs N] [--dir FOLDER] [--bin PROGRAM]

INPUT is anything that --input takes, for instance data/mnist; the built-in digits by default. Each pair runs the command into
an empty folder and then `cp -r` of that folder on the same disk; the two are timed in turn, N times (default 5), and the
medians and the median of the pairs' ratios are printed. mnistaug syncs every shard to the disk before it gives it its name and `cp` does
not, so the copy is also timed with an fsync of each file. Start-up times and peak memory follow. Needs Python 3 and `cp`
only; build first with `cargo build --release`. Takes 2 GB of disk in FOLDER (default: a temporary folder) and removes it again.

The figures depend on the machine, the disk and what else runs: compare ratios, not seconds.
"""
import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def timed(command):
    """Seconds of the wall clock, seconds of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak(command):
    """Largest resident size of the command in megabytes; measured in a process of its own."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdin=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    out = subprocess.run([sys.executable, "-c", code, *map(str, command)], check=True, capture_output=True, text=True)
    return int(out.stdout) / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def pairs(name, command, folder, count):
    made, copy = folder / "made", folder / "copy"
    runs = []
    for _ in range(count):
        shutil.rmtree(made, ignore_errors=True)
        seconds, busy = timed([*command, "--out", made])
        copied, _ = timed(["cp", "-r", made, copy])
        start = time.perf_counter()
        for file in copy.iterdir():
            with open(file, "rb") as copied_file:
                os.fsync(copied_file.fileno())
        synced = copied + time.perf_counter() - start
        shutil.rmtree(copy)
        runs.append((seconds, copied, seconds / copied, synced, seconds / synced, busy))
    size = sum(file.stat().st_size for file in made.iterdir()) / 1e6
    shutil.rmtree(made)
    own, cp, ratio, synced, synced_ratio, busy = (statistics.median(column) for column in zip(*runs))
    ratios = sorted(run[2] for run in runs)
    print(
        f"{name:<24} {size:7.0f} MB  {own:7.2f} s ({busy:.2f} s CPU)  cp -r {cp:7.2f} s  "
        f"ratio {ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})  cp -r and fsync {synced:.2f} s  ratio {synced_ratio:.2f}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", nargs="?", default="digits")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--dir", type=pathlib.Path, help="folder on the disk to measure")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--bin", type=pathlib.Path, default=root / "target/release/mnistaug")
    args = parser.parse_args()
    if not args.bin.exists():
        sys.exit(f"{args.bin}: no such file; build it with: cargo build --release --locked")
    if args.pairs < 1:
        sys.exit("--pairs: expected a number from 1 on")
    with tempfile.TemporaryDirectory(prefix="mnistaug-ratio-", dir=args.dir) as folder:
        folder = pathlib.Path(folder)
        colorize = [args.bin, "colorize", "--quiet", "--input", args.input]
        quadrant = [args.bin, "quadrant", "--quiet", "--input", args.input]
        pairs("colorize", colorize, folder, args.pairs)
        pairs("quadrant, stored", [*quadrant, "--compress", "none"], folder, args.pairs)
        pairs("quadrant, as by default", quadrant, folder, args.pairs)
        small = [args.bin, "colorize", "--quiet", "--force", "--input", "digits", "--limit", 10, "--out", folder / "small"]
        for name, command in (("--version", [args.bin, "--version"]), ("colorize --limit 10", small)):
            runs = [timed(command)[0] * 1000 for _ in range(20)]
            print(f"{name:<24} {statistics.median(runs):7.1f} ms (least {min(runs):.1f} ms)")
        for name, command in (("colorize", colorize), ("quadrant", quadrant)):
            print(f"{name + ': peak memory':<24} {peak([*command, '--out', folder / name]):7.0f} MB")
            shutil.rmtree(folder / name)


if __name__ == "__main__":
    main()
