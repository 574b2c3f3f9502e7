// Proof: what placements earn.
type Verdict = 'not_measured' | 'nobody' | 'no_holdout' | 'split_wrong' | 'too_early' | 'no_effect' | 'better' | 'worse'

const verdict: Record<Verdict, string> = {
  not_measured: 'Not measured', nobody: 'Nobody yet', no_holdout: 'No hold-out', split_wrong: 'The split is wrong', too_early: 'Too early to tell',
  no_effect: 'No effect seen', better: 'Earns more', worse: 'Earns less',
}

export const proof = {
  question: 'What does it earn, and how sure is that?',
  lead: 'Each placement beside its hold-out. Intervals stay valid however often one looks.',
  all: 'All placements',
  verdict,
  between: (low: string, high: string) => `between ${low} and ${high}, at 95 %`,
  missing: (count: string) => `About ${count} more visitors are missing to tell.`,
  splitOk: 'The split between both sides is right.',
  splitWrong: 'The split between both sides is wrong: first find out why.',
  arms: 'What was counted',
  arm: 'Side',
  chosen: 'Chosen',
  holdout: 'Hold-out',
  people: 'People',
  outcomes: 'Outcomes',
  mean: 'Per person',
}
