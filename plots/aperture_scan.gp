# Which aperture, and why: scatter of constant stars as bright as the target against the radius, and the light of the
# target's neighbours within it.
#
# Set before this file is loaded: data (path of the table), name, filter, stars (how many), radius_min, radius_max (ends of
# the axis, px), fwhm (px, 0 where unknown), chosen (radius of the light curve, px), scatter_min, scatter_max (ends of the
# axis, mmag), limit (of the neighbours' light, per cent), neighbours_max, neighbours_tic (end of the axis and step of its
# numbers, per cent), has_excluded (1 or 0), left, right (of the axes).
# Columns of data: radius, scatter, expected, contamination, eligible, chosen (1 or 0).
set multiplot
set lmargin at screen left
set rmargin at screen right
set xrange [radius_min:radius_max]
state(e, c, value) = (column('eligible') == e && column('chosen') == c) ? column(value) : NaN
set style line 7 linecolor rgb '#D55E00' pointtype 6 pointsize 1.6 linewidth 1.5   # chosen
set label 1 name.(filter eq '' ? '' : ', '.filter) at screen left, 0.965 noenhanced
set arrow 1 from chosen, graph 0 to chosen, graph 1 nohead linestyle 7 dashtype 3 linewidth 0.8 back

set tmargin at screen 0.82
set bmargin at screen 0.36
set format x ''
set yrange [scatter_min:scatter_max]
set ylabel 'Scatter (mmag)' offset 1
if (fwhm > 0) {
  set xtics nomirror
  set x2range [radius_min / fwhm:radius_max / fwhm]
  set x2tics scale 0.6, 0.3 offset 0,-0.4
  set mx2tics 5
  set x2label 'Radius (FWHM)' offset 0,-0.8
}
set key at screen right, 0.985 right maxrows 2 samplen 1.6
plot data using (column('radius')):(column('scatter')) with lines linestyle 1 notitle, \
     data using (column('radius')):(column('expected')) with lines linecolor rgb '#000000' dashtype 2 linewidth 0.9 title 'expected', \
     data using (column('radius')):(state(1, 0, 'scatter')) with points linestyle 1 title sprintf('%d like stars', stars), \
     data using (column('radius')):(state(0, 0, 'scatter')) with points linestyle 3 title (has_excluded ? 'excluded' : ''), \
     data using (column('radius')):(column('chosen') == 1 && column('eligible') == 1 ? column('scatter') : NaN) with points linestyle 1 notitle, \
     data using (column('radius')):(column('chosen') == 1 && column('eligible') == 0 ? column('scatter') : NaN) with points linestyle 3 notitle, \
     data using (column('radius')):(column('chosen') == 1 ? column('scatter') : NaN) with points linestyle 7 title sprintf('chosen, %.3g px', chosen)

unset label 1
unset key
unset x2tics
unset x2label
set xtics mirror
set tmargin at screen 0.33
set bmargin at screen 0.13
set format x '%g'
set xlabel 'Radius (px)' offset 0,0.4
set yrange [0:neighbours_max]
set ylabel 'Neighbours (%)' offset 1
set ytics neighbours_tic
plot limit with lines linecolor rgb '#707070' dashtype 3 linewidth 0.8 notitle, \
     data using (column('radius')):(column('contamination')) with linespoints linestyle 1 pointsize 0.5 notitle
unset multiplot
