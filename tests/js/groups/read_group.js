// Prints what the page's store makes of `group` messages in a file, each with its length before it: for tests/test_js.py.

import { readFileSync } from "node:fs"
import { GroupStore } from "../../../static/js/groups/group_store.js"
import { decode } from "../../../static/js/wire.js"

const data = readFileSync(process.argv[2])
const store = new GroupStore()
for (let at = 0; at < data.length; ) {
  const length = data.readUInt32LE(at)
  store.receive(decode(data.buffer.slice(data.byteOffset + at + 4, data.byteOffset + at + 4 + length)))
  at += 4 + length
}
const plain = (series) => series && Object.fromEntries(["start", "min", "max", "mean"].map((key) => [key, Array.from(series[key], (one) => (Number.isNaN(one) ? null : one))]))
const told = { variants: store.variants, names: store.names, state: store.state, cards: [...store.cards.keys()], progress: store.progress }
const bands = ["range", "std", "none"].map((band) => plain(store.spread(0, "validation.loss", band)))
store.countIn("epoch")
console.log(JSON.stringify({ ...told, bands, epochs: plain(store.spread(0, "validation.loss", "range")), line: plain(store.line("a", "validation.loss")) }))
