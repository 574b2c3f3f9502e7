/* Where an IP address is, from a MaxMind database file that the operator names. The door to
 * libmaxminddb; any thread. */
#ifndef VISAVIS_API_PLACES_H
#define VISAVIS_API_PLACES_H

#include "person/intake.h"

struct places;

/* STATUS_NOT_FOUND, STATUS_CORRUPT. The file is mapped and checked for its kind (City or
 * Country). */
enum status places_open(const char *path, struct places **out_places, struct diag *diag) MUST_CHECK;
void places_close(struct places *places);
/* An intake_ip_lookup: ISO country, region and city (English names), borrowed from the mapped
 * file; false for an address it does not know. */
bool places_find(void *places, struct slice ip, struct intake_place *out_place);

#endif
