# Common look of all plots: small, thin, colour-blind safe (Okabe & Ito), ready for one column of a journal.
set encoding utf8
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
