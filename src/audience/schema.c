#include "audience/schema.h"

#include <assert.h>

#define WORDS(english, french)                                                                     \
    {                                                                                              \
        [LOCALE_EN] = (english), [LOCALE_FR] = (french)                                            \
    }
#define FACT(path, type, english, french)                                                          \
    {                                                                                              \
        path, type, WORDS(english, french), NULL                                                   \
    }
#define CHOICE(path, choices, english, french)                                                     \
    {                                                                                              \
        path, TYPE_TEXT, WORDS(english, french), choices                                           \
    }

static const struct schema_fact facts[] = {
    /* who */
    FACT("profile.age", TYPE_NUMBER, "age", "l’âge"),
    FACT("profile.birthday", TYPE_DAY, "date of birth", "la date de naissance"),
    FACT("profile.gender", TYPE_ANY, "gender", "le sexe"),
    FACT("profile.*", TYPE_ANY, "“%s”", "l’information «\u00a0%s\u00a0»"),
    FACT("place.country", TYPE_TEXT, "country", "le pays"),
    FACT("place.region", TYPE_TEXT, "region", "la région"),
    FACT("place.city", TYPE_TEXT, "city", "la ville"),
    FACT("place.postcode", TYPE_TEXT, "postcode", "le code postal"),
    FACT("identifier.*", TYPE_BOOLEAN, "an identifier “%s” is there",
         "un identifiant «\u00a0%s\u00a0» est là"),
    FACT("consent.*", TYPE_BOOLEAN, "“%s” is agreed to",
         "l’accord pour «\u00a0%s\u00a0» est donné"),
    FACT("level", TYPE_NUMBER, "level", "le niveau de connaissance"),
    FACT("robot", TYPE_BOOLEAN, "it is a robot", "c’est un robot"),
    /* what they are to us */
    FACT("audience", TYPE_LIST, "audiences", "les audiences"),
    FACT("persona", TYPE_TEXT, "persona", "le persona"),
    FACT("stage", TYPE_TEXT, "stage of the journey", "l’étape du parcours"),
    FACT("score.*", TYPE_NUMBER, "score “%s”", "le score «\u00a0%s\u00a0»"),
    FACT("affinity.*", TYPE_LIST, "interests in “%s”", "les goûts en «\u00a0%s\u00a0»"),
    FACT("size.*", TYPE_TEXT, "size “%s”", "la taille «\u00a0%s\u00a0»"),
    FACT("basket.value", TYPE_NUMBER, "value of the basket", "le montant du panier"),
    FACT("basket.count", TYPE_NUMBER, "number of items in the basket",
         "le nombre d’articles au panier"),
    FACT("basket.items", TYPE_LIST, "items in the basket", "les articles du panier"),
    FACT("orders.count", TYPE_NUMBER, "number of orders", "le nombre de commandes"),
    FACT("orders.value", TYPE_NUMBER, "value of all orders", "le montant des commandes"),
    FACT("sessions.count", TYPE_NUMBER, "number of visits", "le nombre de visites"),
    /* this visit */
    FACT("session.first", TYPE_BOOLEAN, "it is the first visit", "c’est la première visite"),
    FACT("session.events", TYPE_NUMBER, "events of this visit", "le nombre d’actions de la visite"),
    FACT("session.minutes", TYPE_NUMBER, "minutes of this visit",
         "la durée de la visite, en minutes"),
    CHOICE("page.type", "home category product search cart checkout account content other",
           "type of the page", "le type de page"),
    FACT("page.url", TYPE_TEXT, "address of the page", "l’adresse de la page"),
    FACT("page.item", TYPE_TEXT, "item of the page", "l’article de la page"),
    FACT("page.category", TYPE_CATEGORY, "category of the page", "le rayon de la page"),
    FACT("referrer.host", TYPE_TEXT, "site of origin", "le site d’origine"),
    FACT("utm.source", TYPE_TEXT, "source of the campaign", "la source de la campagne"),
    FACT("utm.medium", TYPE_TEXT, "medium of the campaign", "le support de la campagne"),
    FACT("utm.campaign", TYPE_TEXT, "campaign", "la campagne"),
    FACT("utm.*", TYPE_TEXT, "campaign’s “%s”", "le «\u00a0%s\u00a0» de la campagne"),
    CHOICE("device.type", "desktop mobile tablet other", "device", "l’appareil"),
    FACT("device.os", TYPE_TEXT, "system of the device", "le système de l’appareil"),
    FACT("device.browser", TYPE_TEXT, "browser", "le navigateur"),
    FACT("locale", TYPE_TEXT, "language", "la langue"),
    CHOICE("channel", "web mail push app phone", "channel", "le canal"),
    FACT("weather.*", TYPE_ANY, "weather’s “%s”", "la météo «\u00a0%s\u00a0»"),
    /* when, in the person's zone */
    FACT("now.hour", TYPE_NUMBER, "hour of the day", "l’heure"),
    CHOICE("now.weekday", "monday tuesday wednesday thursday friday saturday sunday",
           "day of the week", "le jour de la semaine"),
    FACT("now.day", TYPE_NUMBER, "day of the month", "le jour du mois"),
    FACT("now.month", TYPE_NUMBER, "month", "le mois"),
    FACT("now.date", TYPE_DAY, "date", "la date"),
    FACT("now.holiday", TYPE_BOOLEAN, "it is a public holiday", "c’est un jour férié"),
};

