/* The rules on consent states: which choice wins, what a stamp says, when the gate opens; and
 * the stored row.
 *
 *  row     version u8 · flags u8 (1 birth day, 2 minor told, 4 minor) ·
 *          birth day int and its order (flag 1) · order of minor (flag 2) ·
 *          count of purposes, then for each: u8 (bits 0–1 state, 2–3 source, 4 objected,
 *          5 a choice was made, 6 an objection was told) · order of the choice (bit 5) ·
 *          order of the objection (bit 6)
 *  order   time int · source uint · message hash 16 */
#include "person/consent.h"

#include "base/clock.h"
#include "base/pack.h"

#include <assert.h>

enum { ROW_BIRTH = 1, ROW_MINOR_TOLD = 2, ROW_MINOR = 4, ROW_FLAGS = 7 };
enum { CHOICE_OBJECTED = 16, CHOICE_MADE = 32, CHOICE_OBJECTION_TOLD = 64, CHOICE_BITS = 127 };
enum { AGE_OF_CHOICE = 15, AGE_OF_MAJORITY = 18, BIRTH_DAYS_BACK_MAX = 130 * 366 };

static const struct event_order NEVER = {.time_ms = INT64_MIN};

static bool was_told(const struct event_order *order)
{
    return order->time_ms != INT64_MIN;
}

void consent_init(struct consent *consent)
{
    *consent = (struct consent){.birth_day = INT32_MIN, .birth_order = NEVER, .minor_order = NEVER};
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        consent->purposes[i].order = NEVER;
        consent->purposes[i].objected_order = NEVER;
    }
}

/* --- which choice wins ------------------------------------------------------------------------ */

static bool apply_objection(struct consent_choice *choice, const struct consent_change *change)
{
    bool withdraws = change->state == CONSENT_GRANTED;
    if (withdraws && change->source == CONSENT_FROM_IMPORT)
        return false;
    if (event_order_compare(&change->order, &choice->objected_order) <= 0)
        return false;
    choice->objected = !withdraws;
    choice->objected_order = change->order;
    return true;
}

static bool apply_choice(struct consent_choice *choice, const struct consent_change *change)
{
    bool softens_refusal = choice->state == CONSENT_DENIED && change->state != CONSENT_DENIED;
    if (softens_refusal && change->source == CONSENT_FROM_IMPORT)
        return false;
    if (event_order_compare(&change->order, &choice->order) <= 0)
        return false;
    choice->state = change->state;
    choice->source = change->source;
    choice->order = change->order;
    return true;
}

bool consent_apply(struct consent *consent, const struct consent_change *change)
{
    assert(change->state <= CONSENT_DENIED && was_told(&change->order));
    bool changed = false;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        if (!(change->purposes >> i & 1U))
            continue;
        struct consent_choice *choice = &consent->purposes[i];
        changed |=
            change->objection ? apply_objection(choice, change) : apply_choice(choice, change);
    }
    return changed;
}

bool consent_set_birth_day(struct consent *consent, int32_t birth_day,
                           const struct event_order *order)
{
    if (event_order_compare(order, &consent->birth_order) <= 0)
        return false;
    consent->birth_day = birth_day;
    consent->birth_order = *order;
    return true;
}

bool consent_set_minor(struct consent *consent, bool minor, const struct event_order *order)
{
    if (event_order_compare(order, &consent->minor_order) <= 0)
        return false;
    consent->minor_declared = minor;
    consent->minor_order = *order;
    return true;
}

/* --- what an event says ----------------------------------------------------------------------- */

static bool is_one_of(struct slice name, const char *const *names)
{
    for (; *names; names++)
        if (slice_is(name, *names))
            return true;
    return false;
}

static int64_t day_of(int64_t time_ms)
{
    int64_t day = time_ms / MS_PER_DAY;
    return time_ms % MS_PER_DAY < 0 ? day - 1 : day;
}

static bool learn_birth(struct consent *consent, struct slice value,
                        const struct event_order *order)
{
    int64_t birth_ms;
    if (!clock_parse_iso(value, &birth_ms))
        return false;
    int64_t birth = day_of(birth_ms), today = day_of(order->time_ms);
    if (birth > today || birth < today - BIRTH_DAYS_BACK_MAX)
        return false;
    return consent_set_birth_day(consent, (int32_t)birth, order);
}

