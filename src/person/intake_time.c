/* When it happened: the client's clock is not ours.
 *
 *     timestamp = receivedAt − (sentAt − originalTimestamp)
 *
 *  originalTimestamp  sentAt   time of the event
 *  absent             any      received
 *  present            absent   original (nothing tells how wrong the clock is)
 *  present            present  received − (sent − original): right also when the clock is years off
 *  imported           any      as given
 *
 * An instant more than CLOCK_FUTURE_MS_MAX ahead of the receipt becomes the receipt and is
 * flagged; the original is kept beside it. */
#include "person/intake_work.h"

#include "base/clock.h"

/* ISO text, or a number: milliseconds since 1970, or seconds when it is too small for that. */
static bool read_instant(const struct json *value, int64_t *out_ms)
{
    static const int64_t seconds_most = INT64_C(100000000000), ms_most = INT64_C(253402300799999);
    if (json_is(value, JSON_STRING))
        return clock_parse_iso(slice_trim(value->text), out_ms);
    if (!json_is(value, JSON_INTEGER) || value->integer <= 0 || value->integer > ms_most)
        return false;
    *out_ms = value->integer < seconds_most ? value->integer * MS_PER_SECOND : value->integer;
    return true;
}

static bool original_time(const struct intake_work *work, int64_t *out_ms)
{
    const struct json *original = json_get(work->message, "originalTimestamp");
    const struct json *timestamp = json_get(work->message, "timestamp");
    const struct json *first = work->intake->imported ? timestamp : original;
    const struct json *second = work->intake->imported ? original : timestamp;
    return read_instant(first, out_ms) || read_instant(second, out_ms);
}

void intake_times(struct intake_work *work)
{
    const struct intake *intake = work->intake;
    struct event *event = work->event;
    int64_t original = intake->received_ms;
    bool told = original_time(work, &original);
    if (!read_instant(json_get(work->message, "sentAt"), &work->sent_ms))
        work->sent_ms = intake->sent_at_ms;
    int64_t time = original;
    if (told && !intake->imported && work->sent_ms != INT64_MIN)
        time = intake->received_ms - (work->sent_ms - original);
    if (time > intake->received_ms + CLOCK_FUTURE_MS_MAX) {
        time = intake->received_ms;
        event->flags |= EVENT_CLAMPED;
    }
    event->received_ms = intake->received_ms;
    event->original_ms = original;
    event->order.time_ms = time;
}
