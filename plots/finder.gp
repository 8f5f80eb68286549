# Finder chart: the field in grey with targets, check and comparison stars by name; the targets close up below, each with
# its aperture and the annulus of the sky.
#
# Set before this file is loaded: stars (path of the table), field (picture of the field), name, step (pixels of the frame
# in one of the picture), x_min, x_max, y_min, y_max (of the field, FITS pixels), inner, outer (annulus, px; 0 for none),
# left, right, field_top, field_bottom (of the chart), has_sky (1 or 0), north_x, north_y, east_x, east_y (unit vectors),
# bar (px; 0 for none), bar_label, stamps (how many), stamp_top, stamp_bottom, stamp_size; with stamps the arrays stamp_names,
# stamp_steps, stamp_x, stamp_y (lower left corner), stamp_width, stamp_height. Pictures of the stamps are finder_stamp1.png ...
# Columns of stars: star, kind (1 target, 2 check star, 3 comparison star), x, y, radius, circle, label_x, label_y,
# alignment (1 left, 2 right, 3 centre), stamp (number of the close-up, 0 for none).
set multiplot
shade(k) = k == 1 ? 0xC1272D : k == 2 ? 0x00734F : 0x0060A0
set lmargin at screen left
set rmargin at screen right
set tmargin at screen field_top
set bmargin at screen field_bottom
set xrange [x_min:x_max]
set yrange [y_min:y_max]
set tics out nomirror
set xlabel 'x (px)' offset 0,0.5
set ylabel 'y (px)' offset 1
unset key
set label 1 name at screen left, (1 + field_top) / 2 noenhanced
span = x_max - x_min
if (has_sky) {
  # Two arrows that stay within the corner, whichever way they point.
  reach = 0.08 * span
  base_x = x_min + 0.04 * span + reach * (0.25 + (north_x < 0 ? -north_x : 0) + (east_x < 0 ? -east_x : 0))
  base_y = y_min + 0.04 * span + reach * (0.25 + (north_y < 0 ? -north_y : 0) + (east_y < 0 ? -east_y : 0))
  set arrow 1 from base_x, base_y to base_x + reach * north_x, base_y + reach * north_y front linewidth 1.2 size graph 0.015, 25
  set arrow 2 from base_x, base_y to base_x + reach * east_x, base_y + reach * east_y front linewidth 1.2 size graph 0.015, 25
  set label 2 'N' at base_x + 1.28 * reach * north_x, base_y + 1.28 * reach * north_y center front
  set label 3 'E' at base_x + 1.28 * reach * east_x, base_y + 1.28 * reach * east_y center front
}
if (bar > 0) {
  set arrow 3 from x_max - 0.04 * span - bar, y_min + 0.04 * span to x_max - 0.04 * span, y_min + 0.04 * span nohead front linewidth 2
  set label 4 bar_label at x_max - 0.04 * span - bar / 2, y_min + 0.065 * span center front noenhanced
}
at(k) = (column('alignment') == k) ? column('label_x') : NaN
plot field binary filetype=png origin=(x_min + step / 2.0, y_min + step / 2.0) dx=step dy=step with rgbimage, \
     stars using (column('x')):(column('y')):(column('circle')):(shade(column('kind'))) with circles linecolor rgb variable linewidth 1.1 fillstyle empty, \
     stars using (at(1)):(column('label_y')):(strcol('star')):(shade(column('kind'))) with labels left textcolor rgb variable noenhanced, \
     stars using (at(2)):(column('label_y')):(strcol('star')):(shade(column('kind'))) with labels right textcolor rgb variable noenhanced, \
     stars using (at(3)):(column('label_y')):(strcol('star')):(shade(column('kind'))) with labels center textcolor rgb variable noenhanced
unset arrow
unset label
unset xlabel
unset ylabel
set format ''
set tics scale 0
unset xtics
unset ytics
set tmargin at screen stamp_top
set bmargin at screen stamp_bottom
do for [k=1:stamps] {
  from = left + (k - 1) * (right - left + 0.02) / 4
  set lmargin at screen from
  set rmargin at screen from + stamp_size
  set xrange [stamp_x[k]:stamp_x[k] + stamp_width[k]]
  set yrange [stamp_y[k]:stamp_y[k] + stamp_height[k]]
  set label 1 stamp_names[k] at graph 0, 1.09 noenhanced
  plot sprintf('finder_stamp%d.png', k) binary filetype=png origin=(stamp_x[k] + stamp_steps[k] / 2, stamp_y[k] + stamp_steps[k] / 2) dx=stamp_steps[k] dy=stamp_steps[k] with rgbimage, \
       stars using (column('stamp') == k ? column('x') : NaN):(column('y')):(column('radius')):(shade(column('kind'))) with circles linecolor rgb variable linewidth 1.2 fillstyle empty, \
       stars using (column('stamp') == k && inner > 0 ? column('x') : NaN):(column('y')):(inner):(shade(column('kind'))) with circles linecolor rgb variable linewidth 0.8 dashtype 2 fillstyle empty, \
       stars using (column('stamp') == k && outer > 0 ? column('x') : NaN):(column('y')):(outer):(shade(column('kind'))) with circles linecolor rgb variable linewidth 0.8 dashtype 2 fillstyle empty
}
unset multiplot