static bool learn_trait(struct consent *consent, const struct event_trait *trait,
                        const struct event_order *order)
{
    static const char *const birth_names[] = {
        "birthday", "birthdate", "birth_date", "birthDate", "date_of_birth", "dateOfBirth", NULL};
    static const char *const minor_names[] = {"minor", "isMinor", "is_minor", NULL};
    if (is_one_of(trait->name, birth_names))
        return learn_birth(consent, trait->value, order);
    if (!is_one_of(trait->name, minor_names))
        return false;
    if (slice_is(trait->value, "true") || slice_is(trait->value, "1"))
        return consent_set_minor(consent, true, order);
    if (slice_is(trait->value, "false") || slice_is(trait->value, "0"))
        return consent_set_minor(consent, false, order);
    return false;
}

/* The message's choices; trackers_only: those on purposes that are kept on a device. */
static bool learn_choices(struct consent *consent, const struct event *event, bool trackers_only)
{
    bool changed = false;
    struct consent_change change = {.source = CONSENT_FROM_EVENT, .order = event->order};
    for (unsigned i = 0; event->has_preferences && i < PURPOSE_COUNT; i++) {
        bool tracker = purpose_about((enum purpose)i)->kept_on == PURPOSE_KEPT_ON_DEVICE;
        change.purposes = 1U << i;
        change.state = stamp_get(event->preferences, (enum purpose)i);
        if (change.state != CONSENT_UNKNOWN && (tracker || !trackers_only))
            changed |= consent_apply(consent, &change);
    }
    return changed;
}

bool consent_learn(struct consent *consent, const struct event *event)
{
    bool changed = learn_choices(consent, event, false);
    for (size_t i = 0; i < event->trait_count; i++)
        changed |= learn_trait(consent, &event->traits[i], &event->order);
    return changed;
}

bool consent_learn_device(struct consent *device, const struct event *event)
{
    return learn_choices(device, event, true);
}

static bool same_order(const struct event_order *a, const struct event_order *b)
{
    return event_order_compare(a, b) == 0;
}

uint32_t consent_renewed(const struct consent *before, const struct consent *after)
{
    uint32_t purposes = 0;
    if (!same_order(&before->birth_order, &after->birth_order) ||
        !same_order(&before->minor_order, &after->minor_order))
        return 0;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        const struct consent_choice *old = &before->purposes[i], *new = &after->purposes[i];
        if (old->state != new->state || !same_order(&old->objected_order, &new->objected_order))
            return 0;
        if (!same_order(&old->order, &new->order))
            purposes |= 1U << i;
    }
    return purposes;
}

void consent_renew(struct consent *consent, uint32_t purposes, const struct event_order *order)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        struct consent_choice *choice = &consent->purposes[i];
        if (!(purposes >> i & 1U) || !was_told(&choice->order) ||
            event_order_compare(order, &choice->order) <= 0)
            continue;
        choice->order = *order;
        choice->source = CONSENT_FROM_EVENT;
    }
}

bool consent_made(const struct consent *consent, uint32_t purposes)
{
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        if (purposes >> i & 1U && was_told(&consent->purposes[i].order))
            return true;
    return false;
}

struct consent consent_join(const struct consent *device, const struct consent *home)
{
    struct consent joined = *home;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        bool objected = home->purposes[i].objected || device->purposes[i].objected;
        if (purpose_about((enum purpose)i)->kept_on == PURPOSE_KEPT_ON_DEVICE)
            joined.purposes[i] = device->purposes[i];
        joined.purposes[i].objected = objected;
    }
    if (device->birth_day > joined.birth_day) /* the youngest of what was said */
        joined.birth_day = device->birth_day;
    joined.minor_declared |= device->minor_declared;
    return joined;
}

/* --- the gate --------------------------------------------------------------------------------- */

/* Age in whole years on a day; -1 unknown. Who is born on 29 February turns a year older on 1
 * March. */
