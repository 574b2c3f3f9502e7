import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useVersion, useVersions, type Command, type Life, type VersionBrief } from '../../api/placements'
import { Asked, Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useMay } from '../../shell/signed'
import { Differences } from './Differences'
import { Raw, Told } from './Told'
import { authorOf } from './words'

interface Props { life: Life; id: string; command: (command: Command) => void; pending: boolean; error: Error | null }

function Row({ id, row, current }: { id: string; row: VersionBrief; current: boolean }) {
  const { t, format } = useSpeech()
  const { versions, where } = t.placements
  const about = row.changed.map(member => (where as Partial<Record<string, string>>)[member] ?? member).join(', ')
  return (
    <tr>
      <th scope="row" className="nowrap">{versions.version(row.version)} {current && <span className="tag tag-good">{versions.current}</span>}</th>
      <td className="nowrap">{format.date(row.published)}</td>
      <td>{authorOf(row.by, t)}</td>
      <td>{versions.changes[row.change]}{about && `${t.placements.colon}${about}`}</td>
      <td className="actions">{row.change !== 'removed' && <Link to="/placements/$id" params={{ id }} search={{ tab: 'versions', version: row.version }} aria-label={`${versions.look} ${versions.version(row.version)}`}>{versions.look}</Link>}</td>
    </tr>
  )
}

function List({ id, live }: { id: string; live: boolean }) {
  const { versions } = useSpeech().t.placements
  const query = useVersions(id)
  return (
    <section className="panel">
      <h2>{versions.title}</h2>
      <Asked query={query}>
        {({ pages }) => {
          const rows = pages.flatMap(page => page.versions)
          if (rows.length === 0 && !query.hasNextPage) return <p className="quiet">{versions.none}</p>
          return (
            <>
              <div className="scroll" tabIndex={0} role="region" aria-label={versions.title}>
                <table className="table">
                  <thead><tr><th scope="col">{versions.version(0).replace(/\s*0/, '')}</th><th scope="col">{versions.when}</th><th scope="col">{versions.who}</th><th scope="col">{versions.what}</th><th><span className="unseen">{versions.look}</span></th></tr></thead>
                  <tbody>{rows.map((row, index) => <Row key={row.version} id={id} row={row} current={live && index === 0} />)}</tbody>
                </table>
              </div>
              {query.hasNextPage && <div><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{versions.more}</Button></div>}
            </>
          )
        }}
      </Asked>
    </section>
  )
}

function One({ life, id, version, command, pending, error }: Props & { version: number }) {
  const { t, format } = useSpeech()
  const { versions, diff } = t.placements
  const mayChange = useMay('placements:write')
  const live = life.state.placement
  return (
    <Asked query={useVersion(id, version)}>
      {one => (
        <>
          <p className="row"><Link to="/placements/$id" params={{ id }} search={{ tab: 'versions' }}>{versions.back}</Link></p>
          <section className="panel">
            <h2>{versions.version(one.version)}</h2>
            <p className="quiet">{format.date(one.published)} · {authorOf(one.by, t)}</p>
            {live && <><h3>{diff.toNow}</h3><Differences before={{ ...live, stopped: false }} now={{ ...one.placement, stopped: false }} none={diff.same} /></>}
            {error && <Failed error={error} />}
            {mayChange && <div><Button loading={pending} onClick={() => { command({ do: 'rollback', version: one.version }) }}>{versions.rollback}</Button></div>}
          </section>
          <h2>{versions.asItWas}</h2>
          <Told placement={one.placement} />
          <Raw placement={one.placement} />
        </>
      )}
    </Asked>
  )
}

export function Versions(props: Props & { version: number | undefined }) {
  const { version, ...rest } = props
  if (version !== undefined) return <One {...rest} version={version} />
  return <List id={props.id} live={props.life.state.placement !== null} />
}