/* --- events ----------------------------------------------------------------------------------- */

#define ITEM_PROPERTIES                                                                            \
    FACT("item", TYPE_TEXT, "item", "l’article"),                                                  \
        FACT("category", TYPE_CATEGORY, "category", "le rayon"),                                   \
        FACT("brand", TYPE_TEXT, "brand", "la marque"),                                            \
        FACT("title", TYPE_TEXT, "title", "le nom"),                                               \
        FACT("price", TYPE_NUMBER, "price", "le prix")
#define QUANTITY FACT("quantity", TYPE_NUMBER, "quantity", "la quantité")
#define VALUE FACT("value", TYPE_NUMBER, "amount", "le montant")
#define CURRENCY FACT("currency", TYPE_TEXT, "currency", "la monnaie")
#define PLACEMENT FACT("placement", TYPE_TEXT, "placement", "l’emplacement")
#define CHANNEL FACT("channel", TYPE_TEXT, "channel", "le canal")
/* whatever else the shop sends with it */
#define OWN FACT("*", TYPE_ANY, "“%s”", "«\u00a0%s\u00a0»")

static const struct schema_fact page_properties[] = {
    FACT("url", TYPE_TEXT, "address", "l’adresse"), FACT("type", TYPE_TEXT, "type", "le type"),
    FACT("title", TYPE_TEXT, "title", "le titre"), OWN};
static const struct schema_fact item_properties[] = {ITEM_PROPERTIES, OWN};
static const struct schema_fact line_properties[] = {ITEM_PROPERTIES, QUANTITY, VALUE, OWN};
static const struct schema_fact order_properties[] = {
    VALUE,
    CURRENCY,
    FACT("id", TYPE_TEXT, "number", "le numéro"),
    FACT("coupon", TYPE_TEXT, "coupon", "le code promo"),
    FACT("lines", TYPE_NUMBER, "number of lines", "le nombre de lignes"),
    OWN};
static const struct schema_fact search_properties[] = {
    FACT("query", TYPE_TEXT, "words", "les mots"), OWN};
static const struct schema_fact exposure_properties[] = {
    PLACEMENT, CHANNEL, FACT("item", TYPE_TEXT, "item", "l’article"), OWN};
static const struct schema_fact message_properties[] = {
    CHANNEL, FACT("campaign", TYPE_TEXT, "campaign", "la campagne"), OWN};
static const struct schema_fact own_properties[] = {OWN};

#define EVENT(name, one_en, many_en, one_fr, many_fr, feminine, properties)                        \
    {                                                                                              \
        name, WORDS(one_en, one_fr), WORDS(many_en, many_fr), feminine, properties,                \
            sizeof(properties) / sizeof *(properties)                                              \
    }

static const struct schema_event events[] = {
    EVENT("page", "page seen", "pages seen", "page vue", "pages vues", true, page_properties),
    EVENT("view", "item looked at", "items looked at", "article regardé", "articles regardés",
          false, item_properties),
    EVENT("click", "click", "clicks", "clic", "clics", false, exposure_properties),
    EVENT("search", "search", "searches", "recherche", "recherches", true, search_properties),
    EVENT("wish", "item wished for", "items wished for", "article souhaité", "articles souhaités",
          false, item_properties),
    EVENT("cart", "item put in the basket", "items put in the basket", "article mis au panier",
          "articles mis au panier", false, line_properties),
    EVENT("cart.remove", "item taken out of the basket", "items taken out of the basket",
          "article retiré du panier", "articles retirés du panier", false, line_properties),
    EVENT("checkout", "checkout begun", "checkouts begun", "commande commencée",
          "commandes commencées", true, order_properties),
    EVENT("order", "order", "orders", "commande", "commandes", true, order_properties),
    EVENT("order.item", "item bought", "items bought", "article acheté", "articles achetés", false,
          line_properties),
    EVENT("refund", "return", "returns", "retour", "retours", false, order_properties),
    EVENT("refund.item", "item sent back", "items sent back", "article rendu", "articles rendus",
          false, line_properties),
    EVENT("signup", "sign-up", "sign-ups", "inscription", "inscriptions", true, own_properties),
    EVENT("session", "visit", "visits", "visite", "visites", true, own_properties),
    EVENT("exposure", "placement seen", "placements seen", "emplacement vu", "emplacements vus",
          false, exposure_properties),
    EVENT("message", "message received", "messages received", "message reçu", "messages reçus",
          false, message_properties),
    EVENT("message.open", "message opened", "messages opened", "message ouvert", "messages ouverts",
          false, message_properties),
    EVENT("message.click", "click in a message", "clicks in messages", "clic dans un message",
          "clics dans des messages", false, message_properties),
};

