// A disk that is nearly full, said for as long as it is: a trainer that waits for it cannot write that down.

import { banner } from "./dom.js"
import { bytes } from "./numbers.js"
import { t } from "./texts.js"

/** Show a banner while the server says that its disk is nearly full. */
export function sayWhenFull(live) {
  live.addEventListener("disk", ({ detail: { free } }) => banner("disk", free === null ? "" : t("disk.short", { free: bytes(free) })))
}
