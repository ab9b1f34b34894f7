#!/usr/bin/env python3
"""Opens an export with the programs that it is made for and compares every value with NumPy shards of the same samples.

    consumers.py FORMAT EXPORT_FOLDER --shards SHARD_FOLDER [--only NAME ...] [--skip NAME ...]

FORMAT is npz, npy, csv-pandas, csv-kaggle, csv-kaggle-fashion, idx, png, parquet, webdataset, tfrecord, safetensors, mds, coco, coco-polygons, yolo or voc. Each has
one or more consumers; the line `ok FORMAT NAME` says that one of them found what the shards hold. A consumer that is not installed is
named and skipped; with --only it is an error.
"""
import argparse
import importlib
import io
import json
import pathlib
import sys

import numpy as np

# format -> [(name, modules to import, function)]
CONSUMERS = {}


def consumer(modules, *formats):
    def add(function):
        for form in formats:
            CONSUMERS.setdefault(form, []).append((function.__name__.replace("_", "-"), modules, function))
        return function
    return add


class Wrong(Exception):
    pass


def expect(ok, what):
    if not ok:
        raise Wrong(what)


class Split:
    """What the shards hold: x (N, H, W[, 3]), y (N,) or (N, classes), boxes and masks of composed images, and columns of truth."""

    def __init__(self, folder, entry):
        shards = [np.load(folder / shard["name"]) for shard in entry["shards"]]
        self.name, self.classes = entry["name"], entry["schema"]["class_names"]
        self.x, self.y = (np.concatenate([s[key] for s in shards]) for key in "xy")
        self.grid = "cells" in shards[0].files
        if self.grid:
            self.cells, self.boxes = (np.concatenate([s[key] for s in shards]) for key in ("cells", "boxes"))
        self.masks = np.concatenate([s["masks"] for s in shards]) if "masks" in shards[0].files else None
        names = [key for key in shards[0].files if key.startswith("truth_")]
        self.truth = {name: np.concatenate([s[name] for s in shards]) for name in names}
        self.soft = self.y.dtype == np.float32

    def same_truth(self, get):
        """Compares each column of truth with what `get` gives for its name."""
        for name, own in self.truth.items():
            expect(np.array_equal(np.asarray(get(name)).reshape(-1), own), f"{self.name}: {name} differs")

    def seen(self, index):
        """The id in the mask, and the mask, of each object that is seen."""
        own = zip(self.cells[index].tolist(), self.boxes[index].tolist())
        ids = [cell + 1 for cell, (c, b) in enumerate(own) if c >= 0 and b[2] > b[0]]
        return [(id, self.masks[index] == id) for id in ids]

    def same_masks(self, index, found):
        own = self.seen(index)
        expect(len(own) == len(found), f"{self.name}: image {index}: {len(found)} masks for {len(own)}")
        for (id, mask), other in zip(own, found):
            expect(np.array_equal(mask, np.asarray(other, bool)), f"{self.name}: image {index}: the mask of {id} differs")

    def objects(self, index):
        """Class and box x, y, width, height of each object."""
        return [(int(c), (b[0], b[1], b[2] - b[0], b[3] - b[1]))
                for c, b in zip(self.cells[index].tolist(), self.boxes[index].tolist()) if c >= 0]

    def same_x(self, x, who="pixels"):
        x = np.asarray(x)
        expect(x.size == self.x.size, f"{self.name}: {who}: shape {x.shape} for {self.x.shape}")
        expect(np.array_equal(x.reshape(self.x.shape), self.x), f"{self.name}: {who} differ")

    def same_y(self, y, who="labels"):
        y = np.asarray(y)
        expect(y.size == self.y.size, f"{self.name}: {who}: shape {y.shape} for {self.y.shape}")
        expect(np.array_equal(y.reshape(self.y.shape), self.y), f"{self.name}: {who} differ")

    def same_image(self, index, image):
        expect(np.array_equal(np.asarray(image).reshape(self.x[index].shape), self.x[index]),
               f"{self.name}: image {index} differs")

    def same_objects(self, index, found):
        found = [(int(c), tuple(float(v) for v in box)) for c, box in found]
        own = [(c, tuple(float(v) for v in box)) for c, box in self.objects(index)]
        expect(len(found) == len(own), f"{self.name}: image {index}: {len(found)} objects for {len(own)}")
        for (c, box), (d, other) in zip(found, own):
            expect(c == d and np.allclose(box, other, atol=1e-3), f"{self.name}: image {index}: {c} {box} for {d} {other}")


