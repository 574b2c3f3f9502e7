/* What an object of a request or a setting may hold, as a table: each refusal says where and how to
 * mend it.
 *
 * Looks at one object, not into its members. null counts as left out. Pure; for any thread. */
#ifndef VISAVIS_API_SHAPE_H
#define VISAVIS_API_SHAPE_H

#include "base/json.h"

enum shape_type {
    SHAPE_TEXT,
    SHAPE_SCALAR, /* a text or a number, as identifiers come */
    SHAPE_BOOL,
    SHAPE_COUNT, /* a whole number, min to max */
    SHAPE_LIST,  /* at most max */
    SHAPE_OBJECT,
    SHAPE_ANY
};

struct shape_member {
    const char *name;
    enum shape_type type;
    int64_t min, max;     /* of SHAPE_COUNT; of SHAPE_LIST max alone, 0: any number */
    const char *sentence; /* how to mend it; NULL: the type says enough */
};

struct shape {
    const char *at; /* JSON pointer of the object, "" the root */
    const struct shape_member *members;
    size_t count;
    bool open; /* others may stand there, and are passed over */
};

/* STATUS_INVALID, with the pointer of the member. json may be NULL or null: left out. */
enum status shape_check(const struct shape *shape, const struct json *json,
                        struct diag *diag) MUST_CHECK;

#endif
