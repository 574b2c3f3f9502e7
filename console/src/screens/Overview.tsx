// What needs somebody, and the next step of whoever reads: above the live moments.
import { Link } from '@tanstack/react-router'
import { useOverview, type Overview as Told } from '../api/queries'
import { useSpeech } from '../i18n'
import { useSigned } from '../shell/signed'

type Need = Told['needs'][number]

/** The server's names of screens, as addresses. */
const screens = { placements: '/placements', catalog: '/catalogue', proof: '/proof', settings: '/settings' } as const

function Needs({ needs }: { needs: Need[] }) {
  const { t, format } = useSpeech()
  return (
    <ul className="stack-tight">
      {needs.map(({ code, severity, screen, id, count, more }) => (
        <li key={code + (id ?? '')} className="row">
          <span className={`tag ${severity === 'urgent' ? 'tag-bad' : 'tag-wait'}`}>{t.overview.severity[severity]}</span>
          <Link to={screens[screen]}>{t.overview.needs[code]}</Link>
          <span className="quiet">{[id, count === undefined ? '' : (more ? '≥ ' : '') + format.number(count)].filter(Boolean).join(' · ')}</span>
        </li>
      ))}
    </ul>
  )
}

export function Overview() {
  const { t, format } = useSpeech()
  const { role } = useSigned()
  const { data } = useOverview()
  if (!data) return null // the stream below stands by itself
  const next = data.path.next[role]
  const { people, catalog } = data
  return (
    <section className="panel" aria-label={t.overview.title}>
      <p>
        {t.overview.catalogue(format.number(catalog.items))}
        {people && ` ${t.overview.people(format.number(people.count), people.sampled)} ${t.overview.levels(format.number(people.asked), format.number(people.recognised), people.levels.map(count => format.number(count)))} `}
        {people && <span className="quiet">{t.overview.counted(format.age(people.at))}</span>}
      </p>
      {data.needs.length > 0 ? <Needs needs={data.needs} /> : <p className="quiet">{t.overview.calm}</p>}
      {next && <p><b>{t.overview.next}</b> {t.overview.goals[next]}</p>}
    </section>
  )
}
