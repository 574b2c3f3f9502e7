/* What stands around an event: traits, page, language, place, and the consent that the message
 * itself carries. */
#include "person/intake_work.h"

#include "person/profile.h"

enum { TRAIT_DEPTH_MAX = 3, TRAIT_NAME_BYTES_MAX = 128 };

/* --- traits ----------------------------------------------------------------------------------- */

static struct slice json_as_text(struct arena *arena, const struct json *value)
{
    struct buf buf;
    buf_init(&buf, EVENT_TRAIT_BYTES_MAX + 1); /* one more than is kept: too long stays too long */
    struct json_out out = json_out(&buf);
    json_value(&out, value);
    struct slice text = buf.overflowed ? SLICE_NONE : arena_copy(arena, buf_slice(&buf));
    buf_done(&buf);
    return text;
}

static void add_trait(struct intake_work *work, struct slice name, const struct json *value)
{
    struct event *event = work->event;
    struct slice text = json_scalar_text(value);
    if (json_is(value, JSON_BOOL))
        text = value->boolean ? SLICE("true") : SLICE("false");
    bool list = json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT);
    if (list)
        text = json_as_text(work->arena, value);
    bool fits = name.size > 0 && name.size <= TRAIT_NAME_BYTES_MAX &&
                text.size <= EVENT_TRAIT_BYTES_MAX && !(list && text.size == 0);
    if (!fits || event->trait_count == EVENT_TRAITS_MAX) {
        event->flags |= EVENT_TRUNCATED;
        return;
    }
    event->traits[event->trait_count++] = (struct event_trait){name, text};
}

/* Objects become dotted names, three deep; what lies deeper, and each array, stays JSON. null
 * says that it is known no more: empty. */
static void flatten(struct intake_work *work, struct slice prefix, const struct json *object,
                    unsigned depth)
{
    if (!object || object->kind != JSON_OBJECT)
        return;
    for (size_t i = 0; i < object->count; i++) {
        const struct json_member *member = &object->members[i];
        struct slice name = member->name;
        if (prefix.size + name.size > TRAIT_NAME_BYTES_MAX) {
            work->event->flags |= EVENT_TRUNCATED;
            continue;
        }
        if (prefix.size > 0)
            name = arena_format(work->arena, "%.*s.%.*s", SLICE_ARG(prefix), SLICE_ARG(name));
        if (json_is(&member->value, JSON_OBJECT) && depth < TRAIT_DEPTH_MAX)
            flatten(work, name, &member->value, depth + 1);
        else
            add_trait(work, name, &member->value);
    }
}

void intake_traits(struct intake_work *work)
{
    struct event *event = work->event;
    if (event->type == EVENT_GROUP) /* of the group, not of the person */
        return;
    const struct json *around = intake_context(work, "traits");
    const struct json *own =
        event->type == EVENT_IDENTIFY ? json_get(work->message, "traits") : NULL;
    if (!json_is(around, JSON_OBJECT) && !json_is(own, JSON_OBJECT))
        return;
    event->traits = ARENA_ARRAY(work->arena, EVENT_TRAITS_MAX, struct event_trait);
    flatten(work, SLICE_NONE, around, 1);
    flatten(work, SLICE_NONE, own, 1); /* last: the message's own word wins in the fold */
}

/* --- page and language ------------------------------------------------------------------------ */

static struct slice bare_url(struct slice url)
{
    url = slice_trim(url);
    size_t end = slice_find(url, '#');
    url = slice_first(url, end);
    url = slice_first(url, slice_find(url, '?'));
    return url.size <= CONTEXT_TEXT_BYTES_MAX ? url : SLICE_NONE;
}

static bool is_locale(struct slice text)
{
    if (text.size < 2 || text.size > 35)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool later = (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!letter && !(later && i >= 2))
            return false;
    }
    return true;
}

static bool is_timezone(struct slice text)
{
    if (text.size < 3 || text.size > PLACE_TEXT_BYTES_MAX)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool later = (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '+';
        if (!letter && !(later && i > 0))
            return false;
    }
    return true;
}

