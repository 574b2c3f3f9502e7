import { useSpeech } from '../i18n'

interface Props { value: number; low: number; high: number; told: (value: number) => string }

/** An effect as a dot in its band, beside the zero line; the words say the same. */
export function Interval({ value, low, high, told }: Props) {
  const { t } = useSpeech()
  const [min, max] = [Math.min(low, 0), Math.max(high, 0)]
  const margin = (max - min || 1) * 0.06
  const x = (at: number) => (100 * (at - min + margin)) / (max - min + 2 * margin)
  const kind = low > 0 ? '' : high < 0 ? 'loss' : 'open'
  return (
    <figure>
      <p><b>{told(value)}</b> <span className="quiet">{t.proof.between(told(low), told(high))}</span></p>
      <svg className={`interval ${kind}`} aria-hidden="true">
        <line className="axis" x1="0" x2="100%" y1="14" y2="14" />
        <rect className="band" x={`${String(x(low))}%`} width={`${String(x(high) - x(low))}%`} y="8" height="12" rx="4" />
        <line className="zero" x1={`${String(x(0))}%`} x2={`${String(x(0))}%`} y1="2" y2="26" />
        <circle className="dot" cx={`${String(x(value))}%`} cy="14" r="4" />
      </svg>
    </figure>
  )
}
