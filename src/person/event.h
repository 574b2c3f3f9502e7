/* One thing that happened, as the engine understands it.
 *
 * Made from a message of the Segment family by intake.h, packed into a record (event_pack) that
 * the ledger stores once, and unpacked for folds, export and learning. Plain values in an arena;
 * text of an unpacked event borrows from the record. The record holds the accepted message
 * itself (`message`, JSON without IP address) beside what the fold needs, so that a fold parses
 * no JSON.
 *
 * Two orders: the fold runs in (time, source, message) order = the order of keys in SPACE_EVENT;
 * what was known runs by sequence. */
#ifndef VISAVIS_PERSON_EVENT_H
#define VISAVIS_PERSON_EVENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/uuid.h"
#include "purposes.h" /* generated from spec/purposes.yaml: enum purpose, PURPOSE_COUNT */

enum event_type {
    EVENT_TRACK,
    EVENT_PAGE,
    EVENT_SCREEN,
    EVENT_IDENTIFY,
    EVENT_GROUP,
    EVENT_ALIAS,
    EVENT_TYPE_COUNT
};

/* What an event means to the fold: from the e-commerce names of Segment's specification, else
 * ACT_OTHER. Stored: append only. */
enum act {
    ACT_OTHER,
    ACT_PAGE,
    ACT_SEARCH,
    ACT_VIEW_LIST,
    ACT_VIEW_ITEM,
    ACT_CLICK_ITEM,
    ACT_SHARE_ITEM,
    ACT_WISH,
    ACT_UNWISH,
    ACT_ADD,
    ACT_REMOVE,
    ACT_VIEW_CART,
    ACT_CHECKOUT,
    ACT_ORDER,
    ACT_REFUND,
    ACT_CANCEL,
    ACT_REVIEW,
    ACT_IDENTIFY,
    ACT_PREFERENCE,
    ACT_EXPOSURE,
    ACT_COUNT
};

enum consent_state { CONSENT_UNKNOWN, CONSENT_GRANTED, CONSENT_DENIED };

/* State of every purpose, two bits each, purpose 0 lowest; an alias, compared as a number. */
typedef uint32_t consent_stamp;
static inline enum consent_state stamp_get(consent_stamp stamp, enum purpose purpose)
{
    return (enum consent_state)(stamp >> (2 * (unsigned)purpose) & 3U);
}
static inline consent_stamp stamp_set(consent_stamp stamp, enum purpose purpose,
                                      enum consent_state state)
{
    unsigned shift = 2 * (unsigned)purpose;
    return (stamp & ~(3U << shift)) | (uint32_t)state << shift;
}

/* Identifier types by priority: a lower number is stronger. Custom external ids keep their own
 * name. Stored: append only. */
enum identifier_type {
    IDENTIFIER_USER_ID,
    IDENTIFIER_EMAIL,
    IDENTIFIER_PHONE,
    IDENTIFIER_LOYALTY,
    IDENTIFIER_PUSH,
    IDENTIFIER_SOCIAL,
    IDENTIFIER_CUSTOM,
    IDENTIFIER_ANONYMOUS,
    IDENTIFIER_TYPE_COUNT
};

struct identifier {
    enum identifier_type type;
    struct slice name;  /* "user_id", "email", "anonymous_id", or the custom type's name */
    struct slice value; /* normalised: e-mail trimmed and lower-cased, phone digits with + */
    bool proven;        /* by the key that carried it: server key, secret key, signed user */
};

/* An attribute of an item as it was when the event came: "brand" → "Petit Bateau". */
struct attribute {
    struct slice name, value;
};

struct event_item {
    struct slice item, variant;         /* ids as the catalogue knows them; variant may be empty */
    int64_t quantity;                   /* at least 1 */
    int64_t price_minor;                /* a unit, in the event's currency; -1 unknown */
    const struct attribute *attributes; /* resolved from the catalogue, else from the message */
    size_t attribute_count;
    bool known; /* the catalogue had it */
};