def only(paths, what):
    paths = sorted(paths)
    expect(len(paths) == 1, f"expected one {what}, found {[str(p) for p in paths]}")
    return paths[0]


def pixels(image):
    """A Pillow image, or bytes of one, as an array."""
    from PIL import Image
    return np.asarray(Image.open(io.BytesIO(image)) if isinstance(image, bytes) else image)


def check_fit(split, x, y):
    """scikit-learn takes the arrays as they are."""
    if split.y.ndim == 1 and len(np.unique(split.y)) > 1:
        from sklearn.neighbors import KNeighborsClassifier
        x, y = np.asarray(x).reshape(len(split.y), -1)[:200], np.asarray(y).reshape(-1)[:200]
        score = KNeighborsClassifier(n_neighbors=1).fit(x, y).score(x, y)
        expect(score > 0.9, f"{split.name}: scikit-learn scores {score} on what it was fitted to")


@consumer("numpy", "npz")
def numpy(folder, splits):
    arrays = np.load(only(folder.glob("*.npz"), ".npz file"), allow_pickle=False)
    for split in splits:
        keys = [k for k in (f"x_{split.name}", f"{split.name}_x", f"{split.name}_images", "x") if k in arrays.files]
        expect(keys, f"no images of {split.name} among {arrays.files}")
        label = {"x": "y"}.get(keys[0], keys[0].replace("x_", "y_").replace("_x", "_y").replace("images", "labels"))
        split.same_x(arrays[keys[0]])
        split.same_y(arrays[label])
        split.same_truth(lambda name: arrays[f"{name}_{split.name}"])
        if split.masks is not None:
            expect(np.array_equal(arrays[f"masks_{split.name}"], split.masks), f"{split.name}: masks differ")


@consumer("sklearn", "npz", "npy")
def scikit_learn(folder, splits):
    for split in splits:
        if files := sorted(folder.glob("*.npz")):
            arrays = np.load(files[0], allow_pickle=False)
            key = f"x_{split.name}" if f"x_{split.name}" in arrays.files else f"{split.name}_x"
            x, y = arrays[key], arrays[key.replace("x", "y", 1) if key[0] == "x" else f"{split.name}_y"]
        else:
            x, y = (np.load(folder / f"{a}_{split.name}.npy") for a in "xy")
        check_fit(split, x, y)


@consumer("numpy", "npy")
def numpy_mapped(folder, splits):
    for split in splits:
        split.same_x(np.load(folder / f"x_{split.name}.npy", mmap_mode="r", allow_pickle=False))
        split.same_y(np.load(folder / f"y_{split.name}.npy", mmap_mode="r", allow_pickle=False))
        split.same_truth(lambda name: np.load(folder / f"{name}_{split.name}.npy", allow_pickle=False))
        if split.masks is not None:
            expect(np.array_equal(np.load(folder / f"masks_{split.name}.npy"), split.masks), f"{split.name}: masks differ")


def table(folder, stem, dtype=np.uint8):
    import pandas
    path = only([*folder.glob(f"{stem}.csv"), *folder.glob(f"{stem}.csv.gz")], f"{stem}.csv")
    return path, pandas.read_csv(path, dtype=dtype)


@consumer("pandas sklearn", "csv-pandas")
def pandas(folder, splits):
    import gzip
    import pandas
    for split in splits:
        n = len(split.y)
        for stem, own in (("X", split.x.reshape(n, -1)), ("y", split.y.reshape(n, -1))):
            path, found = table(folder, f"{stem}_{split.name}", own.dtype)
            (split.same_x if stem == "X" else split.same_y)(found.to_numpy())
            raw = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
            expect(raw == pandas.DataFrame(own).to_csv(index=False).encode(), f"{path}: not what pandas writes")
        check_fit(split, table(folder, f"X_{split.name}")[1].to_numpy(), split.y)
        if split.truth:
            found = table(folder, f"truth_{split.name}", np.int64)[1]
            split.same_truth(lambda name: found[name])


