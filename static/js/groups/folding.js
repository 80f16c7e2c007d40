// Runs of a group stand as one row in a list, in the place of the first of them. Pure.

/**
 * Return the rows of a list: {run} for a run alone, {id, name, cards} for a group, its runs in their places.
 *
 * @param {object[]} cards in the order of the list
 * @param {boolean} [ordered] whether the runs of a group keep the order of the list
 */
export function folded(cards, ordered = false) {
  const rows = []
  const groups = new Map()
  for (const card of cards) {
    if (!card.group) rows.push({ run: card })
    else if (groups.has(card.group)) groups.get(card.group).cards.push(card)
    else {
      const row = { id: card.group, name: card.group_name, cards: [card] }
      groups.set(card.group, row)
      rows.push(row)
    }
  }
  if (!ordered) for (const { cards: own } of groups.values()) own.sort((a, b) => a.place - b.place)
  return rows
}
