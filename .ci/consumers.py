#!/usr/bin/env python3
"""Opens an export with the programs that it is made for and compares every value with NumPy shards of the same samples.

    consumers.py FORMAT EXPORT_FOLDER --shards SHARD_FOLDER [--only NAME ...] [--skip NAME ...]

FORMAT is npz, npy, csv-pandas, csv-kaggle, csv-kaggle-fashion, idx, png, parquet, webdataset, tfrecord, safetensors, mds, coco, coco-polygons, yolo or voc. Each has
one or more consumers; the line `ok FORMAT NAME` says that one of them found what the shards hold. A consumer that is not installed is
named and skipped; with --only it is an error.
"""
import argparse
import collections
import contextlib
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

    def arrays(self):
        """What there is by name: x, y, masks, columns of truth."""
        masks = {} if self.masks is None else {"masks": self.masks}
        return {"x": self.x, "y": self.y, **masks, **self.truth}

    def same_arrays(self, get):
        """Compares each array with what `get` gives for its name, in values and type."""
        for name, own in self.arrays().items():
            found = get(name)
            expect(found.dtype == own.dtype, f"{self.name}: {name}: type {found.dtype} for {own.dtype}")
            expect(found.size == own.size, f"{self.name}: {name}: shape {found.shape} for {own.shape}")
            expect(np.array_equal(found.reshape(own.shape), own), f"{self.name}: {name} differs")

    def same_truth(self, get):
        """Compares each column of truth with what `get` gives for its name."""
        for name, own in self.truth.items():
            expect(np.array_equal(np.asarray(get(name)).reshape(-1), own), f"{self.name}: {name} differs")

    def same_json(self, index, said):
        """What tar files say of a sample in JSON: labels or their weights, boxes, truth."""
        if self.soft:
            expect(np.array_equal(np.float32(said["weights"]), self.y[index]), f"{self.name}: weights {index} differ")
        elif self.y.ndim == 2:
            expect(said["labels"] == np.flatnonzero(self.y[index]).tolist(), f"{self.name}: labels {index} differ")
        if self.grid:
            self.same_objects(index, zip(said["categories"], said["bbox"]))
        for name, own in self.truth.items():
            expect(said[name] == own[index], f"{self.name}: {name} {index} differs")

    def objects(self, index):
        """Class and box x, y, width, height of each object."""
        return [(int(c), (b[0], b[1], b[2] - b[0], b[3] - b[1]))
                for c, b in zip(self.cells[index].tolist(), self.boxes[index].tolist()) if c >= 0]

    def ids(self, index):
        """The number in masks of each object."""
        return [cell + 1 for cell, c in enumerate(self.cells[index].tolist()) if c >= 0]

    def seen(self, index):
        """Class, box and mask of each object. One that is painted over as a whole is left out."""
        masks = [self.masks[index] == id for id in self.ids(index)]
        return [(c, box, mask) for (c, box), mask in zip(self.objects(index), masks) if mask.any()]

    def shown(self, index):
        """Class and box of each object that formats of pictures have."""
        if self.masks is None:
            return self.objects(index)
        return [(c, box) for c, box, _ in self.seen(index)]

    def same_masks(self, index, found):
        """Compares class and mask of each object that is seen."""
        own = self.seen(index)
        expect(len(own) == len(found), f"{self.name}: image {index}: {len(found)} masks for {len(own)}")
        for number, ((c, _, mask), (d, other)) in enumerate(zip(own, found)):
            expect(c == d, f"{self.name}: image {index}: object {number} is {d} for {c}")
            expect(np.array_equal(mask, np.asarray(other, bool)), f"{self.name}: image {index}: the mask of object {number} differs")

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

    def same_objects(self, index, found, own=None):
        found = [(int(c), tuple(float(v) for v in box)) for c, box in found]
        own = [(c, tuple(float(v) for v in box)) for c, box in (self.objects(index) if own is None else own)]
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
    expected = set()
    for split in splits:
        forms = (f"{{}}_{split.name}", f"{split.name}_{{}}")
        form = next((form for form in forms if {form.format("x"), form.format("images")} & set(arrays.files)), None)
        expect(form, f"no images of {split.name} among {arrays.files}")
        said = {"x": "images", "y": "labels"} if form.format("images") in arrays.files else {}
        keys = {name: form.format(said.get(name, name)) for name in split.arrays()}
        expect(set(keys.values()) <= set(arrays.files), f"{sorted(keys.values())} are not all among {arrays.files}")
        split.same_arrays(lambda name: arrays[keys[name]])
        expected.update(keys.values())
    expect(set(arrays.files) == expected, f"arrays {arrays.files} for {sorted(expected)}")


