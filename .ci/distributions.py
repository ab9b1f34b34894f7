"""Draws images through a library and through mnistaug's translation of the same Python, and compares what comes out.

    distributions.py MNISTAUG LIBRARY WORK_FOLDER [--images N] [--only NAME] [-v]

LIBRARY is imgaug, albumentations1, albumentations2 or torchvision; it has to be installed. Each case is a line of Python: it runs here, and
`mnistaug augment --pipeline` translates it. Of every image a few numbers are taken, and of these the two distributions: they may differ by less
than chance would in one case of 100,000 (Kolmogorov and Smirnov), values apart by no more than a tolerance for rounding.
"""

import argparse
import math
import pathlib
import subprocess
import sys
import warnings

import numpy as np

IMGAUG = """
Add((-40, 40)) | Add((-40, 40), per_channel=0.5) | AddElementwise((-40, 40), per_channel=0.5) | AddToBrightness((-30, 30))
AddToHue((-50, 50)) | AddToHueAndSaturation((-50, 50), per_channel=True) | AddToSaturation((-75, 75))
AdditiveGaussianNoise(scale=(0, 40), per_channel=0.5) | AdditiveLaplaceNoise(scale=(0, 40), per_channel=True) | AdditivePoissonNoise((0, 40))
Affine(scale=(0.7, 1.4), rotate=(-30, 30), shear=(-15, 15), cval=(0, 255), order=[0, 1]) | Affine(translate_percent={'x': (-0.2, 0.2)}, mode='edge')
Affine(translate_px={'x': (-5, 5), 'y': (0, 4)}, order=0) | Rotate((-45, 45)) | ScaleX((0.5, 1.5)) | ShearX((-20, 20)) | ShearY((-20, 20))
TranslateX(px=(-8, 8)) | TranslateY(percent=(-0.2, 0.2)) | AverageBlur(k=(2, 7)) | AverageBlur(k=((2, 5), (1, 3))) | BilateralBlur(d=(3, 7))
AllChannelsCLAHE(clip_limit=(1, 8)) | AllChannelsHistogramEqualization() | ChannelShuffle(0.5) | CLAHE(clip_limit=(1, 8))
CoarseDropout((0.0, 0.3), size_percent=(0.05, 0.5), per_channel=0.5) | CoarsePepper(0.1, size_percent=(0.1, 0.3))
CoarseSalt((0.02, 0.2), size_px=(3, 8)) | CoarseSaltAndPepper(0.1, size_percent=(0.1, 0.4), per_channel=True)
Crop(px=(0, 6)) | Crop(percent=(0, 0.3), sample_independently=False) | CropAndPad(percent=(-0.2, 0.2), pad_mode=['constant', 'edge'], pad_cval=(0, 255))
Cutout(nb_iterations=(1, 4), size=0.2, squared=False) | Cutout(fill_mode='constant', cval=(0, 255), fill_per_channel=0.5)
DirectedEdgeDetect(alpha=(0.0, 1.0), direction=(0.0, 1.0)) | Dropout(p=(0, 0.4), per_channel=0.5) | Dropout2d(p=0.4)
EdgeDetect(alpha=(0.0, 1.0)) | ElasticTransformation(alpha=(0.5, 5.0), sigma=0.5) | Emboss(alpha=(0, 1.0), strength=(0.5, 1.5))
Fliplr(0.3) | Flipud(0.6) | GammaContrast((0.5, 2.0), per_channel=True) | GaussianBlur(sigma=(0, 3.0)) | Grayscale(alpha=(0.0, 1.0))
HistogramEqualization() | ImpulseNoise(0.2) | Invert(0.3, per_channel=0.5) | JpegCompression(compression=(50, 99)) | LinearContrast((0.4, 1.6), per_channel=0.5)
LogContrast(gain=(0.6, 1.4)) | MedianBlur(k=(3, 7)) | MotionBlur(k=(3, 9), angle=(-45, 45)) | Multiply((0.5, 1.5), per_channel=0.5)
MultiplyBrightness((0.5, 1.5)) | MultiplyElementwise((0.5, 1.5)) | MultiplyHue((0.5, 1.5)) | MultiplyHueAndSaturation((0.5, 1.5), per_channel=True)
ChangeColorTemperature((1100, 10000)) | MultiplySaturation((0.2, 1.8)) | Pepper(0.1) | PerspectiveTransform(scale=(0.02, 0.12)) | PiecewiseAffine(scale=(0.01, 0.05))
Posterize(nb_bits=(1, 7)) | ReplaceElementwise(0.2, (0, 255)) | Rot90((1, 3)) | Salt((0.0, 0.2)) | SaltAndPepper(0.1, per_channel=True)
Sharpen(alpha=(0, 1.0), lightness=(0.75, 1.5)) | SigmoidContrast(gain=(3, 10), cutoff=(0.4, 0.6), per_channel=True) | Solarize(0.5, threshold=(32, 128))
Superpixels(p_replace=(0.2, 1.0), n_segments=(10, 80)) | UniformColorQuantization(n_colors=(2, 16))
Add(iap.Normal(10, 20)) | Multiply(iap.Choice([0.5, 1.5], p=[0.8, 0.2])) | Add(iap.Clip(iap.Laplace(0, 30), -50, 50)) | Add(iap.Discretize(iap.Uniform(-20, 20)))
Dropout(iap.Binomial(0.8)) | Salt(iap.Binomial(0.2)) | Affine(rotate=iap.Normal(0, 10), order=1)
Sometimes(0.4, iaa.Invert(1.0)) | OneOf([iaa.Add(40), iaa.Fliplr(1.0), iaa.Multiply(0.5)]) | SomeOf((1, 2), [iaa.Add(30), iaa.Fliplr(1.0), iaa.Invert(1.0)], random_order=True)
Sequential([iaa.Add((-20, 20)), iaa.Multiply((0.8, 1.2)), iaa.Fliplr(0.5)], random_order=True)
WithChannels([0, 2], iaa.Add((10, 60))) | WithColorspace('HSV', 'RGB', iaa.WithChannels(0, iaa.Add((0, 50)))) | WithBrightnessChannels(iaa.Add((-50, 50)))
BlendAlpha((0.0, 1.0), iaa.Invert(1.0)) | BlendAlphaElementwise((0.0, 1.0), iaa.Add(80), per_channel=0.5) | BlendAlphaSimplexNoise(iaa.Invert(1.0))
BlendAlphaFrequencyNoise(foreground=iaa.Invert(1.0), exponent=(-4, 0)) | KeepSizeByResize(iaa.Crop(px=(1, 6), keep_size=False))
PadToAspectRatio(1.5, pad_cval=(0, 255)) | CenterPadToAspectRatio(0.6, pad_mode='edge') | CropToAspectRatio(1.7) | CenterCropToAspectRatio(0.55)
CenterCropToFixedSize(20, 24) | CropToFixedSize(20, 24) | PadToFixedSize(32, 30) | CenterPadToFixedSize(33, 36) | Resize({'height': 20, 'width': 31})
"""

