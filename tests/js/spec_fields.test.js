// A form's fields and a spec; a spec as YAML; which numbers share a chart.

import assert from "node:assert/strict"
import test from "node:test"
import { boardKey, boardOrder, namesOf } from "../../static/js/board.js"
import { fieldOf, fieldsOf, layersOf, readQuery, readSpec, shownValue } from "../../static/js/spec_fields.js"
import { toCommand, toYaml } from "../../static/js/yaml.js"

const control = (name, kind, value, initial = "") => ({ name, value: String(value), checked: value === true, dataset: { kind, default: initial } })
const FORM = [
  control("name", "text", "a: b"),
  control("optimizer", "choice", "some", "other"),
  control("optimizer.lr", "number", "1e-3", "0.01"),
  control("optimizer.momentum", "number", "0", "0"),
  control("model", "choice", "deep", "deep"),
  control("model.hidden", "list", "100, 50", "100, 100"),
  control("regularizers.one", "toggle", true, "off"),
  control("regularizers.one.strength", "number", "oops", "0.1"),
  control("regularizers.one.per_layer", "layers", "dense 1: 0.5, output: 0"),
  control("regularizers.two", "toggle", false, "off"),
  control("training.shuffle", "switch", true, "on"),
]

test("a form is a whole spec, with what cannot be read as it was typed", () => {
  assert.deepEqual(readSpec(FORM), {
    name: "a: b",
    optimizer: { name: "some", params: { lr: 0.001, momentum: 0 } },
    model: { name: "deep", params: { hidden: [100, 50] } },
    regularizers: { one: { enabled: true, strength: "oops", per_layer: { "dense 1": 0.5, output: 0 } }, two: { enabled: false } },
    training: { shuffle: true },
  })
})

test("what is copied leaves out what is at its default", () => {
  assert.deepEqual(readSpec(FORM, { changed: true }), {
    name: "a: b",
    optimizer: { name: "some", params: { lr: 0.001 } },
    model: { name: "deep", params: { hidden: [100, 50] } },
    regularizers: { one: { enabled: true, strength: "oops", per_layer: { "dense 1": 0.5, output: 0 } } },
  })
})

test("the address has what differs from the defaults", () => {
  assert.equal(
    readQuery(FORM).toString(),
    "name=a%3A+b&optimizer=some&optimizer.lr=1e-3&model.hidden=100%2C+50&regularizers.one=on&regularizers.one.strength=oops&regularizers.one.per_layer=dense+1%3A+0.5%2C+output%3A+0",
  )
})

test("a problem's path is the name of a field, or of what the field stands in", () => {
  assert.deepEqual(fieldsOf("optimizer.params.lr"), ["optimizer.lr", "optimizer"])
  assert.deepEqual(fieldsOf("dataset.name"), ["dataset"])
  assert.deepEqual(fieldsOf("regularizers.one.enabled"), ["regularizers.one", "regularizers"])
  assert.deepEqual(fieldsOf("model.params.hidden.1"), ["model.hidden.1", "model.hidden", "model"])
  assert.deepEqual(fieldsOf("model.params.rows.2.size"), ["model.rows.2.size", "model.rows.2", "model.rows", "model"])
  assert.deepEqual(fieldsOf("name"), ["name"])
  assert.equal(fieldOf("model.params.hidden.1"), "model.hidden")
  assert.equal(fieldOf("model.params.rows.2.size"), "model.rows.2.size")
})

const always = (name, kind, value, initial) => {
  const made = control(name, kind, value, initial)
  made.dataset.always = ""
  return made
}
const ROWS = [
  control("model", "choice", "deep", "deep"),
  always("model.rows.0.wide", "number", 16, "16"),
  control("model.rows.0.size", "number", 5, "3"),
  control("model.rows.0.by", "number", 1, "1"),
  always("model.rows.1.flat", "mark", "on", "on"),
  always("model.rows.2.shape", "list", "1, -1", "1, -1"),
]

test("rows of a list are mappings in their order, and what names a row is always written", () => {
  const rows = [{ wide: 16, size: 5, by: 1 }, { flat: true }, { shape: [1, -1] }]
  assert.deepEqual(readSpec(ROWS).model.params, { rows })
  delete rows[0].by
  assert.deepEqual(readSpec(ROWS, { changed: true }).model.params, { rows })
  assert.equal(
    decodeURIComponent(readQuery(ROWS).toString().replaceAll("+", " ")),
    "model.rows.0.wide=16&model.rows.0.size=5&model.rows.1.flat=on&model.rows.2.shape=1, -1",
  )
})

test("a list without a row is said to be empty", () => {
  const none = always("model.rows", "nothing", "", "-")
  assert.deepEqual(readSpec([none]), { model: { params: { rows: [] } } })
  assert.equal(readQuery([none]).toString(), "model.rows=")
})

test("a row of a list is one line of YAML", () => {
  const spec = { rows: [{ wide: 16, size: 5 }, { flat: true }, { shape: [1, -1], note: "a, b" }], none: [] }
  assert.equal(toYaml({ model: spec }), 'model:\n  rows:\n  - {wide: 16, size: 5}\n  - {flat: true}\n  - {shape: [1, -1], note: "a, b"}\n  none: []\n')
})

test("a number for each layer is read as it is shown, and stays a text where it cannot be read", () => {
  assert.equal(shownValue(layersOf("dense 1:0.5 ,output: 1e-3")), "dense 1: 0.5, output: 0.001")
  assert.deepEqual(layersOf(""), {})
  for (const text of ["dense 1", "dense 1: much", "dense 1:", ": 1"]) assert.equal(layersOf(text), text)
})

test("YAML quotes what would be read as something else", () => {
  const yaml = toYaml({ name: "a: b", on: true, half: 0.5, list: [1, 2], word: "yes", number: "12", empty: {}, inside: { x: "plain text" } })
  assert.equal(yaml, 'name: "a: b"\n"on": true\nhalf: 0.5\nlist: [1, 2]\nword: "yes"\nnumber: "12"\nempty: {}\ninside:\n  x: plain text\n')
  assert.ok(toCommand(yaml).startsWith("livefit train - <<'YAML'\nname:"))
})

test("losses share a chart, a metric's parts share one, other numbers go by their first word", () => {
  assert.equal(boardKey("loss.data"), "loss")
  assert.equal(boardKey("validation.loss"), "loss")
  assert.equal(boardKey("train.accuracy"), "metric.accuracy")
  assert.equal(boardKey("validation.mc_accuracy"), "metric.accuracy", "an ensemble's beside the plain one")
  assert.equal(boardKey("validation.mc_loss"), "loss")
  assert.equal(boardKey("gradient_norm.dense 1"), "gradient_norm")
  assert.equal(namesOf("metric.rmse"), "train.rmse,validation.rmse,validation.mc_rmse")
  assert.deepEqual(["update_ratio", "penalty", "metric.accuracy", "loss"].sort(boardOrder), ["loss", "metric.accuracy", "penalty", "update_ratio"])
})