@consumer("sklearn", "npz", "npy")
def scikit_learn(folder, splits):
    for split in splits:
        if files := sorted(folder.glob("*.npz")):
            arrays = np.load(files[0], allow_pickle=False)
            ways = [(f"x_{split.name}", f"y_{split.name}")]
            ways += [(f"{split.name}_{x}", f"{split.name}_{y}") for x, y in (("x", "y"), ("images", "labels"))]
            x, y = next((arrays[x], arrays[y]) for x, y in ways if x in arrays.files)
        else:
            x, y = (np.load(folder / f"{a}_{split.name}.npy") for a in "xy")
        check_fit(split, x, y)


@consumer("numpy", "npy")
def numpy_mapped(folder, splits):
    for split in splits:
        split.same_arrays(lambda name: np.load(folder / f"{name}_{split.name}.npy", mmap_mode="r", allow_pickle=False))
    expected = sorted(f"{name}_{split.name}.npy" for split in splits for name in split.arrays())
    found = sorted(path.name for path in folder.glob("*.npy"))
    expect(found == expected, f"files {found} for {expected}")


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
        whole = {"X": pandas.DataFrame(split.x.reshape(n, -1)), "y": pandas.DataFrame(split.y)}
        if split.truth:
            whole["truth"] = pandas.DataFrame(split.truth)
        files = sorted(path.name.split("_")[0] for path in folder.glob(f"*_{split.name}.csv*"))
        expect(files == sorted(whole), f"{split.name}: files {files} for {sorted(whole)}")
        for stem, own in whole.items():
            path, found = table(folder, f"{stem}_{split.name}", own.iloc[:, 0].dtype)
            expect(np.array_equal(found.to_numpy(), own.to_numpy()), f"{path}: values differ")
            expect(stem != "truth" or list(found.columns) == list(split.truth), f"{path}: columns {list(found.columns)}")
            raw = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
            expect(raw == own.to_csv(index=False).encode(), f"{path}: not what pandas writes")
        check_fit(split, table(folder, f"X_{split.name}")[1].to_numpy(), split.y)


