/* Who a message speaks of: identifiers, normalised, proven or claimed.
 *
 * With a browser key only the anonymous id is proven, and the user id when the shop's server has
 * signed it; e-mail, phone and other ids typed in a page are claims, also beside a good
 * signature, which speaks of the user id alone. */
#include "person/intake_work.h"

#include <assert.h>

enum {
    EXTERNAL_NAME_BYTES_MAX = 64,
    EXTERNAL_IDS_MAX = 16,
    PHONE_DIGITS_MIN = 6,
    PHONE_DIGITS_MAX = 15
};

static bool is_zeros_and_dashes(struct slice value)
{
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] != '0' && value.data[i] != '-')
            return false;
    return true;
}

bool intake_identifier_blocked(struct slice value)
{
    static const char *const blocked[] = {"-1",   "null", "anonymous",       "undefined",
                                          "none", "nan",  "[object object]", "(null)"};
    value = slice_trim(value);
    if (is_zeros_and_dashes(value)) /* the empty value too */
        return true;
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++)
        if (slice_equal_ignoring_case(value, slice_of(blocked[i])))
            return true;
    return false;
}

/* --- normal forms: false when the text is none ------------------------------------------------ */

static bool normal_email(struct slice text, struct arena *arena, struct slice *out_value)
{
    text = slice_trim(text);
    size_t at = slice_find(text, '@');
    if (at == SIZE_MAX || at == 0 || at + 1 >= text.size || text.size > IDENTIFIER_BYTES_MAX)
        return false;
    char *copy = arena_copy_text(arena, text);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)copy[i];
        if (c <= ' ' || c == 0x7F)
            return false;
        if (c >= 'A' && c <= 'Z')
            copy[i] = (char)(c + ('a' - 'A'));
    }
    *out_value = slice_make(copy, text.size);
    return true;
}

static bool normal_phone(struct slice text, struct arena *arena, struct slice *out_value)
{
    text = slice_trim(text);
    if (text.size == 0 || text.size > IDENTIFIER_BYTES_MAX)
        return false;
    char *copy = arena_alloc(arena, text.size + 1);
    size_t size = 0, digits = 0;
    bool international = text.data[0] == '+' || slice_starts_with(text, SLICE("00"));
    if (international)
        copy[size++] = '+';
    for (size_t i = international ? 1 + (text.data[0] == '0') : 0; i < text.size; i++) {
        char c = text.data[i];
        if (c >= '0' && c <= '9') {
            copy[size++] = c;
            digits++;
        } else if (c != ' ' && c != '.' && c != '-' && c != '(' && c != ')' && c != '/') {
            return false;
        }
    }
    *out_value = slice_make(copy, size);
    return digits >= PHONE_DIGITS_MIN && digits <= PHONE_DIGITS_MAX;
}

/* --- the list: strongest first, no doubles, the weakest leave when there are too many --------- */

static bool same(const struct identifier *a, const struct identifier *b)
{
    return a->type == b->type && slice_equal(a->name, b->name) && slice_equal(a->value, b->value);
}

static void insert(struct event *event, const struct identifier *identifier)
{
    size_t index = 0;
    while (index < event->identifier_count && event->identifiers[index].type <= identifier->type) {
        struct identifier *at = &event->identifiers[index++];
        if (same(at, identifier)) {
            at->proven |= identifier->proven;
            return;
        }
    }
    if (event->identifier_count == EVENT_IDENTIFIERS_MAX) {
        event->flags |= EVENT_TRUNCATED;
        if (index == EVENT_IDENTIFIERS_MAX)
            return;
        event->identifier_count--;
    }
    memmove(&event->identifiers[index + 1], &event->identifiers[index],
            (event->identifier_count - index) * sizeof *identifier);
    event->identifiers[index] = *identifier;
    event->identifier_count++;
}

/* Blocked and malformed values name nobody and are left out without a word. */
static void add(struct intake_work *work, struct identifier identifier)
{
    identifier.value = slice_trim(identifier.value);
    if (intake_identifier_blocked(identifier.value) || identifier.value.size > IDENTIFIER_BYTES_MAX)
        return;
    if (identifier.type == IDENTIFIER_EMAIL &&
        !normal_email(identifier.value, work->arena, &identifier.value))
        return;
    if (identifier.type == IDENTIFIER_PHONE &&
        !normal_phone(identifier.value, work->arena, &identifier.value))
        return;
    if (identifier.name.size == 0)
        identifier.name = slice_of(identifier_type_name(identifier.type));
    insert(work->event, &identifier);
}

/* --- where they stand in a message ------------------------------------------------------------ */

static void add_address(struct intake_work *work, const struct json *traits)
{
    bool proven = intake_is_server(work->intake);
    add(work, (struct identifier){.type = IDENTIFIER_EMAIL,
                                  .value = json_get_text(traits, "email"),
                                  .proven = proven});
    add(work, (struct identifier){.type = IDENTIFIER_PHONE,
                                  .value = json_scalar_text(json_get(traits, "phone")),
                                  .proven = proven});
}

