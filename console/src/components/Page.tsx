import { useEffect, type ReactNode } from 'react'

interface Props { question: string; lead?: ReactNode; action?: ReactNode; children: ReactNode }

/** Each page begins with the question it answers and has one primary action. */
export function Page({ question, lead, action, children }: Props) {
  useEffect(() => { document.title = `${question} · Visavis` }, [question])
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1 tabIndex={-1}>{question}</h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {action && <div className="row">{action}</div>}
      </div>
      {children}
    </div>
  )
}
