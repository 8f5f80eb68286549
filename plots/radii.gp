# An extended target in three radii: what differs between them is seeing and sky, not the target.
#
# Set before this file is loaded: the time axis (style.gp, time_label), data (path of the table), name, filter, count (of
# radii), radii (array, px), chosen (number of that of the light curve), bright, faint (ends of the upper axis, mag), low,
# high (ends of the lower axis, mag), tic (step of its numbers, mag), left, right (of all axes).
# Columns of data: time, delta_mag, error, difference (from the radius of the light curve), radius (number, from 1).
set multiplot
set label 1 name.(filter eq '' ? '' : ', '.filter) at screen left, 0.96 noenhanced
set label 2 time_label at screen (left + right) / 2, 0.03 center
shape(i) = i == chosen ? 7 : i < chosen ? 8 : 4
array shades[4] = [0xE69F00, 0x0072B2, 0x009E73, 0xCC79A7]
is(i, value) = column('radius') == i ? column(value) : NaN

set tmargin at screen 0.92
set bmargin at screen 0.42
set format x ''
set yrange [faint:bright]
set label 3 'Magnitude difference' at screen 0.18 * left, 0.67 center rotate
edges = '0.92 0.42'
do for [n=1:nights] {
  @night_panel
  @night_break
  plot for [i=1:count] data using (column('time')):(i == chosen ? NaN : is(i, 'delta_mag')) with points linecolor rgb shades[(i - 1) % 4 + 1] pointtype shape(i) pointsize 0.6 linewidth 0.7 notitle, \
       data using (column('time')):(is(chosen, 'delta_mag')):(column('error')) with yerrorbars linecolor rgb shades[(chosen - 1) % 4 + 1] pointtype 7 pointsize 0.5 linewidth 0.7 notitle
  unset label
}

set tmargin at screen 0.39
set bmargin at screen 0.13
set format x '%g'
set yrange [high:low]
set ytics tic
set label 3 'Minus chosen' at screen 0.18 * left, 0.26 center rotate
edges = '0.39 0.13'
do for [n=1:nights] {
  @night_panel
  @night_break
  plot 0 with lines linecolor rgb '#A0A0A0' linewidth 0.5 notitle, \
       for [i=1:count] data using (column('time')):(i == chosen ? NaN : is(i, 'difference')) with points linecolor rgb shades[(i - 1) % 4 + 1] pointtype shape(i) pointsize 0.5 notitle
  unset label
}
@key_panel
set key at screen right, 0.972 right horizontal samplen 1 width 1
plot for [i=1:count] @nowhere with points linecolor rgb shades[(i - 1) % 4 + 1] pointtype shape(i) pointsize 0.5 linewidth 0.7 title sprintf('%.3g px', radii[i]).(i == chosen ? ' (chosen)' : '')
unset multiplot
