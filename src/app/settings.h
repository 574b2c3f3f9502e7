/* How a server runs: defaults, then a YAML file, then VISAVIS_* variables, then options;
 * checked, and printed without secrets (there are none in it). */
#ifndef VISAVIS_APP_SETTINGS_H
#define VISAVIS_APP_SETTINGS_H

#include "base/arena.h"
#include "base/diag.h"

struct output;

struct settings {
    struct slice data, listen, places, feed_hosts, backups,
        trusted_proxies; /* proxies: addresses or CIDR blocks, comma-separated */
    int64_t threads, memory_mb, rate_per_second, connections;
};

/* One row of the table of settings, from which file, environment, options, help and print
 * derive. */
struct setting {
    const char *name, *help;
    size_t offset;
    bool is_text;
    const char *fallback_text;
    int64_t fallback, min, max;
};
const struct setting *setting_at(size_t index); /* NULL beyond the end */

void settings_init(struct settings *settings);
/* --name value or --name=value; --config FILE is read first. */
enum status settings_read_options(struct settings *settings, int count,
                                  const char *const *arguments, struct arena *arena,
                                  struct diag *diag) MUST_CHECK;
/* Variables VISAVIS_* that no setting reads, each with the setting that was likely meant, or NULL.
 * They are no reason not to start: a container's surroundings make some of the same beginning. */
void settings_tell_unknown(void (*tell)(struct slice variable, const char *meant));
void settings_print(const struct settings *settings, struct output *out);

#endif
