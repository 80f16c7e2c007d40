// Lessons: finding among them, and where the points of a picture lie.

import assert from "node:assert/strict"
import { test } from "node:test"

import { isFound } from "../../static/js/lessons/finding.js"

test("a lesson is found by words in any order and case, and by nothing typed", () => {
  const text = "Weight decay against learning by heart  weight_decay L1 and L2 penalty"
  assert.ok(isFound(text, ""))
  assert.ok(isFound(text, "  l2 WEIGHT "))
  assert.ok(!isFound(text, "weight dropout"))
})

test("Korean is found however it was typed", () => {
  assert.ok(isFound("가중치 감소", "감소".normalize("NFD")))
})
