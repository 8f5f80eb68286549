# Comparison stars of one filter: the zero points above, below what each star's magnitude, made with them, still moves.
#
# Set before this file is loaded: the time axis (style.gp, time_label), zero_points and data (paths of the tables),
# filter, count (of stars), names (array), spacing (between two stars, mag), low and high (ends of the upper axis, mag),
# left, right (of all axes), split (where the upper panel ends, part of the height), page (height of a line of text).
# Columns of zero_points: time, zero_point, error, state (0 used, 1 flagged). Columns of data: time, delta_mag, star (from 1).
set multiplot
set label 2 time_label at screen (left + right) / 2, 0.02 * page + 0.004 center
set label 1 'Comparison stars'.(filter eq '' ? '' : ', '.filter) at screen left, 1 - 0.03 * page noenhanced
state(k) = (column('state') == k) ? column('zero_point') : NaN

top = 1 - 0.055 * page
set tmargin at screen top
set bmargin at screen split
set format x ''
set yrange [low:high]
set label 3 'Zero point (mag)' at screen 0.18 * left, (top + split) / 2 center rotate
edges = sprintf('%g %g', top, split)
do for [n=1:nights] {
  @night_panel
  @night_break
  plot zero_points using (column('time')):(state(1)):(column('error')) with yerrorbars linestyle 2 notitle, \
       zero_points using (column('time')):(state(0)):(column('error')) with yerrorbars linestyle 1 notitle
  unset label
}

set tmargin at screen split - 0.01
set bmargin at screen 0.095 * page
set format x '%g'
set yrange [(count + 0.5) * spacing:0.3 * spacing]
set ytics spacing
set label 3 sprintf('Residual, %.3g mag between two stars', spacing) at screen 0.18 * left, (split + 0.095 * page) / 2 center rotate
edges = sprintf('%g %g', split - 0.01, 0.095 * page)
do for [n=1:nights] {
  @night_panel
  @night_break
  set format y ''
  if (n == 1) {
    do for [i=1:count] { set label 10 + i names[i] at graph 0.01, first (i - 0.32) * spacing noenhanced font ',9' textcolor rgb colour(i) }
  }
  do for [i=1:count] { set arrow from graph 0, first i * spacing to graph 1, first i * spacing nohead linecolor rgb '#C0C0C0' linewidth 0.5 back }
  plot data using (column('time')):(column('delta_mag') + column('star') * spacing):(colour(column('star'))) with points pointtype 7 pointsize 0.4 linecolor rgb variable notitle
  unset label
}
@key_panel
set key at screen right, 1 - 0.016 * page right horizontal samplen 1 width 1
plot @nowhere with yerrorbars linestyle 1 title 'used', \
     @nowhere with yerrorbars linestyle 2 title (has_flagged ? 'flagged' : '')
unset multiplot
