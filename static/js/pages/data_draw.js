// The page on which points are drawn.

import "../elements/draw_points.js"
