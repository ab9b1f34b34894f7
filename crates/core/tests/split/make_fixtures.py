"""Writes the fixtures beside it: what scikit-learn's splitters give.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1
    venv/bin/python tests/split/make_fixtures.py

Each line of `fixtures.jsonl` is one case: how it was made, and its index arrays; of long arrays length, first and last values, and a digest (CRC-32 of
them as little-endian u32, and the sum of place times value, places counted from 1).
The labels come from a rule that the test repeats (`labels` below).
"""

import json
import math
import pathlib
import warnings
import zlib

import numpy as np
import sklearn
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split


def labels(rule, n):
    """`cycle C`: 0 .. C-1 in turn. `runs C`: C runs of equal length. `skew C`: sample i has the number of trailing zero bits of i + 1, at most
    C - 1: half of the samples are of class 0, a quarter of class 1, ... `mixed C`: pseudo-random. `last C`: all 0 but the last C - 1 pairs."""
    kind, classes = rule.split()
    classes = int(classes)
    if kind == "cycle":
        return [i % classes for i in range(n)]
    if kind == "runs":
        return [i * classes // n for i in range(n)]
    if kind == "skew":
        return [min((((i + 1) & -(i + 1)).bit_length() - 1), classes - 1) for i in range(n)]
    if kind == "mixed":
        return [((i * 2654435761 + 12345) % 2**32 >> 13) % classes for i in range(n)]
    if kind == "last":
        return [max(0, classes - 1 - (n - 1 - i) // 2) if n - i <= 2 * (classes - 1) else 0 for i in range(n)]
    raise ValueError(rule)


def short(indexes):
    indexes = [int(i) for i in indexes]
    if len(indexes) <= 24:
        return indexes
    array = np.array(indexes, "<u4")
    weighted = (np.arange(1, len(array) + 1, dtype="u8") * array.astype("u8")).sum()
    digest = f"{zlib.crc32(array.tobytes()):08x} {int(weighted)}"
    return {"len": len(indexes), "first": indexes[:3], "last": indexes[-3:], "digest": digest}


def split(n, rule=None, test=None, train=None, val=None, seed=0, shuffle=True):
    y = None if rule is None else np.array(labels(rule, n))
    case = {"n": n, "labels": rule, "test": test, "train": train, "val": val, "seed": seed, "shuffle": shuffle}
    sides = {}
    where = np.arange(n)
    if val is None:
        sides["train"], sides["test"] = train_test_split(
            where, test_size=test, train_size=train, random_state=seed, shuffle=shuffle, stratify=y
        )
    else:
        count = math.ceil(val * n) if isinstance(val, float) else val
        rest, sides["test"] = train_test_split(
            where, test_size=test, train_size=train, random_state=seed, shuffle=shuffle, stratify=y
        )
        sides["train"], sides["val"] = train_test_split(
            rest, test_size=count, random_state=seed, shuffle=shuffle, stratify=None if y is None else y[rest]
        )
    return case | {"sides": {name: short(side) for name, side in sides.items()}}


def folds(n, k, rule=None, seed=0, shuffle=True):
    y = np.zeros(n) if rule is None else np.array(labels(rule, n))
    make = KFold if rule is None else StratifiedKFold
    splitter = make(k, shuffle=shuffle, random_state=seed if shuffle else None)
    sides = {f"fold_{i}": short(test) for i, (_, test) in enumerate(splitter.split(y, y))}
    train, test = list(splitter.split(y, y))[k - 1]
    case = {"n": n, "labels": rule, "folds": k, "seed": seed, "shuffle": shuffle, "sides": sides}
    return case | {"last": {"train": short(train), "test": short(test)}}


def sets():
    """Sets of classes as rows of zeros and ones: bit c of i * 7 % 13 says whether sample i has class c."""
    n = 260
    y = np.array([[(i * 7 % 13) >> c & 1 for c in range(4)] for i in range(n)])
    train, test = train_test_split(np.arange(n), test_size=0.3, random_state=5, stratify=y)
    return {"n": n, "labels": "sets 4", "test": 0.3, "train": None, "val": None, "seed": 5, "shuffle": True,
            "sides": {"train": short(train), "test": short(test)}}


def main():
    warnings.simplefilter("ignore")
    cases = []
    # Without classes: sizes, rounding, seeds.
    for n, test, seed in [
        (2, 0.5, 0), (3, 0.25, 1), (10, 0.3, 42), (11, 0.3, 42), (23, 1, 7), (23, 22, 7), (100, 0.1, 0), (101, 0.01, 3),
        (1000, 333, 2**32 - 1), (7, 0.7, 9), (64, 0.5, 5), (65, 0.5, 5), (1025, 0.2, 123456789),
    ]:
        cases.append(split(n, test=test, seed=seed))
    cases.append(split(50, seed=4))
    cases.append(split(50, train=0.61, seed=4))
    cases.append(split(50, train=9, seed=4))
    cases.append(split(97, test=0.3, train=0.3, seed=6))
    cases.append(split(97, test=20, train=0.5, seed=6))
    cases.append(split(97, test=0.29, seed=6, shuffle=False))
    cases.append(split(97, test=10, train=11, seed=6, shuffle=False))
    # Stratified.
    for n, rule, test, seed in [
        (10, "cycle 2", 0.3, 42), (20, "cycle 10", 10, 1), (100, "cycle 10", 0.3, 42), (103, "cycle 10", 0.3, 42),
        (100, "runs 3", 0.25, 0), (101, "runs 7", 0.15, 8), (64, "skew 4", 0.5, 2), (1000, "skew 8", 0.1, 3),
        (1000, "skew 8", 37, 3), (999, "mixed 26", 0.2, 11), (5000, "mixed 62", 0.07, 12), (5000, "mixed 256", 512, 13),
        (40, "last 5", 0.25, 14), (400, "last 10", 0.5, 15), (6, "cycle 3", 3, 16), (12, "runs 2", 0.8, 17),
        (60000, "mixed 10", 0.3, 42), (60000, "cycle 10", 0.1, 2**32 - 1), (997, "mixed 1", 0.3, 18),
        (720000, "cycle 10", 0.3, 42), (720000, "mixed 10", 0.3, 42), (720000, "skew 10", 123456, 7),
    ]:
        cases.append(split(n, rule, test=test, seed=seed))
    cases.append(split(500, "mixed 10", train=0.5, seed=19))
    cases.append(split(500, "mixed 10", test=0.2, train=0.3, seed=20))
    cases.append(split(500, "skew 5", test=50, train=100, seed=21))
    cases.append(split(720000, test=0.3, seed=42))
    cases.append(sets())
    # With a validation side.
    for n, rule, test, val, seed, shuffle in [
        (100, None, 0.2, 0.1, 0, True), (101, None, 0.2, 0.1, 42, True), (77, None, 7, 0.25, 1, True),
        (77, None, 0.25, 10, 2, False), (100, "cycle 10", 0.3, 0.1, 42, True), (1003, "skew 6", 0.3, 0.15, 3, True),
        (720000, "cycle 10", 0.3, 0.1, 42, True),
    ]:
        cases.append(split(n, rule, test=test, val=val, seed=seed, shuffle=shuffle))
    # Folds.
    for n, k, rule, seed, shuffle in [
        (10, 2, None, 0, False), (11, 3, None, 0, False), (11, 3, None, 42, True), (100, 7, None, 1, True),
        (5, 5, None, 3, True), (1000, 10, None, 2**32 - 1, True), (40, 4, "cycle 2", 0, False),
        (41, 4, "runs 3", 0, False), (41, 4, "runs 3", 42, True), (1000, 5, "skew 6", 0, False),
        (1000, 5, "skew 6", 7, True), (999, 10, "mixed 20", 8, True), (999, 10, "mixed 20", 0, False),
        (60000, 5, "mixed 10", 42, True), (30, 2, "last 5", 4, True), (720000, 10, "mixed 10", 42, True),
    ]:
        cases.append(folds(n, k, rule, seed, shuffle))
    text = json.dumps({"made_by": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}"}) + "\n"
    text += "".join(json.dumps(case) + "\n" for case in cases)
    (pathlib.Path(__file__).parent / "fixtures.jsonl").write_text(text)
    print(len(cases), "cases", len(text), "bytes")


main()