static int age_on(const struct consent *consent, int64_t day)
{
    if (consent->birth_day == INT32_MIN)
        return consent->minor_declared ? 0 : -1;
    int year, month, of_month, birth_year, birth_month, birth_of_month;
    clock_date_from_days(day, &year, &month, &of_month);
    clock_date_from_days(consent->birth_day, &birth_year, &birth_month, &birth_of_month);
    bool before_birthday =
        month < birth_month || (month == birth_month && of_month < birth_of_month);
    int age = year - birth_year - before_birthday;
    return age < 0 ? 0 : age;
}

static bool age_forbids(const struct consent *consent, enum purpose purpose, int64_t day,
                        bool for_offer)
{
    int age = age_on(consent, day);
    if (age < 0 || age >= AGE_OF_MAJORITY)
        return false;
    if (age < AGE_OF_CHOICE || age < purpose_about(purpose)->age_from)
        return purpose != PURPOSE_NECESSARY;
    const uint32_t offers_only =
        1U << PURPOSE_EMAIL | 1U << PURPOSE_PUSH | 1U << PURPOSE_SMS | 1U << PURPOSE_SHARE;
    if (offers_only >> purpose & 1U)
        return true;
    return for_offer && purpose_about(purpose)->bases & BASIS_CONSENT;
}

consent_stamp consent_stamp_of(const struct consent *consent)
{
    consent_stamp stamp = 0;
    for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
        const struct consent_choice *choice = &consent->purposes[i];
        bool objected = choice->objected && purpose_about((enum purpose)i)->objection_possible;
        stamp = stamp_set(stamp, (enum purpose)i, objected ? CONSENT_DENIED : choice->state);
    }
    return stamp;
}

consent_stamp consent_stamp_at(const struct consent *consent, int64_t now_ms)
{
    consent_stamp stamp = consent_stamp_of(consent);
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        if (age_forbids(consent, (enum purpose)i, day_of(now_ms), false))
            stamp = stamp_set(stamp, (enum purpose)i, CONSENT_DENIED);
    return stamp;
}

consent_stamp consent_stamp_event(const struct consent *consent, const struct event *event,
                                  int64_t now_ms)
{
    consent_stamp stamp = consent_stamp_at(consent, now_ms);
    for (unsigned i = 0; event->has_preferences && i < PURPOSE_COUNT; i++) {
        enum purpose purpose = (enum purpose)i;
        enum consent_state named = stamp_get(event->preferences, purpose);
        bool forbidden =
            age_forbids(consent, purpose, day_of(now_ms), false) ||
            (consent->purposes[i].objected && purpose_about(purpose)->objection_possible);
        if (forbidden)
            continue;
        if (named != CONSENT_UNKNOWN)
            stamp = stamp_set(stamp, purpose, named);
        else if (!purpose_about(purpose)->granted_by_default)
            stamp = stamp_set(stamp, purpose, CONSENT_DENIED);
    }
    return stamp;
}

enum gate_answer consent_gate(const struct consent *consent, const struct gate_question *question)
{
    assert((unsigned)question->purpose < PURPOSE_COUNT);
    const struct purpose_about *about = purpose_about(question->purpose);
    const struct consent_choice *choice = &consent->purposes[question->purpose];
    if (question->purpose == PURPOSE_NECESSARY)
        return GATE_BASIS;
    if (choice->objected && about->objection_possible)
        return GATE_OBJECTED;
    int64_t day = day_of(question->now_ms + question->utc_offset_ms);
    if (age_forbids(consent, question->purpose, day, question->for_offer))
        return GATE_MINOR;
    if (choice->state == CONSENT_DENIED)
        return GATE_DENIED;
    if (choice->state == CONSENT_GRANTED && about->bases & BASIS_CONSENT)
        return GATE_GRANTED;
    if (about->granted_by_default || (question->buyer && about->bases & BASIS_SOFT_OPT_IN))
        return GATE_BASIS;
    return GATE_UNKNOWN;
}

/* --- the stored row --------------------------------------------------------------------------- */

static void pack_order(const struct event_order *order, struct buf *buf)
{
    pack_int(buf, order->time_ms);
    pack_uint(buf, order->source);
    pack_bytes(buf, order->message.bytes, sizeof order->message.bytes);
}

