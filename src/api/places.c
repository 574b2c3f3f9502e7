#include "api/places.h"

#include "base/arena.h"

#include <maxminddb.h>
#include <stdlib.h>

struct places {
    MMDB_s database;
};

enum status places_open(const char *path, struct places **out_places, struct diag *diag)
{
    struct places *places = must_alloc_zero(1, sizeof *places);
    int error = MMDB_open(path, MMDB_MODE_MMAP, &places->database);
    if (error != MMDB_SUCCESS) {
        free(places);
        enum status status = error == MMDB_FILE_OPEN_ERROR ? STATUS_NOT_FOUND : STATUS_CORRUPT;
        return diag_set(diag, status, "places", "%s: %s; name a MaxMind DB file (.mmdb)", path,
                        MMDB_strerror(error));
    }
    *out_places = places;
    return STATUS_OK;
}

void places_close(struct places *places)
{
    if (!places)
        return;
    MMDB_close(&places->database);
    free(places);
}

static struct slice text_at(MMDB_entry_s *entry, const char *const path[])
{
    MMDB_entry_data_s data;
    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_UTF8_STRING)
        return SLICE_NONE;
    return slice_make(data.utf8_string, data.data_size);
}

bool places_find(void *context, struct slice ip, struct intake_place *out_place)
{
    struct places *places = context;
    char text[64];
    if (ip.size == 0 || ip.size >= sizeof text)
        return false;
    memcpy(text, ip.data, ip.size);
    text[ip.size] = 0;
    int lookup_error, database_error;
    MMDB_lookup_result_s result =
        MMDB_lookup_string(&places->database, text, &lookup_error, &database_error);
    if (lookup_error || database_error != MMDB_SUCCESS || !result.found_entry)
        return false;
    static const char *const country[] = {"country", "iso_code", NULL};
    static const char *const flat_country[] = {"country_code", NULL}; /* the free npm databases */
    static const char *const region[] = {"subdivisions", "0", "iso_code", NULL};
    static const char *const city[] = {"city", "names", "en", NULL};
    struct intake_place place = {text_at(&result.entry, country), text_at(&result.entry, region),
                                 text_at(&result.entry, city)};
    if (place.country.size == 0)
        place.country = text_at(&result.entry, flat_country);
    *out_place = place;
    return place.country.size > 0;
}
