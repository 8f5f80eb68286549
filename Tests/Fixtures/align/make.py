# Transforms of the 142 frames of ../shared/data/hatp32 to one of them, by software that knows nothing of this one: stars by sep (windowed
# centroids), the first match by astroalign, then a similarity of least squares over all mutual neighbours within 1 px.
#
# python make.py ../../../../shared/data/hatp32 > hatp32.csv
#
# dx_px, dy_px: where the middle of the reference frame lies in the frame, minus that middle; rotation counter-clockwise.
import glob
import sys

import astroalign
import astropy
import numpy as np
import sep
from astropy.io import fits
from scipy.spatial import cKDTree

REFERENCE = 70


def stars(path):
    with fits.open(path) as hdus:
        data = next(h.data for h in hdus if h.data is not None).astype(np.float32)
    data = np.ascontiguousarray(data)
    background = sep.Background(data, bw=64, bh=64)
    light = data - background
    found = sep.extract(light, 4, err=background.globalrms, minarea=4)
    radius, _ = sep.flux_radius(light, found["x"], found["y"], 6.0 * np.ones(len(found)), 0.5, subpix=5)
    sigma = np.clip(2 / 2.355 * np.nan_to_num(radius, nan=1), 0.8, 3)
    x, y, flag = sep.winpos(light, found["x"], found["y"], sigma)
    # Hot pixels are sharper than any star.
    good = (flag == 0) & (found["flux"] > 0) & (found["peak"] < 0.45 * found["flux"]) & (data.max() > 0)
    order = np.argsort(-found["flux"][good])
    return np.column_stack([x, y])[good][order], data.shape


def similarity(a, b):
    ca, cb = a.mean(0), b.mean(0)
    u, v = a - ca, b - cb
    s = (u**2).sum()
    p = (u * v).sum() / s
    q = (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).sum() / s
    m = np.array([[p, -q], [q, p]])
    return m, cb - m @ ca


paths = sorted(glob.glob(sys.argv[1] + "/*.fz"))
lists = [stars(p) for p in paths]
reference, shape = lists[REFERENCE]
centre = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2])
tree_reference = reference
print(f"# sep {sep.__version__}, astroalign {astroalign.__version__}, astropy {astropy.__version__}, numpy {np.__version__}")
print(f"# reference {paths[REFERENCE].split('/')[-1]}")
print("file,dx_px,dy_px,rotation_deg,scale,pairs,rms_px")
for path, (own, _) in zip(paths, lists):
    transform, _ = astroalign.find_transform(reference[:60], own[:60], max_control_points=50)
    m, t = transform.params[:2, :2], transform.params[:2, 2]
    tree = cKDTree(own)
    for radius in (3, 2, 1, 1, 1, 1):
        moved = reference @ m.T + t
        distance, index = tree.query(moved)
        back = cKDTree(moved).query(own)[1]
        pairs = np.flatnonzero((distance < radius) & (back[index] == np.arange(len(moved))))
        # Fixed pixels of the detector do not move with the sky.
        m, t = similarity(reference[pairs], own[index[pairs]])
    rest = own[index[pairs]] - reference[pairs] @ m.T - t
    d = m @ centre + t - centre
    print(
        f"{path.split('/')[-1]},{d[0]:.4f},{d[1]:.4f},{np.degrees(np.arctan2(m[1, 0], m[0, 0])):.5f},"
        f"{np.hypot(m[0, 0], m[1, 0]):.7f},{len(pairs)},{np.sqrt((rest**2).mean()):.4f}"
    )
