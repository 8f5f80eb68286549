# Does the target go with seeing and sky? Magnitudes, FWHM and sky, each minus its mean in the night.
#
# Set before this file is loaded: data (path of the table), name, filter, fwhm_slope, sky_slope (mag per unit), fwhm_label,
# sky_label (slope, error and significance in words), left, right (of the axes).
# Columns of data: frame, fwhm, sky, delta_mag, error.
set multiplot
set lmargin at screen left
set rmargin at screen right
set ylabel 'Magnitude difference' offset 1
set yrange [*:*] reverse
set offsets graph 0.03, graph 0.03, graph 0.05, graph 0.12

set tmargin at screen 0.94
set bmargin at screen 0.62
set label 1 name.(filter eq '' ? '' : ', '.filter) at screen left, 0.965 noenhanced
set label 2 fwhm_label at graph 0.98, 0.92 right noenhanced
set xlabel 'FWHM minus mean of the night (px)' offset 0,0.4
plot data using (column('fwhm')):(column('delta_mag')):(column('error')) with yerrorbars linestyle 1 notitle, \
     fwhm_slope * x with lines linestyle 2 notitle

set tmargin at screen 0.47
set bmargin at screen 0.14
unset label 1
set label 2 sky_label at graph 0.98, 0.92 right noenhanced
set xlabel 'Sky minus mean of the night (e^-/px/s)' offset 0,0.4
plot data using (column('sky')):(column('delta_mag')):(column('error')) with yerrorbars linestyle 1 notitle, \
     sky_slope * x with lines linestyle 2 notitle
unset multiplot
