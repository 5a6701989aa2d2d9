"""OCR engines that somebody may have at hand, as functions from a picture to digits."""

import io
import re
import shutil
import subprocess

import numpy as np
from PIL import Image

from skdigits import load_reader, read_numbers

# Of Tesseract: a block, a line, sparse text, a raw line
PAGE_MODES = 6, 7, 11, 13


def skdigits():
    """Return what reads with the reader that comes with the package."""
    reader = load_reader()
    return lambda picture: ["".join(read_numbers(picture, reader).numbers)]


def tesseract():
    """Return what reads with Debian's Tesseract, a text for each page mode, or None."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    only_digits = ["-c", "tessedit_char_whitelist=0123456789"]

    def read(picture):
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "png")
        texts = []
        for mode in PAGE_MODES:
            command = [program, "stdin", "stdout", "--psm", str(mode), *only_digits]
            done = subprocess.run(command, input=file.getvalue(), capture_output=True)
            texts.append(digits_of(done.stdout.decode()))
        return texts

    return read


def rapidocr():
    """Return what reads with RapidOCR, or None if it is not installed."""
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError:
        return None
    engine = RapidOCR()

    def read(picture):
        in_colour = picture if picture.ndim == 3 else np.dstack([picture] * 3)
        found, _ = engine(in_colour)
        return [digits_of("".join(text for _, text, _ in found or []))]

    return read


def digits_of(text):
    return "".join(re.findall(r"[0-9]", text))


ENGINES = {"skdigits": skdigits, "Tesseract": tesseract, "RapidOCR": rapidocr}
