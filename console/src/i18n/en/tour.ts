// The tour: vis-à-vis.
const ladder: Record<0 | 1 | 2 | 3 | 4, { name: string; means: string }> = {
  0: { name: 'Without consent', means: 'Nobody is recognised: the page, its hour and the basket alone decide.' },
  1: { name: 'Level 1: a device', means: 'A visitor number and one page seen: nothing to go by yet.' },
  2: { name: 'Level 2: a name', means: 'An account with a name and a town, and still one page seen.' },
  3: { name: 'Level 3: what they look at', means: 'The same account, and five weeks of looking around.' },
  4: { name: 'Level 4: one to one', means: 'All of it: what they looked at, put in the basket and bought.' },
}
const short: Record<0 | 1 | 2 | 3 | 4, string> = { 0: 'without consent', 1: 'level 1', 2: 'level 2', 3: 'level 3', 4: 'level 4' }

const attitudes: Partial<Record<string, string>> = {
  persuadable: 'buys because of a discount', sure_thing: 'would buy anyway', lost_cause: 'hardly buys, whatever the price', put_off: 'mistrusts discounts',
}

export const tour = {
  question: 'What does the same page become for somebody else?',
  lead: 'On the left the shop is yours. On the right somebody simulated follows you from page to page. Between you: what was decided for each, and why.',
  link: 'See it for two people at once',
  you: 'You',
  them: (name: string, city: string) => `${name}, ${city} (simulated)`,
  person: 'Beside you',
  level: 'How well the shop knows them',
  ladder,
  short,
  frameYou: 'The demo shop, as you',
  frameThem: (name: string) => `The demo shop, as ${name}`,
  moments: 'Decided',
  momentsNone: 'Click something in your shop: what is decided for both of you arrives here.',
  why: 'Why?',
  empty: 'Nothing of ours was shown.',
  truth: (name: string) => `What ${name} really likes, and what the shop has learned`,
  truthLead: 'Simulated people have tastes of which the shop is told nothing. It sees what they do, and guesses.',
  learned: 'Learned',
  real: 'True',
  nothingLearned: 'Nothing yet: at this level the shop has seen nothing of them.',
  liked: 'true',
  disliked: 'wrong',
  unknown: 'neither liked nor disliked much',
  known: 'learned',
  secret: 'not learned',
  facts: (attitude: string, visits: string) => `Also hidden: ${attitudes[attitude] ?? attitude}; comes ${visits} times a week.`,
  nobody: 'Nobody is simulated in this shop',
  nobodyNext: 'Vis-à-vis shows the demo shop: make run, or visavis demo --data DIR.',
  notYours: 'This page shows one person’s data, which your role may not read',
  notYoursNext: 'An owner can give you another role, in Settings.',
}
