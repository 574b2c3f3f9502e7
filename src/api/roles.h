/* What each sort of user may do: one table of roles and their scopes, told in docs/users.md. Pure;
 * any thread. */
#ifndef VISAVIS_API_ROLES_H
#define VISAVIS_API_ROLES_H

#include "api/keys.h"

/* Stored by name. */
enum user_role {
    USER_ROLE_OWNER,
    USER_ROLE_MARKETER,
    USER_ROLE_ANALYST,
    USER_ROLE_AGENT,
    USER_ROLE_PRIVACY,
    USER_ROLE_DEVELOPER,
    USER_ROLE_COUNT
};

const char *role_name(enum user_role role); /* "marketer" */
bool role_from_name(struct slice name, enum user_role *out_role);
/* Bit per enum scope. Nobody has events:write: what happens at a shop is told with its keys. */
uint32_t role_scopes(enum user_role role);

#endif
