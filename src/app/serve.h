/* `visavis serve` and `visavis demo`: opens the engine, listens, waits for SIGTERM or SIGINT,
 * drains. */
#ifndef VISAVIS_APP_SERVE_H
#define VISAVIS_APP_SERVE_H

#include "app/settings.h"

/* Blocks until told to stop. Answers the exit code. demo: fills an empty directory with the demo
 * shop first, prints what to try, and keeps simulated visitors coming; json prints that as one
 * JSON line. */
struct serve_options {
    struct settings settings;
    bool demo, json;
};
int serve(const struct serve_options *options);

#endif
