// A table as a file for a spreadsheet.
type Cell = string | number | null | undefined

/** A text that a spreadsheet would take for a formula begins with an apostrophe, which it shows to nobody. */
function cellOf(value: Cell): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) && !/^-?\d+([.,]\d+)?$/.test(value) ? `'${value}` : value
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csvOf = (head: string[], rows: Cell[][]) => [head, ...rows].map(row => row.map(cellOf).join(',')).join('\r\n') + '\r\n'

export function saveCsv(name: string, head: string[], rows: Cell[][]) {
  // Spreadsheets tell UTF-8 by its mark.
  const address = URL.createObjectURL(new Blob(['\uFEFF', csvOf(head, rows)], { type: 'text/csv;charset=utf-8' }))
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  setTimeout(() => { URL.revokeObjectURL(address) }, 10_000)
}
