// A table whose columns are chosen by its reader and whose rows, as seen, go into a file.
import { Button, Checkbox } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useSpeech } from '../i18n'
import { saveCsv } from './csv'

export interface Column<Row> {
  id: string
  head: string
  cell: (row: Row) => ReactNode
  /** As a spreadsheet reads it. Left out, the column is not in the file. */
  plain?: (row: Row) => string | number | null | undefined
  number?: boolean
  /** Names the row; it is always there. */
  names?: boolean
  /** Not shown until it is chosen. */
  apart?: boolean
}

interface Props<Row> { name: string; label: string; columns: Column<Row>[]; rows: Row[]; keyOf: (row: Row) => string; more?: ReactNode }

/** Which columns are shown, kept in this browser. */
function useChosen<Row>(name: string, columns: Column<Row>[]) {
  const key = `visavis.columns.${name}`
  const [chosen, setChosen] = useState<string[]>(() => localStorage.getItem(key)?.split(',') ?? columns.filter(column => !column.apart).map(column => column.id))
  const choose = (ids: string[]) => {
    localStorage.setItem(key, ids.join(','))
    setChosen(ids)
  }
  return { shown: columns.filter(({ id, names }) => names || chosen.includes(id)), chosen, choose }
}

export function DataTable<Row>({ name, label, columns, rows, keyOf, more }: Props<Row>) {
  const { t } = useSpeech()
  const { shown, chosen, choose } = useChosen(name, columns)
  const save = () => {
    const told = shown.filter(column => column.plain)
    saveCsv(`visavis-${name}.csv`, told.map(column => column.head), rows.map(row => told.map(column => column.plain?.(row))))
  }
  return (
    <section className="panel" aria-label={label}>
      <div className="row table-tools">
        {more}
        <details className="columns">
          <summary>{t.table.columns}</summary>
          <div className="columns-list">
            {columns.filter(column => !column.names).map(({ id, head }) => (
              <Checkbox key={id} size="xs" label={head} checked={chosen.includes(id)}
                onChange={event => { choose(event.currentTarget.checked ? [...chosen, id] : chosen.filter(other => other !== id)) }} />
            ))}
          </div>
        </details>
        <Button size="compact-sm" variant="default" onClick={save}>{t.table.save}</Button>
      </div>
      <div className="scroll" tabIndex={0} role="region" aria-label={label}>
        <table className="table">
          <thead><tr>{shown.map(({ id, head, number }) => <th key={id} scope="col" className={number ? 'number' : undefined}>{head}</th>)}</tr></thead>
          <tbody>
            {rows.map(row => (
              <tr key={keyOf(row)}>
                {shown.map(({ id, cell, number, names }) => (names ? <th key={id} scope="row">{cell(row)}</th> : <td key={id} className={number ? 'number' : undefined}>{cell(row)}</td>))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
