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
