// What is wrong with an upload, in the language of the page: the server names the sentence and what stands in it.

import { sentenceOf } from "../complain.js"
import { said } from "../said.js"
import { has, t } from "../texts.js"

/** Return the sentence of one problem: {message, key, values}. */
export function sentence({ message, key, values }) {
  return key && has(`upload.bad.${key}`) ? t(`upload.bad.${key}`, { ...values, ...(values?.column ? { column: said(values.column) } : {}) }) : message
}

/** Return the problems of an error, each {path, message}; one without a place when it has none. */
export function problemsOf(error) {
  if (error.problems?.length) return error.problems.map((one) => ({ path: one.path.replace(/^options\./, ""), message: sentence(one) }))
  return [{ path: "", message: sentenceOf(error) }]
}
