"""What astropy makes of each file of a corpus of odd FITS files, as a table.

    python3 make.py CORPUS_FOLDER > astropy.csv            (astropy 8.0.2, numpy 2.4.6)

One row a file: the two-dimensional images in it (axes of length 1 left out), pixels in single precision, as HDU number,
width, height, number of NaN, sum in double precision, least and largest value; or what astropy said.
"""

import csv
import os
import sys
import warnings

import numpy
from astropy.io import fits

warnings.simplefilter("ignore")


def images(path):
    with fits.open(path) as file:
        for number, unit in enumerate(file):
            if not unit.is_image or unit.header.get("NAXIS", 0) < 2 or unit.data is None:
                continue
            data = unit.data
            if data.dtype.names or data.size < 2 or any(n != 1 for n in data.shape[:-2]):
                continue
            yield number, data.reshape(data.shape[-2:]).astype(numpy.float32)


def rows(folder):
    for place, folders, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(place, name)
            label = os.path.relpath(path, folder)
            if label == "INDEX.csv":
                continue
            try:
                found = list(images(path))
            except Exception as error:
                yield [label, "error", type(error).__name__]
                continue
            if not found:
                yield [label, "none"]
            for number, data in found:
                sums = [float(f(data, **k)) for f, k in
                        ((numpy.nansum, {"dtype": "f8"}), (numpy.nanmin, {}), (numpy.nanmax, {}))]
                yield [label, "image", number, data.shape[1], data.shape[0], int(numpy.isnan(data).sum()), *sums]


table = csv.writer(sys.stdout, lineterminator="\n")
table.writerow(["file", "found", "unit", "width", "height", "nan", "sum", "min", "max"])
for row in rows(sys.argv[1]):
    table.writerow(row + [""] * (9 - len(row)))