@consumer("pandas", "csv-kaggle", "csv-kaggle-fashion")
def pandas_one_table(folder, splits):
    import pandas
    for split in splits:
        path, found = table(folder, split.name, np.float32 if split.soft else np.int64)
        labels = split.y.reshape(len(split.y), -1).shape[1]
        if (folder / ".mnistaug" / f"{split.name}-labels.csv").exists():
            # Kaggle's test.csv: the labels are in nobody's sight.
            expect(not any(name.startswith("label") for name in found.columns), f"{path}: labels")
            submission = folder / "sample_submission.csv"
            if labels == 1:
                ids = pandas.read_csv(submission)
                expect(list(ids.columns) == ["ImageId", "Label"] and list(ids.ImageId) == list(range(1, len(found) + 1)),
                       f"{submission}: not one line for each image")
            hidden = table(folder / ".mnistaug", f"{split.name}-labels", np.float32 if split.soft else np.int64)[1]
            truth = [name for name in hidden.columns if name.startswith("truth_")]
            found = pandas.concat([hidden.drop(columns=truth), found, hidden[truth]], axis=1)
        split.same_truth(lambda name: found[name])
        found = found.drop(columns=list(split.truth))
        split.same_y(found.iloc[:, :labels].to_numpy())
        split.same_x(found.iloc[:, labels:].to_numpy())
        names = list(found.columns)
        first = int(names[labels].removeprefix("pixel"))
        expect(names[0].startswith("label") and names[labels:] == [f"pixel{i + first}" for i in range(len(names) - labels)],
               f"{path}: columns {names[:3]}")


@consumer("torchvision", "idx")
def torchvision_mnist(folder, splits):
    from torchvision import datasets
    for split in splits:
        data = datasets.MNIST(folder, train=split.name == "train", download=False)
        split.same_x(data.data.numpy())
        split.same_y(data.targets.numpy())


@consumer("numpy", "idx")
def numpy_idx(folder, splits):
    import gzip
    for split in splits:
        prefix = "train" if split.name == "train" else "t10k"
        for what, same in (("images", split.same_x), ("labels", split.same_y)):
            path = only(folder.rglob(f"{prefix}-{what}*"), f"{prefix}-{what} file")
            raw = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
            dims = np.frombuffer(raw, ">u4", raw[3], 4)
            same(np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims))


def class_folders(folder, split):
    """Classes by their folders' names, and their files, in the order of what loads folders."""
    names = sorted(p.name for p in (folder / split.name).iterdir() if p.is_dir())
    return names, [(path, label) for label, name in enumerate(names) for path in sorted((folder / split.name / name).iterdir())]


def class_of(split, names):
    """Folder number -> class id: folders are named for classes, maybe with the class id in front."""
    order = {}
    for number, name in enumerate(names):
        order[number] = int(name) if name.isdigit() else next(
            c for c, own in enumerate(split.classes) if name == own or name.split("_")[0].isdigit() and int(name.split("_")[0]) == c)
    return order


@consumer("PIL", "png")
def pillow(folder, splits):
    for split in splits:
        names, files = class_folders(folder, split)
        classes = class_of(split, names)
        expect(len(files) == len(split.y), f"{split.name}: {len(files)} pictures for {len(split.y)}")
        for path, label in files:
            index = int(path.stem)
            split.same_image(index, pixels(path.read_bytes()))
            expect(classes[label] == split.y[index], f"{path}: lies in the wrong folder")


@consumer("torchvision", "png")
def torchvision_imagefolder(folder, splits):
    from torchvision import datasets
    for split in splits:
        names, _ = class_folders(folder, split)
        classes = class_of(split, names)
        data = datasets.ImageFolder(folder / split.name)
        for (path, label), (image, _) in zip(data.samples, data):
            index = int(pathlib.Path(path).stem)
            image = np.asarray(image)
            split.same_image(index, image if split.x.ndim == 4 else image[..., 0])
            expect(classes[label] == split.y[index], f"{path}: label {label}")


