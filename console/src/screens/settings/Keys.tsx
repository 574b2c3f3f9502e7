// Which programs may talk to this shop: made, bound to origins, revoked.
import { Alert, Button, Checkbox, Modal, Select, Textarea, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import { useChangeKey, useKeys, type Key, type KeyWish } from '../../api/settings'
import { Consequence } from '../../components/Consequence'
import { CopyText } from '../../components/CopyText'
import { Page } from '../../components/Page'
import { Asked, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useSigned } from '../../shell/signed'

type Kind = 'page' | 'server' | 'secret'
const kinds: Kind[] = ['page', 'server', 'secret']
const isKind = (text: string | null): text is Kind => kinds.some(kind => kind === text)
const lives = [0, 30, 90, 365]

export const linesOf = (text: string) => text.split('\n').map(line => line.trim()).filter(line => line !== '')
const nameOf = (key: Key) => key.name || key.id

/** What a maker may give: what he may do himself, and what any write key may. */
function useGivable() {
  const session = useSigned()
  return [...new Set(['events:write', 'decide', ...session.scopes])].filter(scope => scope !== 'users:write')
}

function wishOf(kind: Kind, name: string, origins: string, scopes: string[], days: number): KeyWish {
  const wish: KeyWish = { kind: kind === 'secret' ? 'secret' : 'write', name: name.trim() }
  if (kind === 'page') wish.origins = linesOf(origins)
  if (kind === 'secret') wish.scopes = scopes
  if (days > 0) wish.expiresInDays = days
  return wish
}

function Make({ made }: { made: (key: Key) => void }) {
  const { t } = useSpeech()
  const givable = useGivable()
  const [kind, setKind] = useState<Kind>('page')
  const [name, setName] = useState('')
  const [origins, setOrigins] = useState('')
  const [scopes, setScopes] = useState<string[]>([])
  const [days, setDays] = useState(0)
  const change = useChangeKey()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const then = (key: Key) => {
      setName('')
      setOrigins('')
      setScopes([])
      made(key)
    }
    change.mutate({ do: 'add', body: wishOf(kind, name, origins, scopes, days) }, { onSuccess: then })
  }
  const ready = kind === 'server' || (kind === 'page' ? linesOf(origins).length > 0 : scopes.length > 0)
  return (
    <section className="panel">
      <h2>{t.apiKeys.new}</h2>
      <form className="stack" onSubmit={submit}>
        <div className="row row-end">
          <TextInput label={t.apiKeys.name} placeholder={t.apiKeys.nameHint} value={name} maxLength={80} w={280} maw="100%" onChange={event => { setName(event.currentTarget.value) }} />
          <Select label={t.apiKeys.kind} allowDeselect={false} data={kinds.map(value => ({ value, label: t.apiKeys.kinds[value] }))} value={kind} w={290} maw="100%" onChange={value => { if (isKind(value)) setKind(value) }} />
          <Select label={t.apiKeys.ends} allowDeselect={false} data={lives.map(value => ({ value: String(value), label: value ? t.apiKeys.days(value) : t.apiKeys.never }))} value={String(days)} w={160} onChange={value => { setDays(Number(value)) }} />
        </div>
        <p className="quiet">{t.apiKeys.kindMeans[kind]}</p>
        {kind === 'page' && (
          <Textarea label={t.apiKeys.origins} description={t.apiKeys.originsHint} value={origins} autosize minRows={2} maw={480} onChange={event => { setOrigins(event.currentTarget.value) }} />
        )}
        {kind === 'secret' && (
          <Checkbox.Group label={t.apiKeys.scopes} value={scopes} onChange={setScopes}>
            <div className="choices">{givable.map(scope => <Checkbox key={scope} value={scope} label={t.apiKeys.scopeNames[scope] ?? scope} />)}</div>
          </Checkbox.Group>
        )}
        {change.error && <Failed error={change.error} />}
        <div><Button type="submit" loading={change.isPending} disabled={!ready}>{t.apiKeys.make}</Button></div>
      </form>
    </section>
  )
}

function Told({ made, close }: { made: Key; close: () => void }) {
  const { t } = useSpeech()
  return (
    <Alert color="teal" variant="outline" role="status" title={t.apiKeys.once(made.name)}>
      <div className="stack-tight">
        {made.origins.length === 0 && <p>{t.apiKeys.onceMeans}</p>}
        <CopyText text={made.text ?? ''} label={t.apiKeys.once(made.name)} />
        <div><Button size="xs" variant="default" onClick={close}>{t.users.passedOn}</Button></div>
      </div>
    </Alert>
  )
}

/** What it was bound to before, for as long as the page stands: the way back. */
function Origins({ edited, done }: { edited: Key; done: (before: string[] | null) => void }) {
  const { t } = useSpeech()
  const [text, setText] = useState(edited.origins.join('\n'))
  const change = useChangeKey()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    change.mutate({ do: 'edit', id: edited.id, body: { origins: linesOf(text) } }, { onSuccess: () => { done(edited.origins) } })
  }
  return (
    <Modal opened onClose={() => { done(null) }} title={t.apiKeys.changeTitle(nameOf(edited))} closeButtonProps={{ 'aria-label': t.close }}>
      <form className="stack" onSubmit={submit}>
        <Textarea label={t.apiKeys.origins} description={t.apiKeys.originsHint} value={text} autosize minRows={3} data-autofocus onChange={event => { setText(event.currentTarget.value) }} />
        {change.error && <Failed error={change.error} />}
        <div className="row">
          <Button variant="default" onClick={() => { done(null) }}>{t.keep}</Button>
          <Button type="submit" loading={change.isPending} disabled={linesOf(text).length === 0}>{t.apiKeys.save}</Button>
        </div>
      </form>
    </Modal>
  )
}

