import { Alert, Button, CopyButton, Select, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import type { Role, User } from '../../api/client'
import { useChangeUser, useUsers } from '../../api/queries'
import { Consequence } from '../../components/Consequence'
import { Page } from '../../components/Page'
import { Asked, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useSigned } from '../../shell/signed'

const roles: Role[] = ['owner', 'marketer', 'analyst', 'agent', 'privacy', 'developer']

function useRoleChoices() {
  const { t } = useSpeech()
  return roles.map(role => ({ value: role, label: t.roles[role] }))
}

const isRole = (text: string | null): text is Role => roles.some(role => role === text)

/** Told this once: it is nowhere else. */
function Link({ user, close }: { user: User; close: () => void }) {
  const { t } = useSpeech()
  const link = user.invitation ? location.origin + user.invitation : ''
  return (
    <Alert color="teal" variant="outline" role="status" title={t.users.passwordOf(user.user)}>
      <div className="stack-tight">
        <p>{t.users.passwordOnce}</p>
        <pre className="code">{link}</pre>
        <div className="row">
          <CopyButton value={link}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{copied ? t.users.copied : t.users.copy}</Button>}</CopyButton>
          <Button size="xs" variant="default" onClick={close}>{t.users.passedOn}</Button>
        </div>
      </div>
    </Alert>
  )
}

function Add({ added }: { added: (user: User) => void }) {
  const { t, language } = useSpeech()
  const choices = useRoleChoices()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('marketer')
  const add = useChangeUser()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    add.mutate({ do: 'add', body: { user: name.trim(), role, locale: language } }, { onSuccess(user) { setName(''); added(user) } })
  }
  return (
    <>
      <form className="row row-end" onSubmit={submit}>
        <TextInput label={t.users.name} description={t.users.nameRule} required value={name} autoComplete="off" w={280} maw="100%" onChange={event => { setName(event.currentTarget.value) }} />
        <Select label={t.users.role} allowDeselect={false} data={choices} value={role} w={220} onChange={value => { if (isRole(value)) setRole(value) }} />
        <Button type="submit" loading={add.isPending}>{t.users.add}</Button>
      </form>
      <p className="quiet">{t.roleMeans[role]}</p>
      {add.error && <Failed error={add.error} />}
    </>
  )
}

type Step = 'reset' | 'remove'

function Row({ user, change, ask }: { user: User; change: ReturnType<typeof useChangeUser>; ask: (step: Step) => void }) {
  const { t, format } = useSpeech()
  const choices = useRoleChoices()
  const mine = useSigned().user === user.user
  return (
    <tr>
      <th scope="row">{user.user} {mine && <span className="tag tag-good">{t.users.you}</span>} {user.disabled && <span className="tag tag-wait">{t.users.disabled}</span>}
        {user.invitedUntil !== undefined && <span className="tag tag-wait">{t.users.invited(format.date(user.invitedUntil))}</span>}</th>
      <td>
        <Select size="xs" aria-label={t.users.roleOf(user.user)} allowDeselect={false} data={choices} value={user.role} disabled={mine} w={190}
          onChange={role => { if (isRole(role)) change.mutate({ do: 'edit', user: user.user, body: { role } }) }} />
      </td>
      <td>{user.workspaces.length > 0 ? user.workspaces.join(', ') : t.users.allWorkspaces}</td>
      <td>{format.day(user.created)}</td>
      <td className="actions">
        {!mine && (
          <div className="row">
            <Button size="xs" variant="default" onClick={() => { change.mutate({ do: 'edit', user: user.user, body: { disabled: !user.disabled } }) }}>{user.disabled ? t.users.enable : t.users.disable}</Button>
            <Button size="xs" variant="default" onClick={() => { ask('reset') }}>{t.users.reset}</Button>
            <Button size="xs" variant="default" onClick={() => { ask('remove') }}>{t.users.remove}</Button>
          </div>
        )}
      </td>
    </tr>
  )
}

function Table({ users, told }: { users: User[]; told: (user: User) => void }) {
  const { t } = useSpeech()
  const change = useChangeUser()
  const [asked, setAsked] = useState<{ user: string; step: Step } | null>(null)
  const act = () => {
    if (!asked) return
    const then = (user: User) => {
      if (asked.step === 'reset') told(user)
      setAsked(null)
    }
    change.mutate({ do: asked.step, user: asked.user }, { onSuccess: then })
  }
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t.users.title}>
      {change.error && !asked && <Failed error={change.error} />}
      <table className="table">
        <thead><tr><th scope="col">{t.users.user}</th><th scope="col">{t.users.role}</th><th scope="col">{t.users.workspaces}</th><th scope="col">{t.users.created}</th><th><span className="unseen">{t.settings.actions}</span></th></tr></thead>
        <tbody>{users.map(user => <Row key={user.user} user={user} change={change} ask={step => { setAsked({ user: user.user, step }) }} />)}</tbody>
      </table>
      <Consequence opened={asked !== null} title={asked?.user ?? ''} act={asked?.step === 'reset' ? t.users.reset : t.users.remove} pending={change.isPending} error={change.error}
        onAct={act} onClose={() => { change.reset(); setAsked(null) }}>
        <p>{asked?.step === 'reset' ? t.users.resetMeans : t.users.removeMeans}</p>
      </Consequence>
    </div>
  )
}

export function Users() {
  const { t } = useSpeech()
  const [told, setTold] = useState<User | null>(null)
  return (
    <Page question={t.users.question} lead={t.users.lead}>
      <section className="panel">
        <h2>{t.users.title}</h2>
        <Add added={setTold} />
        {told && <Link user={told} close={() => { setTold(null) }} />}
        <Asked query={useUsers()}>{users => <Table users={users} told={setTold} />}</Asked>
      </section>
    </Page>
  )
}
