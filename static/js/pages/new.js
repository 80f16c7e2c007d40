// The page of a new run: its elements, and no socket.

import "../elements/number_slider.js"
import "../elements/layer_numbers.js"
import "../elements/variant_choice.js"
import "../elements/entry_list.js"
import "../elements/plan_view.js"
import "../elements/look_link.js"
import "../groups/launch_several.js"
import "../elements/spec_form.js"
