// The page of one data set, with the parameters of the form beside it.

import "../elements/number_slider.js"
import "../elements/download_box.js"
import "../elements/dataset_look.js"
