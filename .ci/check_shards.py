#!/usr/bin/env python3
"""Reads what mnistaug wrote with NumPy alone and compares it with the gray images that it was made from.

    check_shards.py color|scenes|csv|augment SHARD_FOLDER --gray IDX_OR_SHARD_FOLDER [--explained FILE]

Knows the file formats and the definition of each command, and none of the program's code.
"""
import argparse
import csv
import gzip
import json
import pathlib

import numpy as np


def idx(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        raw = file.read()
    dims = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims)


def gray(folder):
    """Images (N, H, W) and labels (N,) of the training split."""
    if (folder / "manifest.json").exists():
        shards = [np.load(folder / shard["name"]) for shard in manifest(folder)["shards"]]
        return np.concatenate([s["x"] for s in shards]), np.concatenate([s["y"] for s in shards])
    found = [next(folder.glob(f"train-{what}*")) for what in ("images", "labels")]
    return idx(found[0]), idx(found[1])


def manifest(folder):
    """The training split's entry in the manifest."""
    whole = json.loads((folder / "manifest.json").read_text())
    return next(split for split in whole["splits"] if split["name"] == "train")


def expect(ok, what):
    if not ok:
        raise SystemExit(f"check_shards: {what}")


def shards_of(folder):
    """Each shard's name, index of its first sample, number of samples; sizes and order are checked."""
    split = manifest(folder)
    first = 0
    for shard in split["shards"]:
        path = folder / shard["name"]
        expect(path.stat().st_size == shard["bytes"], f"{path}: size differs from the manifest's")
        expect(shard["first"] == first, f"{path}: begins at {shard['first']}, expected {first}")
        yield path, first, shard["rows"]
        first += shard["rows"]
    expect(first == split["rows"], "the shards' rows do not add up")
    files = [file for shard in split["shards"] for file in (shard, shard.get("trace")) if file]
    listed = {file["name"] for file in files}
    strays = [p.name for p in folder.glob("train-*") if p.name not in listed]
    expect(not strays, f"files that the manifest does not know: {strays}")


def line(a, b):
    """Slope of the least-squares line from a to b, and its largest residual."""
    a, b = a.astype(float), b.astype(float)
    spread = a - a.mean()
    slope = (spread * b).sum() / max((spread * spread).sum(), 1e-9)
    return slope, np.abs(b - b.mean() - slope * spread).max()


