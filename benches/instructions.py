#!/usr/bin/env python3
"""How many instructions do ten fixed jobs take, and has any of them grown?

    benches/instructions.py [--bin PROGRAM] [--only NAME ...] [--write]

Runs each job under `valgrind --tool=callgrind` on one thread and compares what it counts with benches/instructions.json; a job that takes more
than 3 % more than on record is an error, one that takes more than 3 % less is told. Instructions do not depend on what else the machine does, so that
this finds what a timed test would drown in noise. Inputs are built-in digits, nothing is left behind. --write puts what was counted on record.

Compilers differ by more than the tolerance, and so do vector instructions: the record names the compiler that it was made with, and was made with AVX2 (which is what
valgrind knows). With another compiler, or without AVX2, differences are told and are no errors.
Needs Python 3 and valgrind; build first with `cargo build --release --locked`. Takes two minutes.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = pathlib.Path(__file__).with_suffix(".json")
TOLERANCE = 0.03
# What starting a process may take more on another system.
START = 2_000_000

# OUT is an empty folder, COLORED one of 28x28x3 shards; every job has one thread.
JOBS = {
    "start": ["--version"],
    "colorize": ["colorize", "--input", "digits", "--limit", "4000", "--out", "OUT"],
    "quadrant": ["quadrant", "--input", "digits", "--limit", "2000", "--compress", "none", "--out", "OUT"],
    "augment-light": ["augment", "--input", "COLORED", "--pipeline", "imgaug-light", "--out", "OUT"],
    "augment-heavy": ["augment", "--input", "COLORED", "--pipeline", "imgaug-heavy", "--limit", "2000", "--out", "OUT"],
    "augment-keras": ["augment", "--input", "digits", "--limit", "4000", "--rotation-range", "10", "--zoom-range", "0.1", "--out", "OUT"],
    "split": ["split", "--input", "COLORED", "--test-size", "0.3", "--stratify", "--out", "OUT"],
    "export-csv": ["export", "--input", "COLORED", "--format", "csv", "--limit", "3000", "--out", "OUT"],
    "export-png": ["export", "--input", "COLORED", "--format", "png", "--limit", "2000", "--out", "OUT"],
    "verify": ["verify", "COLORED", "--rebuild"],
}


def counted(program, arguments, folder):
    """Instructions that the program takes, its libraries included."""
    count = folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={count}", program, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stderr}")
    return int(re.search(r"^(?:summary|totals): (\d+)", count.read_text(encoding="utf-8"), re.M)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "target/release/mnistaug")
    parser.add_argument("--only", nargs="+", choices=JOBS, default=list(JOBS), metavar="NAME", help=", ".join(JOBS))
    parser.add_argument("--write", action="store_true", help="put what was counted on record")
    args = parser.parse_args()
    if not args.bin.exists():
        sys.exit(f"{args.bin}: no such file; build it with: cargo build --release --locked")
    if not shutil.which("valgrind"):
        sys.exit("valgrind is not installed")
    compiler = " ".join(subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[:2])
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {"compiler": compiler, "jobs": {}}
    cpu = pathlib.Path("/proc/cpuinfo")
    vectors = cpu.exists() and " avx2 " in cpu.read_text(encoding="utf-8")
    binding = record["compiler"] == compiler and vectors
    if not binding:
        print(f"the record was made with {record['compiler']} and AVX2, this is {compiler}{'' if vectors else ' without'}: differences are no errors")
    grown = []
    with tempfile.TemporaryDirectory(prefix="mnistaug-instructions-") as folder:
        folder = pathlib.Path(folder)
        colored = folder / "colored"
        subprocess.run([args.bin, "colorize", "--quiet", "--input", "digits", "--limit", "600", "--out", colored], check=True)
        print(f"{'job':<16} {'on record':>16} {'now':>16}")
        for name in args.only:
            out = folder / "out"
            places = {"OUT": out, "COLORED": colored}
            arguments = [places.get(part, part) for part in JOBS[name]]
            if name != "start":
                arguments += ["--threads", "1", "--quiet"]
            now = counted(args.bin, arguments, folder)
            shutil.rmtree(out, ignore_errors=True)
            then = record["jobs"].get(name)
            ratio = now / then if then else None
            verdict = "new" if ratio is None else f"{ratio:.3f}"
            if ratio and ratio > 1 + TOLERANCE and now - then > START:
                verdict += "  GROWN"
                grown.append(name)
            elif ratio and ratio < 1 - TOLERANCE:
                verdict += "  less: --write puts it on record"
            print(f"{name:<16} {then or 0:>16,} {now:>16,}  {verdict}", flush=True)
            if args.write:
                record["jobs"][name] = now
    if args.write:
        record["compiler"] = compiler
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    elif grown and binding:
        sys.exit(f"more than {TOLERANCE:.0%} more instructions than on record: {', '.join(grown)}")


if __name__ == "__main__":
    main()
