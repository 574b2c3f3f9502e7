// A feed's settings: where it is, how often, what it holds, which column is which field; and what they were before.
import { Button, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import { useFeedVersions, usePutFeed } from '../../api/catalogue'
import { feedFormats, type Feed, type FeedSettings } from '../../api/shapes'
import { Asked, Failed } from '../../components/Said'
import { useDraft } from '../../components/useDraft'
import { useSpeech } from '../../i18n'
import { Mapping } from './Mapping'

const often = [0, 15, 60, 360, 1440] as const

export const settingsOf = ({ url, mode, format, everyMinutes, paused, holdPercent, locale, map }: FeedSettings): FeedSettings =>
  ({ url, mode, format, everyMinutes, paused, holdPercent, ...(locale && { locale }), map })

const fresh: FeedSettings = { url: '', mode: 'full', format: 'auto', everyMinutes: 360, paused: false, holdPercent: 30, map: {} }

/** What was before, newest first; each can be taken back, which is a change like any other. */
function Versions({ feed, take }: { feed: Feed; take: (settings: FeedSettings) => void }) {
  const { t, format } = useSpeech()
  return (
    <Asked query={useFeedVersions(feed.id)}>
      {({ versions }) => versions.length === 0 ? <p className="quiet">{t.catalogue.noVersion}</p> : (
        <ol className="stack-tight">
          {versions.map(({ until, by, settings }) => (
            <li key={until} className="row version">
              <span><b>{t.catalogue.until(format.date(until))}</b> <span className="quiet">{t.catalogue.changedBy(by)}</span><br />
                <span className="quiet">{settings.url} · {t.catalogue.everyMinutes(settings.everyMinutes)} · {t.catalogue.modeShort[settings.mode]}</span></span>
              <Button size="xs" variant="default" onClick={() => { take(settings) }}>{t.catalogue.restore}</Button>
            </li>
          ))}
        </ol>
      )}
    </Asked>
  )
}

export function FeedForm({ feed, done }: { feed?: Feed; done: () => void }) {
  const { t } = useSpeech()
  const begin = { id: feed?.id ?? '', ...(feed ? settingsOf(feed) : fresh) }
  const { draft, change, drop } = useDraft(`feed.${feed?.id ?? 'new'}`, begin)
  const [mapping, setMapping] = useState(Object.keys(begin.map).length > 0)
  const put = usePutFeed()
  const save = (settings: FeedSettings) => { put.mutate({ id: draft.id.trim(), settings: settingsOf(settings) }, { onSuccess: () => { drop(); done() } }) }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    save(draft)
  }
  const choices = often.some(minutes => minutes === draft.everyMinutes) ? [...often] : [...often, draft.everyMinutes]
  return (
    <form className="stack" onSubmit={submit}>
      {!feed && <TextInput label={t.catalogue.feedName} description={t.catalogue.feedNameRule} required pattern="[A-Za-z0-9_\-][A-Za-z0-9._\-]*" maxLength={64} value={draft.id} maw={320} onChange={event => { change({ id: event.currentTarget.value }) }} />}
      <TextInput label={t.catalogue.url} description={t.catalogue.urlRule} required type="url" value={draft.url} onChange={event => { change({ url: event.currentTarget.value }) }} />
      <div className="row row-end">
        <NativeSelect label={t.catalogue.mode} value={draft.mode} onChange={event => { change({ mode: event.currentTarget.value === 'full' ? 'full' : 'delta' }) }}
          data={[{ value: 'full', label: t.catalogue.modeShort.full }, { value: 'delta', label: t.catalogue.modeShort.delta }]} />
        <NativeSelect label={t.catalogue.often} value={String(draft.everyMinutes)} onChange={event => { change({ everyMinutes: Number(event.currentTarget.value) }) }}
          data={choices.map(minutes => ({ value: String(minutes), label: t.catalogue.everyMinutes(minutes) }))} />
        <NativeSelect label={t.catalogue.format} value={draft.format} onChange={event => { change({ format: feedFormats.find(name => name === event.currentTarget.value) ?? 'auto' }) }}
          data={feedFormats.map(name => ({ value: name, label: name === 'auto' ? t.catalogue.formatFound : name.toUpperCase() }))} />
        <TextInput label={t.catalogue.locale} description={t.catalogue.localeRule} value={draft.locale ?? ''} w={160} maxLength={35} onChange={event => { change({ locale: event.currentTarget.value }) }} />
      </div>
      {draft.mode === 'full' && <NumberInput label={t.catalogue.hold} description={t.catalogue.holdRule} min={0} max={100} suffix=" %" value={draft.holdPercent} maw={320} hideControls onChange={value => { change({ holdPercent: Number(value) }) }} />}
      <Switch label={t.catalogue.pause} checked={draft.paused} onChange={event => { change({ paused: event.currentTarget.checked }) }} />
      {mapping ? <Mapping map={draft.map} change={map => { change({ map }) }} /> : <div><Button size="xs" variant="default" onClick={() => { setMapping(true) }}>{t.catalogue.mapping}</Button></div>}
      {put.error && <Failed error={put.error} />}
      <div className="row">
        <Button type="submit" loading={put.isPending}>{t.catalogue.save}</Button>
        <Button variant="default" onClick={() => { drop(); done() }}>{t.keep}</Button>
      </div>
      {feed && <details><summary>{t.catalogue.versions}</summary><Versions feed={feed} take={save} /></details>}
    </form>
  )
}
