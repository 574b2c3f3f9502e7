// Fields that know of nothing but their value.
import { TagsInput, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useItemSearch } from '../../api/placements'

const instantOf = (iso: string | undefined) => {
  if (!iso) return ''
  const date = new Date(iso)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** An instant, told in the browser's zone. */
export function InstantField({ label, error, value, onChange, description }: { label: string; error?: string | null; value: string | undefined; onChange: (iso: string | undefined) => void; description?: string }) {
  return (
    <TextInput type="datetime-local" label={label} description={description} error={error} value={instantOf(value)}
      onChange={event => { const typed = event.currentTarget.value; onChange(typed ? new Date(typed).toISOString() : undefined) }} />
  )
}

export interface ListProps { label: string; error?: string | null; values: readonly string[]; onChange: (values: string[]) => void; description?: string; max?: number }

export function WordsField({ label, error, values, onChange, description, max = 500 }: ListProps) {
  return <TagsInput label={label} description={description} error={error} value={[...values]} maxTags={max} onChange={onChange} clearable={false} splitChars={['\n', ';']} acceptValueOnBlur />
}

const SEARCH_MS = 250

/** Items by their numbers; what is typed is looked for among titles too. */
export function ItemsField({ label, error, values, onChange, description, max = 500 }: ListProps) {
  const [typed, setTyped] = useState('')
  const [asked] = useDebouncedValue(typed, SEARCH_MS)
  const found = useItemSearch(asked).data?.items ?? []
  const titles = new Map(found.map(item => [item.id, item.title]))
  return (
    <TagsInput label={label} description={description} error={error} value={[...values]} maxTags={max} onChange={onChange} searchValue={typed} onSearchChange={setTyped}
      data={found.map(item => item.id)} filter={({ options }) => options} renderOption={({ option }) => <span>{titles.get(option.value) ?? option.value} <span className="quiet">{option.value}</span></span>} />
  )
}