def color(folder, images, labels):
    """Sample i*B + j is image i on background j: ink and background are gray levels stretched per channel."""
    rows = manifest(folder)["rows"]
    used = len({int(o) for path, _, _ in shards_of(folder) for o in np.load(path)["origin"]})
    expect(rows % used == 0, f"{rows} samples of {used} images")
    backgrounds = rows // used
    h, w = images.shape[1:]
    seen, brightest = np.zeros(256, int), []
    kept = {j: [] for j in range(backgrounds)}
    for path, first, n in shards_of(folder):
        shard = np.load(path)
        x, y, origin = shard["x"], shard["y"], shard["origin"]
        expect(sorted(shard.files) == ["origin", "x", "y"], f"{path}: arrays {shard.files}")
        expect((x.shape, x.dtype) == ((n, h, w, 3), np.uint8), f"{path}: x is {x.dtype} {x.shape}")
        expect((y.shape, y.dtype) == ((n,), np.uint8), f"{path}: y is {y.dtype} {y.shape}")
        expect((origin.shape, origin.dtype) == ((n,), np.int64), f"{path}: origin is {origin.dtype}")
        number = np.arange(first, first + n)
        expect((origin == number // backgrounds).all(), f"{path}: sample i*B + j does not show image i")
        expect((y == labels[origin]).all(), f"{path}: labels differ from those of the images")
        seen += np.bincount(y, minlength=256)
        full = images[origin] == 255
        has = full.any(axis=(1, 2))
        at = full.reshape(n, -1).argmax(1)[has]
        brightest.append(x.reshape(n, -1, 3)[has, at])
        for k in np.random.default_rng(first).choice(n, min(n, 90), replace=False):
            digit, pixels = images[origin[k]], x[k]
            for c in range(3):
                ink = digit > 0
                if ink.any():
                    slope, off = line(digit[ink], pixels[..., c][ink])
                    expect(slope > -1e-6 and off < 1.5, f"{path}: sample {k}: ink is no stretched digit ({off:.2f})")
            kept[(first + k) % backgrounds].append((digit, pixels))
    counts = np.bincount(labels[:used], minlength=256) * backgrounds
    expect((seen == counts).all(), f"label counts {seen[seen > 0]}, expected {counts[counts > 0]}")
    # The larger of two uniform numbers from 0 to 255 is 170 in the mean, less a half for truncation.
    brightest = np.concatenate(brightest)
    off = abs(brightest.mean() - 169.5) / (60.1 / brightest.size ** 0.5)
    expect(off < 6, f"the brightest ink is {brightest.mean():.2f} in the mean, {off:.1f} deviations from 169.5")
    for j, samples in kept.items():
        planes = [(digit, pixels[..., c]) for digit, pixels in samples for c in range(3)]
        bare, ruler = max(planes, key=lambda p: np.ptp(p[1][p[0] == 0].astype(int)))
        for digit, plane in planes:
            both = (digit == 0) & (bare == 0)
            slope, off = line(ruler[both], plane[both])
            expect(slope > -0.05 and off < 3, f"background {j} differs between samples ({slope:.2f}, {off:.2f})")
    print(f"color: {rows} samples of {used} images over {backgrounds} backgrounds: arrays, order, labels, colors as defined")


def scenes(folder, images, labels):
    """Images in the cells of a canvas: arrays agree with each other and with the images."""
    split = manifest(folder)
    grid, classes = split["schema"]["grid"], len(split["schema"]["class_names"])
    cells = grid["rows"] * grid["columns"]
    multi = split["schema"]["labels"] == "multi_hot"
    h, w = images.shape[1:]
    corner = np.array([[c % grid["columns"] * w, c // grid["columns"] * h] for c in range(cells)])
    number, used = np.zeros(cells + 1, int), np.zeros(cells, int)
    for path, first, n in shards_of(folder):
        shard = np.load(path)
        want = {
            "x": ((n, grid["rows"] * h, grid["columns"] * w), np.uint8),
            "y": ((n, classes) if multi else (n,), np.uint8),
            "origin": ((n, cells), np.int64),
            "cells": ((n, cells), np.int16),
            "boxes": ((n, cells, 4), np.int32),
            "cell_boxes": ((n, cells, 4), np.int32),
        }
        found = {name: (shard[name].shape, shard[name].dtype.type) for name in shard.files}
        expect(found == want, f"{path}: arrays {found}, expected {want}")
        x, y, origin, cell = (shard[name] for name in ("x", "y", "origin", "cells"))
        there = cell >= 0
        number += np.bincount(there.sum(1), minlength=cells + 1)
        used += there.sum(0)
        expect(((origin >= 0) == there).all(), f"{path}: origin and cells disagree on what is empty")
        expect((cell[there] == labels[origin[there]]).all(), f"{path}: cells differ from the images' labels")
        if multi:
            hot = np.zeros((n, classes), np.uint8)
            hot[np.nonzero(there)[0], cell[there]] = 1
            expect((hot == y).all(), f"{path}: y is not the set of the cells' classes")
        else:
            expect((there.sum(1) == 1).all() and (cell.max(1) == y).all(), f"{path}: y is not the one cell's class")
            expect((origin.max(1) == np.arange(first, first + n)).all(), f"{path}: sample i does not show image i")
        for c, (left, top) in enumerate(corner):
            pixels, full = x[:, top:top + h, left:left + w], there[:, c]
            expect(not pixels[~full].any(), f"{path}: cell {c}: an empty cell has ink")
            expect((pixels[full] == images[origin[full, c]]).all(), f"{path}: cell {c}: not the image of its origin")
            expect((shard["boxes"][~full, c] == -1).all(), f"{path}: cell {c}: an empty cell has a box")
            area = np.where(full[:, None], [left, top, left + w, top + h], -1)
            expect((shard["cell_boxes"][:, c] == area).all(), f"{path}: cell {c}: cell_boxes are wrong")
            ink = pixels[full] > 0
            across, down = ink.any(1), ink.any(2)
            tight = np.stack([left + across.argmax(1), top + down.argmax(1),
                              left + w - across[:, ::-1].argmax(1), top + h - down[:, ::-1].argmax(1)], 1)
            some = ink.any((1, 2))
            expect((shard["boxes"][full, c][some] == tight[some]).all(), f"{path}: cell {c}: boxes are not tight")
    rows = split["rows"]
    for counts in (number[number > 0], used):
        mean = counts.mean()
        expect(np.abs(counts - mean).max() < 6 * mean ** 0.5, f"counts {counts} are not uniform")
    print(f"scenes: {rows} samples, {number} by number of objects: arrays, labels, cells, boxes and pixels agree")


def table(folder, images, labels):
    """CSV: a header, then label and pixels."""
    total = 0
    for path, first, n in shards_of(folder):
        with open(path, newline="") as file:
            rows = csv.reader(file)
            header = next(rows)
            expect(header == ["label"] + [f"pixel{i}" for i in range(images[0].size)], f"{path}: header {header[:3]}...")
            expect(sum(len(row) == len(header) for row in rows) == n, f"{path}: expected {n} full rows")
        values = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.uint8, ndmin=2)
        expect((values[:, 0] == labels[first:first + n]).all(), f"{path}: labels differ")
        expect((values[:, 1:] == images[first:first + n].reshape(n, -1)).all(), f"{path}: pixels differ")
        total += n
    print(f"csv: {total} rows: header, labels and pixels as in the source")


def augmented(folder, images, labels):
    """augment --pipeline imgaug-light --keep-originals --trace: the images, then each with a crop, a rotation, some color."""
    rows, count = manifest(folder)["rows"], len(images)
    expect(rows == 2 * count, f"{rows} samples of {count} images")
    x, trace = np.empty((rows, *images.shape[1:]), np.uint8), []
    for path, first, n in shards_of(folder):
        shard, number = np.load(path), np.arange(first, first + n)
        expect(sorted(shard.files) == ["origin", "x", "y"], f"{path}: arrays {shard.files}")
        expect((shard["x"].shape, shard["x"].dtype) == ((n, *images.shape[1:]), np.uint8), f"{path}: x is {shard['x'].shape}")
        expect((shard["y"] == labels[number % count]).all(), f"{path}: labels differ from those of the images")
        x[first:first + n] = shard["x"]
        lines = (path.with_suffix(".trace.jsonl")).read_text().splitlines()
        expect(len(lines) == n, f"{path}: {len(lines)} lines of trace, expected {n}")
        trace += map(json.loads, lines)
    expect((x[:count] == images).all(), "the originals do not come first as they are")
    expect([t["index"] for t in trace] == list(range(rows)), "the trace is out of order")
    expect(all(not t["steps"] for t in trace[:count]), "the trace has steps for originals")
    angles, crops, orders = [], [], set()
    for sample in trace[count:]:
        names = [name for step in sample["steps"] for name in step]
        drawn = {name: value for step in sample["steps"] for name, value in step.items()}
        expect({"affine", "crop"} <= set(names) <= {"affine", "crop", "grayscale", "add_to_saturation"}, f"steps {names}")
        orders.add(names.index("affine") < names.index("crop"))
        angles.append(drawn["affine"]["rotate"])
        crops.append([abs(amount) for amount in drawn["crop"]["amounts"]])
    angles, crops = np.array(angles), np.array(crops)
    expect(len(orders) == 2, "crop and affine come in one order only")
    expect(np.abs(angles).max() <= 25 and abs(angles.mean()) < 6 * 14.43 / count ** 0.5, "rotations are not uniform in -25..25")
    side = min(images.shape[1:3])
    expect(crops.max() <= 0.2 * side + 1 and crops.max() > 0.1 * side, f"crops of up to {crops.max()} pixels")
    changed = (x[count:] != images).any(axis=(1, 2, 3)).mean()
    expect(changed > 0.95, f"only {changed:.0%} of the images were changed")
    print(f"augment: {count} images and as many augmented ones: order, labels, parameters, trace as defined")
    return trace


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    checks = {"color": color, "scenes": scenes, "csv": table, "augment": augmented}
    parser.add_argument("what", choices=checks)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--gray", type=pathlib.Path, required=True)
    parser.add_argument("--explained", type=pathlib.Path, help="what `explain --json` said of a sample of an augmented folder")
    args = parser.parse_args()
    result = checks[args.what](args.folder, *gray(args.gray))
    if args.explained:
        said = json.loads(args.explained.read_text())
        expect(said["steps"] == result[said["index"]]["steps"], "explain and the trace tell different things")
        print(f"explain: sample {said['index']}: the same steps as in the trace")


if __name__ == "__main__":
    main()
