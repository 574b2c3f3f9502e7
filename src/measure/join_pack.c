/* The state of a join as bytes, version 3 (varints unless said otherwise):
 *   u8 3 · placements, each: text id · u8 kind · text event · f64 value, horizon days, cap,
 *   minimum effect, hold-out share · u8 exposure, hold-out arm · policy · zigzag began, newest ·
 *   u8 halvings
 *   · text currency · other currency · decisions outside × 3 ·
 *   people: count, each uuid · zigzag exposed · clicked − exposed + 1 (0: never) · f64 value,
 *   attributed · outcomes, attributed outcomes, decisions × 2, clicks × 2 · before · u8 arm + 16
 *   seen + 32 first explored · outcomes: count, each u64 key · f64 value, share · person × 2
 *   + attributed. Version 2 knew no share: 1. */
#include "measure/join.h"

#include "base/pack.h"
#include "measure/join_state.h"

#include <math.h>

enum {
    STATE_VERSION = 3,
    STATE_SHARELESS = 2,
    SEEN_BIT = 16,
    EXPLORED_BIT = 32,
    ID_BYTES_MAX = 128,
    HALVINGS_MAX = 62
};

static void put_person(struct buf *buf, const struct joined_person *person)
{
    pack_uuid(buf, person->person);
    pack_int(buf, person->exposed_ms);
    pack_uint(buf,
              person->clicked_ms ? (uint64_t)(person->clicked_ms - person->exposed_ms) + 1 : 0);
    pack_double(buf, person->value);
    pack_double(buf, person->attributed);
    pack_uint(buf, person->outcomes);
    pack_uint(buf, person->attributed_outcomes);
    for (size_t i = 0; i < 2; i++)
        pack_uint(buf, person->decisions[i]);
    for (size_t i = 0; i < 2; i++)
        pack_uint(buf, person->clicks[i]);
    pack_uint(buf, person->before);
    pack_u8(buf, (uint8_t)(person->arm | (person->seen ? SEEN_BIT : 0) |
                           (person->first_explored ? EXPLORED_BIT : 0)));
}

static void put_head(struct buf *buf, const struct measured *measured)
{
    const struct objective *objective = &measured->objective;
    pack_text(buf, measured->placement);
    pack_u8(buf, (uint8_t)objective->kind);
    pack_text(buf, objective->event);
    pack_double(buf, objective->value);
    pack_double(buf, objective->horizon_days);
    pack_double(buf, objective->cap);
    pack_double(buf, objective->minimum_effect);
    pack_double(buf, objective->holdout_share);
    pack_u8(buf, (uint8_t)objective->exposure);
    pack_u8(buf, (uint8_t)objective->holdout_arm);
    pack_uint(buf, measured->policy);
    pack_int(buf, measured->began_ms);
    pack_int(buf, measured->newest_ms);
    pack_u8(buf, (uint8_t)measured->halvings);
    pack_text(buf, slice_of(measured->currency));
    pack_uint(buf, measured->other_currency);
    for (size_t i = OUTSIDE_NOT + 1; i < OUTSIDE_COUNT; i++)
        pack_uint(buf, measured->outside[i]);
}

