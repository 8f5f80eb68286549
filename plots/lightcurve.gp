# Light curve of one target: magnitudes with error bars above, check star and comparison stars below.
#
# Set before this file is loaded: the time axis (style.gp, time_label), data, comparisons, binned (paths of the tables,
# binned '' for none), name, filter, bright and faint (ends of the upper axis, mag), half_height (half the height of the
# lower panel, mag), half_height_tic, has_flagged, has_unused, has_check, has_comparisons (1 or 0), left, right (of all axes).
# Columns of data: time, delta_mag, error, state (0 used, 1 flagged, 2 not used; beyond the axis 3 above, 4 below),
# check, check_error. Columns of comparisons: time, delta_mag. Columns of binned: time, delta_mag, error.
set multiplot
set label 1 name.(filter eq '' ? '' : ', '.filter) at screen left, 0.96 noenhanced
set label 2 time_label at screen (left + right) / 2, 0.07 center
state(k) = (column('state') == k) ? column('delta_mag') : NaN

set tmargin at screen 0.93
set bmargin at screen 0.40
set format x ''
set yrange [faint:bright]
set label 3 'Magnitude difference' at screen 0.18 * left, 0.665 center rotate
edges = '0.93 0.40'
do for [n=1:nights] {
  @night_panel
  @night_break
  plot data using (column('time')):(state(2)):(column('error')) with yerrorbars linestyle 3 notitle, \
       data using (column('time')):(state(3)) with points linestyle 3 pointtype 8 notitle, \
       data using (column('time')):(state(4)) with points linestyle 3 pointtype 10 notitle, \
       data using (column('time')):(state(1)):(column('error')) with yerrorbars linestyle 2 notitle, \
       data using (column('time')):(state(0)):(column('error')) with yerrorbars linestyle 1 notitle, \
       binned using (column('time')):(column('delta_mag')):(column('error')) with yerrorbars linestyle 6 notitle
  unset label
}

set tmargin at screen 0.37
set bmargin at screen 0.14
set format x '%g'
set yrange [half_height:-half_height]
set ytics half_height_tic
set label 3 'Check, comp.' at screen 0.18 * left, 0.255 center rotate
edges = '0.37 0.14'
do for [n=1:nights] {
  @night_panel
  @night_break
  if (!has_check && !has_comparisons && n == 1) { set label 4 'no comparison stars' at graph 0.5, 0.5 center }
  plot 0 with lines linestyle 5 notitle, \
       comparisons using (column('time')):(column('delta_mag')) with points linestyle 5 notitle, \
       data using (column('time')):(column('check')):(column('check_error')) with yerrorbars linestyle 4 notitle
  unset label
}
@key_panel
set key at screen right, 0.972 right horizontal samplen 1 width 1
plot @nowhere with yerrorbars linestyle 1 title 'used', \
     @nowhere with yerrorbars linestyle 2 title (has_flagged ? 'flagged' : ''), \
     @nowhere with yerrorbars linestyle 3 title (has_unused ? 'not used' : ''), \
     @nowhere with yerrorbars linestyle 6 title (has_binned ? 'binned' : '')
set key at screen right, 0.038 right horizontal samplen 1 width 1
plot @nowhere with points linestyle 5 title (has_comparisons ? 'comparison stars' : ''), \
     @nowhere with yerrorbars linestyle 4 title (has_check ? 'check star' : '')
unset multiplot
