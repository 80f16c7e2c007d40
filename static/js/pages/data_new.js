// The page of an upload: what it would become, until it is kept.

import "../elements/upload_preview.js"