@consumer("datasets PIL", "png")
def datasets_imagefolder(folder, splits):
    import datasets
    datasets.disable_progress_bars()
    loaded = datasets.load_dataset("imagefolder", data_dir=str(folder), cache_dir=cache())
    for split in splits:
        data = loaded[split.name]
        names, files = class_folders(folder, split)
        expect(data.features["label"].names == names, f"classes {data.features['label'].names} for folders {names}")
        classes = class_of(split, names)
        expect(len(data) == len(split.y), f"{split.name}: {len(data)} pictures")
        expect(np.array_equal(sorted(classes[label] for label in data["label"]), np.sort(split.y)), f"{split.name}: labels differ")


@consumer("tensorflow PIL", "png")
def keras_directory(folder, splits):
    import keras  # comes with TensorFlow
    for split in splits:
        names, files = class_folders(folder, split)
        gray = split.x.ndim == 3
        classes = class_of(split, names)
        data = keras.utils.image_dataset_from_directory(
            folder / split.name, label_mode="int", shuffle=False, batch_size=64, image_size=split.x.shape[1:3],
            color_mode="grayscale" if gray else "rgb", verbose=False)
        x = np.concatenate([images.numpy() for images, _ in data]).astype(np.uint8)
        y = np.concatenate([labels.numpy() for _, labels in data])
        order = [int(pathlib.Path(path).stem) for path in data.file_paths]
        expect(len(order) == len(split.y), f"{split.name}: {len(order)} pictures")
        for place, index in enumerate(order):
            split.same_image(index, x[place])
            expect(classes[int(y[place])] == split.y[index], f"{split.name}: label {index} differs")


_CACHE = None


def cache():
    """A folder for what `datasets` keeps, thrown away at the end."""
    global _CACHE
    if _CACHE is None:
        import tempfile
        _CACHE = tempfile.TemporaryDirectory()
    return _CACHE.name


@consumer("pyarrow PIL", "parquet")
def pyarrow(folder, splits):
    import pyarrow.dataset
    import pyarrow.parquet
    for split in splits:
        files = sorted((folder / "data").glob(f"{split.name}-*-of-*.parquet"))
        whole = pyarrow.concat_tables([pyarrow.parquet.read_table(path) for path in files])
        expect(b"huggingface" in (whole.schema.metadata or {}), "no metadata for datasets")
        images = whole["image"].to_pylist()
        expect(len({image["path"] for image in images}) == len(images), "paths are not different")
        split.same_x([pixels(image["bytes"]) for image in images])
        split.same_y(whole["label" if split.y.ndim == 1 else "labels"].to_pylist())
        split.same_truth(lambda name: whole[name].to_numpy())
        if split.grid:
            for index, row in enumerate(whole["objects"].to_pylist()):
                split.same_objects(index, zip(row["categories"], row["bbox"]))


@consumer("datasets PIL", "parquet")
def datasets(folder, splits):
    import datasets
    datasets.disable_progress_bars()
    loaded = datasets.load_dataset(str(folder), cache_dir=cache())
    expect(sorted(loaded) == sorted(split.name for split in splits), f"splits {sorted(loaded)}")
    for split in splits:
        data = loaded[split.name]
        expect(isinstance(data.features["image"], datasets.Image), f"features {data.features}")
        split.same_x([np.asarray(row) for row in data["image"]])
        if split.y.ndim == 1:
            expect(data.features["label"].names == split.classes, f"classes {data.features['label']}")
            split.same_y(data["label"])
        else:
            split.same_y(data["labels"])
        if split.grid:
            for index, row in enumerate(data["objects"]):
                split.same_objects(index, zip(row["categories"], row["bbox"]))
        split.same_truth(lambda name: data[name])
        if split.masks is not None:
            expect(isinstance(data.features["masks"], datasets.Image), f"features {data.features}")
            for index, (mask, row) in enumerate(zip(data["masks"], data["objects"])):
                expect(np.array_equal(np.asarray(mask), split.masks[index]), f"{split.name}: mask {index} differs")
                own = [cell + 1 for cell, c in enumerate(split.cells[index].tolist()) if c >= 0]
                expect(row["id"] == own, f"{split.name}: ids {row['id']} for {own}")
    # The metadata in the files are enough without the card.
    alone = datasets.load_dataset("parquet", data_files=str(folder / "data" / f"{splits[0].name}-*"), split="train", cache_dir=cache())
    expect(isinstance(alone.features["image"], datasets.Image), f"features without the card {alone.features}")


