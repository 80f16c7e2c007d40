// Opens the socket of a run's page while the page is still being read, and asks for the run: a classic script in the head,
// because modules run too late for that. What it hears is kept until static/js/live.js takes the socket over.

(() => {
  const { run } = document.documentElement.dataset
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`)
  const heard = []
  const kinds = ["open", "message", "close"]
  const keep = (event) => {
    if (event.type === "open") socket.send(JSON.stringify({ type: "watch", run, after: null }))
    heard.push(event)
  }
  socket.binaryType = "arraybuffer"
  for (const kind of kinds) socket.addEventListener(kind, keep)

  globalThis.earlySocket = {
    socket,
    /** Let go of the socket; return the events that it had. */
    release() {
      for (const kind of kinds) socket.removeEventListener(kind, keep)
      return heard
    },
  }
})()