@consumer("pandas", "csv-kaggle", "csv-kaggle-fashion")
def pandas_one_table(folder, splits):
    """Weights are read as 32-bit floats, and all else as whole numbers."""
    import pandas
    for split in splits:
        weights = {f"label{c}": np.float32 for c in range(len(split.classes))} if split.soft else {}
        types = collections.defaultdict(lambda: np.int64, weights)
        path, found = table(folder, split.name, types)
        labels = split.y.reshape(len(split.y), -1).shape[1]
        if (folder / ".mnistaug" / f"{split.name}-labels.csv").exists():
            # Kaggle's test.csv: labels, and truth that may tell them, are in nobody's sight.
            expect(all(name.startswith("pixel") for name in found.columns), f"{path}: more than pixels")
            submission = folder / "sample_submission.csv"
            if labels == 1:
                ids = pandas.read_csv(submission)
                expect(list(ids.columns) == ["ImageId", "Label"] and list(ids.ImageId) == list(range(1, len(found) + 1)),
                       f"{submission}: not one line for each image")
            hidden = table(folder / ".mnistaug", f"{split.name}-labels", types)[1]
            found = pandas.concat([hidden.iloc[:, :labels], found, hidden.iloc[:, labels:]], axis=1)
        names, pixels = list(found.columns), split.x[0].size
        first = int(names[labels].removeprefix("pixel"))
        expect(names[:labels] == (["label"] if labels == 1 else [f"label{c}" for c in range(labels)])
               and names[labels:] == [*(f"pixel{i + first}" for i in range(pixels)), *split.truth],
               f"{path}: columns {names[:3]} ... {names[-3:]}")
        split.same_y(found.iloc[:, :labels].to_numpy())
        split.same_x(found.iloc[:, labels:labels + pixels].to_numpy())
        split.same_truth(lambda name: found[name])


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
        expect(all(whole.schema.field(name).type == "int64" for name in split.truth), f"types {whole.schema}")
        expect(not split.soft or whole.schema.field("labels").type.value_type == "float", f"types {whole.schema}")
        if split.grid:
            for index, row in enumerate(whole["objects"].to_pylist()):
                split.same_objects(index, zip(row["categories"], row["bbox"]))
        if split.masks is not None:
            masks = [pixels(mask["bytes"]) for mask in whole["masks"].to_pylist()]
            expect(np.array_equal(masks, split.masks), f"{split.name}: masks differ")


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
            expect(not split.soft or data.features["labels"].feature.dtype == "float32", f"features {data.features}")
            split.same_y(data["labels"])
        if split.grid:
            for index, row in enumerate(data["objects"]):
                split.same_objects(index, zip(row["categories"], row["bbox"]))
        split.same_truth(lambda name: data[name])
        if split.masks is not None:
            expect(isinstance(data.features["masks"], datasets.Image), f"features {data.features}")
            for index, (mask, row) in enumerate(zip(data["masks"], data["objects"])):
                expect(mask.mode == "L", f"{split.name}: mask {index}: mode {mask.mode}")
                expect(np.array_equal(np.asarray(mask), split.masks[index]), f"{split.name}: mask {index} differs")
                expect(row["id"] == split.ids(index), f"{split.name}: ids {row['id']} for {split.ids(index)}")
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
            split.same_json(index, sample.get("json", {}))
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
            if split.y.ndim == 1:
                expect(row["cls"] == split.y[index], f"{split.name}: label {index} differs")
            split.same_json(index, row.get("json", {}))
        expect(len(data) == len(split.y), f"{split.name}: {len(data)} samples")


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
            types = {rows[0][name].dtype for name in split.truth}
            expect(types <= {np.dtype(np.int64)}, f"{split.name}: types of truth {types}")
            expect(not split.soft or rows[0]["labels"].dtype == np.float32, f"{split.name}: weights are {rows[0].get('labels')}")
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
    expected = {f"{name}_{split.name}" for split in splits for name in split.arrays()}
    expect(set(arrays) == expected, f"arrays {sorted(arrays)} for {sorted(expected)}")
    for split in splits:
        split.same_arrays(lambda name: arrays[f"{name}_{split.name}"])


@consumer("torch safetensors", "safetensors")
def torch(folder, splits):
    """Tensors of the same types. What PyTorch takes for a loss it takes as it is."""
    import torch
    from safetensors.torch import load_file
    tensors = load_file(only(folder.glob("*.safetensors"), ".safetensors file"))
    for split in splits:
        split.same_arrays(lambda name: tensors[f"{name}_{split.name}"].numpy())
        if split.soft:
            n, classes = split.y.shape
            loss = torch.nn.CrossEntropyLoss()(torch.zeros(n, classes), tensors[f"y_{split.name}"])
            expect(abs(loss.item() - np.log(classes)) < 1e-4, f"{split.name}: a loss of {loss.item()} where nothing is known")


@consumer("pycocotools PIL", "coco")
def pycocotools(folder, splits):
    """Pictures, classes and boxes. Masks are run lengths, and are decoded to what they were, pixel by pixel."""
    check_coco(folder, splits, dict)


@consumer("pycocotools PIL", "coco-polygons")
def pycocotools_polygons(folder, splits):
    """The same with polygons, which pycocotools makes run lengths of and merges."""
    check_coco(folder, splits, list)


