import type { Placement } from '../../api/shapes'
import { useSpeech } from '../../i18n'
import { differences, type Difference } from './differences'

const tones: Record<Difference['kind'], string> = { new: 'tag-good', gone: 'tag-bad', changed: 'tag-wait' }

/** From one version to another, in sentences. */
export function Differences({ before, now, none }: { before: Placement; now: Placement; none: string }) {
  const { t, format } = useSpeech()
  const { diff } = t.placements
  const told = differences(before, now, t, format)
  if (told.length === 0) return <p className="quiet">{none}</p>
  return (
    <ul className="differences">
      {told.map(({ kind, where, before: was, now: is }, index) => (
        <li key={index}>
          <p><b>{where}</b> <span className={`tag ${tones[kind]}`}>{diff.kinds[kind]}</span></p>
          {was && <p className="quiet">{kind === 'changed' && `${diff.before} `}<del>{was}</del></p>}
          {is && <p>{kind === 'changed' && was && <span className="quiet">{diff.now} </span>}{kind === 'gone' ? is : <ins>{is}</ins>}</p>}
        </li>
      ))}
    </ul>
  )
}
