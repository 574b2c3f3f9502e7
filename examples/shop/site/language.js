// Runs before anything else of the page, so that the banner speaks the page's language too.
document.documentElement.lang = new URLSearchParams(location.search).get('lang') === 'en' ? 'en' : 'fr'
