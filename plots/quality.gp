# Quality of the frames against time: FWHM, sky, transparency, shift.
#
# Set before this file is loaded: data (path of the table), name, time_label, time_min, time_max.
# Columns of data: time, fwhm, sky, transparency, dx, dy, state (0 used, 1 flagged, 2 unused, 3 rejected).
set multiplot
set lmargin at screen 0.15
set rmargin at screen 0.97
set xrange [time_min:time_max]
set format x ''
set offsets 0, 0, graph 0.08, graph 0.08
state(value, k) = (column('state') == k) ? column(value) : NaN
unused(value) = (column('state') >= 2) ? column(value) : NaN

set tmargin at screen 0.93
set bmargin at screen 0.755
set label 1 name at screen 0.15, 0.965 noenhanced
set ylabel 'FWHM (px)' offset 1
set key at screen 0.97, 0.97 right horizontal samplen 1
plot data using (column('time')):(state('fwhm', 0)) with points linestyle 1 title 'used', \
     data using (column('time')):(state('fwhm', 1)) with points linestyle 2 title 'flagged', \
     data using (column('time')):(unused('fwhm')) with points linestyle 3 title 'not used'
unset label 1
unset key

set tmargin at screen 0.73
set bmargin at screen 0.555
set ylabel 'Sky (e^-/px)' offset 1
plot data using (column('time')):(state('sky', 0)) with points linestyle 1, \
     data using (column('time')):(state('sky', 1)) with points linestyle 2, \
     data using (column('time')):(unused('sky')) with points linestyle 3

set tmargin at screen 0.53
set bmargin at screen 0.355
set ylabel 'Transparency' offset 1
plot data using (column('time')):(state('transparency', 0)) with points linestyle 1, \
     data using (column('time')):(state('transparency', 1)) with points linestyle 2, \
     data using (column('time')):(unused('transparency')) with points linestyle 3

set tmargin at screen 0.33
set bmargin at screen 0.125
set ylabel 'Shift (px)' offset 1
set format x '%g'
set xlabel time_label noenhanced offset 0,0.4
set key at screen 0.97, 0.035 right horizontal samplen 1
plot data using (column('time')):(column('dx')) with points linecolor rgb '#0072B2' pointtype 7 pointsize 0.35 title 'dx', \
     data using (column('time')):(column('dy')) with points linecolor rgb '#E69F00' pointtype 5 pointsize 0.35 title 'dy'
unset multiplot
