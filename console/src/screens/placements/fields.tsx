// The fields of which the editor is made. Each shows what the server refused of it: `at` is where that stands in the placement.
import { NumberInput, TagsInput, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useItemSearch } from '../../api/placements'
import { useSpeech } from '../../i18n'
import { useEdited } from './editing'

/** What is said of this place, or (within) of any below it that has no field of its own. */
export function useRefusal(at: string, within = false): string | null {
  const { t } = useSpeech()
  const { errors } = useEdited()
  for (const [pointer, detail] of errors)
    if (pointer === at || (within && pointer.startsWith(`${at}/`))) return t.problem.told(detail)
  return null
}

interface NumberProps {
  label: string
  at: string
  value: number | undefined
  low: number
  high: number
  onChange: (value: number | undefined) => void
  description?: string
  whole?: boolean
  /** Kept as a share, shown as a percentage. */
  percent?: boolean
  /** What is meant when it is left empty. */
  otherwise?: number
  disabled?: boolean
}

export function NumberField({ label, at, value, low, high, onChange, description, whole = false, percent = false, otherwise, disabled = false }: NumberProps) {
  const { language } = useSpeech()
  const scale = percent ? 100 : 1
  const scaled = (share: number) => Math.round(share * scale * 1e6) / 1e6
  return (
    <NumberInput label={label} description={description} error={useRefusal(at)} value={value === undefined ? '' : scaled(value)} disabled={disabled}
      placeholder={otherwise === undefined ? '' : String(scaled(otherwise))} min={scaled(low)} max={scaled(high)} allowDecimal={!whole} decimalSeparator={language === 'fr' ? ',' : '.'} step={whole || percent ? 1 : 0.1}
      clampBehavior="blur" onChange={typed => { if (typed === '') onChange(undefined); else if (typeof typed === 'number') onChange(Number((typed / scale).toFixed(6))) }} />
  )
}

const instantOf = (iso: string | undefined) => {
  if (!iso) return ''
  const date = new Date(iso)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** An instant, told in the browser's zone. */
export function InstantField({ label, at, value, onChange, description }: { label: string; at: string; value: string | undefined; onChange: (iso: string | undefined) => void; description?: string }) {
  return (
    <TextInput type="datetime-local" label={label} description={description} error={useRefusal(at)} value={instantOf(value)}
      onChange={event => { const typed = event.currentTarget.value; onChange(typed ? new Date(typed).toISOString() : undefined) }} />
  )
}

interface ListProps { label: string; at: string; values: readonly string[]; onChange: (values: string[]) => void; description?: string; max?: number }

export function WordsField({ label, at, values, onChange, description, max = 500 }: ListProps) {
  return <TagsInput label={label} description={description} error={useRefusal(at, true)} value={[...values]} maxTags={max} onChange={onChange} clearable={false} splitChars={['\n', ';']} acceptValueOnBlur />
}

const SEARCH_MS = 250

/** Items by their numbers; what is typed is looked for among titles too. */
export function ItemsField({ label, at, values, onChange, description, max = 500 }: ListProps) {
  const [typed, setTyped] = useState('')
  const [asked] = useDebouncedValue(typed, SEARCH_MS)
  const found = useItemSearch(asked).data?.items ?? []
  const titles = new Map(found.map(item => [item.id, item.title]))
  return (
    <TagsInput label={label} description={description} error={useRefusal(at, true)} value={[...values]} maxTags={max} onChange={onChange} searchValue={typed} onSearchChange={setTyped}
      data={found.map(item => item.id)} filter={({ options }) => options} renderOption={({ option }) => <span>{titles.get(option.value) ?? option.value} <span className="quiet">{option.value}</span></span>} />
  )
}
