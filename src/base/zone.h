/* Time zones, from ICU: days and months are the workspace's. Any thread; calendars are
 * kept per thread. */
#ifndef VISAVIS_BASE_ZONE_H
#define VISAVIS_BASE_ZONE_H

#include "base/slice.h"

/* Is it a zone of the IANA database ("Europe/Paris")? */
bool zone_exists(struct slice name);
/* Minutes east of UTC at an instant, with daylight saving; 0 for an unknown zone. */
int32_t zone_offset_minutes(struct slice name, int64_t utc_ms);
/* A local wall-clock time, given as if it were UTC, to UTC. In a gap the time moves ahead, of
 * two in a fold the first is taken. */
int64_t zone_local_to_utc(struct slice name, int64_t local_ms);
/* Days since 1970 of the local date at an instant. */
int32_t zone_local_day(struct slice name, int64_t utc_ms);

#endif