function Row({ row, since, edit, revoke }: { row: Key; since: string; edit: () => void; revoke: () => void }) {
  const { t, format } = useSpeech()
  const kind: Kind = row.kind === 'secret' ? 'secret' : row.origins.length > 0 ? 'page' : 'server'
  return (
    <tr>
      <th scope="row">
        {nameOf(row)} {!row.lives && <span className="tag tag-bad">{row.revoked ? t.apiKeys.revoked : t.apiKeys.ended}</span>}
        <br /><span className="quiet">{row.hint}…</span>
      </th>
      <td>
        {t.apiKeys.kinds[kind]}
        <br /><span className="quiet">{kind === 'secret' ? row.scopes.map(scope => t.apiKeys.scopeNames[scope] ?? scope).join(', ') : kind === 'page' ? row.origins.join(', ') : t.apiKeys.everywhere}</span>
      </td>
      <td>{row.lastUsed ? format.age(row.lastUsed) : <span className="quiet">{t.apiKeys.notUsed(format.age(since))}</span>}</td>
      <td>
        {row.created && format.day(row.created)}
        <br /><span className="quiet">{row.madeBy && t.apiKeys.by(row.madeBy.replace(/^user:/, ''))} {row.expires && row.lives && t.apiKeys.until(format.day(row.expires))}</span>
      </td>
      <td className="actions">
        {row.lives && (
          <div className="row">
            {row.kind === 'write' && <Button size="xs" variant="default" onClick={edit}>{t.apiKeys.change}</Button>}
            <Button size="xs" variant="default" onClick={revoke}>{t.apiKeys.revoke}</Button>
          </div>
        )}
      </td>
    </tr>
  )
}

function Undo({ id, before, done }: { id: string; before: string[]; done: () => void }) {
  const { t } = useSpeech()
  const change = useChangeKey()
  return (
    <Alert color="teal" variant="outline" role="status">
      <div className="row">
        <span>{t.apiKeys.changed}</span>
        {before.length > 0 && <Button size="xs" variant="default" loading={change.isPending} onClick={() => { change.mutate({ do: 'edit', id, body: { origins: before } }, { onSuccess: done }) }}>{t.apiKeys.undo}</Button>}
      </div>
    </Alert>
  )
}

function List({ keys, since }: { keys: Key[]; since: string }) {
  const { t, format } = useSpeech()
  const [all, setAll] = useState(false)
  const [edited, setEdited] = useState<Key | null>(null)
  const [undo, setUndo] = useState<{ id: string; before: string[] } | null>(null)
  const [revoked, setRevoked] = useState<Key | null>(null)
  const change = useChangeKey()
  const gone = keys.filter(key => !key.lives).length
  const close = () => {
    change.reset()
    setRevoked(null)
  }
  return (
    <section className="panel">
      <h2>{t.apiKeys.list}</h2>
      {undo && <Undo {...undo} done={() => { setUndo(null) }} />}
      <div className="scroll" tabIndex={0} role="region" aria-label={t.apiKeys.list}>
        <table className="table">
          <thead><tr><th scope="col">{t.apiKeys.key}</th><th scope="col">{t.apiKeys.may}</th><th scope="col">{t.apiKeys.used}</th><th scope="col">{t.apiKeys.made}</th><th><span className="unseen">{t.settings.actions}</span></th></tr></thead>
          <tbody>{keys.filter(key => all || key.lives).map(key => <Row key={key.id} row={key} since={since} edit={() => { setEdited(key) }} revoke={() => { setRevoked(key) }} />)}</tbody>
        </table>
      </div>
      {gone > 0 && !all && <div><Button size="xs" variant="default" onClick={() => { setAll(true) }}>{t.apiKeys.showRevoked(gone)}</Button></div>}
      {edited && <Origins edited={edited} done={before => { setUndo(before && { id: edited.id, before }); setEdited(null) }} />}
      <Consequence opened={revoked !== null} title={revoked ? t.apiKeys.revokeTitle(nameOf(revoked)) : ''} act={t.apiKeys.revoke} pending={change.isPending} error={change.error}
        onAct={() => { if (revoked) change.mutate({ do: 'revoke', id: revoked.id }, { onSuccess: close }) }} onClose={close}>
        <p>{t.apiKeys.revokeMeans}</p>
        {revoked?.lastUsed && <p>{t.apiKeys.revokeUsed(format.age(revoked.lastUsed))}</p>}
      </Consequence>
    </section>
  )
}

export function Keys() {
  const { t } = useSpeech()
  const [made, setMade] = useState<Key | null>(null)
  return (
    <Page question={t.apiKeys.question} lead={t.apiKeys.lead}>
      {made && <Told made={made} close={() => { setMade(null) }} />}
      <Asked query={useKeys()}>{({ keys, usedSince }) => <List keys={keys} since={usedSince} />}</Asked>
      <Make made={setMade} />
    </Page>
  )
}
