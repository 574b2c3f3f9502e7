// La visite guidée : vis-à-vis.
import type { tour as english } from '../en/tour'

const ladder: typeof english.ladder = {
  0: { name: 'Sans accord', means: 'Personne n’est reconnu\u202f: seuls la page, l’heure et le panier décident.' },
  1: { name: 'Niveau 1\u202f: un appareil', means: 'Un numéro de visiteur et une page vue. Rien encore sur quoi s’appuyer.' },
  2: { name: 'Niveau 2\u202f: un nom', means: 'Un compte avec un nom et une ville, et toujours une seule page vue.' },
  3: { name: 'Niveau 3\u202f: ce qu’on regarde', means: 'Le même compte, et cinq semaines de visites.' },
  4: { name: 'Niveau 4\u202f: en tête à tête', means: 'Tout\u202f: ce qui a été vu, mis au panier et acheté.' },
}
const short: typeof english.short = { 0: 'sans accord', 1: 'niveau 1', 2: 'niveau 2', 3: 'niveau 3', 4: 'niveau 4' }

const attitudes: Partial<Record<string, string>> = {
  persuadable: 'achète grâce à une remise', sure_thing: 'achèterait de toute façon', lost_cause: 'n’achète guère, à aucun prix', put_off: 'se méfie des remises',
}

export const tour: typeof english = {
  question: 'Que devient la même page pour quelqu’un d’autre\u202f?',
  lead: 'À gauche, la boutique est la vôtre. À droite, une personne simulée vous suit de page en page. Entre vous\u202f: ce qui a été décidé pour chacun, et pourquoi.',
  link: 'La voir pour deux personnes à la fois',
  you: 'Vous',
  them: (name, city) => `${name}, ${city} (simulation)`,
  person: 'En face de vous',
  level: 'Ce que la boutique en sait',
  ladder,
  short,
  frameYou: 'La boutique de démonstration, vue par vous',
  frameThem: name => `La boutique de démonstration, vue par ${name}`,
  moments: 'Décidé',
  momentsNone: 'Cliquez dans votre boutique\u202f: ce qui est décidé pour vous deux arrive ici.',
  why: 'Pourquoi\u202f?',
  empty: 'Rien de nous n’a été montré.',
  truth: name => `Ce que ${name} aime vraiment, et ce que la boutique a appris`,
  truthLead: 'Les personnes simulées ont des goûts dont la boutique ne sait rien. Elle voit ce qu’elles font, et devine.',
  learned: 'Appris',
  real: 'Vrai',
  nothingLearned: 'Rien encore\u202f: à ce niveau, la boutique n’a rien vu d’elle.',
  liked: 'vrai',
  disliked: 'faux',
  unknown: 'ni très aimé, ni très peu',
  known: 'appris',
  secret: 'pas appris',
  facts: (attitude, visits) => `Également caché\u202f: ${attitudes[attitude] ?? attitude}\u202f; vient ${visits} fois par semaine.`,
  nobody: 'Personne n’est simulé dans cette boutique',
  nobodyNext: 'Le vis-à-vis montre la boutique de démonstration\u202f: make run, ou visavis demo --data DIR.',
  notYours: 'Cette page montre les données d’une personne, que votre rôle ne peut pas lire',
  notYoursNext: 'Un propriétaire peut vous donner un autre rôle, dans les Réglages.',
}
