import type { Texts } from '..'

export const proof: Texts['proof'] = {
  question: 'Qu’est-ce que cela rapporte, et à quel point est-ce sûr ?',
  lead: 'Chaque emplacement à côté de son groupe témoin. Les marges restent justes, aussi souvent que l’on regarde.',
  all: 'Tous les emplacements',
  verdict: {
    not_measured: 'Non mesuré', nobody: 'Encore personne', no_holdout: 'Pas de groupe témoin', split_wrong: 'Le partage est faux', too_early: 'Trop tôt pour le dire',
    no_effect: 'Pas d’effet visible', better: 'Rapporte plus', worse: 'Rapporte moins',
  },
  between: (low, high) => `entre ${low} et ${high}, à 95 %`,
  missing: count => `Il manque environ ${count} visiteurs pour le dire.`,
  splitOk: 'Le partage entre les deux côtés est juste.',
  splitWrong: 'Le partage entre les deux côtés est faux : cherchez d’abord pourquoi.',
  arms: 'Ce qui a été compté',
  arm: 'Côté',
  chosen: 'Choisi',
  holdout: 'Groupe témoin',
  people: 'Personnes',
  outcomes: 'Résultats',
  mean: 'Par personne',
}
