/* From a message of the Segment family to an event: validation, clock-skew correction, meaning,
 * intake rule. Pure; any thread.
 *
 * The message is a parsed JSON tree; what comes out lives in the arena. Nothing here reads the
 * store: the catalogue and the place database come as functions. An IP address becomes a place
 * and is not kept, the user agent becomes a class. */
#ifndef VISAVIS_PERSON_INTAKE_H
#define VISAVIS_PERSON_INTAKE_H

#include "base/json.h"
#include "person/event.h"
#include "person/refusal.h"

/* The catalogue's attributes of an item, and its own id and variant where another id was given
 * (borrowed from a pinned snapshot); false when it does not know the item. */
typedef bool intake_item_lookup(void *context, struct slice *inout_item,
                                struct slice *inout_variant,
                                const struct attribute **out_attributes, size_t *out_count);

/* What the catalogue says that a unit sells for and costs, in this currency; each stays as it is
 * where it does not know. */
typedef void intake_worth_lookup(void *context, const struct event_item *item,
                                 struct slice currency, int64_t *inout_price, int64_t *inout_cost);

struct intake_place {
    struct slice country, region, city;
};
typedef bool intake_ip_lookup(void *context, struct slice ip, struct intake_place *out_place);

/* A merchant's consent category and the purposes it stands for ("advertising" → email, push). */
struct intake_category {
    struct slice category;
    uint32_t purposes; /* bit per enum purpose */
};

struct intake {
    /* the credential */
    uint32_t source;         /* stable identity behind the key; survives rotation */
    bool browser_key;        /* a write key bound to origins */
    bool secret;             /* a secret key: proves identifiers and vouches for orders */
    bool cmp_filters_before; /* setting: the shop's SDK gates events itself */
    bool imported;
    /* the call */
    int64_t received_ms;
    int64_t sent_at_ms; /* batch-level sentAt, INT64_MIN when absent */
    /* merged under each message's own; may be NULL */
    const struct json *batch_context, *batch_integrations;
    struct slice user_agent, peer_ip, shop_country_header;
    bool in_request; /* inside a decide call */
    /* the workspace */
    struct slice currency, timezone;
    const struct intake_category *categories;
    size_t category_count;
    /* user signature: answers whether context.userSignature proves user id for this anonymous id
     * now; may be NULL */
    bool (*signature_valid)(void *context, const struct json *signature, struct slice user_id,
                            struct slice anonymous_id);
    void *signature_context;
    intake_item_lookup *item_lookup;
    intake_worth_lookup *worth_lookup; /* NULL: the messages' own words alone */
    void *item_context;                /* of both */
    intake_ip_lookup *ip_lookup;       /* NULL: no database */
    void *ip_context;
};

enum intake_result {
    INTAKE_KEPT,
    /* a browser key without `measure` or `personalise`: an anonymous counter only, nothing per
     * visitor is stored */
    INTAKE_COUNTED,
    INTAKE_REFUSED /* diag says why */
};

/* One message. type: of the endpoint ("track"), empty when the message's own `type` counts
 * (batches). json_size: its raw size, for EVENT_BYTES_MAX. */
struct intake_input {
    const struct json *message;
    struct slice type;
    size_t json_size;
};

struct intake_output {
    struct event event;   /* of a kept message */
    bool needs_consent;   /* the ledger keeps it only if the node granted measure or personalise */
    enum refusal refusal; /* of a refused one */
};

/* Missing messageId: one is made. The decision COUNTED needs the node's state for messages of a
 * browser key without a consent object, which only the ledger knows: then KEPT is answered with
 * needs_consent, and the ledger counts it unless the node granted measure or personalise. */
enum intake_result intake_message(const struct intake *intake, const struct intake_input *input,
                                  struct arena *arena, struct intake_output *out,
                                  struct diag *diag);

/* What a call's own context says of purposes (context.consent), by the same rules as a
 * message's; 0 when it says nothing. A consent object that does not grant `personalise` denies
 * it for the call. */
consent_stamp intake_call_preferences(const struct intake *intake, const struct json *context,
                                      struct arena *arena);

/* Blocked identifier values (Segment's): ^[0-]*$, -1, null, anonymous, undefined, none, nan,
 * [object Object], empty. */
bool intake_identifier_blocked(struct slice value);
/* Decimal money text or number ("12.5", "1234,50" is refused) to minor units of the currency
 * (EUR 2, JPY 0, KWD 3); half away from zero. False when it is not a number or beyond ±9e15. */
bool intake_money(const struct json *value, struct slice currency, int64_t *out_minor);

#endif
