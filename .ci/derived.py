"""Makes derived data sets of MNIST by name and compares them with what is published of the originals.

    derived.py MNISTAUG INPUT FOLDER

INPUT is a folder with MNIST's IDX files, or `digits`, of which less is known: counts and shares then.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np

program, source, folder = sys.argv[1:4]
is_mnist = source != "digits"
out = Path(folder) / "out"

# SHA-256 of labels as bytes, in the order of the files: Co-teaching's program with NumPy's seed 0.
NOISE = {
    "co-teaching-symmetric-20": "d19fdc7e4dfe284c811a09c85ad2dfd2d4270584f6bd3b6476d4f702a4374a29",
    "co-teaching-symmetric-50": "23fca09f22f49f56b11ab70f27080fd0b9bc146283209c821ddffa637623ded9",
    "co-teaching-pair-flip-45": "d8293274e975576b7e4a95f05b91d7aea4ef1601201f87d3bb4a601e837b7869",
}
# The same of LfF's attributes.
COLORS = {
    "5pct": "5319ad143632c0d054ebb63e91cc320cee913b01d21fb2fd223bdb2943ee37d8",
    "2pct": "c318d9b1304440201bd69670e13630a1125629f390f85322ab8bad3ef27bd2ac",
    "1pct": "2679c3589b3befbab80b990009b1ddaff14b9e763e9618b813db2c17aca6a588",
    "0.5pct": "ca3a737a91f846772f82fa047f477b31a5b9d584c8acaee71a8db4af9ed211b3",
}
TEST_COLORS = "a8fbaf9ddd47db4b1cea3281bfe45094fac8b4d53d49a233d7ed90156c9861eb"
# ReBias: training images in the color of their class.
ALIGNED = {"0.999": 59937, "0.997": 59816, "0.995": 59695, "0.99": 59394}


def run(name, *words):
    """Runs a recipe; returns a function that gives an array of a split."""
    command = [program, "run", name, *words, "--input", source, "--out", str(out), "--force", "--quiet"]
    subprocess.run(command, check=True)

    def array(split, key):
        return np.concatenate([np.load(path)[key] for path in sorted(out.glob(f"{split}-*.npz"))])

    return array


def bitmap(height, width, color):
    """A BMP file of one color (red, green, blue)."""
    row = color[::-1] * width
    body = (row + bytes(-len(row) % 4)) * height
    head = b"BM" + (54 + len(body)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    numbers = (40).to_bytes(4, "little") + width.to_bytes(4, "little") + height.to_bytes(4, "little")
    return head + numbers + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24) + body


def sha256(values):
    return hashlib.sha256(values.astype(np.uint8).tobytes()).hexdigest()


checks = 0


def same(what, found, expected):
    global checks
    checks += 1
    if found != expected:
        sys.exit(f"derived: {what}: {found}, expected {expected}")


for variant, digest in NOISE.items():
    array = run("noisy-mnist", "--variant", variant)
    if is_mnist:
        same(variant, sha256(array("train", "y")), digest)
    same(f"{variant}, test", bool((array("test", "y") == array("test", "truth_clean_label")).all()), True)

array = run("noisy-mnist", "--variant", "symmetric-20")
clean, noisy = array("train", "truth_clean_label"), array("train", "y")
matrix = np.zeros((10, 10), int)
np.add.at(matrix, (clean, noisy), 1)
asked = matrix.sum(1, keepdims=True) * np.where(np.eye(10) > 0, 0.8, 0.2 / 9)
same("the matrix of noise, to one label", bool((abs(matrix - asked) <= 1).all()), True)

for variant, digest in COLORS.items():
    array = run("colored-mnist", "--variant", variant)
    if is_mnist:
        same(f"colors, {variant}", sha256(array("train", "truth_color")), digest)
        same("colors of test images", sha256(array("test", "truth_color")), TEST_COLORS)

for rho, aligned in ALIGNED.items():
    array = run("biased-mnist", "--variant", rho)
    found = int((array("train", "truth_color") == array("train", "y")).sum())
    if is_mnist:
        same(f"rho {rho}", found, aligned)
    # The background has one color, and the digit is white.
    pixels = array("train", "x")[:50].reshape(50, -1, 3)
    same("colors of an image", max(len(np.unique(image, axis=0)) for image in pixels), 2)

for variant, share in (("10", 0.1), ("100", 0.01), ("200", 0.005)):
    counts = np.bincount(run("mnist-lt", "--variant", variant)("train", "y"))
    same(f"mnist-lt {variant}", counts.tolist(), [int(5000 * share ** (i / 9)) for i in range(10)])
counts = np.bincount(run("mnist-lt", "--variant", "step-100")("train", "y"))
same("mnist-lt step-100", counts.tolist(), [5000] * 5 + [50] * 5)
counts = np.bincount(run("few-shot-mnist", "--set", "shots=7")("train", "y"))
same("few-shot-mnist", counts.tolist(), [7] * 10)

plain = run("permuted-mnist", "--variant", "task-3", "--limit", "500")("train", "x").reshape(500, 784)
order = np.random.RandomState(3).permutation(784)
subprocess.run(
    [program, "export", "--input", source, "--split", "train", "--limit", "500", "--out", str(out), "--force", "--quiet"],
    check=True,
)
images = np.load(sorted(out.glob("train-*.npz"))[0])["x"].reshape(500, 784)
same("permuted-mnist", bool((plain == images[:, order]).all()), True)

# Shares of white pixels among the first 50,000 images: by a threshold, and expected by chance.
images = run("binarized-mnist", "--variant", "threshold")("train", "x")
if is_mnist:
    same("binarized by a threshold", round(float((images[:50000] > 0).mean()), 6), 0.132562)
chance = run("binarized-mnist", "--variant", "stochastic")("train", "x")
same("binarized by chance, values", np.unique(chance).tolist(), [0, 255])
if is_mnist:
    near = abs(float((chance[:50000] > 0).mean()) - 0.130961) < 0.0002
    same("binarized by chance", near, True)
    array = run("binarized-mnist", "--variant", "larochelle")
    same("parts", [len(array(split, "y")) for split in ("train", "val", "test")], [50000, 10000, 10000])

# MNIST-M, on pictures that are made here: what is blended is taken apart again.
Path(folder).mkdir(parents=True, exist_ok=True)
pictures = Path(folder) / "pictures"
pictures.mkdir(exist_ok=True)
for number in range(3):
    color = bytes([40 * number + 1, 90, 200 - 50 * number])
    (pictures / f"{number}.bmp").write_bytes(bitmap(41, 57, color))
array = run("mnist-m", "--backgrounds", str(pictures), "--limit", "300")
blended = array("train", "x")
subprocess.run(
    [program, "export", "--input", source, "--split", "train", "--limit", "300", "--out", str(out), "--force", "--quiet"],
    check=True,
)
gray = np.load(sorted(out.glob("train-*.npz"))[0])["x"]
ground = np.array([[40 * number + 1, 90, 200 - 50 * number] for number in range(3)], int)
expected = abs(ground[:, None, None, None] - 255 * (gray > 0)[None, ..., None].astype(int))
matches = (expected == blended[None]).all((2, 3, 4))
same("mnist-m, a picture for each digit", bool((matches.sum(0) == 1).all()), True)
same("mnist-m, each picture is drawn", bool((matches.sum(1) > 60).all()), True)

# Rotated MNIST: sizes of DomainBed's domains, each image in one of them, and Pillow's pixels.
rotated, whole = Path(folder) / "rotated", Path(folder) / "whole"
subprocess.run([program, "run", "rotated-mnist", "--input", source, "--out", str(rotated), "--quiet"], check=True)
origins, sizes = [], []
for angle in (0, 15, 30, 45, 60, 75):
    shards = [np.load(path) for path in sorted((rotated / str(angle)).glob("train-*.npz"))]
    origins.append(np.concatenate([shard["origin"] for shard in shards]))
    sizes.append(len(origins[-1]))
if is_mnist:
    same("sizes of domains", sizes, [11667] * 4 + [11666] * 2)
every = np.sort(np.concatenate(origins))
same("each image in one domain", bool((every == np.arange(len(every))).all()), True)
try:
    from PIL import Image
except ImportError:
    Image = None
if Image is not None:
    subprocess.run(
        [program, "export", "--input", source, "--split", "all", "--join-splits", "whole", "--out", str(whole), "--quiet"],
        check=True,
    )
    plain = np.concatenate([np.load(path)["x"] for path in sorted(whole.glob("whole-*.npz"))])
    for angle in (15, 30, 45, 60, 75):
        turned = np.load(sorted((rotated / str(angle)).glob("train-*.npz"))[0])
        for image, origin in zip(turned["x"][:200], turned["origin"]):
            theirs = np.asarray(Image.fromarray(plain[origin]).rotate(angle, Image.BILINEAR))
            same("Pillow's rotation", bool((image == theirs).all()), True)

# Split MNIST: labels of tasks, and van de Ven's size of permuted ones.
labels = np.unique(run("continual-mnist", "--variant", "class-4")("train", "y"))
same("class-4", labels.tolist(), [6, 7])
labels = np.unique(run("continual-mnist", "--variant", "domain-4")("train", "y"))
same("domain-4", labels.tolist(), [0, 1])
images = run("continual-mnist", "--variant", "permuted-2", "--limit", "100")("train", "x")
same("permuted-2", images.shape, (100, 32, 32))

# Pairs in the order of the files: how often each sum is there.
SUMS = {
    "train": [292, 767, 946, 1312, 1525, 1811, 2032, 2359, 2635, 3067, 2630, 2385, 2040, 1717, 1447, 1240, 891, 624, 280],
    "test": [45, 159, 128, 291, 224, 312, 306, 421, 382, 512, 418, 432, 311, 300, 218, 241, 130, 128, 42],
}
array = run("mnist-addition", "--set", "pick=in-order")
for split, counts in SUMS.items():
    sums = array(split, "y")
    if is_mnist:
        same(f"sums, {split}", np.bincount(sums, minlength=19).tolist(), counts)
    digits = array(split, "truth_class_1") + array(split, "truth_class_2")
    same(f"sums of {split} are those of the digits", bool((sums == digits).all()), True)

# IRM's Colored MNIST: shares of labels, of the channel that goes with them, and of what the shape says.
for variant, share in (("irm-1", 0.8), ("irm-2", 0.9), ("irm-test", 0.1)):
    run("irm-mnist", "--variant", variant)
    data = np.load(out / "data.npz")
    x, y = data["x_train"], data["y_train"].astype(int)
    color, shape = data["truth_color_train"], data["truth_clean_label_train"]
    same(f"{variant}, axes", x.shape[1:], (2, 14, 14))
    seen = (x.reshape(len(x), 2, -1) > 0).any(2)
    same(f"{variant}, one channel, that of the color", bool((seen.argmax(1) == color).all() and (seen.sum(1) == 1).all()), True)
    band = 5 * (0.25 / len(x)) ** 0.5
    for what, found, expected in (("channel", (color == y).mean(), share), ("shape", (shape == y).mean(), 0.75)):
        same(f"{variant}, {what} {found:.3f}", bool(abs(found - expected) < band), True)

# Two digits: another class behind each, the same number of each pair, frames, boxes that hold the ink.
array = run("multi-mnist", "--variant", "sabour", "--split", "train", "--limit", "2000")
first, second = array("train", "truth_class_1"), array("train", "truth_class_2")
same("multi-mnist, classes differ", bool((first != second).all()), True)
same("multi-mnist, two classes", np.unique(array("train", "y").sum(1)).tolist(), [2])
array = run("double-mnist", "--set", "each=20", "--set", "drawn=8000")
same("double-mnist, counts", np.bincount(array("train", "y"), minlength=100).tolist(), [20] * 100)
numbers = array("train", "truth_class_1") * 10 + array("train", "truth_class_2")
same("double-mnist, numbers", bool((numbers == array("train", "y")).all()), True)
boxes = array("train", "cell_boxes")
same("double-mnist, places", [int(boxes[:, k, 0].max()) for k in range(2)] + [int(boxes[..., 1].max())], [3, 35, 35])
run("moving-mnist", "--limit", "400")
same("moving-mnist", np.load(out / "data.npz")["x_train"].shape, (200, 20, 64, 64))
array = run("mnist-detection", "--set", "count=200", "--format", "shards")
x, boxes, cells = array("train", "x"), array("train", "boxes"), array("train", "cells")
ink = np.zeros(x.shape, bool)
for image, corners, classes in zip(ink, boxes, cells):
    for (x0, y0, x1, y1), _ in zip(corners[classes >= 0], classes):
        image[y0:y1, x0:x1] = True
same("mnist-detection, ink is in boxes", bool((x[~ink] == 0).all()), True)
array = run("cluttered-mnist", "--variant", "60", "--split", "train", "--limit", "2000")
same("cluttered-mnist", array("train", "x").shape[1:], (60, 60))
array = run("affnist", "--split", "train", "--limit", "2000")
same("affnist, whole digits", bool((array("train", "boxes").min() >= 0) and (array("train", "boxes").max() <= 40)), True)

# n-MNIST: noise of 9.5 dB where white is 1.
array = run("n-mnist", "--variant", "awgn", "--set", "snr=30", "--limit", "2000")
noisy = array("train", "x").astype(float)
plain = run("n-mnist", "--variant", "awgn", "--set", "snr=100", "--limit", "2000")("train", "x").astype(float)
# What noise leaves black or white is cut off.
inside = (plain > 40) & (plain < 215)
decibels = -20 * np.log10(((noisy - plain)[inside] / 255).std())
same(f"n-mnist: {decibels:.2f} dB", bool(abs(decibels - 30) < 0.2), True)

# MNIST-C: what is published of 10,000 test images under each corruption: mean, deviation, and the bands that a draw may miss them by.
PUBLISHED = {
    "identity": (33.79, 79.17), "shot_noise": (27.72, 71.77), "impulse_noise": (49.74, 95.95),
    "glass_blur": (33.63, 63.34), "motion_blur": (33.50, 60.24), "shear": (36.60, 76.67), "scale": (16.55, 54.75),
    "rotate": (33.79, 74.41), "brightness": (148.25, 44.86), "translate": (33.63, 79.04), "stripe": (155.94, 119.34),
    "fog": (104.69, 43.41), "spatter": (37.74, 74.70), "dotted_line": (39.78, 83.81), "zigzag": (45.74, 88.48),
    "canny_edges": (27.63, 79.26),
}
subprocess.run(
    [program, "run", "mnist-c", "--input", source, "--split", "test", "--limit", "10000", "--out", str(out / "c"), "--quiet"],
    check=True,
)
for name, (mean, deviation) in PUBLISHED.items():
    x = np.load(out / "c" / name / "test_images.npy")
    same(f"{name}, shape", x.shape, (len(x), 28, 28, 1))
    if is_mnist:
        band = 1.5 if name == "fog" else 0.3
        near = abs(x.mean() - mean) <= band and abs(x.std() - deviation) <= band
        same(f"{name}: mean {x.mean():.2f}, deviation {x.std():.2f}", bool(near), True)

print(f"derived: {checks} checks of {source}")
