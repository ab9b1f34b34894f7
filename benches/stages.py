#!/usr/bin/env python3
"""Where do the processor's seconds go, and how far is each stage from the speed of memory?

    benches/stages.py [INPUT] [--dir FOLDER] [--bin PROGRAM] [--other N]

Runs colorize, quadrant, augment (imgaug-heavy), export to CSV and split under `perf record` and tells what each sample of it was at by the names of functions on its
stack: read (files, unpacking), draw (random numbers), paint (kernels), copy (memory to memory), encode (texts, compression, zip), hash (BLAKE3, CRC-32, XXH3), write and
sync (in the operating system), memory (page faults), wait (locks, idle workers) and other, whose N largest names --other prints. Prints seconds, and gigabytes of output for each second; `cp -r` of
the output stands beside. Needs Python 3, cp and a perf that may record the kernel; build first with `cargo build --release --locked`. Takes 2 GB of disk in FOLDER
(default: a temporary folder) and removes it again.
"""
import argparse
import collections
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAGES = ["read", "draw", "paint", "copy", "encode", "hash", "write", "sync", "memory", "wait", "other"]
# The innermost function on the stack that matches decides; of the operating system's functions, the call that led to them.
PATTERNS = [
    ("sync", r"sys_f(data)?sync|sys_rename"),
    ("write", r"sys_p?write|sys_ftruncate|sys_fallocate"),
    ("read", r"sys_p?read|sys_open|sys_statx|sys_newfstat|inflate|sources::leaves|codec::(idx|spool)"),
    ("memory", r"exc_page_fault|sys_mmap|sys_munmap|sys_brk|sys_madvise|clear_page"),
    ("wait", r"sys_futex|sys_sched_yield|rayon_core|crossbeam"),
    ("hash", r"blake3|crc32|xxh3|xxhash|ContentDigest|digest_sample|Block.*digest"),
    ("encode", r"deflate|csv|itoa|stored_zip|formats::"),
    ("draw", r"chacha|stream::|rand(_distr|_core)?::|::draw|Drawing|Address"),
    ("copy", r"memmove|memcpy|memset|batch::|Canvas.*load"),
    ("paint", r"kernels::|vectorize|::paint|libm|nodes::"),
]


def stage_of(stack):
    """The stage of one sample: a list of names, the innermost first."""
    kernel = [name for name in stack if not re.search(r"::|^_?[a-z0-9_]*(blake3|mem)", name)]
    for names in (stack[:1], kernel, stack[1:4]):
        for name in names:
            for stage, pattern in PATTERNS:
                if re.search(pattern, name):
                    return stage
    return "other"


def samples(data):
    """The stacks of all samples, as lists of names."""
    script = subprocess.run(["perf", "script", "-i", data, "-F", "ip,sym"], capture_output=True, text=True, check=True).stdout
    for block in script.split("\n\n"):
        stack = [line.strip().split(" ", 1)[1] for line in block.splitlines() if " " in line.strip()]
        if stack:
            yield stack


def measured(command, folder):
    """Processor seconds by stage, and the names of what has none."""
    data = folder / "perf.data"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["perf", "record", "-q", "-F", "1999", "-g", "-o", data, *command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    counts, others = collections.Counter(), collections.Counter()
    for stack in samples(data):
        stage = stage_of(stack)
        counts[stage] += 1
        if stage == "other":
            others[" < ".join(stack[:3])] += 1
    total = sum(counts.values())
    return {stage: counts[stage] / total * busy for stage in STAGES}, busy, others


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", nargs="?", default="digits")
    parser.add_argument("--dir", type=pathlib.Path, help="folder on the disk to measure")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "target/release/mnistaug")
    parser.add_argument("--other", type=int, default=0, metavar="N")
    args = parser.parse_args()
    for needed in (args.bin, shutil.which("perf")):
        if not needed or not pathlib.Path(needed).exists():
            sys.exit(f"{needed or 'perf'}: not there")
    with tempfile.TemporaryDirectory(prefix="mnistaug-stages-", dir=args.dir) as folder:
        folder = pathlib.Path(folder)
        colored = folder / "colored"
        subprocess.run([args.bin, "colorize", "--quiet", "--input", args.input, "--limit", "10000", "--out", colored], check=True)
        small = ["--input", colored, "--limit", "60000"]
        print("| job | MB | " + " | ".join(STAGES) + " | all | cp |\n| --- |" + " ---: |" * (len(STAGES) + 3))
        for name, job in {
            "colorize, stored": ["colorize", "--input", args.input],
            "quadrant, stored": ["quadrant", "--input", args.input, "--compress", "none"],
            "augment, imgaug-heavy": ["augment", *small, "--pipeline", "imgaug-heavy"],
            "split": ["split", *small, "--test-size", "0.3", "--stratify"],
            "export, csv": ["export", *small, "--format", "csv"],
        }.items():
            out, copy = folder / "out", folder / "copy"
            stages, busy, others = measured([args.bin, *job, "--quiet", "--out", out], folder)
            size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(["cp", "-r", out, copy], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            copied = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            speed = " | ".join(f"{stages[stage]:.2f}" for stage in STAGES)
            print(f"| {name}, CPU s | {size / 1e6:.0f} | {speed} | {busy:.2f} | {copied:.2f} |")
            speed = " | ".join(f"{size / stages[stage] / 1e9:.1f}" if stages[stage] > 0.005 else "" for stage in STAGES)
            print(f"| GB of output a CPU s | | {speed} | {size / busy / 1e9:.2f} | {size / copied / 1e9:.1f} |", flush=True)
            for stack, count in others.most_common(args.other):
                print(f"    {count:6} {stack}")
            shutil.rmtree(out)
            shutil.rmtree(copy)


if __name__ == "__main__":
    main()