@consumer("webdataset PIL", "webdataset")
def webdataset(folder, splits):
    import webdataset
    for split in splits:
        files = [str(path) for path in sorted(folder.rglob(f"*{split.name}*.tar"))]
        decode = "l8" if split.x.ndim == 3 else "rgb8"
        for index, sample in enumerate(webdataset.WebDataset(files, shardshuffle=False).decode(decode)):
            expect(int(sample["__key__"].rsplit("/")[-1]) == index, f"key {sample['__key__']} at {index}")
            split.same_image(index, sample["png"] if "png" in sample else sample["npy"])
            if split.y.ndim == 1:
                expect(int(sample["cls"]) == split.y[index], f"{split.name}: label {index} differs")
            if split.soft:
                expect(np.array_equal(np.float32(sample["json"]["weights"]), split.y[index]), f"{split.name}: weights {index} differ")
            elif split.y.ndim == 2:
                expect(sample["json"]["labels"] == np.flatnonzero(split.y[index]).tolist(), f"{split.name}: labels {index}")
            if split.grid:
                split.same_objects(index, zip(sample["json"]["categories"], sample["json"]["bbox"]))
            for name, own in split.truth.items():
                expect(sample["json"][name] == own[index], f"{split.name}: {name} {index} differs")
        expect(index + 1 == len(split.y), f"{split.name}: {index + 1} samples")


@consumer("datasets PIL", "webdataset")
def datasets_webdataset(folder, splits):
    import datasets
    datasets.disable_progress_bars()
    for split in splits:
        files = [str(path) for path in sorted(folder.rglob(f"*{split.name}*.tar"))]
        data = datasets.load_dataset("webdataset", data_files={"train": files}, split="train", cache_dir=cache())
        for index, row in enumerate(data):
            if "png" in row:
                split.same_image(index, row["png"])
            if "cls" in row:
                expect(row["cls"] == split.y[index], f"{split.name}: label {index} differs")


@consumer("tensorflow tensorflow_datasets", "tfrecord")
def tensorflow_datasets(folder, splits):
    import tensorflow_datasets
    home = only(folder.rglob("dataset_info.json"), "dataset_info.json").parent
    # Files one after the other; otherwise they are read in turns.
    order = tensorflow_datasets.ReadConfig(interleave_cycle_length=1)
    builder = tensorflow_datasets.builder_from_directory(home)
    name = home.parent.name
    for split in splits:
        info = builder.info.splits[split.name]
        expect(info.num_examples == len(split.y), f"{split.name}: {info.num_examples} examples")
        loaded = tensorflow_datasets.load(name, data_dir=home.parent.parent, split=split.name, read_config=order)
        for data in (builder.as_dataset(split=split.name, read_config=order), loaded):
            rows = list(tensorflow_datasets.as_numpy(data))
            split.same_x([row["image"] for row in rows])
            split.same_y([row["label" if split.y.ndim == 1 else "labels"] for row in rows])
            split.same_truth(lambda name: [row[name] for row in rows])
        if split.grid:
            height, width = split.x.shape[1:3]
            for index, row in enumerate(rows):
                boxes = row["objects"]["bbox"] * [height, width, height, width]
                found = [(b[1], b[0], b[3] - b[1], b[2] - b[0]) for b in boxes]
                split.same_objects(index, zip(row["objects"]["label"], found))
        elif split.y.ndim == 1:
            expect(builder.info.features["label"].names == split.classes, "names of classes differ")
            x, y = next(iter(tensorflow_datasets.as_numpy(builder.as_dataset(split=split.name, as_supervised=True, read_config=order))))
            split.same_image(0, x)