ALBUMENTATIONS = """
Blur(blur_limit=7, p=1) | CenterCrop(20, 24, p=1) | ChannelDropout(p=1) | ChannelShuffle(p=1) | CLAHE(p=1) | ColorJitter(p=1) | Downscale(p=1) | Emboss(p=1)
Equalize(p=1) | FancyPCA(p=1) | GaussNoise(p=1) | GaussianBlur(p=1) | GridDistortion(p=1) | GridDropout(p=1) | HorizontalFlip(p=0.3) | HueSaturationValue(p=1)
ISONoise(p=1) | ImageCompression(p=1) | InvertImg(p=0.4) | MedianBlur(blur_limit=5, p=1) | MotionBlur(p=1) | MultiplicativeNoise(p=1) | OpticalDistortion(p=1)
Perspective(p=1) | PixelDropout(p=1) | Posterize(p=1) | RGBShift(p=1) | RandomBrightnessContrast(p=0.7) | RandomCrop(20, 22, p=1) | RandomGamma(p=1)
RandomGridShuffle(p=1) | RandomRotate90(p=1) | RandomToneCurve(p=1) | Rotate(limit=30, p=1) | SafeRotate(limit=30, p=1) | Sharpen(p=1)
ShiftScaleRotate(p=1) | Solarize(p=1) | ToGray(p=0.5) | Transpose(p=0.5) | VerticalFlip(p=0.5) | Affine(scale=(0.8, 1.2), rotate=(-20, 20), p=1)
ElasticTransform(alpha=10, sigma=3, p=1) | OneOf([A.HorizontalFlip(p=1), A.InvertImg(p=0.5)], p=0.8) | Compose([A.HorizontalFlip(p=0.5), A.RandomBrightnessContrast(p=0.5)])
"""