void join_pack(const struct join *join, struct buf *buf)
{
    pack_u8(buf, STATE_VERSION);
    pack_uint(buf, join->count);
    for (size_t i = 0; i < join->count; i++) {
        const struct measured *measured = &join->measured[i];
        put_head(buf, measured);
        pack_uint(buf, measured->people_count);
        for (size_t j = 0; j < measured->people_count; j++)
            put_person(buf, &measured->people[j]);
        pack_uint(buf, measured->outcome_count);
        for (size_t j = 0; j < measured->outcome_count; j++) {
            const struct joined_outcome *row = &measured->outcomes[j];
            pack_u64(buf, row->key);
            pack_double(buf, row->value);
            pack_double(buf, row->share);
            pack_uint(buf, (uint64_t)row->person * 2 + row->attributed);
        }
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

static uint64_t get_below(struct unpack *in, uint64_t bound)
{
    uint64_t value = unpack_uint(in);
    if (value < bound)
        return value;
    in->failed = true;
    return 0;
}

static uint8_t get_small(struct unpack *in, uint8_t bound)
{
    uint8_t value = unpack_u8(in);
    if (value < bound)
        return value;
    in->failed = true;
    return 0;
}

static double get_number(struct unpack *in)
{
    double value = unpack_double(in);
    if (isfinite(value))
        return value;
    in->failed = true;
    return 0;
}

static void get_person(struct unpack *in, struct joined_person *person)
{
    static const uint64_t count_max = (uint64_t)UINT32_MAX + 1, ms_max = UINT64_C(1) << 50;
    person->exposed_ms = unpack_int(in);
    if (person->exposed_ms > (int64_t)ms_max || person->exposed_ms < -(int64_t)ms_max)
        in->failed = true;
    uint64_t clicked = get_below(in, ms_max);
    if (!in->failed && clicked)
        person->clicked_ms = person->exposed_ms + (int64_t)clicked - 1;
    person->value = get_number(in);
    person->attributed = get_number(in);
    person->outcomes = (uint32_t)get_below(in, count_max);
    person->attributed_outcomes = (uint32_t)get_below(in, count_max);
    for (size_t i = 0; i < 2; i++)
        person->decisions[i] = (uint32_t)get_below(in, count_max);
    for (size_t i = 0; i < 2; i++)
        person->clicks[i] = (uint32_t)get_below(in, count_max);
    person->before = (uint32_t)get_below(in, count_max);
    uint8_t bits = unpack_u8(in);
    person->seen = (bits & SEEN_BIT) != 0;
    person->first_explored = (bits & EXPLORED_BIT) != 0;
    person->arm = bits & (SEEN_BIT - 1);
    if (person->arm == ARM_NONE || person->arm >= ARM_COUNT || bits >= 2 * EXPLORED_BIT)
        in->failed = true;
}

static void get_people(struct unpack *in, struct measured *measured)
{
    size_t count = unpack_count(in, SIZE_MAX);
    for (size_t i = 0; i < count && !in->failed; i++) {
        struct uuid name = unpack_uuid(in);
        if (in->failed || measured_find(measured, name)) {
            in->failed = true;
            return;
        }
        get_person(in, measured_add(measured, name));
    }
}

static void get_outcomes(struct unpack *in, uint8_t version, struct measured *measured)
{
    size_t count = unpack_count(in, SIZE_MAX);
    for (size_t i = 0; i < count && !in->failed; i++) {
        uint64_t key = unpack_u64(in);
        double value = get_number(in);
        double share = version == STATE_SHARELESS ? 1 : get_number(in);
        uint64_t person = get_below(in, (uint64_t)measured->people_count * 2);
        if (in->failed || measured_find_outcome(measured, key)) {
            in->failed = true;
            return;
        }
        struct joined_outcome *row = measured_add_outcome(measured, key);
        row->value = value;
        row->share = share;
        row->person = (uint32_t)(person / 2);
        row->attributed = person % 2;
    }
}

static void get_head(struct unpack *in, struct measured *measured)
{
    struct objective objective = {.kind = (enum objective_kind)get_small(in, OBJECTIVE_COUNT)};
    objective.event = unpack_text(in);
    objective.value = get_number(in);
    objective.horizon_days = get_number(in);
    objective.cap = get_number(in);
    objective.minimum_effect = get_number(in);
    objective.holdout_share = get_number(in);
    objective.exposure = (enum exposure_rule)get_small(in, 2);
    objective.holdout_arm = (enum holdout_arm)get_small(in, 2);
    uint32_t policy = (uint32_t)get_below(in, (uint64_t)UINT32_MAX + 1);
    bool sane = objective.event.size <= OBJECTIVE_EVENT_BYTES_MAX && objective.cap > 0 &&
                objective.cap <= 1;
    if (in->failed || !sane) {
        in->failed = true;
        return;
    }
    measured_restart(measured, &objective, policy);
    measured->began_ms = unpack_int(in);
    measured->newest_ms = unpack_int(in);
    measured->halvings = get_small(in, HALVINGS_MAX + 1);
    struct slice currency = unpack_text(in);
    measured->other_currency = unpack_uint(in);
    for (size_t i = OUTSIDE_NOT + 1; i < OUTSIDE_COUNT; i++)
        measured->outside[i] = unpack_uint(in);
    if (currency.size != 0 && currency.size != JOIN_CURRENCY_SIZE)
        in->failed = true;
    if (!in->failed && currency.size)
        memcpy(measured->currency, currency.data, currency.size);
}

enum status join_unpack(struct slice bytes, const struct join_limits *limits,
                        struct join **out_join)
{
    struct unpack in = unpack_of(bytes);
    uint8_t version = unpack_u8(&in);
    if (version != STATE_VERSION && version != STATE_SHARELESS)
        return STATUS_CORRUPT;
    struct join *join = join_new(limits);
    size_t count = unpack_count(&in, JOIN_PLACEMENTS_MAX);
    for (size_t i = 0; i < count && !in.failed; i++) {
        struct slice id = unpack_text(&in);
        struct measured *measured =
            in.failed || id.size > ID_BYTES_MAX || join_find(join, id) ? NULL : join_add(join, id);
        if (!measured) {
            in.failed = true;
            break;
        }
        get_head(&in, measured);
        if (!in.failed)
            get_people(&in, measured);
        if (!in.failed)
            get_outcomes(&in, version, measured);
    }
    if (!unpack_finished(&in)) {
        join_free(join);
        return STATUS_CORRUPT;
    }
    *out_join = join;
    return STATUS_OK;
}
