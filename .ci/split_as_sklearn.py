#!/usr/bin/env python3
"""Splits one source with mnistaug and its labels with the scikit-learn that is installed, and compares index by index.

    split_as_sklearn.py MNISTAUG SOURCE WORK_FOLDER
"""
import pathlib
import subprocess
import sys

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

program, source, work = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
subprocess.run([program, "export", "--quiet", "--input", source, "--split", "train", "--format", "npy", "--out", work / "labels"],
               check=True)
y = np.load(work / "labels" / "y_train.npy")
every = np.arange(len(y))


def ours(*options):
    file = work / "indices.npz"
    subprocess.run([program, "split", "--quiet", "--input", source, *options, "--indices", file], check=True)
    return np.load(file)


def same(what, found, expected):
    if not np.array_equal(found, expected):
        raise SystemExit(f"split_as_sklearn: {what} differs")


for size in ("0.3", "0.1234", "777"):
    for seed in (0, 42):
        number = int(size) if size.isdigit() else float(size)
        for stratify in (False, True):
            found = ours("--test-size", size, "--seed", str(seed), *(["--stratify"] if stratify else []))
            train, test = train_test_split(every, test_size=number, random_state=seed, stratify=y if stratify else None)
            same(f"test {size} {seed} {stratify}", found["test"], test)
            same(f"train {size} {seed} {stratify}", found["train"], train)
for name, options, folds in (("KFold", [], KFold(4, shuffle=True, random_state=7)),
                             ("StratifiedKFold", ["--stratify"], StratifiedKFold(4, shuffle=True, random_state=7))):
    found = ours("--folds", "4", "--seed", "7", *options)
    for number, (train, test) in enumerate(folds.split(every, y)):
        same(f"{name} {number} test", found[f"fold{number}_test"], test)
        same(f"{name} {number} train", found[f"fold{number}_train"], train)
print(f"split: {len(y)} samples split as scikit-learn does, 12 times and into folds")
