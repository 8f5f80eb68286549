# All targets of one filter on a page: their light curves above each other on one time axis.
#
# Set before this file is loaded: the time axis (style.gp, time_label), filter, count (of targets), files and names (arrays of
# paths and names), brights and faints (ends of the axes, mag, words), has_flagged, has_unused
# (1 or 0), left, right (of all axes), bottom (of the lowest), page (height of a line of text: 1 for a page as high as
# one light curve).
# Columns of each file: time, delta_mag, error, state (0 used, 1 flagged, 2 not used; beyond the axis 3 above, 4 below).
set multiplot
set label 2 time_label at screen (left + right) / 2, bottom - 0.055 * page center
set label 4 filter at screen left, 1 - 0.03 * page noenhanced
state(k) = (column('state') == k) ? column('delta_mag') : NaN
height = (1 - 0.05 * page - bottom) / count
do for [i=1:count] {
  top = 1 - 0.05 * page - (i - 1) * height
  low = top - height + 0.006
  set tmargin at screen top
  set bmargin at screen low
  set yrange [real(word(faints, i)):real(word(brights, i))]
  set label 5 'Difference (mag)' at screen 0.18 * left, (top + low) / 2 center rotate
  edges = sprintf('%g %g', top, low)
  do for [n=1:nights] {
    @night_panel
    @night_break
    set format x (i == count ? '%g' : '')
    if (n == 1) { set label 3 names[i] at graph 0, 0.9 offset character 0.7, 0 noenhanced }
    plot files[i] using (column('time')):(state(2)):(column('error')) with yerrorbars linestyle 3 notitle, \
         files[i] using (column('time')):(state(3)) with points linestyle 3 pointtype 8 notitle, \
         files[i] using (column('time')):(state(4)) with points linestyle 3 pointtype 10 notitle, \
         files[i] using (column('time')):(state(1)):(column('error')) with yerrorbars linestyle 2 notitle, \
         files[i] using (column('time')):(state(0)):(column('error')) with yerrorbars linestyle 1 notitle
    unset label
  }
}
@key_panel
set key at screen right, 1 - 0.016 * page right horizontal samplen 1 width 1
plot @nowhere with yerrorbars linestyle 1 title 'used', \
     @nowhere with yerrorbars linestyle 2 title (has_flagged ? 'flagged' : ''), \
     @nowhere with yerrorbars linestyle 3 title (has_unused ? 'not used' : '')
unset multiplot