/* --- look-ups --------------------------------------------------------------------------------- */

/* "profile.*" stands for every name of one segment or more behind "profile."; "*" for any. */
static bool covers(const char *pattern, struct slice path)
{
    struct slice wanted = slice_of(pattern);
    if (!slice_ends_with(wanted, SLICE("*")))
        return slice_equal(wanted, path);
    wanted.size--;
    return path.size > wanted.size && slice_starts_with(path, wanted);
}

static const struct schema_fact *find(const struct schema_fact *list, size_t count,
                                      struct slice path)
{
    for (size_t i = 0; i < count; i++)
        if (covers(list[i].path, path))
            return &list[i];
    return NULL;
}

const struct schema_fact *schema_fact(struct slice path)
{
    return find(facts, sizeof facts / sizeof *facts, path);
}

const struct schema_event *schema_event(struct slice name)
{
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (slice_is(name, events[i].name))
            return &events[i];
    return NULL;
}

const struct schema_fact *schema_property(const struct schema_event *event, struct slice path)
{
    return event ? find(event->properties, event->property_count, path) : &own_properties[0];
}

struct slice schema_choice(struct slice value, enum locale locale)
{
    static const char *const words[][3] = {
        {"monday", "Monday", "lundi"},
        {"tuesday", "Tuesday", "mardi"},
        {"wednesday", "Wednesday", "mercredi"},
        {"thursday", "Thursday", "jeudi"},
        {"friday", "Friday", "vendredi"},
        {"saturday", "Saturday", "samedi"},
        {"sunday", "Sunday", "dimanche"},
        {"home", "home page", "accueil"},
        {"category", "category", "rayon"},
        {"product", "product", "produit"},
        {"search", "search", "recherche"},
        {"cart", "basket", "panier"},
        {"checkout", "checkout", "commande"},
        {"account", "account", "compte"},
        {"content", "content", "contenu"},
        {"other", "other", "autre"},
        {"desktop", "computer", "ordinateur"},
        {"mobile", "telephone", "téléphone"},
        {"tablet", "tablet", "tablette"},
        {"web", "web", "web"},
        {"mail", "mail", "e-mail"},
        {"push", "push", "push"},
        {"app", "app", "application"},
        {"phone", "phone", "téléphone"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_is(value, words[i][0]))
            return slice_of(words[i][locale == LOCALE_FR ? 2 : 1]);
    return value;
}

const char *type_name(enum fact_type type)
{
    static const char *const names[TYPE_COUNT] = {"a value",       "a text",         "a number",
                                                  "true or false", "a date",         "a time",
                                                  "a category",    "a list of texts"};
    assert(type < TYPE_COUNT);
    return names[type];
}

/* --- what was meant --------------------------------------------------------------------------- */

enum { NAME_BYTES_MAX = 40, LETTERS_AWAY_MAX = 2 };

/* Letters to add, leave out or exchange (Levenshtein), by one row of the table. */
static unsigned letters_away(struct slice a, struct slice b)
{
    unsigned row[NAME_BYTES_MAX + 1];
    if (a.size > NAME_BYTES_MAX || b.size > NAME_BYTES_MAX)
        return NAME_BYTES_MAX;
    for (unsigned k = 0; k <= b.size; k++)
        row[k] = k;
    for (unsigned i = 1; i <= a.size; i++) {
        unsigned corner = row[0];
        row[0] = i;
        for (unsigned k = 1; k <= b.size; k++) {
            unsigned exchanged = corner + (a.data[i - 1] != b.data[k - 1]);
            unsigned other = 1 + (row[k] < row[k - 1] ? row[k] : row[k - 1]);
            corner = row[k];
            row[k] = exchanged < other ? exchanged : other;
        }
    }
    return row[b.size];
}

/* Is this known name what was meant, and nearer than the best so far? */
static bool is_nearer(struct slice meant, const char *known, unsigned *inout_best)
{
    struct slice name = slice_of(known), head, tail;
    if (slice_ends_with(name, SLICE("*")))
        return false;
    unsigned away = letters_away(meant, name);
    if (slice_cut(name, '.', &head, &tail) && slice_equal(tail, meant))
        away = 1; /* "city" for "place.city" */
    if (away >= *inout_best || (away > 1 && name.size < 3 * (size_t)away))
        return false;
    *inout_best = away;
    return true;
}

const char *schema_nearest(struct slice path, const struct schema_event *event)
{
    const struct schema_fact *list = event ? event->properties : facts;
    size_t count = event ? event->property_count : sizeof facts / sizeof *facts;
    const char *nearest = NULL;
    unsigned best = LETTERS_AWAY_MAX + 1;
    for (size_t i = 0; i < count; i++)
        if (is_nearer(path, list[i].path, &best))
            nearest = list[i].path;
    return nearest;
}

const char *schema_nearest_event(struct slice name)
{
    const char *nearest = NULL;
    unsigned best = LETTERS_AWAY_MAX + 1;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (is_nearer(name, events[i].name, &best))
            nearest = events[i].name;
    return nearest;
}
