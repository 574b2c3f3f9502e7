/* UUIDv7 (RFC 9562): 48 bits of milliseconds, then a counter and randomness; ordered by making
 * within a process. */
#ifndef VISAVIS_BASE_UUID_H
#define VISAVIS_BASE_UUID_H

#include "base/slice.h"

enum { UUID_TEXT_SIZE = 36 };

struct uuid {
    uint8_t bytes[16];
};

struct uuid uuid_new(void); /* any thread */
bool uuid_is_zero(struct uuid uuid);
bool uuid_equal(struct uuid a, struct uuid b);
int uuid_compare(struct uuid a, struct uuid b);
void uuid_format(struct uuid uuid, char out_text[UUID_TEXT_SIZE + 1]);
bool uuid_parse(struct slice text, struct uuid *out_uuid);

#endif
