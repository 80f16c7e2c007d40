"""Images in a zip, one folder for each class: each is read by Pillow, made one size, and kept as plain pixels."""

import base64
import io
import math
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from posixpath import splitext
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from trainer.own import options, targets
from trainer.own.encode import MAX_CELLS
from trainer.own.packed import Packed
from trainer.own.targets import LEAST_ROWS, Targets, in_order, shortened
from trainer.own.words import Unfit, quoted

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"})
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_BYTES = 64 * 1024**2  # of one file, unpacked
MILLION = 10**6
MAX_PIXELS = 40 * MILLION  # of one image: a photograph of a good camera
MODES = {"grey": ("L", 1), "colour": ("RGB", 3)}
SIZES = (8, 256)
USUAL = {"grey": 28, "colour": 32}  # as in MNIST, as in CIFAR
LOOKED_AT = 4  # images, to know whether they have colours
TINT = 8  # of 255, by which red, green and blue differ in an image that is not grey
SHOWN = 24
SHOWN_CLASSES = 30
TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
UNREADABLE = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError)


class Images:
    """A zip of images, looked at as the options say.

    Raises:
        Unfit: it is damaged, has no images in folders, or an option is none.
    """

    def __init__(self, path: Path, asked: Mapping[str, Any]):
        self.path = path
        self.fit = options.one_of(asked, "fit", ("crop", "pad", "stretch"), "crop")
        self.unreadable = options.one_of(asked, "unreadable", ("refuse", "skip"), "refuse")
        with Packed(path) as packed:
            names = [one for one in packed.names() if not _is_hidden(one)]
        self.files = [one for one in names if splitext(one)[1].lower() in SUFFIXES]
        self.others = len(names) - len(self.files)
        if not self.files:
            raise Unfit("", "image_missing")
        self.folders = [_folder(one) for one in self.files]
        if not any(self.folders):
            raise Unfit("", "no_folders")
        self.classes = _in_order(sorted(set(self.folders)))
        colour = "colour" if self._has_colours() else "grey"
        self.colour = options.one_of(asked, "colour", tuple(MODES), colour)
        self.size = _size(asked.get("size"), USUAL[colour])

    def options(self) -> dict[str, Any]:
        """Return every option as it is, guessed or given."""
        return {"kind": "images"} | {name: getattr(self, name) for name in ("size", "colour", "fit", "unreadable")}

    def preview(self) -> dict[str, Any]:
        """Return the classes with how many images each has, and some images as they will be."""
        counts = dict.fromkeys(self.classes, 0)
        for folder in self.folders:
            counts[folder] += 1
        told: dict[str, Any] = {"kind": "images", "problems": [], "samples": len(self.files), "others": self.others}
        told["options"] = self.options()
        told["classes"] = [{"name": name, "count": count} for name, count in list(counts.items())[:SHOWN_CLASSES]]
        told |= {"classes_in_all": len(counts), "rare": sum(count < 3 for count in counts.values())}
        told["shape"] = [MODES[self.colour][1], self.size, self.size]
        told["features"] = math.prod(told["shape"])
        told["images"] = []
        try:
            self._check()
            with Packed(self.path) as packed:
                for place in self._spread():
                    image = self._image(packed, self.files[place])
                    if image is not None:
                        told["images"].append({"src": as_url(image), "class": self.folders[place]})
        except Unfit as unfit:
            told["problems"] = [unfit.problem()]
        return told

    def read(self) -> tuple[np.ndarray, Targets, int]:
        """Return images uint8 (n, channels, size, size), targets, and how many could not be read.

        Raises:
            Unfit: one cannot be read or is too large, there is one class only, or there are too many pixels.
        """
        self._check()
        channels = MODES[self.colour][1]
        array = np.empty((len(self.files), channels, self.size, self.size), np.uint8)
        codes = np.empty(len(self.files), np.int64)
        place = {name: code for code, name in enumerate(self.classes)}
        taken = 0
        with Packed(self.path) as packed:
            for name, folder in zip(self.files, self.folders, strict=True):
                image = self._image(packed, name)
                if image is not None:
                    array[taken] = np.asarray(image).reshape(self.size, self.size, channels).transpose(2, 0, 1)
                    codes[taken] = place[folder]
                    taken += 1
        if taken < LEAST_ROWS:
            raise Unfit("", "few_images", found=taken, least=LEAST_ROWS)
        return array[:taken], targets.of_classes(codes[:taken], self.classes, "class"), len(self.files) - taken

    def _has_colours(self) -> bool:
        with Packed(self.path) as packed:
            for name in self.files[:: max(1, len(self.files) // LOOKED_AT)][:LOOKED_AT]:
                try:
                    image = opened(packed.read(name, MAX_BYTES), name, "RGB", SIZES[0], "stretch")
                except Unfit:
                    continue  # said where it matters
                if np.ptp(np.asarray(image, np.int16), axis=2).mean() > TINT:
                    return True
        return False

    def _check(self) -> None:
        if len(self.files) < LEAST_ROWS:
            raise Unfit("", "few_images", found=len(self.files), least=LEAST_ROWS)
        if len(self.classes) == 1:
            raise Unfit("", "one_folder", folder=quoted(self.classes[0]))
        if len(self.classes) > targets.MAX_CLASSES or 2 * len(self.classes) > len(self.files):
            raise Unfit("", "many_classes", column="folder", classes=len(self.classes), rows=len(self.files))
        cells = len(self.files) * MODES[self.colour][1] * self.size**2
        if cells > MAX_CELLS:
            raise Unfit("size", "large", cells=cells, limit=MAX_CELLS)

    def _image(self, packed: Packed, name: str) -> Image.Image | None:
        try:
            return opened(packed.read(name, MAX_BYTES), name, MODES[self.colour][0], self.size, self.fit)
        except Unfit:
            if self.unreadable == "skip":
                return None
            raise

    def _spread(self) -> list[int]:
        """Return the places of images to show: as many of each class, the first ones."""
        each = max(1, SHOWN // len(self.classes))
        shown: dict[str, list[int]] = {}
        for place, folder in enumerate(self.folders):
            if len(of_class := shown.setdefault(folder, [])) < each:
                of_class.append(place)
        return [place for name in self.classes for place in shown[name]][:SHOWN]


def opened(content: bytes, name: str, mode: str, size: int, fit: str) -> Image.Image:
    """Return an image in its new size; what is transparent becomes white.

    Raises:
        Unfit: it is none, or has too many pixels: that is known from its first bytes, before any is unpacked.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if math.prod(image.size) > MAX_PIXELS:
                raise _too_many(name, math.prod(image.size))
            image.draft(mode, (2 * size, 2 * size))  # a JPEG is decoded near the size that is wanted
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith("I;16"):  # Pillow would cut what is over 255
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            image = image.convert(mode)
        except TOO_LARGE as error:
            raise _too_many(name, int(re.findall(r"\d+", str(error))[0])) from None
        except Unfit:
            raise
        except UNREADABLE:
            raise Unfit("unreadable", "bad_image", file=quoted(name)) from None
    if fit == "stretch":
        return image.resize((size, size), Image.Resampling.LANCZOS)
    made = ImageOps.pad if fit == "pad" else ImageOps.fit
    return made(image, (size, size), Image.Resampling.LANCZOS)


def as_url(image: Image.Image) -> str:
    """Return an image as a data: URL of a PNG, made anew from its pixels."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _too_many(name: str, pixels: int) -> Unfit:
    told = {"pixels": pixels // MILLION, "limit": MAX_PIXELS // MILLION}
    return Unfit("", "image_large", file=quoted(name), **told)


def _size(asked: Any, usual: int) -> int:
    if asked in (None, ""):
        return usual
    if isinstance(asked, bool) or not isinstance(asked, int) or not SIZES[0] <= asked <= SIZES[1]:
        choices = [f"{SIZES[0]} to {SIZES[1]}"]
        raise Unfit("size", "bad_option", option="size", value=quoted(str(asked)), choices=choices)
    return asked


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in _parts(name))


def _folder(name: str) -> str:
    return shortened(["", *_parts(name.replace("\\", "/"))][-2])


def _parts(name: str) -> list[str]:
    # as pathlib does, which takes seconds for 100,000 names
    return [part for part in name.split("/") if part not in ("", ".")]


def _in_order(names: list[str]) -> list[str]:
    return [names[place] for place in in_order(names)]