@consumer("safetensors", "safetensors")
def safetensors(folder, splits):
    from safetensors.numpy import load_file
    arrays = {}
    for path in sorted(folder.glob("*.safetensors")):
        arrays.update(load_file(path))
    for split in splits:
        split.same_x(arrays[f"x_{split.name}"])
        split.same_y(arrays[f"y_{split.name}"])
        split.same_truth(lambda name: arrays[f"{name}_{split.name}"])
        if split.masks is not None:
            expect(np.array_equal(arrays[f"masks_{split.name}"], split.masks), f"{split.name}: masks differ")


@consumer("pycocotools PIL", "coco", "coco-polygons")
def pycocotools(folder, splits):
    """Pictures and boxes; masks are decoded, from run lengths or polygons, to what they were, pixel by pixel."""
    from pycocotools.coco import COCO
    for split in splits:
        coco = COCO(folder / "annotations" / f"instances_{split.name}.json")
        expect(len(coco.getImgIds()) == len(split.y), f"{split.name}: {len(coco.getImgIds())} images")
        names = {c["id"]: split.classes.index(c["name"]) for c in coco.loadCats(coco.getCatIds())}
        for image in coco.loadImgs(coco.getImgIds()):
            index = int(pathlib.Path(image["file_name"]).stem)
            expect((image["height"], image["width"]) == split.x.shape[1:3], f"size of image {index}")
            split.same_image(index, pixels((folder / split.name / image["file_name"]).read_bytes()))
            found = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
            if split.masks is None:
                split.same_objects(index, [(names[a["category_id"]], a["bbox"]) for a in found])
                continue
            split.same_masks(index, [coco.annToMask(a) for a in found])
            areas = [int(mask.sum()) for _, mask in split.seen(index)]
            expect([a["area"] for a in found] == areas, f"{split.name}: image {index}: areas differ from {areas}")


@consumer("stand_ins streaming PIL", "mds")
def mosaicml_streaming(folder, splits):
    """Every sample, backwards and forwards, and the digests that index.json gives for its files."""
    import streaming
    from streaming.base.hashing import get_hash
    for split in splits:
        root = folder / split.name
        expect((root / "index.json").is_file(), f"no {split.name}/index.json")
        index = json.loads((root / "index.json").read_text())
        for shard in index["shards"]:
            raw = (root / shard["raw_data"]["basename"]).read_bytes()
            expect(len(raw) == shard["raw_data"]["bytes"], f"{shard['raw_data']['basename']}: {len(raw)} bytes")
            for name, digest in shard["raw_data"]["hashes"].items():
                expect(get_hash(name, raw) == digest, f"{shard['raw_data']['basename']}: {name} differs")
        data = streaming.LocalDataset(str(root))
        expect(len(data) == len(split.y), f"{split.name}: {len(data)} samples for {len(split.y)}")
        for index in [*reversed(range(0, len(data), 7)), *range(len(data))]:
            sample = data[index]
            image = sample["image"] if "image" in sample else sample["x"]
            split.same_image(index, np.asarray(image))
            label = np.asarray(sample["label" if "label" in sample else "labels"])
            own = split.y[index]
            # Multi-label targets are rows of 0 and 1, or the ids of their classes.
            expect(np.array_equal(label, own) or split.y.ndim == 2 and np.array_equal(label, np.flatnonzero(own)),
                   f"{split.name}: label {index}: {label} for {own}")
            for name, truth in split.truth.items():
                expect(int(sample[name]) == truth[index], f"{split.name}: {name} {index} differs")
            if split.grid and "bbox" in sample:
                split.same_objects(index, zip(sample["categories"], sample["bbox"]))


