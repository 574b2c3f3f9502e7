/* What the rules of a placement are: those that remove items, and those that arrange what is left.
 *
 * Plain values that borrow as policy.h says, of which this is a part. Limits: those named here. */
#ifndef VISAVIS_DECIDE_RULE_KINDS_H
#define VISAVIS_DECIDE_RULE_KINDS_H

#include "base/slice.h"

enum rule_kind {
    RULE_IN_STOCK,
    RULE_EXCLUDE_BOUGHT,
    RULE_EXCLUDE_BASKET,
    RULE_EXCLUDE_PAGE,    /* shown elsewhere on the page */
    RULE_EXCLUDE_CURRENT, /* the item the page is about */
    RULE_INCLUDE,         /* lists: item ids, or attribute = one of the values */
    RULE_EXCLUDE,
    RULE_EXCLUDE_VIEWED, /* by the person, as far as their recent views reach */
    RULE_PRICE,          /* its price over the page's item's: min … max */
    RULE_STOCK,          /* its units: min … max */
    RULE_MATCH,          /* an attribute the same as, or other than, something's */
    RULE_MARGIN,         /* what of its price it earns: min per cent */
    RULE_MY_SIZE,        /* in stock in the person's size */
    RULE_BOOST,          /* lifts, lowers the score of the listed */
    RULE_BURY,
    RULE_PIN,       /* puts an item, or the best with a value, into a slot */
    RULE_CAP,       /* at most so many items of one value */
    RULE_SHUFFLE,   /* draws among the best */
    RULE_DIVERSITY, /* puts what is like those before further back */
    RULE_ARRIVALS,  /* keeps places in which new items are drawn */
    RULE_COUNT
};

enum rule_with {
    RULE_WITH_CURRENT_ITEM, /* the item the page is about, or the page's category */
    RULE_WITH_PERSON,       /* the value that weighs most among the person's affinities */
    RULE_WITH_BASKET        /* any item of the basket, the one sent and the one known */
};

/* What the marketer decides about a placement's items. One list; each kind uses what it needs. */
struct rule {
    enum rule_kind kind;
    struct slice attribute; /* "brand", "category" …; of a kind with a list: "" means item ids */
    const struct slice *values; /* INCLUDE, EXCLUDE, BOOST, BURY, PIN */
    size_t value_count;
    /* PRICE, STOCK: bounds, both allowed; max 0: none; CAP: max alone; MARGIN: min alone */
    double min, max;
    double factor;       /* BOOST: times this; BURY: divided by it */
    unsigned slot;       /* PIN: 1 is the first */
    unsigned among;      /* SHUFFLE: the best so many */
    double weight;       /* DIVERSITY: 0 to 1, of likeness against relevance */
    double share;        /* ARRIVALS: of the places, above 0 */
    unsigned days;       /* ARRIVALS: it came so many days ago at most */
    enum rule_with with; /* MATCH */
    bool differs;        /* MATCH: only what is other than that */
    bool keeps_unknown;  /* MARGIN, MY_SIZE: also what has no known margin, no size of theirs */
    bool off;            /* kept, but does not act */
    /* acts from this instant and before that one; 0: since ever, for ever */
    int64_t from_ms, until_ms;
};

/* Why a candidate did not leave: the first that holds, asked in the order hidden, stock, current,
 * caller, not included, excluded, what rule.h weighs in the order of the rules, bought, basket,
 * viewed, page, capped. */
enum removal {
    REMOVED_NOT,
    REMOVED_HIDDEN,
    REMOVED_STOCK,
    REMOVED_BOUGHT,
    REMOVED_BASKET,
    REMOVED_PAGE,
    REMOVED_CURRENT,
    REMOVED_NOT_INCLUDED,
    REMOVED_EXCLUDED,
    REMOVED_CALLER,
    REMOVED_VIEWED,
    REMOVED_PRICE,
    REMOVED_STOCK_LEVEL,
    REMOVED_MATCH,
    REMOVED_MARGIN, /* a secret of the shop: told to the marketer alone */
    REMOVED_SIZE,
    REMOVED_CAPPED, /* eligible, but there are enough with its value; asked after the scores */
    REMOVED_COUNT
};

#define RULE_PRICE_RATIO_MAX 1000.0
#define RULE_STOCK_MAX 1e9
#define RULE_MARGIN_MAX 100.0
#define RULE_FACTOR_MAX 10.0 /* of one boost or bury, and of all of an item together */
#define RULE_SHARE_MAX 0.5
enum {
    RULE_ATTRIBUTE_BYTES_MAX = 64,
    RULE_VALUE_BYTES_MAX = 256,
    RULE_DAYS_DEFAULT = 14, /* ARRIVALS */
    RULE_DAYS_MAX = 90
};

#endif
