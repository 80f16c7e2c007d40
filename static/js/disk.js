// A disk that is nearly full, said for as long as it is: a trainer that waits for it cannot write that down.

import { banner } from "./dom.js"
import { bytes } from "./numbers.js"
import { t } from "./texts.js"

/** Show a banner while the server says that its disk is nearly full, read-only, or has more on it than it may. */
export function sayWhenFull(live) {
  const link = { label: t("disk.make_room"), href: "/storage" }
  live.addEventListener("disk", ({ detail: { free, over, budget, read_only: locked } }) => {
    banner("disk", free === null ? "" : t("disk.short", { free: bytes(free) }), { link })
    banner("budget", over ? t("disk.over", { over: bytes(over), budget: bytes(budget) }) : "", { link })
    banner("read-only", locked ? t("disk.read_only") : "")
  })
}
