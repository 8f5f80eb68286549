# Light curve of one target: magnitudes with error bars above, check star and comparison stars below.
#
# Set before this file is loaded: data, comparisons (paths of the two tables), name, filter, time_label, half_height
# (half the height of the lower panel, mag), half_height_tic, has_check, has_comparisons (1 or 0), time_min, time_max.
# Columns of data: time, delta_mag, error, state (0 used, 1 flagged, 2 not used), check, check_error.
# Columns of comparisons: time, delta_mag.
set multiplot
set lmargin at screen 0.15
set rmargin at screen 0.97
set xrange [time_min:time_max]

set tmargin at screen 0.93
set bmargin at screen 0.40
set label 1 name.(filter eq '' ? '' : ', '.filter) at screen 0.15, 0.96 noenhanced
set ylabel 'Magnitude difference' offset 1
set format x ''
set yrange [*:*] reverse
set offsets 0, 0, graph 0.05, graph 0.05
set key at screen 0.97, 0.972 right horizontal samplen 1
state(k) = (column('state') == k) ? column('delta_mag') : NaN
plot data using (column('time')):(state(0)):(column('error')) with yerrorbars linestyle 1 title 'used', \
     data using (column('time')):(state(1)):(column('error')) with yerrorbars linestyle 2 title 'flagged', \
     data using (column('time')):(state(2)):(column('error')) with yerrorbars linestyle 3 title 'not used'

set tmargin at screen 0.37
set key at screen 0.97, 0.035 right horizontal samplen 1
set bmargin at screen 0.13
unset label 1
set format x '%g'
set xlabel time_label noenhanced offset 0,0.4
set ylabel 'Check, comp.' offset 1
set yrange [half_height:-half_height]
set ytics half_height_tic
set offsets 0, 0, 0, 0
if (has_check && has_comparisons) {
  plot comparisons using (column('time')):(column('delta_mag')) with points linestyle 5 title 'comparison stars', \
       data using (column('time')):(column('check')):(column('check_error')) with yerrorbars linestyle 4 title 'check star'
} else {
  if (has_comparisons) {
    plot comparisons using (column('time')):(column('delta_mag')) with points linestyle 5 title 'comparison stars'
  } else {
    set label 2 'no comparison stars' at graph 0.5, 0.5 center
    plot 0 with lines linestyle 5 notitle
  }
}
unset multiplot
