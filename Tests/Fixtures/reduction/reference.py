"""Reduces the frames of ../shared/data/nickel and ../shared/data/starshoot with ccdproc: the independent reference of
ReductionReferenceTests.swift. Writes one small table per camera beside this script.

  python3 -m venv venv && venv/bin/pip install ccdproc==2.5.1 astropy==8.0.2 numpy==2.4.6
  venv/bin/python reference.py ../../../../shared/data

Two ways of reduction. `plain` is what a program can repeat to the last digit of a float: overscan as the median of a
section, bias and dark as plain means, one flat frame over its median. `robust` is good practice: overscan as a straight
line, clipped means, all flats scaled to one level.

Columns: way, product (bias, dark, flat, or the stem of a light), x, y (FITS pixels of the trimmed frame), value
(ADU; a flat over its own median; lights in ADU, not yet electrons).
"""

import csv
import pathlib
import sys

import astropy
import astropy.units as u
import ccdproc
import numpy as np
from astropy.io import fits
from astropy.modeling.models import Polynomial1D
from astropy.nddata import CCDData
from astropy.stats import mad_std

HERE = pathlib.Path(__file__).parent
SAMPLES = 11  # along each axis


def read(path):
    with fits.open(path) as units:
        image = next(unit for unit in units if unit.data is not None)
        return CCDData(image.data.astype(float), unit=u.adu, header=image.header)


def mean(frames):
    return ccdproc.combine(frames, method="average", dtype=float)


def clipped_mean(frames):
    return ccdproc.combine(
        frames, method="average", sigma_clip=True, sigma_clip_low_thresh=5, sigma_clip_high_thresh=5,
        sigma_clip_func=np.ma.median, sigma_clip_dev_func=mad_std, dtype=float)


def over_median(flat):
    return flat.divide(np.median(flat.data))


class Night:
    """The frames of one camera: lists of paths, the flat that `plain` takes, and the section of the overscan."""

    def __init__(self, biases, darks, flats, one_flat, lights, overscan=None, trim=None):
        self.biases, self.darks, self.flats, self.one_flat, self.lights = biases, darks, flats, one_flat, lights
        self.overscan, self.trim = overscan, trim

    def frame(self, path, robust):
        ccd = read(path)
        if not self.overscan:
            return ccd
        if robust:
            # The median along each row, then a line through the rows.
            ccd = ccdproc.subtract_overscan(
                ccd, fits_section=self.overscan, overscan_axis=1, median=True, model=Polynomial1D(1))
        else:
            level = np.median(ccdproc.trim_image(ccd, fits_section=self.overscan).data)
            ccd = ccd.subtract(level * u.adu, handle_meta="first_found")
        return ccdproc.trim_image(ccd, fits_section=self.trim)

    def products(self, robust):
        combine = clipped_mean if robust else mean
        bias = combine([self.frame(path, robust) for path in self.biases])
        yield "bias", bias
        dark = None
        if self.darks:
            darks = [ccdproc.subtract_bias(self.frame(path, robust), bias) for path in self.darks]
            dark = combine(darks)
            dark.header["EXPTIME"] = darks[0].header["EXPTIME"]
            yield "dark", dark

        def corrected(path):
            ccd = ccdproc.subtract_bias(self.frame(path, robust), bias)
            if dark is not None:
                ccd = ccdproc.subtract_dark(
                    ccd, dark, exposure_time="EXPTIME", exposure_unit=u.second, scale=True)
            return ccd

        if robust:
            flats = [corrected(path) for path in self.flats]
            # The deviation of three values tells nothing that one of them could be rejected by.
            method = clipped_mean if len(flats) >= 8 else mean
            flat = method([over_median(flat) for flat in flats])
        else:
            flat = corrected(self.one_flat)
        flat = over_median(flat)
        yield "flat", flat
        for path in self.lights:
            light = corrected(path)
            light.data = light.data / flat.data
            yield path.name.split(".")[0], light


def main(data):
    nickel = data / "nickel"
    starshoot = data / "starshoot"

    def frame(number):
        return nickel / f"d{number}.fits.fz"

    nights = {
        "nickel": Night(
            [frame(n) for n in range(1001, 1011)], [], [frame(n) for n in (1035, 1036, 1037)], frame(1036),
            [frame(n) for n in (1047, 1048, 1052, 1059, 1074, 1083)], "[1035:1056,1:1024]", "[1:1024,1:1024]"),
        "starshoot": Night(
            sorted((starshoot / "bias").iterdir()), sorted((starshoot / "dark").iterdir()),
            sorted((starshoot / "flat").iterdir()), starshoot / "flat" / "9_17_21_1F.fit.gz",
            sorted((starshoot / "ngc7333").iterdir())),
    }
    for name, night in nights.items():
        with open(HERE / f"{name}.csv", "w", newline="") as out:
            out.write(f"# ccdproc {ccdproc.__version__}, astropy {astropy.__version__}, numpy {np.__version__}: reference.py\n")
            table = csv.writer(out, lineterminator="\n")
            table.writerow(["way", "product", "x", "y", "value"])
            for way in ("plain", "robust"):
                for product, ccd in night.products(way == "robust"):
                    height, width = ccd.data.shape
                    for y in np.linspace(7, height - 8, SAMPLES).astype(int):
                        for x in np.linspace(7, width - 8, SAMPLES).astype(int):
                            table.writerow([way, product, x + 1, y + 1, f"{ccd.data[y, x]:.9g}"])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
