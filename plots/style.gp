# Common look of all plots: small, thin, colour-blind safe (Okabe & Ito), ready for the column of a journal.
set encoding utf8
set minussign
set datafile separator comma
set datafile columnheaders
set border linewidth 0.7
set tics in scale 0.6, 0.3
set mxtics 5
set bars 0
set key noenhanced
set style line 1 linecolor rgb '#0072B2' pointtype 7 pointsize 0.6 linewidth 0.8   # used
set style line 2 linecolor rgb '#D55E00' pointtype 6 pointsize 0.9 linewidth 0.8   # flagged, used
set style line 3 linecolor rgb '#707070' pointtype 2 pointsize 0.9 linewidth 0.8   # not used
set style line 4 linecolor rgb '#009E73' pointtype 9 pointsize 0.6 linewidth 0.8   # check star
set style line 5 linecolor rgb '#A0A0A0' pointtype 7 pointsize 0.35 linewidth 0.5   # comparison stars
set style line 6 linecolor rgb '#000000' pointtype 5 pointsize 0.8 linewidth 1.2   # binned
colour(i) = int(word('0x0072B2 0xD55E00 0x009E73 0xCC79A7 0xE69F00 0x56B4E9 0x000000 0x707070', (int(i) - 1) % 8 + 1))

# A time axis broken between nights: the n-th of `nights` panels reaches from night_from to night_to (days, words) and
# from night_left to night_right (part of the width). Used as: do for [n=1:nights] { @night_panel ; plot ... }
night(list, n) = real(word(list, n))
night_border(n) = 5 + (n == 1 ? 2 : 0) + (n == nights ? 8 : 0)
night_panel = "set lmargin at screen night(night_left, n); set rmargin at screen night(night_right, n); set xrange [night(night_from, n):night(night_to, n)]; set xtics night(night_first, n), time_step, night(night_last, n) + 0.001 * time_step; set border night_border(n) linewidth 0.7; unset arrow; if (n == 1) { set ytics nomirror scale 0.6, 0.3; set mytics 5; set format y '%g' } else { set ytics scale 0, 0; unset mytics; set format y ''; unset ylabel }"
# Strokes where the axis is broken, at the screen heights of the list.
night_break = "if (n < nights) { do for [k=1:words(edges)] { set arrow from screen night(night_right, n) - 0.004, screen real(word(edges, k)) - 0.007 to screen night(night_right, n) + 0.004, screen real(word(edges, k)) + 0.007 nohead linewidth 0.7; set arrow from screen night(night_left, n + 1) - 0.004, screen real(word(edges, k)) - 0.007 to screen night(night_left, n + 1) + 0.004, screen real(word(edges, k)) + 0.007 nohead linewidth 0.7 } }"

# A key as wide as all nights: @key_panel, then plot nowhere with ... title.
key_panel = "unset arrow; unset border; unset xtics; unset ytics; unset xlabel; unset ylabel; set lmargin at screen left; set rmargin at screen right; set xrange [0:1]; set yrange [0:1]"
nowhere = "'+' using (0.5):(9):(0)"