@consumer("PIL", "yolo")
def yolo(folder, splits):
    """The layout as ultralytics documents it; no program of theirs is installed for this."""
    listed = (folder / "data.yaml").read_text()
    for split in splits:
        part = split.name if (folder / "images" / split.name).is_dir() else "val"
        expect(f"images/{part}" in listed, f"data.yaml does not name images/{part}")
        height, width = split.x.shape[1:3]
        files = sorted((folder / "images" / part).glob("*.png"))
        expect(len(files) == len(split.y), f"{split.name}: {len(files)} pictures")
        for path in files:
            index = int(path.stem)
            split.same_image(index, pixels(path.read_bytes()))
            lines = [line.split() for line in (folder / "labels" / part / f"{path.stem}.txt").read_text().splitlines()]
            if split.masks is not None:
                corners = [np.float64(rest).reshape(-1, 2) * (width, height) for _, *rest in lines]
                split.same_masks(index, [inside(polygon, height, width) for polygon in corners])
                continue
            rows = [(int(c), *map(float, rest)) for c, *rest in lines]
            split.same_objects(index, [(c, ((cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height)) for c, cx, cy, w, h in rows])


def inside(polygon, height, width):
    """Where the centers of pixels lie inside of a polygon, by the even-odd rule."""
    y, x = np.mgrid[:height, :width] + 0.5
    odd = np.zeros((height, width), bool)
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, -1, axis=0)):
        if ay != by:
            odd ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * (bx - ax) / (by - ay))
    return odd


@consumer("PIL", "voc")
def pascal_voc(folder, splits):
    """The layout of VOC2012, read by an XML parser and Pillow as the tools for it do."""
    from xml.etree import ElementTree
    from PIL import Image
    for split in splits:
        names = (folder / "ImageSets" / "Main" / f"{split.name}.txt").read_text().split()
        expect(len(names) == len(split.y), f"{split.name}: {len(names)} pictures")
        for index, name in enumerate(names):
            root = ElementTree.parse(folder / "Annotations" / f"{name}.xml").getroot()
            path = folder / "JPEGImages" / root.findtext("filename")
            split.same_image(index, pixels(path.read_bytes()))
            size = [int(root.findtext(f"size/{side}")) for side in ("height", "width", "depth")]
            expect(size == [*split.x.shape[1:3], 1 if split.x.ndim == 3 else 3], f"{name}: size {size}")
            found = []
            for item in root.iter("object"):
                # Counted from 1, the last one included.
                x0, y0, x1, y1 = (int(item.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax"))
                found.append((split.classes.index(item.findtext("name")), (x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1)))
            own = [(c, box) for c, box in split.objects(index) if box[2] > 0]
            expect(found == own, f"{name}: objects {found} for {own}")
            if split.masks is None:
                continue
            objects, classes = (Image.open(folder / kind / f"{name}.png") for kind in ("SegmentationObject", "SegmentationClass"))
            expect(objects.mode == classes.mode == "P", f"{name}: modes {objects.mode}, {classes.mode}")
            objects, classes = np.asarray(objects), np.asarray(classes)
            split.same_masks(index, [objects == number + 1 for number in range(len(own))])
            expect(all((classes[objects == k + 1] == c + 1).all() for k, (c, _) in enumerate(own)), f"{name}: classes differ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("format", choices=sorted(CONSUMERS))
    parser.add_argument("export", type=pathlib.Path)
    parser.add_argument("--shards", type=pathlib.Path, required=True)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--skip", nargs="+", default=[])
    args = parser.parse_args()
    manifest = json.loads((args.shards / "manifest.json").read_text())
    splits = [Split(args.shards, entry) for entry in manifest["splits"]]
    for name, modules, function in CONSUMERS[args.format]:
        if args.only and name not in args.only or name in args.skip:
            continue
        try:
            for module in modules.split():
                importlib.import_module(module)
        except ImportError as error:
            if args.only:
                sys.exit(f"consumers: {name} is not installed: {error}")
            print(f"-- {args.format} {name}: not installed, skipped")
            continue
        try:
            function(args.export, splits)
        except Wrong as wrong:
            sys.exit(f"consumers: {args.format} {name}: {wrong}")
        print(f"ok {args.format} {name}", flush=True)


if __name__ == "__main__":
    main()
