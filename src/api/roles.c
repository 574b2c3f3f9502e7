#include "api/roles.h"

#include <assert.h>

#define CAN(scope) (1U << SCOPE_##scope)

enum {
    READS = CAN(DECISIONS_READ) | CAN(STREAM_READ), /* what was shown and why, without a name */
};

static const struct {
    const char *name;
    uint32_t scopes;
} roles[USER_ROLE_COUNT] = {
    [USER_ROLE_OWNER] = {"owner", ((1U << SCOPE_COUNT) - 1) & ~CAN(EVENTS_WRITE)},
    [USER_ROLE_MARKETER] = {"marketer", READS | CAN(DECIDE) | CAN(CATALOG_WRITE) |
                                            CAN(PLACEMENTS_WRITE) | CAN(IMPORTS_WRITE)},
    [USER_ROLE_ANALYST] = {"analyst", READS},
    [USER_ROLE_AGENT] = {"agent", CAN(DECISIONS_READ) | CAN(PROFILES_READ) | CAN(CONSENT_WRITE)},
    [USER_ROLE_PRIVACY] = {"privacy", CAN(DECISIONS_READ) | CAN(PROFILES_READ) |
                                          CAN(CONSENT_WRITE) | CAN(ERASE) | CAN(AUDIT_READ)},
    [USER_ROLE_DEVELOPER] = {"developer", READS | CAN(DECIDE) | CAN(CATALOG_WRITE) |
                                              CAN(EVENTS_READ) | CAN(SETTINGS_WRITE) |
                                              CAN(KEYS_WRITE) | CAN(IMPORTS_WRITE)},
};

const char *role_name(enum user_role role)
{
    assert(role < USER_ROLE_COUNT);
    return roles[role].name;
}

bool role_from_name(struct slice name, enum user_role *out_role)
{
    for (int role = 0; role < USER_ROLE_COUNT; role++) {
        if (slice_is(name, roles[role].name)) {
            *out_role = (enum user_role)role;
            return true;
        }
    }
    return false;
}

uint32_t role_scopes(enum user_role role)
{
    assert(role < USER_ROLE_COUNT);
    return roles[role].scopes;
}