static enum identifier_type external_type(struct slice name)
{
    static const struct {
        const char *name;
        enum identifier_type type;
    } known[] = {
        {"user_id", IDENTIFIER_USER_ID},
        {"userId", IDENTIFIER_USER_ID},
        {"email", IDENTIFIER_EMAIL},
        {"phone", IDENTIFIER_PHONE},
        {"anonymous_id", IDENTIFIER_ANONYMOUS},
        {"anonymousId", IDENTIFIER_ANONYMOUS},
        {"loyalty", IDENTIFIER_LOYALTY},
        {"loyalty_id", IDENTIFIER_LOYALTY},
        {"push", IDENTIFIER_PUSH},
        {"push_token", IDENTIFIER_PUSH},
        {"android.push_token", IDENTIFIER_PUSH},
        {"ios.push_token", IDENTIFIER_PUSH},
        {"social", IDENTIFIER_SOCIAL},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_is(name, known[i].name))
            return known[i].type;
    return IDENTIFIER_CUSTOM;
}

static void add_external(struct intake_work *work, const struct json *external)
{
    struct slice name = json_get_text(external, "type");
    struct slice collection = json_get_text(external, "collection");
    struct slice encoding = json_get_text(external, "encoding");
    if (name.size == 0 || name.size > EXTERNAL_NAME_BYTES_MAX ||
        (collection.size > 0 && !slice_is(collection, "users")) ||
        (encoding.size > 0 && !slice_is(encoding, "none")))
        return;
    enum identifier_type type = external_type(name);
    add(work, (struct identifier){.type = type,
                                  .name = type == IDENTIFIER_CUSTOM ? name : SLICE_NONE,
                                  .value = json_scalar_text(json_get(external, "id")),
                                  .proven = intake_is_server(work->intake)});
}

static void add_from_context(struct intake_work *work)
{
    if (work->event->type != EVENT_GROUP)
        add_address(work, intake_context(work, "traits"));
    const struct json *externals = intake_context(work, "externalIds");
    if (json_is(externals, JSON_ARRAY))
        for (size_t i = 0; i < externals->count && i < EXTERNAL_IDS_MAX; i++)
            add_external(work, &externals->elements[i]);
    const struct json *device = intake_context(work, "device");
    add(work, (struct identifier){.type = IDENTIFIER_PUSH,
                                  .value = json_scalar_text(json_get(device, "token")),
                                  .proven = intake_is_server(work->intake)});
}

static bool user_is_proven(struct intake_work *work, struct slice user_id,
                           struct slice anonymous_id)
{
    const struct intake *intake = work->intake;
    if (intake_is_server(intake))
        return true;
    const struct json *signature = intake_context(work, "userSignature");
    if (!intake->signature_valid || !signature || user_id.size == 0)
        return false;
    if (!intake->signature_valid(intake->signature_context, signature, user_id, anonymous_id))
        return false;
    work->event->flags |= EVENT_SIGNED;
    return true;
}

/* An id that is there must be text or a number, of a length that can be kept. */
static bool check_id(struct intake_work *work, const char *name)
{
    const struct json *id = json_get(work->message, name);
    if (!id || id->kind == JSON_NULL)
        return true;
    if (json_scalar_text(id).size == 0 && id->kind != JSON_STRING)
        return intake_refuse(work, REFUSAL_ID_KIND, name);
    if (json_scalar_text(id).size > IDENTIFIER_BYTES_MAX)
        return intake_refuse(work, REFUSAL_LONG_ID, name);
    return true;
}

static bool refuse_nameless(struct intake_work *work, bool alias)
{
    return alias ? intake_refuse(work, REFUSAL_ALIAS_OF_NOBODY, "previousId")
                 : intake_refuse(work, REFUSAL_NOBODY, "userId");
}

/* What a page says of nobody, nobody having agreed to anything: it will only be counted. */
static bool may_be_nameless(struct intake_work *work)
{
    struct event *event = work->event;
    if (intake_is_server(work->intake) || event->act == ACT_PREFERENCE)
        return false;
    intake_preferences(work);
    return event->has_preferences &&
           stamp_get(event->preferences, PURPOSE_MEASURE) != CONSENT_GRANTED &&
           stamp_get(event->preferences, PURPOSE_PERSONALISE) != CONSENT_GRANTED;
}

bool intake_identifiers(struct intake_work *work)
{
    static const char *const ids[] = {"userId", "anonymousId", "previousId"};
    static const char *const user_names[] = {"userId", "user_id", NULL};
    static const char *const anonymous_names[] = {"anonymousId", "anonymous_id", NULL};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (!check_id(work, ids[i]))
            return false;
    struct event *event = work->event;
    event->identifiers = ARENA_ARRAY(work->arena, EVENT_IDENTIFIERS_MAX, struct identifier);
    struct slice user_id = intake_first_text(work->message, user_names);
    struct slice anonymous_id = intake_first_text(work->message, anonymous_names);
    struct slice previous_id = json_scalar_text(json_get(work->message, "previousId"));
    add(work, (struct identifier){.type = IDENTIFIER_USER_ID,
                                  .value = user_id,
                                  .proven = user_is_proven(work, user_id, anonymous_id)});
    add(work,
        (struct identifier){.type = IDENTIFIER_ANONYMOUS, .value = anonymous_id, .proven = true});
    if (event->type == EVENT_ALIAS) {
        if (intake_identifier_blocked(user_id) || intake_identifier_blocked(previous_id))
            return refuse_nameless(work, true);
        /* a browser proves the id it sends with, not the one it says it had */
        add(work, (struct identifier){.type = IDENTIFIER_ANONYMOUS,
                                      .value = previous_id,
                                      .proven = intake_is_server(work->intake)});
    }
    if (event->type == EVENT_IDENTIFY) {
        add_address(work, json_get(work->message, "traits"));
        add_address(work, work->properties);
    }
    add_from_context(work);
    return event->identifier_count > 0 || may_be_nameless(work) || refuse_nameless(work, false);
}
