"""Frames of integers and what astropy makes of them: python3 make.py > astropy.csv

Written with astropy 8.0.2, numpy 2.4.6. Every line is one pixel of 13 x 17: its values in 24 frames, the median of
those that sigma_clip(sigma=3, maxiters=None, cenfunc="median", stdfunc="std") keeps, and how many it leaves out.
"""
import astropy
import numpy as np
from astropy.stats import sigma_clip

random = np.random.default_rng(11)
frames, height, width = 24, 17, 13
values = random.normal(1000, 4, (frames, height, width))
hits = random.random(values.shape) < 0.04
values[hits] += random.exponential(400, hits.sum())
# Few different values, so that many lie on a limit; all equal; a level near the end of the range; two populations.
values[:, 3] = random.integers(0, 4, (frames, width))
values[:, 5] = 7
values[:, 7] += 64000
values[:12, 9] += 300
values = np.clip(np.rint(values), 0, 65535).astype(np.uint16)
clipped = sigma_clip(
    values.astype(float), sigma=3, maxiters=None, cenfunc="median", stdfunc="std", axis=0
)
median = np.ma.median(clipped, axis=0).filled(np.nan)
rejected = np.ma.getmaskarray(clipped).sum(axis=0)
print(f"# astropy {astropy.__version__}, numpy {np.__version__}: make.py")
for y in range(height):
    for x in range(width):
        row = list(values[:, y, x]) + [float(median[y, x]), rejected[y, x]]
        print(",".join(str(v) for v in row))