ALBUMENTATIONS_1 = """
CoarseDropout(max_holes=4, max_height=8, max_width=8, p=1) | Cutout(num_holes=4, max_h_size=6, max_w_size=6, p=1) | Flip(p=0.7) | JpegCompression(p=1)
RandomResizedCrop(24, 24, p=1) | RandomBrightness(p=1) | RandomContrast(p=1) | PadIfNeeded(36, 40, p=1) | ElasticTransform(p=1)
"""

ALBUMENTATIONS_2 = """
CoarseDropout(p=1) | Erasing(p=1) | D4(p=1) | RandomResizedCrop(size=(24, 24), p=1) | PadIfNeeded(36, 40, p=1)
"""

TORCHVISION = """
RandomHorizontalFlip(0.3) | RandomVerticalFlip() | RandomRotation(30) | RandomRotation((-90, 90), interpolation=T.InterpolationMode.BILINEAR)
RandomAffine(20, translate=(0.1, 0.2), scale=(0.7, 1.3), shear=10) | RandomPerspective(0.4, p=0.8) | RandomCrop(28, padding=4) | RandomResizedCrop(24)
ColorJitter(0.4, 0.4, 0.4, 0.2) | RandomGrayscale(0.3) | GaussianBlur(3) | GaussianBlur((5, 3), sigma=(0.2, 3)) | RandomInvert(0.4) | RandomPosterize(3, 0.6)
RandomSolarize(128, 0.6) | RandomAdjustSharpness(3, 0.7) | RandomAutocontrast() | RandomEqualize() | ElasticTransform(alpha=30.0, sigma=3.0)
AutoAugment() | RandAugment() | TrivialAugmentWide() | AugMix() | RandomChoice([T.RandomInvert(1), T.RandomHorizontalFlip(1)], p=[0.3, 0.7])
RandomApply([T.ColorJitter(0.5)], p=0.4) | RandomOrder([T.RandomInvert(0.5), T.ColorJitter(0.5)]) | Compose([T.Resize(20), T.Pad(3, fill=9), T.CenterCrop(24)])
"""


def cases(text):
    return [case.strip() for line in text.strip().splitlines() for case in line.split(" | ")]


class Imgaug:
    head, prefix, texts, options = "from imgaug import augmenters as iaa\nfrom imgaug import parameters as iap\n", "iaa.", [IMGAUG], []

    def draw(self, source, images):
        import functools

        import imgaug
        import skimage.segmentation
        from imgaug import augmenters as iaa, parameters as iap

        # imgaug wants labels from 0, which was scikit-image's default when it was written.
        slic = getattr(skimage.segmentation.slic, "func", skimage.segmentation.slic)
        skimage.segmentation.slic = functools.partial(slic, start_label=0)
        imgaug.seed(1)
        # One by one: some parameters are drawn once for a whole batch.
        transform = eval(source, {"iaa": iaa, "iap": iap})
        return [transform(image=image) for image in images]


class Albumentations:
    head, prefix = "import albumentations as A\n", "A."

    def __init__(self, version):
        self.texts = [ALBUMENTATIONS, [ALBUMENTATIONS_1, ALBUMENTATIONS_2][version - 1]]
        self.options = ["--compat", f"albumentations{version}"]

    def draw(self, source, images):
        import random

        import albumentations as A

        random.seed(1)
        np.random.seed(1)
        transform = eval(source, {"A": A})
        if not isinstance(transform, A.Compose):
            # A transform of version 2 has random numbers of its own.
            transform = A.Compose([transform], **({"seed": 1} if hasattr(transform, "set_random_seed") else {}))
        elif hasattr(transform, "set_random_seed"):
            transform.set_random_seed(1)
        return [transform(image=image)["image"] for image in images]


class Torchvision:
    head, prefix, texts, options = "from torchvision import transforms as T\n", "T.", [TORCHVISION], []

    def draw(self, source, images):
        import torch
        from PIL import Image
        from torchvision import transforms as T

        torch.manual_seed(1)
        import random

        random.seed(1)
        transform = eval(source, {"T": T})
        return [np.asarray(transform(Image.fromarray(image))) for image in images]


LIBRARIES = {
    "imgaug": Imgaug,
    "albumentations1": lambda: Albumentations(1),
    "albumentations2": lambda: Albumentations(2),
    "torchvision": Torchvision,
}

# Tolerances of what is measured: half a level of 255 for levels, a pixel in two hundred for shares.
LEVEL, SHARE, PLACE = 0.5, 0.005, 0.1


