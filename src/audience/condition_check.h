/* Does a condition make sense? Names and types against the schema, and what can never be true, is
 * always true or says nothing, found by comparing tests of the same thing with each other.
 *
 * What is wrong refuses a condition, what is doubtful is told. Never wrongly accuses: whatever the
 * comparison cannot decide it leaves alone. At most FINDINGS_MAX are kept, the first ones. */
#ifndef VISAVIS_AUDIENCE_CONDITION_CHECK_H
#define VISAVIS_AUDIENCE_CONDITION_CHECK_H

#include "audience/condition.h"

enum { FINDINGS_MAX = 50 };

struct finding {
    bool wrong;            /* else doubtful */
    unsigned line, column; /* 0 when the condition came as JSON */
    char sentence[256];
};

struct findings {
    struct finding list[FINDINGS_MAX];
    size_t count;
    bool wrong; /* one of them is */
};

void condition_check(const struct condition *condition, struct findings *out_findings);

/* --- between its files ------------------------------------------------------------------------ */

void finding_add(struct findings *findings, const struct condition_test *test, bool wrong,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Do both ask about the same thing? */
bool tests_share_subject(const struct condition_test *a, const struct condition_test *b);
/* Can they never both be true? */
bool tests_exclude(const struct condition_test *a, const struct condition_test *b);
/* Of what is known, is always one of them true? */
bool tests_cover(const struct condition_test *a, const struct condition_test *b);
/* Where a is true, is b too? */
bool test_implies(const struct condition_test *a, const struct condition_test *b);

#endif
