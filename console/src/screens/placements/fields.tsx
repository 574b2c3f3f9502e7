// The fields of which the editor is made. Each shows what the server refused of it: `at` is where that stands in the placement.
import { NumberInput } from '@mantine/core'
import type { ComponentProps } from 'react'
import { useSpeech } from '../../i18n'
import { useEdited } from './editing'
import * as Plain from './plainFields'

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

export const InstantField = ({ at, ...rest }: ComponentProps<typeof Plain.InstantField> & { at: string }) => <Plain.InstantField {...rest} error={useRefusal(at)} />
export const WordsField = ({ at, ...rest }: Plain.ListProps & { at: string }) => <Plain.WordsField {...rest} error={useRefusal(at, true)} />
export const ItemsField = ({ at, ...rest }: Plain.ListProps & { at: string }) => <Plain.ItemsField {...rest} error={useRefusal(at, true)} />
