# Curve of growth: how much of a star's light an aperture holds, from the bright isolated stars of every frame in use, and
# how far that differs from frame to frame.
#
# Set before this file is loaded: data (path of the table), filter, frames (how many), radius_min, radius_max (ends of the
# axis, px), fwhm (px, 0 where unknown), fraction_min, spread_min, spread_max (ends of the axes), chosen (words: radii of
# the light curves, px), left, right (of the axes).
# Columns of data: radius, fraction, low, high (16 and 84 per cent of the frames), least, most, spread, error (mag), frames.
set multiplot
set lmargin at screen left
set rmargin at screen right
set xrange [radius_min:radius_max]
set label 1 'Curve of growth'.(filter eq '' ? '' : ', '.filter) at screen left, 0.965 noenhanced
do for [i=1:words(chosen)] { set arrow i from real(word(chosen, i)), graph 0 to real(word(chosen, i)), graph 1 nohead linecolor rgb '#D55E00' dashtype 3 linewidth 0.8 }

set tmargin at screen 0.85
set bmargin at screen 0.42
set format x ''
set yrange [fraction_min:1.03]
set ylabel 'Part of the light' offset 1
if (fwhm > 0) {
  set xtics nomirror
  set x2range [radius_min / fwhm:radius_max / fwhm]
  set x2tics scale 0.6, 0.3 offset 0,-0.4
  set mx2tics 5
  set x2label 'Radius (FWHM)' offset 0,-0.8
}
set key at graph 0.98, 0.06 bottom right samplen 1.6
plot data using (column('radius')):(column('least')):(column('most')) with filledcurves linecolor rgb '#CFE3F0' title (frames > 1 ? sprintf('all of %d frames', frames) : ''), \
     data using (column('radius')):(column('low')):(column('high')) with filledcurves linecolor rgb '#8FBFDD' title (frames > 1 ? '68 per cent of them' : ''), \
     data using (column('radius')):(column('fraction')) with linespoints linestyle 1 title (frames > 1 ? 'median' : 'one frame'), \
     NaN with lines linecolor rgb '#D55E00' dashtype 3 linewidth 0.8 title (words(chosen) > 0 ? 'radii of the light curves' : '')

unset label 1
unset x2tics
unset x2label
set xtics mirror
set tmargin at screen 0.39
set bmargin at screen 0.13
set format x '%g'
set xlabel 'Radius (px)' offset 0,0.4
set logscale y
set format y '%g'
set yrange [spread_min:spread_max]
set ylabel 'Correction (mag)' offset 1
set key at graph 0.98, 0.94 top right samplen 1.6
plot data using (column('radius')):(column('spread')) with linespoints linestyle 1 pointsize 0.5 title (frames > 2 ? 'scatter between frames' : ''), \
     data using (column('radius')):(column('error')) with lines linecolor rgb '#000000' dashtype 2 linewidth 0.9 title 'error in one frame'
unset multiplot