static void read_locale(struct intake_work *work)
{
    struct slice locale = slice_trim(json_text(intake_context(work, "locale")));
    if (is_locale(locale)) {
        char *copy = arena_copy_text(work->arena, locale);
        for (size_t i = 0; i < locale.size; i++)
            if (copy[i] == '_')
                copy[i] = '-';
        work->event->locale = slice_make(copy, locale.size);
    }
    struct slice timezone = slice_trim(json_text(intake_context(work, "timezone")));
    if (is_timezone(timezone))
        work->event->timezone = timezone;
}

void intake_page(struct intake_work *work)
{
    struct event *event = work->event;
    struct slice category = json_get_text(work->message, "category");
    if (category.size == 0)
        category = json_get_text(work->properties, "category");
    event->category = intake_cut(slice_trim(category), EVENT_NAME_BYTES_MAX);
    /* of a product event `url` is the product's, of a page event the page's */
    struct slice url = SLICE_NONE;
    if (event->type == EVENT_PAGE)
        url = json_get_text(work->properties, "url");
    if (url.size == 0)
        url = json_get_text(intake_context(work, "page"), "url");
    event->url = bare_url(url);
    read_locale(work);
}

/* --- place ------------------------------------------------------------------------------------ */

static struct slice place_text(const struct json *object, const char *name)
{
    return intake_cut(slice_trim(json_scalar_text(json_get(object, name))), PLACE_TEXT_BYTES_MAX);
}

/* Two letters become a code in upper case; a country's name stays as it was given. */
static struct slice country_of(struct intake_work *work, struct slice text)
{
    text = intake_cut(slice_trim(text), PLACE_TEXT_BYTES_MAX);
    if (text.size != 2)
        return text;
    char *code = arena_copy_text(work->arena, text);
    for (size_t i = 0; i < 2; i++)
        if (code[i] >= 'a' && code[i] <= 'z')
            code[i] = (char)(code[i] - ('a' - 'A'));
    return slice_make(code, 2);
}

static bool place_from_address(struct intake_work *work, const struct json *address)
{
    struct event *event = work->event;
    if (!json_is(address, JSON_OBJECT))
        return false;
    event->country = country_of(work, json_get_text(address, "country"));
    event->region = place_text(address, "region");
    if (event->region.size == 0)
        event->region = place_text(address, "state");
    event->city = place_text(address, "city");
    static const char *const names[] = {"postalCode", "postal_code", "postcode", "zip"};
    for (size_t i = 0; event->postcode.size == 0 && i < sizeof names / sizeof *names; i++)
        event->postcode = place_text(address, names[i]);
    if (event->country.size > 0 || event->city.size > 0 || event->region.size > 0)
        event->place_source = PLACE_DECLARED;
    else if (event->postcode.size > 0)
        event->place_source = PLACE_POSTCODE;
    return event->place_source != PLACE_NONE;
}

static bool place_from_header(struct intake_work *work)
{
    struct slice country = country_of(work, work->intake->shop_country_header);
    /* XX, T1: how some edges say that they do not know */
    if (country.size != 2 || slice_is(country, "XX") || slice_is(country, "T1"))
        return false;
    work->event->country = country;
    work->event->place_source = PLACE_HEADER;
    return true;
}

static bool place_from_ip(struct intake_work *work)
{
    const struct intake *intake = work->intake;
    struct slice ip =
        intake_is_server(intake) ? json_text(intake_context(work, "ip")) : intake->peer_ip;
    struct intake_place place = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (!intake->ip_lookup || ip.size == 0 || !intake->ip_lookup(intake->ip_context, ip, &place))
        return false;
    struct event *event = work->event;
    event->country = arena_copy(work->arena, slice_first(place.country, PLACE_TEXT_BYTES_MAX));
    event->region = arena_copy(work->arena, intake_cut(place.region, PLACE_TEXT_BYTES_MAX));
    event->city = arena_copy(work->arena, intake_cut(place.city, PLACE_TEXT_BYTES_MAX));
    event->place_source = PLACE_IP;
    return true;
}