struct event_trait {
    struct slice name;  /* dotted for nested objects: "address.city" */
    struct slice value; /* text of a scalar; JSON for an array */
};

enum {
    EVENT_FROM_BROWSER = 1, /* a browser key carried it */
    EVENT_IMPORTED = 2,
    EVENT_ROBOT = 4,      /* a known bot's user agent */
    EVENT_IN_REQUEST = 8, /* came inside a decide call */
    EVENT_SIGNED = 16,    /* context.userSignature was good */
    EVENT_CLAMPED = 32,   /* lay in the future */
    EVENT_TRUNCATED = 64, /* more items or traits than the limits allow */
    EVENT_ASSERTED = 128  /* an order or return the merchant's server vouches for */
};

/* An instant of a fold: total and independent of arrival. */
struct event_order {
    int64_t time_ms;
    uint32_t source;
    struct hash128 message;
};

struct event {
    /* filled by intake */
    enum event_type type;
    enum act act;
    uint8_t flags;
    struct event_order order; /* time is corrected for clock skew */
    int64_t received_ms, original_ms;
    struct slice message_id, name; /* name: of a track event, page or screen */
    struct identifier *identifiers;
    size_t identifier_count;
    struct event_item *items;
    size_t item_count;
    struct event_trait *traits;
    size_t trait_count;
    struct slice order_id, currency; /* currency: ISO 4217 or the workspace's */
    int64_t revenue_minor;           /* of an order or refund; INT64_MIN unknown */
    int64_t margin_minor; /* of an order: price less cost when it came; INT64_MIN unknown */
    /* searched text; page category; page url without query and fragment */
    struct slice query, category, url;
    struct slice locale, timezone;                /* BCP 47, IANA */
    struct slice country, region, city, postcode; /* of the place, best source */
    uint8_t place_source;                         /* enum place_source of profile.h */
    uint8_t device; /* 0 unknown 1 desktop 2 mobile 3 tablet 4 robot */
    /* what the message itself says; unknown where it says nothing */
    consent_stamp preferences;
    /* a consent object was there: what it does not name is denied for this message */
    bool has_preferences;
    struct slice message; /* the accepted message as JSON */
    /* filled by the ledger */
    uint64_t sequence;
    struct uuid node;
    /* the node whose choices on trackers count for it: the device when the event names one, else
     * the home node itself */
    struct uuid device_node;
    consent_stamp stamp; /* state of every purpose on the node when accepted */
};

/* What learning takes of an event, as its log row tells it. act: ACT_OTHER when the event teaches
 * nothing; items: those that the catalogue knew, by hash64 of their id. */
struct lesson_item {
    uint64_t item;
    int64_t quantity;
};
struct event_lesson {
    enum act act;
    struct event_order order;
    struct uuid node;
    consent_stamp stamp;
    struct lesson_item *items;
    size_t item_count;
};

/* Appends the record. The first EVENT_HEAD_BYTES hold what the ledger fills, so that packing is
 * done by the asking thread: version u8, kind u8, flags u8, key id u8, sequence u64, node 16,
 * stamp u32. */
enum { EVENT_RECORD_VERSION = 3, EVENT_RECORD_KIND = 1, EVENT_HEAD_BYTES = 48 };
/* What intake can make at most fits; a larger record is refused, not cut. */
enum { EVENT_RECORD_BYTES_MAX = 196608 };
void event_pack(const struct event *event, struct buf *buf);
/* Writes what the ledger knows into the head of a packed record. */
void event_patch(uint8_t *record, const struct event *event);
/* The whole record into plain values; lists in the arena. STATUS_CORRUPT. */
enum status event_unpack(struct slice record, struct arena *arena,
                         struct event *out_event) MUST_CHECK;

int event_order_compare(const struct event_order *a, const struct event_order *b);
const char *event_type_name(enum event_type type);
const char *identifier_type_name(enum identifier_type type);

#endif
