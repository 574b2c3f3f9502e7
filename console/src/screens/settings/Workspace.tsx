// A shop's settings. What is typed stays in this browser until it is saved.
import { Alert, Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import { useChangeSettings, useShopSettings, type SettingsChange, type ShopSettings } from '../../api/settings'
import { Page } from '../../components/Page'
import { Asked, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { linesOf } from './Keys'

interface Draft { timezone: string; currency: string; locale: 'fr' | 'en'; cmp: boolean; categories: string; map: string }

const draftOf = (settings: ShopSettings): Draft => ({
  timezone: settings.timezone,
  currency: settings.currency,
  locale: settings.locale,
  cmp: settings.cmpFiltersBefore,
  categories: Object.entries(settings.consentCategories).map(([name, purposes]) => `${name} = ${purposes.join(', ')}`).join('\n'),
  map: Object.entries(settings.categoryMap).map(([from, to]) => `${from} = ${to}`).join('\n'),
})

/** The first line that is no pair, or the pairs. */
function pairsOf(text: string): string | [string, string][] {
  const pairs: [string, string][] = []
  for (const line of linesOf(text)) {
    const at = line.indexOf('=')
    const [name, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    if (at < 1 || name === '' || value === '') return line
    pairs.push([name, value])
  }
  return pairs
}

const wordsOf = (text: string) => text.split(',').map(word => word.trim()).filter(word => word !== '')
const wrongLine = (pairs: ReturnType<typeof pairsOf>) => (typeof pairs === 'string' ? pairs : null)

function changeOf(draft: Draft, categories: [string, string][], map: [string, string][]): SettingsChange {
  return {
    timezone: draft.timezone.trim(), currency: draft.currency.trim().toUpperCase(), locale: draft.locale, cmpFiltersBefore: draft.cmp,
    consentCategories: Object.fromEntries(categories.map(([name, purposes]) => [name, wordsOf(purposes)])), categoryMap: Object.fromEntries(map),
  }
}

/** What was typed and not saved, also after the tab was closed. */
function useDraft(settings: ShopSettings) {
  const place = `visavis.draft.settings.${settings.workspace}`
  const saved = draftOf(settings)
  const [draft, setDraft] = useState<Draft>(() => ({ ...saved, ...JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<Draft> }))
  const keep = (change: Partial<Draft>) => {
    const next = { ...draft, ...change }
    setDraft(next)
    localStorage.setItem(place, JSON.stringify(next))
  }
  const drop = (next: Draft) => {
    localStorage.removeItem(place)
    setDraft(next)
  }
  return { draft, keep, drop, dirty: JSON.stringify(draft) !== JSON.stringify(saved), saved }
}

function Form({ settings }: { settings: ShopSettings }) {
  const { t } = useSpeech()
  const { draft, keep, drop, dirty, saved } = useDraft(settings)
  const [before, setBefore] = useState<Draft | null>(null)
  const change = useChangeSettings()
  const categories = pairsOf(draft.categories)
  const map = pairsOf(draft.map)
  const write = (wanted: Draft, undo: Draft | null) => {
    const [pairs, moves] = [pairsOf(wanted.categories), pairsOf(wanted.map)]
    if (typeof pairs === 'string' || typeof moves === 'string') return
    change.mutate(changeOf(wanted, pairs, moves), { onSuccess(now) { drop(draftOf(now)); setBefore(undo) } })
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    write(draft, saved)
  }
  const wrong = (pairs: typeof map) => { const line = wrongLine(pairs); return line === null ? null : t.workspace.lineWrong(line) }
  return (
    <form className="stack panel" onSubmit={submit}>
      <div className="row row-top">
        <TextInput label={t.workspace.timezone} description={t.workspace.timezoneHint} required value={draft.timezone} w={340} maw="100%" onChange={event => { keep({ timezone: event.currentTarget.value }) }} />
        <TextInput label={t.workspace.currency} description={t.workspace.currencyHint} required maxLength={3} value={draft.currency} w={340} maw="100%" onChange={event => { keep({ currency: event.currentTarget.value }) }} />
      </div>
      <Select label={t.workspace.locale} allowDeselect={false} data={[{ value: 'fr', label: 'Français' }, { value: 'en', label: 'English' }]} value={draft.locale} maw={340} onChange={locale => { if (locale === 'fr' || locale === 'en') keep({ locale }) }} />
      <Textarea label={t.workspace.categories} description={t.workspace.categoriesHint} autosize minRows={2} maw={680} value={draft.categories} error={wrong(categories)} onChange={event => { keep({ categories: event.currentTarget.value }) }} />
      <Textarea label={t.workspace.map} description={t.workspace.mapHint} autosize minRows={2} maw={680} value={draft.map} error={wrong(map)} onChange={event => { keep({ map: event.currentTarget.value }) }} />
      <Checkbox label={t.workspace.cmp} description={t.workspace.cmpHint} checked={draft.cmp} onChange={event => { keep({ cmp: event.currentTarget.checked }) }} />
      {change.error && <Failed error={change.error} />}
      {before && !dirty && (
        <Alert color="teal" variant="outline" role="status">
          <div className="row"><span>{t.workspace.saved}</span><Button size="xs" variant="default" onClick={() => { write(before, null) }}>{t.workspace.undo}</Button></div>
        </Alert>
      )}
      <div className="row">
        <Button type="submit" loading={change.isPending} disabled={!dirty || wrongLine(categories) !== null || wrongLine(map) !== null}>{t.workspace.save}</Button>
        {dirty && <><Button variant="default" onClick={() => { change.reset(); drop(saved) }}>{t.workspace.discard}</Button><span className="quiet">{t.workspace.unsaved}</span></>}
      </div>
    </form>
  )
}

function Keeps({ keeps }: { keeps: ShopSettings['keeps'] }) {
  const { t } = useSpeech()
  const names = ['decisionDays', 'refusedDays', 'priceDays'] as const
  return (
    <section className="panel">
      <h2>{t.workspace.keeps}</h2>
      <p className="quiet">{t.workspace.keepsLead}</p>
      <dl className="facts">
        {names.map(name => <div key={name} className="facts-row"><dt>{t.workspace.keepsNames[name]}</dt><dd>{t.workspace.days(keeps[name])}</dd></div>)}
        <div className="facts-row"><dt>{t.workspace.events}</dt><dd>{t.workspace.eventsKept}</dd></div>
      </dl>
    </section>
  )
}

export function Workspace() {
  const { t } = useSpeech()
  const settings = useShopSettings()
  return (
    <Page question={t.workspace.question} lead={settings.data && t.workspace.lead(settings.data.workspace)}>
      <Asked query={settings}>{found => <><Form key={found.workspace} settings={found} /><Keeps keeps={found.keeps} /></>}</Asked>
    </Page>
  )
}
