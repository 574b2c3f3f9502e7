/* What others can make grow has a limit, and these stand together, each with its reason. The tables
 * of one module are bounded in its header. */
#ifndef VISAVIS_BASE_LIMITS_H
#define VISAVIS_BASE_LIMITS_H

enum {
    /* JSON */
    JSON_DEPTH_MAX = 64, /* no honest message nests deeper; keeps recursion bounded */

    /* HTTP (the sizes are those that Segment's clients keep to) */
    HTTP_LINE_BYTES_MAX = 8192,
    HTTP_HEAD_BYTES_MAX = 32768, /* the raw header block, held whole before it is parsed */
    HTTP_HEADERS_MAX = 100,
    HTTP_BODY_BYTES_MAX = 512000, /* 500 kB a batch, as Segment; also after gunzip */
    HTTP_HEAD_MS_MAX =
        10000, /* absolute, from the first byte (or the accept) to the end of the head */
    HTTP_BODY_GRACE_MS = 5000, /* then at least HTTP_BODY_RATE_MIN bytes a second on average */
    HTTP_BODY_RATE_MIN = 1024,
    HTTP_BODY_MS_MAX = 60000,
    HTTP_WRITE_STALL_MS_MAX = 30000,
    HTTP_IDLE_MS_MAX = 75000,     /* keep-alive; a minute is the common proxy's value */
    HTTP_CONNECTIONS_MAX = 10000, /* a thread */
    FILES_KEPT_SHARE = 4, /* one descriptor in so many is never a client's: the store needs files */
    FILES_KEPT_MAX = 1024,
    HTTP_RESPONSE_BYTES_MAX = 16 << 20,
    HTTP_DRAIN_MS_MAX = 30000,
    HTTP_DRAIN_IDLE_MS = 250, /* for a request already under way when the drain begins */
    HTTP_LINGER_MS_MAX =
        1000, /* what a refused client still sends is read away, so that it sees the answer */
    HTTP_LINGER_BYTES_MAX = 4 << 20,
    HTTP_REFUSED_CONNECTIONS_MAX =
        256,                   /* a thread; told 503 beyond the cap, further ones are just closed */
    HTTP_IN_FLIGHT_MAX = 4096, /* a thread; choices of people and probes have as many again */
    HTTP_TURN_US = 2000, /* of handlers between two looks at what came: a refusal waits so long */
    HTTP_BURST_WAIT_US = 1000000,  /* longer nobody shall wait: come again in a second */
    HTTP_STANDING_MS = 1000,       /* a queue that was never empty so long is no burst: then */
    HTTP_DECIDE_WAIT_US = 100000,  /* the usual deadline of a decision */
    HTTP_TAKE_IN_WAIT_US = 150000, /* who sends events keeps them and comes again */
    HTTP_READ_WAIT_US = 150000,
    HTTP_TURN_WAIT_MS_MAX = 1000,    /* then rank counts no more: nobody waits for ever */
    HTTP_HELD_BYTES_MAX = 256 << 20, /* a thread: all bodies coming in, all answers going out */
    HTTP_CHUNK_EXTENSION_BYTES_MAX = 4096, /* of one body */
    HTTP_TRAILER_BYTES_MAX = 8192,         /* of one body; read and dropped */
    HTTP_STREAM_UNSENT_BYTES_MAX = 262144, /* of a listener that does not read; some 25 moments */
    HTTP_STREAM_PING_MS = 15000,

    /* collection (ecosystem: Segment's HTTP API) */
    EVENT_BYTES_MAX = 32768,
    BATCH_EVENTS_MAX = 2500,
    MESSAGE_ID_BYTES_MAX = 100,
    IDENTIFIER_BYTES_MAX = 256,
    EVENT_NAME_BYTES_MAX = 200,
    EVENT_ITEMS_MAX = 200, /* products of one order or list; the rest is dropped and said so */
    EVENT_ITEM_ATTRIBUTES_MAX = 16,     /* of one product, stored with the event for the fold */
    EVENT_ATTRIBUTES_BYTES_MAX = 16384, /* of all products of one event together */
    EVENT_TRAITS_MAX = 64,              /* flattened; the rest stays in the message alone */
    EVENT_TRAIT_BYTES_MAX = 512,
    EVENT_IDENTIFIERS_MAX = 8,
    EVENT_PREFERENCES_MAX = 32,   /* categories of a consent object */
    CLOCK_FUTURE_MS_MAX = 300000, /* an event may lie 5 minutes ahead, then it is clamped */
    DEDUP_MS = 7 * 86400000,      /* same (source, messageId) within 7 days counts once */
    REFUSED_MS = 7 * 86400000,
    REFUSED_ROWS_MAX = 100000, /* of a workspace; at the limit the oldest tenth goes */

    /* ledger */
    COMMIT_QUEUE_EVENTS_MAX = 50000, /* queued and not yet on disk; beyond it 503 */
    COMMIT_QUEUE_BYTES_MAX = 64 << 20,
    COMMIT_QUEUE_KEPT_SHARE = 8, /* one part in so many: consent, erasure, records of decisions */
    COMMIT_GROUP_EVENTS_MAX = 4096, /* one WriteBatch */
    COMMIT_GROUP_BYTES_MAX = 8 << 20,