def check_coco(folder, splits, kind):
    from pycocotools.coco import COCO
    for split in splits:
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO(folder / "annotations" / f"instances_{split.name}.json")
        expect(len(coco.getImgIds()) == len(split.y), f"{split.name}: {len(coco.getImgIds())} images")
        names = {c["id"]: split.classes.index(c["name"]) for c in coco.loadCats(coco.getCatIds())}
        for image in coco.loadImgs(coco.getImgIds()):
            index = int(pathlib.Path(image["file_name"]).stem)
            expect((image["height"], image["width"]) == split.x.shape[1:3], f"size of image {index}")
            split.same_image(index, pixels((folder / split.name / image["file_name"]).read_bytes()))
            found = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
            split.same_objects(index, [(names[a["category_id"]], a["bbox"]) for a in found], split.shown(index))
            if split.masks is None:
                expect(not any("segmentation" in a for a in found), f"{split.name}: image {index}: segmentations of nothing")
                continue
            expect(all(isinstance(a["segmentation"], kind) for a in found), f"{split.name}: image {index}: no {kind.__name__}")
            split.same_masks(index, [(names[a["category_id"]], coco.annToMask(a)) for a in found])
            areas = [int(mask.sum()) for _, _, mask in split.seen(index)]
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
            expect(not split.soft or label.dtype == np.float32, f"{split.name}: weights {index} are {label.dtype}")
            for name, truth in split.truth.items():
                expect(int(sample[name]) == truth[index], f"{split.name}: {name} {index} differs")
            if split.grid:
                split.same_objects(index, zip(sample["objects"]["categories"], sample["objects"]["bbox"]))


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
                corners = [(int(c), np.float64(rest).reshape(-1, 2) * (width, height)) for c, *rest in lines]
                split.same_masks(index, [(c, inside(polygon, height, width)) for c, polygon in corners])
                continue
            rows = [(int(c), *map(float, rest)) for c, *rest in lines]
            split.same_objects(index, [(c, ((cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height)) for c, cx, cy, w, h in rows])


def inside(polygon, height, width):
    """Where the centers of pixels lie inside of a polygon, by the even-odd rule."""
    y, x = np.mgrid[:height, :width] + 0.5
    odd = np.zeros((height, width), bool)
    for edge in zip(polygon.tolist(), np.roll(polygon, -1, axis=0).tolist()):
        # Both ways along a cut are the same edge, rounded alike.
        (ax, ay), (bx, by) = sorted(edge)
        if ay != by:
            odd ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * (bx - ax) / (by - ay))
    return odd


@consumer("PIL", "voc")
def pascal_voc(folder, splits):
    """The layout of VOC2012, read by an XML parser and Pillow as the tools for it do."""
    from xml.etree import ElementTree
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
            own = split.shown(index)
            expect(found == own, f"{name}: objects {found} for {own}")
            expect(root.findtext("segmented") == str(int(split.masks is not None)), f"{name}: segmented {root.findtext('segmented')}")
            if split.masks is not None:
                check_numbers(folder, name, split.seen(index))
        masked = folder / "ImageSets" / "Segmentation" / f"{split.name}.txt"
        expect(masked.exists() == (split.masks is not None), f"{masked}: there without masks, or not there with them")
        expect(split.masks is None or masked.read_text().split() == names, f"{masked}: other pictures than in Main")


def check_numbers(folder, name, seen):
    """Pixel by pixel, in VOC's colors: the number of an object as the annotation counts them, and one more than its class."""
    from PIL import Image
    for kind, numbers in (("SegmentationObject", range(1, len(seen) + 1)), ("SegmentationClass", [c + 1 for c, _, _ in seen])):
        image = Image.open(folder / kind / f"{name}.png")
        expect(image.mode == "P", f"{name}: {kind} in mode {image.mode}")
        expect(image.getpalette()[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0], f"{name}: {kind} in other colors")
        own = sum((mask * number for (_, _, mask), number in zip(seen, numbers)), np.zeros(image.size[::-1], int))
        expect(np.array_equal(np.asarray(image), own), f"{name}: {kind} differs")


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
