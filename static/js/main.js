// What every page needs, then what this page needs. The theme is set earlier, by theme.js in the head.

import "./elements/toast_stack.js"
import "./elements/page_banners.js"
import "./elements/who_am_i.js"
import "./elements/key_help.js"
import "./elements/nav_menu.js"
import { bind } from "./keys.js"

const PAGES = {
  home: () => import("./pages/home.js"),
  new: () => import("./pages/new.js"),
  run: () => import("./pages/run.js"),
  storage: () => import("./pages/storage.js"),
  paths: () => import("./pages/paths.js"),
  geometry: () => import("./pages/geometry.js"),
}

bind({
  "?": () => document.dispatchEvent(new CustomEvent("key-help")),
  "/": () => document.querySelector("[type=search]")?.focus(),
  g: () => location.assign("/"),
  n: () => document.querySelector("nav a[href^='/new']").click(),
})

await PAGES[document.body.dataset.page]?.()
document.documentElement.dataset.ready = "" // tests wait for it
