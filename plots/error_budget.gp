# Error budget: what part each term has in the variance of each target's magnitude, in the median of the used frames.
#
# Set before this file is loaded: data (path of the table), terms (words: the columns, in order), titles (array: what they are
# called), names (array: of the rows), count (of rows),
# is_slanted (1 where the names are long), shades (words: a colour for each term).
# Columns of data: total (mmag) and the parts of the terms (per cent).
set lmargin at screen 0.155
set rmargin at screen 0.71
set tmargin at screen 0.90
set bmargin at screen (is_slanted ? 0.24 : 0.12)
set style data histograms
set style histogram rowstacked
set style fill solid 0.85 border rgb '#FFFFFF'
set boxwidth 0.7
set label 1 'Error budget' at screen 0.155, 0.95 noenhanced
set ylabel 'Part of the variance (per cent)' offset 1
set yrange [0:112]
set ytics 20
set xrange [-0.6:count - 0.4]
set xtics scale 0 rotate by (is_slanted ? -30 : 0) noenhanced ()
set for [i=1:count] xtics add (names[i] i - 1)
set key at screen 0.73, 0.90 left top vertical Left reverse samplen 1 invert
shade(i) = int(word(shades, i))
plot for [i=1:words(terms)] data using (column(word(terms, i))) linecolor rgb shade(i) title titles[i], \
     data using 0:(104):(sprintf('%.3g mmag', column('total'))) with labels font ',8' notitle
