# Quality of the frames against time: FWHM, elongation, sky, transparency, shift, matched stars, airmass.
#
# Set before this file is loaded: the time axis (style.gp, time_label), data (path of the table), lows, highs and tics (arrays: ends of
# the seven axes and steps of their numbers), has_flagged, has_unused
# (1 or 0), left, right (of all axes).
# Columns of data: time, fwhm, elongation, sky, transparency, dx, dy, matched, airmass, state (0 used, 1 flagged,
# 2 unused, 3 rejected).
set multiplot
set label 2 time_label at screen (left + right) / 2, 0.038 center
set label 1 'Frames' at screen left, 0.975 noenhanced
state(value, k) = (column('state') == k) ? column(value) : NaN
unused(value) = (column('state') >= 2) ? column(value) : NaN
array quantities[6] = ['fwhm', 'elongation', 'sky', 'transparency', 'matched', 'airmass']
array labels[7] = ['FWHM (px)', 'Elongation', 'Sky (e^-/px)', 'Transparency', 'Matches', 'Airmass', 'Shift (px)']
height = 0.885 / 7
do for [i=1:7] {
  top = 0.955 - (i - 1) * height
  set tmargin at screen top
  set bmargin at screen top - height + 0.012
  set format x (i == 7 ? '%g' : '')
  set label 3 labels[i] at screen 0.025, top - height / 2 center rotate
  set yrange [lows[i]:highs[i]]
  set ytics autofreq tics[i]
  edges = sprintf('%g %g', top, top - height + 0.012)
  do for [n=1:nights] {
    @night_panel
    @night_break
    if (i < 7) {
      plot data using (column('time')):(unused(quantities[i])) with points linestyle 3 notitle, \
           data using (column('time')):(state(quantities[i], 1)) with points linestyle 2 notitle, \
           data using (column('time')):(state(quantities[i], 0)) with points linestyle 1 notitle
    } else {
      plot data using (column('time')):(column('dx')) with points linecolor rgb colour(1) pointtype 7 pointsize 0.35 notitle, \
           data using (column('time')):(column('dy')) with points linecolor rgb colour(5) pointtype 5 pointsize 0.35 notitle
    }
    unset label
  }
}
@key_panel
set key at screen right, 0.98 right horizontal samplen 1 width 1
plot @nowhere with points linestyle 1 title 'used', \
     @nowhere with points linestyle 2 title (has_flagged ? 'flagged' : ''), \
     @nowhere with points linestyle 3 title (has_unused ? 'not used' : '')
set key at screen right, 0.024 right horizontal samplen 1 width 1
plot @nowhere with points linecolor rgb colour(1) pointtype 7 pointsize 0.35 title 'dx', \
     @nowhere with points linecolor rgb colour(5) pointtype 5 pointsize 0.35 title 'dy'
unset multiplot
