# Does the light curve depend on how it was made? The same curve in other ways, minus the curve itself, over its error bars.
#
# Set before this file is loaded: the time axis (style.gp, time_label), data (path of the table), name, filter, count (of
# ways), ways (array: their columns), titles and figures (arrays: what was done, what came out), distrusted (words: 1 where
# the curve is not to be trusted), reach (half the height of a strip, mag), tic (step of its numbers, mag), line (height of a
# line of text, part of the picture), left, right (of all axes).
# Columns of data: time, error, one for each way (mag), used.
set multiplot
set label 1 name.(filter eq '' ? '' : ', '.filter) at screen left, 1 - 0.7 * line noenhanced
set label 2 time_label at screen (left + right) / 2, 0.7 * line center
set label 3 'Other way minus light curve (mag)' at screen 0.18 * left, 0.5 center rotate
top_of_all = 1 - 1.5 * line
height = (top_of_all - 2.6 * line) / count
inside(value) = abs(value) <= reach ? value : NaN
above(value) = value > reach ? 0.92 * reach : NaN
below(value) = value < -reach ? -0.92 * reach : NaN
do for [i=1:count] {
  top = top_of_all - (i - 1) * height - 1.35 * line
  low = top_of_all - i * height
  set tmargin at screen top
  set bmargin at screen low
  set yrange [reach:-reach]
  set ytics tic
  set format x (i == count ? '%g' : '')
  set label 4 titles[i] at screen left, top + 0.55 * line noenhanced font ',9'
  set label 5 figures[i] at screen right, top + 0.55 * line right noenhanced font ',9' textcolor rgb (word(distrusted, i) eq '1' ? '#B03A00' : '#000000')
  edges = sprintf('%g %g', top, low)
  do for [n=1:nights] {
    @night_panel
    @night_break
    plot data using (column('time')):(0):(column('error')) with yerrorbars linecolor rgb '#C8C8C8' pointtype -1 linewidth 1.5 notitle, \
         0 with lines linecolor rgb '#A0A0A0' linewidth 0.5 notitle, \
         data using (column('time')):(inside(column(ways[i]))) with points linestyle 1 pointsize 0.4 notitle, \
         data using (column('time')):(above(column(ways[i]))) with points linestyle 2 pointtype 10 notitle, \
         data using (column('time')):(below(column(ways[i]))) with points linestyle 2 pointtype 8 notitle
    unset label
  }
}
@key_panel
set key at screen right, 1 - 0.55 * line right horizontal samplen 1 width 1
plot @nowhere with points linestyle 1 pointsize 0.4 title 'difference', \
     @nowhere with yerrorbars linecolor rgb '#C8C8C8' pointtype -1 linewidth 1.5 title 'error bar of the curve'
unset multiplot
