/* What reading a placement and reading its rules share: where we are in the document, and telling
 * what is wrong there. Inside decide/ only; lives on the stack of policy_read.c. */
#ifndef VISAVIS_DECIDE_POLICY_READER_H
#define VISAVIS_DECIDE_POLICY_READER_H

#include "decide/policy.h"

/* The pointer is built only to be told. */
struct reader {
    struct arena *arena;
    struct diag *diag;
    char at[48]; /* pointer of the object being read, "" for the root */
};

/* The same document, at the index-th thing of a list of this object. */
struct reader reader_inside(const struct reader *reader, const char *list, size_t index);
/* STATUS_INVALID with the place and the sentence; member "" is the object itself. */
enum status reader_refuse(const struct reader *reader, const char *member, const char *sentence);
/* Every member must be one of the names, comma and space between them. */
enum status reader_members(const struct reader *reader, const struct json *json,
                           const char *allowed) MUST_CHECK;

const char *rule_with_name(enum rule_with with); /* "current_item" */

struct range {
    const char *member;
    double min, max;
    bool above_min; /* min itself is not allowed */
    bool whole;
    const char *sentence;
};

/* Absent leaves *value as it is. */
enum status reader_number(const struct reader *reader, const struct json *json,
                          const struct range *range, double *value) MUST_CHECK;

/* order_read.c: the members "items" and "moves" of a placement of kind order. */
enum status order_read(const struct reader *reader, const struct json *json,
                       struct placement *placement) MUST_CHECK;
void order_to_json(const struct placement *placement, struct json_out *out);
/* recipe_read.c: the members "recipe" and then "fallback" of a placement. */
enum status recipe_read(const struct reader *reader, const struct json *json,
                        struct placement *placement) MUST_CHECK;
enum status fallback_read(const struct reader *reader, const struct json *json,
                          struct placement *placement) MUST_CHECK;
/* arrange_read.c: what the rules that arrange say. */
enum status boost_read(const struct reader *reader, const struct json *json,
                       struct rule *rule) MUST_CHECK; /* bury as well */
enum status pin_read(const struct reader *reader, const struct json *json,
                     struct rule *rule) MUST_CHECK;
enum status cap_read(const struct reader *reader, const struct json *json,
                     struct rule *rule) MUST_CHECK;
enum status shuffle_read(const struct reader *reader, const struct json *json,
                         struct rule *rule) MUST_CHECK;
enum status diversity_read(const struct reader *reader, const struct json *json,
                           struct rule *rule) MUST_CHECK;
enum status arrivals_read(const struct reader *reader, const struct json *json,
                          struct rule *rule) MUST_CHECK;

/* rule_read.c: the attribute, which may be absent where it is not `needed`; then the list of a
 * rule, which is of items when there is none; the member "rules" of a placement. */
enum status rule_attribute_read(const struct reader *reader, const struct json *json, bool needed,
                                struct rule *rule) MUST_CHECK;
enum status rule_list_read(const struct reader *reader, const struct json *json,
                           struct rule *rule) MUST_CHECK;
enum status rules_read(const struct reader *reader, const struct json *json,
                       struct placement *placement) MUST_CHECK;

#endif