static struct event_order unpack_order(struct unpack *in)
{
    struct event_order order = {.time_ms = unpack_int(in)};
    uint64_t source = unpack_uint(in);
    struct slice message = unpack_bytes(in, sizeof order.message.bytes);
    if (source > UINT32_MAX || !was_told(&order))
        in->failed = true;
    if (in->failed)
        return NEVER;
    order.source = (uint32_t)source;
    memcpy(order.message.bytes, message.data, message.size);
    return order;
}

static void pack_choice(const struct consent_choice *choice, struct buf *buf)
{
    bool made = was_told(&choice->order), told = was_told(&choice->objected_order);
    pack_u8(buf, (uint8_t)((unsigned)choice->state | (unsigned)choice->source << 2 |
                           (choice->objected ? CHOICE_OBJECTED : 0U) | (made ? CHOICE_MADE : 0U) |
                           (told ? CHOICE_OBJECTION_TOLD : 0U)));
    if (made)
        pack_order(&choice->order, buf);
    if (told)
        pack_order(&choice->objected_order, buf);
}

static void unpack_choice(struct unpack *in, struct consent_choice *choice)
{
    unsigned bits = unpack_u8(in);
    unsigned state = bits & 3, source = bits >> 2 & 3;
    if (bits & ~(unsigned)CHOICE_BITS || state > CONSENT_DENIED || source > CONSENT_FROM_IMPORT ||
        (!(bits & CHOICE_MADE) && (state | source)) ||
        (!(bits & CHOICE_OBJECTION_TOLD) && bits & CHOICE_OBJECTED)) {
        in->failed = true;
        return;
    }
    choice->state = (enum consent_state)state;
    choice->source = (enum consent_source)source;
    choice->objected = bits & CHOICE_OBJECTED;
    if (bits & CHOICE_MADE)
        choice->order = unpack_order(in);
    if (bits & CHOICE_OBJECTION_TOLD)
        choice->objected_order = unpack_order(in);
}

void consent_pack(const struct consent *consent, struct buf *buf)
{
    bool birth = was_told(&consent->birth_order), minor = was_told(&consent->minor_order);
    assert(birth || consent->birth_day == INT32_MIN); /* set by consent_set_birth_day alone */
    assert(minor || !consent->minor_declared);
    pack_u8(buf, CONSENT_RECORD_VERSION);
    pack_u8(buf, (uint8_t)((birth ? ROW_BIRTH : 0) | (minor ? ROW_MINOR_TOLD : 0) |
                           (consent->minor_declared ? ROW_MINOR : 0)));
    pack_uint(buf, consent->sequence);
    if (birth) {
        pack_int(buf, consent->birth_day);
        pack_order(&consent->birth_order, buf);
    }
    if (minor)
        pack_order(&consent->minor_order, buf);
    pack_uint(buf, PURPOSE_COUNT);
    for (unsigned i = 0; i < PURPOSE_COUNT; i++)
        pack_choice(&consent->purposes[i], buf);
}

static void unpack_age(struct unpack *in, struct consent *consent)
{
    unsigned flags = unpack_u8(in);
    if (flags & ~(unsigned)ROW_FLAGS || (flags & ROW_MINOR && !(flags & ROW_MINOR_TOLD)))
        in->failed = true;
    consent->minor_declared = flags & ROW_MINOR;
    consent->sequence = unpack_uint(in);
    if (flags & ROW_BIRTH) {
        int64_t day = unpack_int(in);
        if (day < INT32_MIN || day > INT32_MAX)
            in->failed = true;
        consent->birth_day = (int32_t)day;
        consent->birth_order = unpack_order(in);
    }
    if (flags & ROW_MINOR_TOLD)
        consent->minor_order = unpack_order(in);
}

enum status consent_unpack(struct slice bytes, struct consent *out_consent)
{
    struct consent consent;
    consent_init(&consent);
    struct unpack in = unpack_of(bytes);
    if (unpack_u8(&in) != CONSENT_RECORD_VERSION)
        return STATUS_CORRUPT;
    unpack_age(&in, &consent);
    /* fewer purposes than today: written before one was added */
    size_t count = unpack_count(&in, PURPOSE_COUNT);
    for (size_t i = 0; i < count && !in.failed; i++)
        unpack_choice(&in, &consent.purposes[i]);
    if (!unpack_finished(&in))
        return STATUS_CORRUPT;
    *out_consent = consent;
    return STATUS_OK;
}
