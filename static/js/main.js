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
  group: () => import("./pages/group.js"),
  lesson: () => import("./pages/lesson.js"),
  lessons: () => import("./pages/lessons.js"),
  storage: () => import("./pages/storage.js"),
  data: () => import("./pages/data.js"),
  data_new: () => import("./pages/data_new.js"),
  data_draw: () => import("./pages/data_draw.js"),
  data_one: () => import("./pages/data_one.js"),
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
