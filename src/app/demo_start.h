/* `visavis demo`: the demo workspace and its keys, what is printed at start, and the thread that
 * keeps simulated visitors coming.
 *
 * What fills the shop and what a visitor does stand in demo.h. */
#ifndef VISAVIS_APP_DEMO_START_H
#define VISAVIS_APP_DEMO_START_H

#include "api/engine.h"

/* New ones at each start, because old ones cannot be read back: those of earlier starts are
 * revoked. */
struct demo_keys {
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
};

/* Makes the workspace "demo" and fills it when the directory is new; answers keys either way. */
enum status demo_prepare(struct engine *engine, struct demo_keys *out_keys,
                         struct diag *diag) MUST_CHECK;
/* Prints URL, keys and three curl lines, or the same as one JSON line. */
void demo_tell(const struct demo_keys *keys, struct slice url, bool json);

struct demo_live;
/* port on 127.0.0.1. */
struct demo_live *demo_live_start(unsigned port, const char *write_key);
void demo_live_stop(struct demo_live *live); /* NULL is nothing */

#endif
