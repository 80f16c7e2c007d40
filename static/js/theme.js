// Sets light or dark before the first paint: a classic script in the head, because modules run too late for that.

(() => {
  const root = document.documentElement
  const KEY = "livefit_theme"
  const NEXT = { auto: "light", light: "dark", dark: "auto" }

  const chosen = () => {
    try {
      return localStorage.getItem(KEY) ?? "auto"
    } catch {
      return "auto" // a browser that forbids storage still has its own preference
    }
  }

  const show = (theme) => {
    root.dataset.theme = theme
    root.style.colorScheme = theme === "auto" ? "light dark" : theme
    document.dispatchEvent(new CustomEvent("theme", { detail: { theme } }))
  }

  show(chosen())
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(chosen()))
  addEventListener("storage", ({ key }) => key === KEY && show(chosen()))
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element) || !target.closest("[data-theme-turn]")) return
    const theme = NEXT[chosen()] ?? "auto"
    try {
      localStorage.setItem(KEY, theme)
    } catch {
      // it holds until the page is left
    }
    show(theme)
  })
})()
