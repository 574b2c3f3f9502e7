/* When each key was last used, to the second, since the server's start: what tells an owner that a
 * key may go. In memory, a table of fixed size without a lock; a key that finds no room is told as
 * not used. Any thread. */
#ifndef VISAVIS_API_KEY_USES_H
#define VISAVIS_API_KEY_USES_H

#include "api/workspaces.h"

struct key_uses;
struct key_uses *key_uses_new(void);
void key_uses_free(struct key_uses *uses);
void key_uses_note(struct key_uses *uses, const struct api_key *key, int64_t now_ms);
/* 0: not since the start. */
int64_t key_uses_last(const struct key_uses *uses, const struct api_key *key);

#endif
