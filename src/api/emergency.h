/* A server without its store: when the disk is so full that the store cannot even be opened, the
 * shop's pages still get an answer.
 *
 * Decisions are answered with nothing to show and the reason (the page keeps its own content),
 * everything else with 503 and Retry-After. No key can be checked, so nothing is told that a key
 * would protect. */
#ifndef VISAVIS_API_EMERGENCY_H
#define VISAVIS_API_EMERGENCY_H

#include "http/http.h"

/* Fills routes and hooks of the server's options. */
void emergency_serve(struct http_options *options);

#endif
