# Difference of two frames: picture with a colour bar, and the histogram of its pixels in units of their errors.
#
# Set before this file is loaded: map, histogram (paths of the two tables), name (of the two frames), unit, reach (half
# the range of the colours, in that unit), width, height (of the frame, px), bin (pixels along a bin of the picture),
# shape (height over width of the picture), pixels (all that are counted in the histogram), bin_width (of the
# histogram, in errors), verdict, figures (median, scatter and outliers, in words).
# Columns of map: x, y (centre of a bin, FITS pixels), difference (empty where nothing was compared), pixels (compared).
# Columns of histogram: residual (centre of a bin, in errors), pixels; the outermost hold all beyond.
set multiplot
set label 1 name at screen 0.04, 0.975 noenhanced
set label 2 verdict at screen 0.04, 0.947 noenhanced

# Blue below zero, red above, white at zero; grey where nothing was compared. (Blue and red of equal lightness are told
# apart with any colour vision.)
set palette defined (-1 '#053061', -0.6 '#4393C3', -0.25 '#B9D8E9', 0 '#FFFFFF', 0.25 '#FBD0B4', 0.6 '#D6604D', 1 '#67001F')
set cbrange [-reach:reach]
set colorbox user origin screen 0.83, screen 0.43 size screen 0.025, screen 0.48
set cblabel 'First - second ('.unit.'/px)' offset 1.2 noenhanced
set cbtics scale 0.4
set format cb '%g'


set lmargin at screen 0.14
set rmargin at screen 0.80
set bmargin at screen 0.43
set tmargin at screen 0.91
set size ratio shape
set object 1 rectangle from graph 0, 0 to graph 1, 1 behind fillcolor rgb '#B0B0B0' fillstyle solid noborder
set xrange [0.5:width + 0.5]
set yrange [0.5:height + 0.5]
set xlabel 'x (px)' offset 0,0.5
set ylabel 'y (px)' offset 1
set xtics out nomirror autofreq
set ytics out nomirror
set mxtics 1
unset key
filled(cell) = strlen(cell) ? real(cell) : NaN
plot map using 1:2:(filled(strcol(3))) with image notitle
unset object 1
unset label 1
unset label 2
unset colorbox
set size noratio
set size nosquare

set lmargin at screen 0.14
set rmargin at screen 0.96
set bmargin at screen 0.10
set tmargin at screen 0.34
set xtics in mirror
set ytics in mirror
set mxtics 5
set xrange [-8:8]
set logscale y
set yrange [0.5:*]
set format y '10^{%L}'
set xlabel 'Difference in units of its error' offset 0,0.5
set ylabel 'Pixels' offset 0.5
set samples 321
set arrow 1 from -5, graph 0 to -5, graph 1 nohead linecolor rgb '#707070' linewidth 0.7 dashtype 3
set arrow 2 from 5, graph 0 to 5, graph 1 nohead linecolor rgb '#707070' linewidth 0.7 dashtype 3
set key top right opaque samplen 1.5
set label 3 figures at screen 0.14, 0.355 noenhanced
normal(x) = pixels * bin_width / sqrt(2 * pi) * exp(-x * x / 2)
plot histogram using (column('residual')):(column('pixels')) with steps linecolor rgb '#0072B2' linewidth 1 title 'pixels', \
     (normal(x) > 0.5 ? normal(x) : NaN) with lines linecolor rgb '#D55E00' linewidth 0.9 dashtype 2 title 'independent noise'
unset multiplot