def measures(image, before):
    """Numbers of one image, each with its tolerance."""
    image, before = image.astype(float), before.astype(float)
    found = {"height": (image.shape[0], 0), "width": (image.shape[1], 0)}
    for c, name in enumerate(["red", "green", "blue"]):
        found[f"mean of {name}"] = (image[..., c].mean(), LEVEL)
    found["deviation"] = (image.std(), LEVEL)
    found["lowest"] = (image.min(), 1)
    found["highest"] = (image.max(), 1)
    found["color"] = (np.ptp(image, axis=2).mean(), LEVEL)
    found["steps down"] = (np.abs(np.diff(image, axis=0)).mean(), LEVEL)
    found["steps across"] = (np.abs(np.diff(image, axis=1)).mean(), LEVEL)
    found["black"] = ((image.max(axis=2) == 0).mean(), SHARE)
    found["left half"] = (image[:, : image.shape[1] // 2].mean(), LEVEL)
    found["upper half"] = (image[: image.shape[0] // 2].mean(), LEVEL)
    if image.shape == before.shape:
        change = np.abs(image - before)
        found["change"] = (change.mean(), LEVEL)
        found["largest change"] = (change.max(), 2)
        # Changes by one are rounding.
        found["share that changed"] = ((change.max(axis=2) > 1.5).mean(), 2 * SHARE)
        total = change.sum()
        if total > 0:
            rows, columns = np.indices(change.shape[:2])
            weight = change.sum(axis=2) / total
            found["row of change"] = ((weight * rows).sum(), PLACE)
            found["column of change"] = ((weight * columns).sum(), PLACE)
    return found


def apart(one, other, tolerance):
    """The largest distance of two cumulative distributions, values moved together by the tolerance."""
    one, other = np.sort(one), np.sort(other)

    def above(a, b):
        at = np.concatenate([a, b])
        return (np.searchsorted(a, at, "right") / len(a) - np.searchsorted(b, at + tolerance + 1e-9, "right") / len(b)).max()

    return max(above(one, other), above(other, one))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mnistaug")
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--only")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    library = LIBRARIES[options.library]()
    work = options.work / options.library
    work.mkdir(parents=True, exist_ok=True)

    def mnistaug(*arguments):
        done = subprocess.run([options.mnistaug, *map(str, arguments), "--quiet"], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())

    mnistaug("colorize", "--input", f"digits:{options.images}", "--split", "train", "--per-image", 1, "--format", "npy", "--force", "--out", work / "color")
    images = np.load(work / "color" / "x_train.npy")[: options.images]
    np.save(work / "images.npy", images)

    chosen = [case for text in library.texts for case in cases(text) if not options.only or case.startswith(options.only)]
    bad = []
    for number, case in enumerate(chosen):
        source, file, out = library.prefix + case, work / f"{number}.py", work / f"{number}"
        file.write_text(f"{library.head}transform = {source}\n")
        try:
            theirs = library.draw(source, images)
            mnistaug("augment", "--input", work / "images.npy", "--pipeline", file, *library.options, "--seed", 1, "--format", "npy", "--force", "--out", out)
            ours = np.load(next(out.glob("*x*.npy")))
        except (RuntimeError, StopIteration, ValueError, TypeError, AttributeError) as error:
            bad.append(f"{source}: {error}")
            print(f"-- {bad[-1]}")
            continue
        pairs = [[measures(image, before) for image, before in zip(some, images)] for some in (theirs, ours)]
        found = []
        for name, (_, tolerance) in pairs[0][0].items():
            theirs_, ours_ = ([one[name][0] for one in some if name in one] for some in pairs)
            if not theirs_ or not ours_:
                continue
            # Kolmogorov and Smirnov's bound of one in 100,000.
            bound = math.sqrt(-math.log(1e-5 / 2) / 2 * (1 / len(theirs_) + 1 / len(ours_)))
            distance = apart(theirs_, ours_, tolerance)
            if distance > bound:
                medians = ", ".join(f"{np.mean(some):.3f}" for some in (theirs_, ours_))
                found.append(f"{name} is apart by {distance:.3f} (means {medians})")
        if found:
            bad.append(f"{source}: {'; '.join(found)}")
            print(f"-- {bad[-1]}")
        elif options.verbose:
            print(f"ok {source}")
    print(f"{options.library}: {len(chosen) - len(bad)} of {len(chosen)} cases draw alike, {options.images} images each")
    sys.exit(bool(bad))


main()
