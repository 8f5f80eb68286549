# Photon transfer: variance of a flat against its level, one point for each pair, and what gain and read noise predict.
#
# Set before this file is loaded: data (path of the table), count (of amplifiers), names, gains (e-/ADU) and noises (ADU)
# as words, one for each amplifier, gains 0 where unknown, level_min, level_max.
# Columns of data: level, variance (both of one frame, read noise included), amplifier (from 1), used (1 or 0).
set lmargin at screen 0.17
set rmargin at screen 0.96
set tmargin at screen 0.91
set bmargin at screen 0.14
set logscale xy
set format xy '10^{%L}'
set xrange [level_min:level_max]
set samples 200
set label 1 'Photon transfer' at screen 0.17, 0.95 noenhanced
set xlabel 'Level of a flat above zero (ADU)' offset 0,0.4
set ylabel 'Variance (ADU^2)' offset 0.3
set key top left reverse Left samplen 1.5
colour(i) = int(word('0x0072B2 0xD55E00 0x009E73 0xCC79A7 0xE69F00 0x56B4E9 0x000000 0x707070', (i - 1) % 8 + 1))
is(i, k) = (column('amplifier') == i && column('used') == k) ? column('level') : NaN
gain(i) = real(word(gains, i))
noise(i) = real(word(noises, i))
plot for [i=1:count] (gain(i) > 0 ? x / gain(i) + noise(i)**2 : NaN) with lines linewidth 0.8 linecolor rgb colour(i) notitle, \
     for [i=1:count] data using (is(i, 1)):(column('variance')) with points pointtype 7 pointsize 1 linecolor rgb colour(i) \
       title word(names, i).(gain(i) > 0 ? sprintf(' %.3g e-/ADU', gain(i)) : ''), \
     for [i=1:count] data using (is(i, 0)):(column('variance')) with points pointtype 6 pointsize 0.9 linecolor rgb colour(i) notitle
