# Scatter of all stars against their magnitude, with the noise that is expected term by term.
#
# Set before this file is loaded: data, noise (paths of the two tables), filter, has_noise (1 or 0), terms (words: the
# noise terms that are drawn), rms_min, rms_max,
# mag_min, mag_max, left, right (of the axes).
# Columns of data: star, mag, rms, expected, kind (0 measured, 1 comparison star, 2 target, 3 check star).
# Columns of noise: mag, total, source, background, sky_estimate, scintillation, position, ensemble.
set lmargin at screen left
set rmargin at screen right
set tmargin at screen 0.80
set bmargin at screen 0.13
set logscale y
set xrange [mag_min:mag_max]
set yrange [rms_min:rms_max]
set format y '%g'
set xlabel 'Magnitude'.(filter eq '' ? '' : ', '.filter) noenhanced offset 0,0.4
set ylabel 'Standard deviation (mag)' offset 1
set key at screen 0.97, 0.985 right top maxrows 4 samplen 1.8 width -2
kind(k) = (column('kind') == k) ? column('rms') : NaN
points = 'data using (column("mag")):(kind(0)) with points linestyle 5 title "stars", '. \
  'data using (column("mag")):(kind(1)) with points linestyle 1 title "comparison stars", '. \
  'data using (column("mag")):(kind(3)) with points linestyle 4 pointsize 1.2 title "check star", '. \
  'data using (column("mag")):(kind(2)) with points linestyle 2 linewidth 1.5 title "targets"'
array lines[6] = ['source', 'background', 'sky_estimate', 'scintillation', 'position', 'ensemble']
array titles[6] = ['photons', 'sky, readout', 'sky estimate', 'scintillation', 'position', 'ensemble']
array shades[6] = ['#0072B2', '#E69F00', '#56B4E9', '#CC79A7', '#009E73', '#D55E00']
drawn = has_noise ? 'noise using (column("mag")):(column("total")) with lines linecolor rgb "#000000" linewidth 1.2 title "expected", ' : ''
do for [i=1:6] {
  if (has_noise && strstrt(' '.terms.' ', ' '.lines[i].' ') > 0) {
    drawn = drawn.sprintf('noise using (column("mag")):(column("%s")) with lines linecolor rgb "%s" dashtype %d linewidth 0.9 title "%s", ', lines[i], shades[i], i + 1, titles[i])
  }
}
eval 'plot '.drawn.points