    /* person */
    LINKS_PER_TYPE_MAX = 5, /* of one identifier type but user_id, of which 1 */
    PERSON_NODES_MAX = 64,
    /* beyond one of them a robot or a kiosk: marked so, no longer folded, teaches nothing */
    PERSON_EVENTS_MAX = 100000,
    PERSON_HOUR_EVENTS_MAX = 3600, /* one a second for an hour on end */
    PROFILE_BYTES_MAX = 4096,
    PROFILE_TRAITS_MAX = 32,
    PROFILE_TRAIT_BYTES_MAX = 128,
    PROFILE_AFFINITIES_MAX = 40, /* over all attributes; the weakest leave first */
    PROFILE_RECENT_MAX = 20,     /* items, newest first */
    PROFILE_BOUGHT_MAX = 40,
    PROFILE_BASKET_MAX = 20,
    PROFILE_SIZES_MAX = 6,
    SESSION_GAP_MS = 1800000, /* 30 minutes without an event end a session */

    /* catalogue */
    ITEM_ID_BYTES_MAX = 64,
    ITEM_TITLE_BYTES_MAX = 300,
    ITEM_ATTRIBUTES_MAX = 64,
    ITEM_VARIANTS_MAX = 200,
    ITEM_TEXTS_MAX = 20,        /* other locales than its own */
    ITEM_LOCALE_BYTES_MAX = 35, /* RFC 5646, 4.4.1 */
    ITEM_BYTES_MAX = 32768,
    CATALOG_ITEMS_MAX = 2000000,
    CATALOG_PUBLISH_MS = 200, /* between snapshots while a feed is written and nobody waits */
    PRICE_HISTORY_DAYS = 400,

    /* decide */
    PLACEMENTS_PER_CALL_MAX = 20,
    ITEMS_PER_PLACEMENT_MAX = 50,
    CANDIDATES_PER_STRATEGY_MAX = 60,
    CANDIDATES_MAX = 160, /* of one placement, after the first cut */
    EXCLUDE_LIST_MAX = 500,
    STRATEGIES_PER_RECIPE_MAX = 16,
    RECIPE_REPEATS_MAX = 7, /* steps of a strategy that an earlier step of the recipe names */
    MANUAL_ITEMS_MAX = 200, /* of one step */
    ORDER_IDS_MAX = 100,    /* things to put in order: a menu's entries */
    RULES_PER_PLACEMENT_MAX = 32,
    CART_LINES_MAX = 50,
    CALL_EVENTS_MAX = 20,
    DECIDE_DEADLINE_MS_DEFAULT = 100,
    DECIDE_DEADLINE_MS_MAX = 2000,
    DECISION_RECORD_BYTES_MAX = 65536,
    DECISION_DAYS_DEFAULT = 30, /* kept for explanation and replay */

    /* learning */
    GRAPH_NEIGHBOURS_MAX = 50,    /* kept an item and relation */
    ALIKES_KEPT_MAX = 65536,      /* items of a workspace whose likes are kept; 1.2 kB each */
    GRAPH_SESSION_ITEMS_MAX = 20, /* of one person that meet each other */
    ANONYMOUS_PEOPLE_MIN = 10,    /* below it nobody's orders show in a count */

    /* workspaces and keys */
    WORKSPACES_MAX = 1000,
    KEYS_PER_WORKSPACE_MAX = 50,
    ORIGINS_PER_KEY_MAX = 50,
    PLACEMENTS_MAX = 1000,

    /* users of the console */
    USERS_MAX = 1000,
    USER_NAME_BYTES_MAX = 58, /* an audit row holds "user:" and the whole of it */
    USER_WORKSPACES_MAX = 32, /* named one by one; none named are all */
    PASSWORD_BYTES_MIN = 15,  /* NIST SP 800-63B-4, where the password is the only factor */
    PASSWORD_BYTES_MAX = 1024,
    USER_SESSIONS_MAX = 4096, /* of all users; the one that was idle longest leaves */
    SESSIONS_PER_USER_MAX = 20,
    USER_SESSION_IDLE_MS = 30 * 60000,
    USER_SESSION_MS_MAX = 12 * 3600000,
    LOGIN_LINKS_MAX = 64,
    LOGIN_LINK_MS = 15 * 60000,
    LOGIN_TRIES_FREE = 5,      /* of an account or an address; then each wait doubles */
    LOGIN_WAIT_S_MAX = 60,     /* so at most some 70 tries an hour, and nobody is locked out long */
    LOGIN_FORGET_MS = 3600000, /* without a failure */
    LOGIN_TRIES_PER_SECOND = 10, /* of all addresses from which nobody has logged in */
    ERRANDS_MAX = 32,            /* calls that wait for their turn to hash or to write */
    CHORES_MAX = 256,            /* calls that wait for a thread to read much, or for the ledger */
    STREAM_LISTENERS_MAX = 100,  /* of the live list of moments */
};

#endif
