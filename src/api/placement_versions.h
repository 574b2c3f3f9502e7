/* A placement through the published policies: what it was under a number, and where it changed.
 *
 * Every publish is a numbered policy of all placements, kept for ever; a version of one
 * placement is a policy in which it differs from the one before. Looking back reads at most
 * VERSIONS_READ_MAX policies and VERSIONS_BYTES_MAX bytes a call, and says where to go on. Any
 * thread but a loop's. */
#ifndef VISAVIS_API_PLACEMENT_VERSIONS_H
#define VISAVIS_API_PLACEMENT_VERSIONS_H

#include "api/engine.h"

enum {
    VERSIONS_READ_MAX = 200,
    VERSIONS_BYTES_MAX = 16 << 20,
    REVISION_TEXT_SIZE = 16 /* hexadecimal digits */
};

/* What a placement says, without whether it is stopped: equal revisions are equal placements. Empty
 * for NULL. In the arena. */
struct slice placement_revision(const struct placement *placement, struct arena *arena);

/* A placement in the policy of a number. */
struct version_name {
    uint32_t workspace, version;
    struct slice id;
};
struct placement_version {
    int64_t published_ms;
    struct slice by;
    const struct json *placement; /* as the policy's row has it */
};
/* STATUS_NOT_FOUND: no such policy, or the placement is not in it. */
enum status placement_version_get(struct store *store, const struct version_name *name,
                                  struct arena *arena,
                                  struct placement_version *out_version) MUST_CHECK;

struct versions_range {
    struct version_name newest; /* policy to look at */
    size_t limit;               /* changes to tell */
};
/* "versions": [{"version", "published", "by", "change", "changed"}], newest first, and "next" where
 * there is more to look through. */
enum status placement_versions_write(struct store *store, const struct versions_range *range,
                                     struct json_out *out) MUST_CHECK;

#endif
