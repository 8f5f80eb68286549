"""Aperture sums over a piece of a real frame by photutils and sep, and windowed and Gaussian centroids.

    python make.py FRAME.FITS.fz        writes crop.csv and sums.csv beside this script

crop.csv: 61 rows of 61 raw ADU about the star at x, y = 1 + CX, 1 + CY. sums.csv: kind, x, y (from 0), p1 ... p4, sum by
photutils, sum by sep (empty where it has no such shape). Made from HATP-32171220013343.FITS.fz with photutils 3.0.0,
sep 1.4.1, astropy 8.0.2, numpy 2.4.6.
"""
import csv
import pathlib
import sys

import numpy as np
import sep
from astropy.io import fits
from photutils.aperture import CircularAnnulus, CircularAperture, EllipticalAnnulus, EllipticalAperture

HERE = pathlib.Path(__file__).parent


def frame(path):
    with fits.open(path) as units:
        return next(u.data for u in units if u.data is not None).astype(float)


def main():
    image = frame(sys.argv[1])
    # The brightest star that is neither saturated nor near an edge.
    inner = image[100:-100, 100:-100].copy()
    inner[inner > 50000] = 0
    cy, cx = np.unravel_index(np.argmax(inner), inner.shape)
    cy, cx = cy + 100, cx + 100
    crop = image[cy - 30 : cy + 31, cx - 30 : cx + 31]
    np.savetxt(HERE / "crop.csv", crop, fmt="%d", delimiter=",")
    data = np.ascontiguousarray(crop)
    random = np.random.default_rng(5)
    rows = []
    for i in range(60):
        # A third reach across the border.
        x, y = random.uniform(-4, 64, 2) if i % 3 == 0 else random.uniform(20, 40, 2)
        a, b = random.uniform(0.4, 14), random.uniform(0.4, 14)
        angle = random.uniform(-90, 90)
        hole = random.uniform(0.2, 0.8)
        t = np.radians(angle)
        circle = CircularAperture((x, y), a).do_photometry(data, method="exact")[0][0]
        rows.append(("circle", x, y, (a,), circle, sep.sum_circle(data, [x], [y], [a], subpix=0)[0][0] if a > 1 else None))
        annulus = CircularAnnulus((x, y), hole * a, a).do_photometry(data, method="exact")[0][0]
        ring = sep.sum_circann(data, [x], [y], [hole * a], [a], subpix=0)[0][0] if hole * a > 1 else None
        rows.append(("annulus", x, y, (hole * a, a), annulus, ring))
        ellipse = EllipticalAperture((x, y), a, b, theta=t).do_photometry(data, method="exact")[0][0]
        large, small = max(a, b), min(a, b)
        turn = t if a >= b else t + np.pi / 2
        turn = (turn + np.pi / 2) % np.pi - np.pi / 2
        by_sep = sep.sum_ellipse(data, [x], [y], [large], [small], [turn], r=1.0, subpix=0)[0][0] if small > 1.5 else None
        rows.append(("ellipse", x, y, (a, b, angle), ellipse, by_sep))
        ring = EllipticalAnnulus((x, y), hole * a, a, b, theta=t).do_photometry(data, method="exact")[0][0]
        rows.append(("elliptical_annulus", x, y, (hole * a, a, b, angle), ring, None))
    with open(HERE / "sums.csv", "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["kind", "x", "y", "p1", "p2", "p3", "p4", "photutils", "sep"])
        for kind, x, y, values, total, other in rows:
            values = [repr(float(v)) for v in values] + [""] * (4 - len(values))
            table.writerow([kind, repr(float(x)), repr(float(y)), *values, repr(float(total)),
                            "" if other is None else repr(float(other))])


main()
