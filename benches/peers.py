#!/usr/bin/env python3
"""How fast is mnistaug beside the libraries that its operations come from? Both are measured in turn, in one run on one machine.

    benches/peers.py WORK [--rounds N] [--torch PYTHON] [--only PART ...]

WORK is a folder for virtual environments (kept for the next run) and for data (3 GB, removed at the end). Parts are

    operations  each line of crates/core/benches/operations.txt, by `cargo bench` and by imgaug or torchvision, one core each: the
                program itself writes the library's Python (`pipeline convert --library`), and both get the same images
    heavy       `augment --pipeline imgaug-heavy` as a process, files included, beside imgaug in two processes
    keras       Keras' ImageDataGenerator beside `augment` of the same parameters, one core
    colorize    `colorize` into stored NPZ beside `cp -r` of what it wrote, and beside the loop of a notebook
    tables      `export --format csv` beside pandas and beside `cp`; `split` beside scikit-learn
    notebook    `run notebook` into four CSV files beside the sum of what its steps take in Python

Prints tables in Markdown: medians of N rounds (default 3), and ratios of the medians. imgaug, Keras, pandas and scikit-learn are installed into
WORK; torchvision is used where `--torch` names a Python that has it. Build first with `cargo build --release`. Leave the machine alone meanwhile:
about ten minutes on two cores.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import table  # noqa: E402


ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "target/release/mnistaug"
OPERATIONS = ROOT / "crates/core/benches/operations.txt"
# The last versions of one another that imgaug runs on.
ENVIRONMENTS = {
    "imgaug": [
        "numpy==1.23.5", "opencv-python-headless==4.7.0.72", "scikit-image==0.20.0", "scipy==1.10.1", "imgaug==0.4.0",
        "pandas==1.5.3", "scikit-learn==1.2.2", "pillow",
    ],
    "keras": ["tensorflow-cpu", "scipy"],
}
KERAS = {"rotation_range": 10, "zoom_range": 0.1, "shear_range": 0.5, "width_shift_range": 0.1, "height_shift_range": 0.1, "horizontal_flip": True}
IMAGES = 2000


def say(text=""):
    print(text, flush=True)


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL, **options)


def seconds(*command, cores=None):
    """Seconds of the wall clock that a process takes, on these processors."""
    pinned = (lambda: os.sched_setaffinity(0, cores)) if cores and hasattr(os, "sched_setaffinity") else None
    start = time.perf_counter()
    run(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=pinned)
    return time.perf_counter() - start


def three(number):
    """Three digits; what lies beyond is noise."""
    return f"{float(f'{number:.3g}'):,.10g}"


class Peers:
    """The environments in which the peers run."""

    def __init__(self, work, torch):
        self.work, self.torch = work, torch

    def python(self, name):
        if name == "torchvision":
            return self.torch
        venv = self.work / name
        if not (venv / "ready").exists():
            for base in ("python3.11", "python3.10", "python3"):
                if not shutil.which(base):
                    continue
                shutil.rmtree(venv, ignore_errors=True)
                run(base, "-m", "venv", venv)
                pip = [venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *ENVIRONMENTS[name]]
                if subprocess.run([str(part) for part in pip]).returncode == 0:
                    (venv / "ready").touch()
                    break
            else:
                sys.exit(f"{name} cannot be installed here")
        return venv / "bin/python"

    def ask(self, name, part, cores=None, **what):
        """What a part of this script, run inside an environment, found."""
        environ = {**os.environ, "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        # Python only asks its environment; NumPy's own settings are the machine's business.
        pinned = (lambda: os.sched_setaffinity(0, cores)) if cores and hasattr(os, "sched_setaffinity") else None
        done = run(
            self.python(name), __file__, "--inside", part, json.dumps(what),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ, preexec_fn=pinned,
        )
        return json.loads(done.stdout.splitlines()[-1])


# ---- What runs inside the environments


def rate(work, count, least=0.4):
    """Items a second of `work`, which does `count` of them, over at least this many seconds."""
    work()
    done, start = 0, time.perf_counter()
    while True:
        work()
        done += count
        passed = time.perf_counter() - start
        if passed >= least:
            return done / passed


def pipeline_of(source):
    names = {}
    exec(source, names)
    return names.get("seq") or names["transform"]


def inside_operations(images, sources, library):
    import numpy as np

    data = np.load(images)
    found = {}
    if library == "torchvision":
        from PIL import Image

        pictures = [Image.fromarray(image) for image in data[:500]]
    for name, source in sources.items():
        pipeline = pipeline_of(source)
        if library == "torchvision":
            found[name] = rate(lambda: [pipeline(picture) for picture in pictures], len(pictures))
        else:
            # The slowest ones take seconds for a thousand.
            some = data[: 64 if name in ("superpixels", "piecewise_affine") else 512]
            found[name] = rate(lambda: pipeline(images=some), len(some))
    return found


SEQ = None


def augment_all(data):
    return len(SEQ(images=data))


def inside_heavy(images, source, processes):
    import multiprocessing

    import numpy as np

    global SEQ
    SEQ = pipeline_of(source)
    data = np.load(images)[:1024]
    if processes == 1:
        return rate(lambda: SEQ(images=data), len(data), 1)
    with multiprocessing.Pool(processes) as pool:
        parts = np.array_split(data, 2 * processes)
        return rate(lambda: pool.map(augment_all, parts), len(data), 1)


def inside_keras(images, parameters):
    import numpy as np

    try:
        from keras.src.legacy.preprocessing.image import ImageDataGenerator
    except ImportError:
        from tensorflow.keras.preprocessing.image import ImageDataGenerator
    data = np.load(images)[:IMAGES]
    data = data.reshape(*data.shape[:3], -1)
    labels = np.zeros(len(data))
    batches = ImageDataGenerator(**parameters).flow(data, labels, batch_size=100, shuffle=False)
    return rate(lambda: [next(batches) for _ in range(len(batches))], len(data), 1)


def inside_colorize(images, backgrounds):
    """The loop that notebooks have: a random color for each digit, over each background."""
    import numpy as np
    from PIL import Image

    digits = np.load(images)
    grounds = [np.asarray(Image.open(path).convert("RGB").resize((28, 28))) for path in backgrounds]

    def work():
        out = []
        for digit in digits[:500]:
            mask = digit.reshape(28, 28, 1) / 255.0
            for ground in grounds:
                color = np.random.randint(0, 256, 3)
                out.append((mask * color + (1 - mask) * ground).astype(np.uint8))
        return np.stack(out)

    return rate(work, 500 * len(grounds), 1)


def inside_tables(images, labels, folder):
    import numpy as np
    import pandas as pd
    from sklearn.model_selection import train_test_split

    x, y = np.load(images), np.load(labels)
    rows = x.reshape(len(x), -1)[:2000]
    path = os.path.join(folder, "pandas.csv")
    found = {"csv": rate(lambda: pd.DataFrame(rows).to_csv(path), len(rows), 1)}
    os.remove(path)
    many = np.tile(x, (5, 1, 1, 1))
    many_labels = np.tile(y, 5)
    found["split"] = rate(lambda: train_test_split(many, many_labels, test_size=0.3, random_state=42, stratify=many_labels), len(many), 1)
    return found


# ---- What is measured beside them


def sources_of(lines, library, work):
    """The Python of `library` that the program writes of each line."""
    found = {}
    for name, step in lines:
        file = work / "step.yaml"
        file.write_text(f"version: 1\npipeline: [{{ {step} }}]\n")
        done = run(BIN, "pipeline", "convert", "--quiet", file, "--library", library, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        found[name] = done.stdout
    return found


def operations(args, peers, data):
    lines = [line.split(" = ", 1) for line in OPERATIONS.read_text().splitlines() if not line.startswith("#")]
    own, others = {}, {}
    sources = {"imgaug": sources_of([line for line in lines if not line[0].startswith(("tv_", "keras_", "alb_", "mc_", "ic_"))], "imgaug", args.work)}
    if args.torch:
        # Tensors have another arithmetic, and another program.
        sources["torchvision"] = sources_of([line for line in lines if line[0].startswith("tv_") and "tensor" not in line[0]], "torchvision", args.work)
    for _ in range(args.rounds):
        bench = run("cargo", "bench", "--quiet", "--locked", "--bench", "ops", "--", "single", cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name, value in table.measured(bench.stdout)["single"].items():
            own.setdefault(name, []).append(value)
        for library, parts in sources.items():
            for name, value in peers.ask(library, "operations", cores={0}, images=str(data["color"]), sources=parts, library=library).items():
                others.setdefault((library, name), []).append(value)
    for library in sources:
        say(f"\nSingle operations, one core each, 28x28x3, images a second ({library}):\n")
        say(f"| operation | {library} | mnistaug | ratio |\n| --- | ---: | ---: | ---: |")
        for (of, name), values in others.items():
            if of == library:
                peer, mine = statistics.median(values), statistics.median(own[name])
                say(f"| {name} | {three(peer)} | {three(mine)} | {ratio(mine / peer)} |")


def in_turn(rounds, *works):
    """Medians of what these return, one after the other, round by round."""
    columns = zip(*([work() for work in works] for _ in range(rounds)))
    return [statistics.median(column) for column in columns]


def augmented(args, name, source, count, *options, cores=None):
    """Images a second of a whole `augment` process."""
    out = args.work / "out"
    shutil.rmtree(out, ignore_errors=True)
    took = seconds(BIN, "augment", "--quiet", "--input", source, "--pipeline", name, "--out", out, *options, cores=cores)
    shutil.rmtree(out)
    return count / took


def row(what, peer, mine):
    say(f"| {what} | {three(peer)} | {three(mine)} | {ratio(mine / peer)} |")


def ratio(value):
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def heavy(args, peers, data):
    python = run(BIN, "pipeline", "convert", "--quiet", "imgaug-heavy", "--library", "imgaug", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout
    say("\nimgaug-heavy end to end, 28x28x3, images a second:\n\n| cores | imgaug | mnistaug | ratio |\n| --- | ---: | ---: | ---: |")
    for cores in (1, 2):
        peer, mine = in_turn(
            args.rounds,
            lambda: peers.ask("imgaug", "heavy", cores=set(range(cores)), images=str(data["color"]), source=python, processes=cores),
            lambda: augmented(args, "imgaug-heavy", data["shards"], data["count"], "--threads", cores, cores=set(range(cores))),
        )
        row(cores, peer, mine)


def keras(args, peers, data):
    file = args.work / "keras.yaml"
    file.write_text(f"version: 1\npipeline: [{{ keras_transform: {json.dumps(KERAS)} }}]\n")
    peer, mine = in_turn(
        args.rounds,
        lambda: peers.ask("keras", "keras", cores={0}, images=str(data["gray"]), parameters=KERAS),
        lambda: augmented(args, file, "digits:60000", 60000, "--threads", 1, "--split", "train", cores={0}),
    )
    say("\nKeras' ImageDataGenerator, 28x28x1, images a second, one core; ours writes files:\n\n| | Keras | mnistaug | ratio |\n| --- | ---: | ---: | ---: |")
    row("recipe for Fashion-MNIST", peer, mine)


def colorize(args, peers, data):
    made, copy = args.work / "made", args.work / "copy"

    def own():
        shutil.rmtree(made, ignore_errors=True)
        return seconds(BIN, "colorize", "--quiet", "--input", "digits:60000", "--split", "train", "--out", made)

    def copied():
        took = seconds("cp", "-r", made, copy)
        shutil.rmtree(copy)
        return took

    backgrounds = [str(path) for path in sorted((ROOT / "backgrounds").glob("*.png"))]
    mine, cp, loop = in_turn(args.rounds, own, copied, lambda: peers.ask("imgaug", "colorize", cores={0}, images=str(data["gray"]), backgrounds=backgrounds))
    shutil.rmtree(made)
    images = 60000 * len(backgrounds)
    say(f"\ncolorize, {images:,} images to stored NPZ:\n\n| | images a second | beside mnistaug |\n| --- | ---: | ---: |")
    for name, value in (("NumPy loop, one process", loop), ("cp -r of the result", images / cp), ("mnistaug", images / mine)):
        say(f"| {name} | {three(value)} | {value * mine / images:.3f} |")


def tables(args, peers, data):
    made = args.work / "made"

    def own():
        shutil.rmtree(made, ignore_errors=True)
        return data["count"] / seconds(BIN, "export", "--quiet", "--input", data["shards"], "--format", "csv", "--out", made)

    def copied():
        took = seconds("cp", "-r", made, args.work / "copy")
        shutil.rmtree(args.work / "copy")
        return data["count"] / took

    def cut():
        shutil.rmtree(made, ignore_errors=True)
        return data["count"] / seconds(BIN, "split", "--quiet", "--input", data["shards"], "--test-size", 0.3, "--stratify", "--out", made)

    def peer():
        return peers.ask("imgaug", "tables", cores={0}, images=str(data["color"]), labels=str(data["labels"]), folder=str(args.work))

    found = [(own(), copied(), cut(), peer()) for _ in range(args.rounds)]
    rows, cp, part = (statistics.median(one[i] for one in found) for i in range(3))
    pandas, sklearn = (statistics.median(one[3][of] for one in found) for of in ("csv", "split"))
    shutil.rmtree(made, ignore_errors=True)
    say("\nTables of 28x28x3 and splits, images a second; ours are whole processes:\n\n| | peer | mnistaug | ratio |\n| --- | ---: | ---: | ---: |")
    row("CSV, pandas", pandas, rows)
    say(f"| CSV, cp -r | {three(cp)} | {three(rows)} | {ratio(rows / cp)} |")
    row("split, scikit-learn in memory; ours from files to files", sklearn, part)


def notebook(args, peers, data):
    """The steps of the notebook in Python, each measured on a part of the images, beside the recipe as a whole."""
    python = run(BIN, "pipeline", "convert", "--quiet", "imgaug-heavy", "--library", "imgaug", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout
    backgrounds = [str(path) for path in sorted((ROOT / "backgrounds").glob("*.png"))]
    out = args.work / "notebook"

    def own():
        shutil.rmtree(out, ignore_errors=True)
        took = seconds(BIN, "run", "notebook", "--quiet", "--input", f"digits:{data['digits']}", "--out", out)
        shutil.rmtree(out)
        return took

    def peer():
        color = {"cores": {0}, "images": str(data["color"])}
        loop = peers.ask("imgaug", "colorize", cores={0}, images=str(data["gray"]), backgrounds=backgrounds)
        augment = peers.ask("imgaug", "heavy", source=python, processes=1, **color)
        after = peers.ask("imgaug", "tables", labels=str(data["labels"]), folder=str(args.work), **color)
        images = data["digits"] * len(backgrounds)
        # Originals are kept: twice as many images are split and written.
        return images / loop + images / augment + 2 * images / after["split"] + 2 * images / after["csv"]

    mine, theirs = in_turn(args.rounds, own, peer)
    say(f"\nThe notebook, {data['digits']:,} digits on {len(backgrounds)} backgrounds, augmented, split and written to four CSV files, seconds:\n")
    say("| | seconds |\n| --- | ---: |")
    say(f"| Python in one process: the sum of its steps | {three(theirs)} |\n| mnistaug, two cores | {three(mine)} |\n| ratio | {theirs / mine:.0f} |")


PARTS = {
    "operations": operations, "heavy": heavy, "keras": keras, "colorize": colorize, "tables": tables, "notebook": notebook,
}
INSIDE = {
    "operations": inside_operations, "heavy": inside_heavy, "keras": inside_keras, "colorize": inside_colorize, "tables": inside_tables,
}


def prepared(args):
    """Digits, and colored ones, as arrays for Python and as shards."""
    out, digits = args.work / "data", 6000
    shutil.rmtree(out, ignore_errors=True)
    source = ("--quiet", "--input", f"digits:{digits}", "--split", "train")
    run(BIN, "colorize", *source, "--out", out / "shards")
    run(BIN, "colorize", *source, "--limit", IMAGES, "--per-image", 1, "--format", "npy", "--out", out / "color")
    run(BIN, "export", *source, "--limit", IMAGES, "--format", "npy", "--out", out / "gray")
    count = digits * len(list((ROOT / "backgrounds").glob("*.png")))
    return {
        "digits": digits, "count": count, "shards": out / "shards", "color": out / "color/x_train.npy",
        "gray": out / "gray/x_train.npy", "labels": out / "color/y_train.npy",
    }


def main():
    if sys.argv[1:2] == ["--inside"]:
        print(json.dumps(INSIDE[sys.argv[2]](**json.loads(sys.argv[3]))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--torch", help="a Python that has torchvision")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    args = parser.parse_args()
    if not BIN.exists():
        sys.exit(f"{BIN}: no such file; build it with: cargo build --release --locked")
    args.work = args.work.resolve()
    args.work.mkdir(parents=True, exist_ok=True)
    peers = Peers(args.work, args.torch)
    data = prepared(args)
    say(f"Measured with `benches/peers.py` on: {table.machine()}; medians of {args.rounds} rounds in turn.")
    for name in args.only:
        PARTS[name](args, peers, data)
    shutil.rmtree(args.work / "data")


if __name__ == "__main__":
    main()