void intake_place(struct intake_work *work)
{
    struct event *event = work->event;
    const struct json *own =
        event->type == EVENT_IDENTIFY ? json_get(work->message, "traits") : NULL;
    const struct json *around = event->type == EVENT_GROUP ? NULL : intake_context(work, "traits");
    if (place_from_address(work, json_get(own, "address")) ||
        place_from_address(work, json_get(around, "address")) || place_from_header(work) ||
        place_from_ip(work))
        return;
    event->country = zone_country(event->timezone);
    if (event->country.size > 0)
        event->place_source = PLACE_TIMEZONE;
}

/* --- consent ---------------------------------------------------------------------------------- */

/* The purposes a category stands for: the workspace's mapping, else a purpose's own name; none
 * for any other. */
static uint32_t purposes_of(const struct intake *intake, struct slice category)
{
    for (size_t i = 0; i < intake->category_count; i++)
        if (slice_equal(intake->categories[i].category, category))
            return intake->categories[i].purposes;
    enum purpose purpose;
    return purpose_from_name(category, &purpose) ? 1U << purpose : 0;
}

/* The purposes that a message's consent names, by what it says of them. */
struct named_purposes {
    uint32_t granted, denied;
};

/* Segment's: {category: true | false}; anything else says nothing. */
static void read_categories(const struct intake *intake, const struct json *categories,
                            struct named_purposes *named)
{
    if (!json_is(categories, JSON_OBJECT))
        return;
    for (size_t i = 0; i < categories->count && i < EVENT_PREFERENCES_MAX; i++) {
        const struct json_member *member = &categories->members[i];
        if (!json_is(&member->value, JSON_BOOL))
            continue;
        uint32_t purposes = purposes_of(intake, member->name);
        if (member->value.boolean)
            named->granted |= purposes;
        else
            named->denied |= purposes;
    }
}

/* RudderStack's: two lists of categories, the allowed and the denied. */
static uint32_t purposes_of_list(const struct intake *intake, const struct json *list)
{
    uint32_t purposes = 0;
    if (json_is(list, JSON_ARRAY))
        for (size_t i = 0; i < list->count && i < EVENT_PREFERENCES_MAX; i++)
            purposes |= purposes_of(intake, json_text(&list->elements[i]));
    return purposes;
}

/* context.consent or context.consentManagement present: has_preferences, granted and denied for
 * the purposes of the categories named; two categories that disagree on a purpose deny it. What
 * is not named stays unknown here; for this message the ledger's stamp denies it
 * (consent_stamp_event), and the node keeps its own state. */
void intake_preferences(struct intake_work *work)
{
    const struct intake *intake = work->intake;
    const struct json *consent = intake_context(work, "consent");
    const struct json *management = intake_context(work, "consentManagement");
    if (!json_is(consent, JSON_OBJECT) && !json_is(management, JSON_OBJECT))
        return;
    struct event *event = work->event;
    struct named_purposes named = {
        .granted = purposes_of_list(intake, json_get(management, "allowedConsentIds")),
        .denied = purposes_of_list(intake, json_get(management, "deniedConsentIds"))};
    read_categories(intake, json_get(consent, "categoryPreferences"), &named);
    event->has_preferences = true;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        if (named.denied >> i & 1U)
            event->preferences = stamp_set(event->preferences, (enum purpose)i, CONSENT_DENIED);
        else if (named.granted >> i & 1U)
            event->preferences = stamp_set(event->preferences, (enum purpose)i, CONSENT_GRANTED);
    }
}

consent_stamp intake_call_preferences(const struct intake *intake, const struct json *context,
                                      struct arena *arena)
{
    struct event event = {.preferences = 0};
    struct intake_work work = {
        .intake = intake, .context = context, .arena = arena, .event = &event};
    intake_preferences(&work);
    bool granted = stamp_get(event.preferences, PURPOSE_PERSONALISE) == CONSENT_GRANTED;
    if (event.has_preferences && !granted)
        event.preferences = stamp_set(event.preferences, PURPOSE_PERSONALISE, CONSENT_DENIED);
    return event.preferences;
}
