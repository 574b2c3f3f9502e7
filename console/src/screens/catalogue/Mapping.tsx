// Which column is which field, line by line.
import { ActionIcon, Autocomplete, Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useSpeech } from '../../i18n'
import { fields } from './fields'

interface Props { map: Record<string, string>; change: (map: Record<string, string>) => void }

export function Mapping({ map, change }: Props) {
  const { t } = useSpeech()
  const [rows, setRows] = useState(() => Object.entries(map))
  const put = (next: [string, string][]) => {
    setRows(next)
    change(Object.fromEntries(next.filter(([field, column]) => field.trim() && column.trim()).map(([field, column]) => [field.trim(), column.trim()])))
  }
  const edit = (index: number, row: [string, string]) => { put(rows.map((other, at) => (at === index ? row : other))) }
  return (
    <fieldset className="stack-tight">
      <legend><b>{t.catalogue.mapping}</b> <span className="quiet">{t.catalogue.mappingRule}</span></legend>
      {rows.map(([field, column], index) => (
        <div key={index} className="row">
          <Autocomplete aria-label={t.catalogue.ourField} placeholder={t.catalogue.ourField} data={fields} value={field} w={200} onChange={value => { edit(index, [value, column]) }} />
          <span aria-hidden="true">←</span>
          <TextInput aria-label={t.catalogue.theirColumn} placeholder={t.catalogue.theirColumn} value={column} w={240} onChange={event => { edit(index, [field, event.currentTarget.value]) }} />
          <ActionIcon variant="subtle" color="gray" aria-label={t.catalogue.dropLine} onClick={() => { put(rows.filter((_, at) => at !== index)) }}>×</ActionIcon>
        </div>
      ))}
      <div><Button size="xs" variant="default" onClick={() => { setRows([...rows, ['', '']]) }}>{t.catalogue.addLine}</Button></div>
    </fieldset>
  )
}
