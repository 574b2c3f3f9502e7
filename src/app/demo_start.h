/* `visavis demo`: the demo workspace and its keys, and what is printed at start.
 *
 * What fills the shop stands in demo.h, who comes afterwards in demo_live.h. */
#ifndef VISAVIS_APP_DEMO_START_H
#define VISAVIS_APP_DEMO_START_H

#include "api/engine.h"

#define DEMO_WORKSPACE "demo"

/* New ones at each start, because old ones cannot be read back: those of earlier starts are
 * revoked. */
struct demo_keys {
    char write_key[KEY_TEXT_MAX], secret_key[KEY_TEXT_MAX];
    bool fresh; /* the workspace was made by this start */
};

/* Makes the workspace "demo" and fills it when the directory is new; answers keys either way. */
enum status demo_prepare(struct engine *engine, struct demo_keys *out_keys,
                         struct diag *diag) MUST_CHECK;
/* Prints keys, three curl lines and, last, the addresses of shop and console with a link that signs
 * the owner in once; or all but the calls as one JSON line. url: as the server listens. */
void demo_tell(struct engine *engine, const struct demo_keys *keys, struct slice url, bool json);

#endif
