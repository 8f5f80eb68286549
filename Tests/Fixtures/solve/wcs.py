"""Pixels to the sky by astropy.wcs, for SkyProjectionTests.

Made with astropy 8.0.2 (its own copy of WCSLIB, SIP by astropy's code) and numpy: python wcs.py CORPUS > wcs.csv
CORPUS holds headers of astropy's and other libraries' tests. One row `key` for each keyword, one row `point` for each
place (FITS pixels, ICRS or the header's own axes as `system` says, degrees).
"""
import csv, glob, re, sys, warnings
import numpy as np
from astropy.coordinates import SkyCoord, FK5
from astropy.io import fits
from astropy.wcs import WCS

warnings.simplefilter("ignore")
KEY = re.compile(r"^(CTYPE|CRVAL|CRPIX|CDELT|CROTA|CUNIT)[12]$|^(CD|PC)[12]_[12]$|^(LONPOLE|LATPOLE|RADESYS|EQUINOX)$|^[AB]P?_(ORDER|\d+_\d+)$|^PV[12]_\d+$")

def header(cards):
    h = fits.Header()
    for k, v in cards: h[k] = v
    return h

made = {
    "tan": [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN"), ("CRVAL1", 67.9), ("CRVAL2", 18.2), ("CRPIX1", 2048.5), ("CRPIX2", 2056.5),
            ("CD1_1", -1.18e-4), ("CD1_2", 2e-6), ("CD2_1", 2.1e-6), ("CD2_2", 1.18e-4), ("NAXIS1", 4096), ("NAXIS2", 4112)],
    "scamp": [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN"), ("CRVAL1", 10.0), ("CRVAL2", -70.0), ("CRPIX1", 1000), ("CRPIX2", 1000),
              ("CD1_1", -2e-4), ("CD1_2", 0), ("CD2_1", 0), ("CD2_2", 2e-4), ("PV1_0", 0.0), ("PV1_1", 1.0), ("PV1_2", 0.0), ("PV1_4", 1e-3), ("PV1_5", 2e-3), ("PV1_7", 3e-3),
              ("PV2_0", 0.0), ("PV2_1", 1.0), ("PV2_2", 0.0), ("PV2_4", 2e-3), ("PV2_6", 1e-3), ("NAXIS1", 2000), ("NAXIS2", 2000)],
    "crota": [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN"), ("CRVAL1", 0.01), ("CRVAL2", 85.0), ("CRPIX1", 100), ("CRPIX2", 120),
              ("CDELT1", -1e-3), ("CDELT2", 1e-3), ("CROTA2", 37.0), ("NAXIS1", 300), ("NAXIS2", 200)],
    "galactic": [("CTYPE1", "GLON-CAR"), ("CTYPE2", "GLAT-CAR"), ("CRVAL1", 180.0), ("CRVAL2", 0.0), ("CRPIX1", 50), ("CRPIX2", 50),
                 ("CDELT1", -0.01), ("CDELT2", 0.01), ("NAXIS1", 100), ("NAXIS2", 100)],
    "j1950": [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN"), ("CRVAL1", 67.2), ("CRVAL2", 18.1), ("CRPIX1", 50), ("CRPIX2", 50), ("RADESYS", "FK5"), ("EQUINOX", 1975.0),
              ("CDELT1", -0.01), ("CDELT2", 0.01), ("NAXIS1", 100), ("NAXIS2", 100)],
}
cases = [(name, header(cards)) for name, cards in made.items()]
for path in sorted(glob.glob(sys.argv[1] + "/*/*")):
    if "tab" in path: continue
    try:
        for n, unit in enumerate(fits.open(path)):
            if str(unit.header.get("CTYPE1", ""))[:4] in ("RA--", "GLON") and "CRVAL1" in unit.header:
                h = header([(c.keyword, c.value) for c in unit.header.cards if KEY.match(c.keyword) and not isinstance(c.value, fits.card.Undefined)])
                h["NAXIS1"], h["NAXIS2"] = unit.header.get("NAXIS1", 100), unit.header.get("NAXIS2", 100)
                cases.append((path.split("/")[-1] + f"[{n}]", h))
    except Exception as error:
        print(path, error, file=sys.stderr)

out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["case", "row", "key", "value", "x", "y", "ra", "dec"])
seen = set()
for name, h in cases:
    text = repr([(k, v) for k, v in h.items()])
    if text in seen or "AIT" in name: continue
    seen.add(text)
    try:
        wcs = WCS(h, naxis=2)
        xs = np.linspace(0.5, h["NAXIS1"] + 0.5, 4); ys = np.linspace(0.5, h["NAXIS2"] + 0.5, 3)
        places = [(x, y) for x in xs for y in ys]
        sky = wcs.all_pix2world(places, 1)
    except Exception as error:
        print(name, error, file=sys.stderr); continue
    if not np.isfinite(sky).any(): continue
    equinox = h.get("EQUINOX", 2000)
    if h["CTYPE1"].startswith("GLON"):
        c = SkyCoord(sky[:, 0], sky[:, 1], unit="deg", frame="galactic").icrs
        sky = np.array([c.ra.deg, c.dec.deg]).T
    elif float(equinox) == 1975.0:
        # IAU 2006 precession, without frame bias and FK5's own: good to 0.05 arcsec.
        c = SkyCoord(sky[:, 0], sky[:, 1], unit="deg", frame=FK5(equinox="J1975")).icrs
        sky = np.array([c.ra.deg, c.dec.deg]).T
    elif float(equinox) != 2000: continue
    for k, v in h.items():
        if not k.startswith("NAXIS"): out.writerow([name, "key", k, v, "", "", "", ""])
    for (x, y), (ra, dec) in zip(places, sky):
        if np.isfinite(ra): out.writerow([name, "point", "", "", x, y, repr(float(ra)), repr(float(dec))])
