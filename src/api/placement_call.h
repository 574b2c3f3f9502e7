/* What the calls that publish placements share. */
#ifndef VISAVIS_API_PLACEMENT_CALL_H
#define VISAVIS_API_PLACEMENT_CALL_H

#include "api/api.h"
#include "api/publishing.h"

enum { POLICY_BYTES_MAX = 8 << 20 };

/* The body with the id of the path, in the request's arena; an id in the body must be the same. */
enum status placement_of_path(const struct http_request *request, const struct json *body,
                              struct json *out_placement, struct diag *diag) MUST_CHECK;
/* {"version", "unknownItems"} */
void placement_answer(struct http_request *request, const struct published *published);

#endif
