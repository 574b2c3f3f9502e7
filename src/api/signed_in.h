/* A call of a browser that is signed in: its cookie, whose session that is, and whether the page
 * that sent it is one of ours. Any thread. */
#ifndef VISAVIS_API_SIGNED_IN_H
#define VISAVIS_API_SIGNED_IN_H

#include "api/api.h"

enum { CSRF_TEXT_SIZE = 65 };

struct signed_in {
    struct user user;
    struct user_session session;
    struct slice secret; /* the cookie's value; borrows from the request */
};

/* False: no cookie of ours, or none that lives, or of a user who may not come any more. */
bool signed_in_find(struct api *api, const struct http_request *request,
                    struct signed_in *out_signed_in);

/* For what changes state: sent by a page of ours (Sec-Fetch-Site, else Origin), with the token that
 * only such a page has read, and not as a form could. STATUS_FORBIDDEN says what is missing. */
enum status signed_in_check(const struct http_request *request, const struct signed_in *signed_in,
                            struct diag *diag) MUST_CHECK;
/* The same for a login, which has no token yet; what is no browser sends neither header. */
enum status signed_in_check_login(const struct http_request *request, struct diag *diag) MUST_CHECK;

/* X-CSRF-Token of a session. */
void signed_in_csrf(struct slice secret, char out_text[CSRF_TEXT_SIZE]);
/* Set-Cookie for a secret; empty: takes the cookie away. In the arena. */
struct slice signed_in_cookie(struct slice secret, struct arena *arena);

/* For routes of users themselves: a session and the route's scope, whatever the workspace. NULL:
 * answered with a problem. In the request's arena. */
struct signed_in *api_enter_signed_in(struct api *api, struct http_request *request);

#endif
