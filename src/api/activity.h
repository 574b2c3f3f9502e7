/* How much each placement was asked for of late: decisions, how many of them were personalised and
 * how many fell back, by minute for an hour and by hour for a week.
 *
 * Counted in memory as calls are answered, so from the server's start on (activity_since); nothing
 * of a person is in it. Any thread; a mutex for some additions a call. Bounded: ACTIVITY_MAX
 * placements of all workspaces, 3 KiB each; what comes beyond is not counted and reads as zero. */
#ifndef VISAVIS_API_ACTIVITY_H
#define VISAVIS_API_ACTIVITY_H

#include "decide/decide.h"

enum { ACTIVITY_MAX = 4096 };

struct activity_count {
    uint64_t decisions, personalised, fallback;
};
struct activity_figures {
    struct activity_count hour; /* the minute under way and the 59 before it */
    struct activity_count day;  /* the hour under way and the 23 before it */
    struct activity_count week; /* the hour under way and the 167 before it */
};

struct activity;
struct activity *activity_new(int64_t now_ms);
void activity_free(struct activity *activity);
/* What was answered to a call; placements that are not published are left out. */
void activity_note(struct activity *activity, uint32_t workspace, int64_t now_ms,
                   const struct outcome *outcome);
void activity_read(struct activity *activity, uint32_t workspace, struct slice placement,
                   int64_t now_ms, struct activity_figures *out_figures);
int64_t activity_since(const struct activity *activity);

#endif
