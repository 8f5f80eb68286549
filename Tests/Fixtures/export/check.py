"""Reads exported light curves with astropy and holds them against the light curve: python3 check.py FOLDER LIGHTCURVE

Written with astropy 8.0.2, numpy 2.4.6. Ends with an assertion at the first number that differs.
"""
import os
import sys
import warnings

import numpy as np
from astropy.io import ascii, fits, votable
from astropy.table import Table

folder, curve = sys.argv[1:3]
stem = os.path.join(folder, os.path.splitext(os.path.basename(curve))[0])
full = Table.read(curve, format="ascii.csv", fast_reader=False)
full = full[full["filter"] == "R"]
used = full[full["used"] == 1]
READ = []


def number(column):
    return np.ma.filled(np.ma.asarray(column, dtype=float), np.nan)


def same(a, b, tolerance, what):
    a, b = number(a), number(b)
    assert a.shape == b.shape, f"{what}: {a.shape} against {b.shape}"
    assert np.array_equal(np.isnan(a), np.isnan(b)), f"{what}: other values are missing"
    worst = np.nanmax(np.abs(a - b), initial=0)
    assert worst <= tolerance, f"{what}: {worst}"


def name(ending):
    path = stem + "_r" + ending
    if not os.path.exists(path):
        return None
    READ.append(ending)
    return path


def check_all_columns(table, what, columns):
    for column in columns:
        if full[column].dtype.kind in "fi":
            same(table[column], full[column], 0, f"{what} {column}")
    assert list(table["used"].astype(int)) == list(full["used"]), what


warnings.simplefilter("error")
plain = [c for c in full.colnames if c not in ("used", "flags")]
if path := name(".ecsv"):
    table = Table.read(path, format="ascii.ecsv")
    assert table["bjd_tdb"].unit == "d" and table["bjd_tdb"].description
    assert str(table["sky_e_px"].unit) == "electron / pix"
    check_all_columns(table, "ECSV", plain)
    assert list(table["flags"]) == list(full["flags"])
    assert len(table.meta["star"]) > 3
if path := name(".vot"):
    parsed = votable.parse(path, verify="exception")
    first = parsed.get_first_table()
    table = first.to_table()
    assert parsed.version == "1.4"
    times = {t.ID: t for t in parsed.iter_timesys()}
    field = first.get_field_by_id("bjd_tdb")
    assert times[field.ref].timescale == "TDB" and times[field.ref].refposition == "BARYCENTER"
    assert field.ucd.startswith("time.epoch")
    check_all_columns(table, "VOTable", plain)
    assert list(table["file"]) == [str(f) for f in full["file"]], "VOTable file"
if path := name(".fits"):
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        table, header = hdus[1].data, hdus[1].header
        assert header["TIMESYS"] == "TDB" and header["TREFPOS"] == "BARYCENTER"
        same(table["TIME"] + header["JDREFI"], full["bjd_tdb"], 5e-10, "FITS TIME")
        same(table["FLUX"], full["rel_flux"], 0, "FITS FLUX")
        same(table["FLUX_ERR"], full["rel_flux_err_scaled"], 0, "FITS FLUX_ERR")
        assert list(table["QUALITY"]) == list(full["flags"])
        assert list(table["USED"]) == list(full["used"] == 1)
        for column in plain:
            if full[column].dtype.kind in "fi" and column.upper() in table.columns.names:
                same(table[column.upper()], full[column], 0, f"FITS {column}")
    with warnings.catch_warnings():
        # Widely used, but not among the units of FITS 4.0.
        warnings.filterwarnings("ignore", message=".*Unit 'electron' not supported")
        Table.read(path, hdu=1)
if path := name(".mrt.txt"):
    table = ascii.read(path, format="mrt")
    same(table["BJD"], used["bjd_tdb"], 5.1e-7, "MRT BJD")
    same(table["RFlux"], used["rel_flux"], 5.1e-4, "MRT flux")
    if "mag" in table.colnames:
        limits = number(used["limit_mag"])
        wanted = np.where(np.isnan(limits), number(used["mag"]), limits)
        same(table["mag"], wanted, 5.1e-4, "MRT mag")
if path := name(".exoclock.txt"):
    table = np.loadtxt(path)
    same(table[:, 0], used["bjd_tdb"], 5e-9, "ExoClock time")
    ratio = table[:, 1] / number(used["rel_flux"])
    # Seven decimals of numbers near 1, divided by one level.
    assert np.ptp(ratio) < 2e-7
if path := name(".etd.txt"):
    table = np.loadtxt(path)
    bright = used[~np.isnan(number(used["delta_mag"]))]
    same(table[:, 0], bright["jd_utc"], 5e-9, "ETD time")
    same(table[:, 1], bright["delta_mag"], 5.1e-6, "ETD mag")
if path := name(".tbl"):
    table = ascii.read(path, format="tab", fast_reader=False)
    same(table["BJD_TDB"], used["bjd_tdb"], 5e-9, "AIJ time")
    same(table["rel_flux_T1"], used["rel_flux"], 0, "AIJ rel_flux")
    same(table["rel_flux_err_T1"], used["rel_flux_err"], 0, "AIJ rel_flux_err")
    same(table["Source-Sky_T1"], used["flux_e"], 0, "AIJ Source-Sky")
    # AstroImageJ's own relations (Collins et al. 2017, eqs. 1 and 2)
    total = table["tot_C_cnts"]
    same(table["Source-Sky_T1"] / total, table["rel_flux_T1"], 1e-12, "AIJ relation")
    same(np.hypot(table["Source_Error_T1"] / table["Source-Sky_T1"], table["tot_C_err"] / total) * table["rel_flux_T1"],
         table["rel_flux_T1"] * np.sqrt((number(used["flux_err_e"]) / number(used["flux_e"]))**2
                                        + number(used["var_ensemble"])), 1e-12, "AIJ error relation")
    # The target may be called anything: the columns do not change with it.
    assert "X(FITS)_C2" in table.colnames
if path := name(".aavso.txt"):
    lines = [line for line in open(path) if not line.startswith("#")]
    rows = [line.rstrip("\n").split(",") for line in lines]
    assert all(len(row) == 15 for row in rows)
    same([float(row[1]) for row in rows], used["jd_utc"], 5e-9, "AAVSO time")
    limits = number(used["limit_mag"])
    for row, magnitude, limit in zip(rows, number(used["mag"]), limits):
        if np.isnan(limit):
            assert abs(float(row[2]) - magnitude) <= 5.1e-5
        else:
            assert row[2].startswith("<") and 0 <= limit - float(row[2][1:]) < 1e-3 and row[3] == "na"
if path := name(".exoplanet.txt"):
    table = ascii.read(path, format="no_header", comment="#", delimiter=",", fill_values=[("na", "0")])
    same(table["col1"], used["bjd_tdb"], 5e-9, "Exoplanet time")
    outside = (number(used["bjd_tdb"]) < 2458867.53) | (number(used["bjd_tdb"]) > 2458867.55)
    assert abs(np.median(table["col2"][outside]) - 1) < 1e-8
    same(table["col4"], used["airmass"], 5.1e-7, "Exoplanet airmass")
print("read:", " ".join(READ))
