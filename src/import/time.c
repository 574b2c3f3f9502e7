/* Times as exports write them, to UTC. */
#include "import/reading.h"

#include "base/clock.h"
#include "base/zone.h"

#include <stdio.h>

/* The text after its date says where it stands: Z, or a sign after the hour. */
static bool has_offset(struct slice text)
{
    for (size_t i = 10; i < text.size; i++)
        if (strchr("Zz+-", text.data[i]))
            return true;
    return false;
}

/* Digits up to a byte, at most two; false when there are none. */
static bool take_pair(struct slice *text, char end, int *out_value)
{
    struct slice head = *text, rest = SLICE_NONE;
    int64_t value;
    if (!slice_cut(*text, end, &head, &rest) || head.size == 0 || head.size > 2 ||
        !slice_to_int64(head, &value) || value < 0)
        return false;
    *out_value = (int)value;
    *text = rest;
    return true;
}

/* "1/12/2010 8:26" to "2010-12-01T08:26". */
static bool from_slashes(struct slice text, char out_text[40])
{
    int day, month, hour = 0;
    struct slice year, clock = SLICE("00");
    if (!take_pair(&text, '/', &day) || !take_pair(&text, '/', &month) || text.size < 4)
        return false;
    year = slice_first(text, 4);
    if (text.size > 4) {
        clock = slice_trim(slice_from(text, 4));
        if (clock.size > 12 || !take_pair(&clock, ':', &hour))
            return false;
    }
    (void)snprintf(out_text, 40, "%.*s-%02d-%02dT%02d:%.*s", SLICE_ARG(year), month, day, hour,
                   SLICE_ARG(clock));
    return true;
}

enum status import_time(struct slice text, struct slice timezone, int64_t *out_ms,
                        struct diag *diag)
{
    char rewritten[40];
    int64_t ms;
    text = slice_trim(text);
    if (text.size < 64 && from_slashes(text, rewritten))
        text = slice_of(rewritten);
    if (!clock_parse_iso(text, &ms))
        return diag_set(diag, STATUS_INVALID, "time",
                        "\"%.*s\" is not a time: write 2026-03-01T10:20:30+01:00, 2026-03-01 10:20 "
                        "or 01/03/2026 10:20 (day first)",
                        SLICE_ARG(slice_first(text, 40)));
    *out_ms = has_offset(text) ? ms : zone_local_to_utc(timezone, ms);
    return STATUS_OK;
}
