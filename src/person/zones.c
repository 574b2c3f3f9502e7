/* The country that a time zone speaks of: Europe, the French overseas, and the largest others.
 * The weakest of all signs of a place; what is not here says nothing. In byte order, for the
 * search. */
#include "person/intake_work.h"

static const struct {
    const char *zone, *country;
} ZONES[] = {
    {"Africa/Abidjan", "CI"},      {"Africa/Algiers", "DZ"},
    {"Africa/Cairo", "EG"},        {"Africa/Casablanca", "MA"},
    {"Africa/Ceuta", "ES"},        {"Africa/Dakar", "SN"},
    {"Africa/Johannesburg", "ZA"}, {"Africa/Lagos", "NG"},
    {"Africa/Nairobi", "KE"},      {"Africa/Tunis", "TN"},
    {"America/Anchorage", "US"},   {"America/Argentina/Buenos_Aires", "AR"},
    {"America/Bogota", "CO"},      {"America/Buenos_Aires", "AR"},
    {"America/Cayenne", "GF"},     {"America/Chicago", "US"},
    {"America/Denver", "US"},      {"America/Detroit", "US"},
    {"America/Edmonton", "CA"},    {"America/Guadeloupe", "GP"},
    {"America/Halifax", "CA"},     {"America/Lima", "PE"},
    {"America/Los_Angeles", "US"}, {"America/Martinique", "MQ"},
    {"America/Mexico_City", "MX"}, {"America/Miquelon", "PM"},
    {"America/Montreal", "CA"},    {"America/New_York", "US"},
    {"America/Phoenix", "US"},     {"America/Regina", "CA"},
    {"America/Santiago", "CL"},    {"America/Sao_Paulo", "BR"},
    {"America/St_Johns", "CA"},    {"America/Toronto", "CA"},
    {"America/Vancouver", "CA"},   {"America/Winnipeg", "CA"},
    {"Asia/Bangkok", "TH"},        {"Asia/Beirut", "LB"},
    {"Asia/Calcutta", "IN"},       {"Asia/Dubai", "AE"},
    {"Asia/Ho_Chi_Minh", "VN"},    {"Asia/Hong_Kong", "HK"},
    {"Asia/Jakarta", "ID"},        {"Asia/Jerusalem", "IL"},
    {"Asia/Kolkata", "IN"},        {"Asia/Kuala_Lumpur", "MY"},
    {"Asia/Manila", "PH"},         {"Asia/Nicosia", "CY"},
    {"Asia/Riyadh", "SA"},         {"Asia/Seoul", "KR"},
    {"Asia/Shanghai", "CN"},       {"Asia/Singapore", "SG"},
    {"Asia/Taipei", "TW"},         {"Asia/Tokyo", "JP"},
    {"Atlantic/Azores", "PT"},     {"Atlantic/Canary", "ES"},
    {"Atlantic/Madeira", "PT"},    {"Atlantic/Reykjavik", "IS"},
    {"Australia/Adelaide", "AU"},  {"Australia/Brisbane", "AU"},
    {"Australia/Hobart", "AU"},    {"Australia/Melbourne", "AU"},
    {"Australia/Perth", "AU"},     {"Australia/Sydney", "AU"},
    {"Europe/Amsterdam", "NL"},    {"Europe/Andorra", "AD"},
    {"Europe/Athens", "GR"},       {"Europe/Belgrade", "RS"},
    {"Europe/Berlin", "DE"},       {"Europe/Bratislava", "SK"},
    {"Europe/Brussels", "BE"},     {"Europe/Bucharest", "RO"},
    {"Europe/Budapest", "HU"},     {"Europe/Busingen", "DE"},
    {"Europe/Chisinau", "MD"},     {"Europe/Copenhagen", "DK"},
    {"Europe/Dublin", "IE"},       {"Europe/Gibraltar", "GI"},
    {"Europe/Helsinki", "FI"},     {"Europe/Istanbul", "TR"},
    {"Europe/Kiev", "UA"},         {"Europe/Kyiv", "UA"},
    {"Europe/Lisbon", "PT"},       {"Europe/Ljubljana", "SI"},
    {"Europe/London", "GB"},       {"Europe/Luxembourg", "LU"},
    {"Europe/Madrid", "ES"},       {"Europe/Malta", "MT"},
    {"Europe/Minsk", "BY"},        {"Europe/Monaco", "MC"},
    {"Europe/Moscow", "RU"},       {"Europe/Oslo", "NO"},
    {"Europe/Paris", "FR"},        {"Europe/Podgorica", "ME"},
    {"Europe/Prague", "CZ"},       {"Europe/Riga", "LV"},
    {"Europe/Rome", "IT"},         {"Europe/San_Marino", "SM"},
    {"Europe/Sarajevo", "BA"},     {"Europe/Skopje", "MK"},
    {"Europe/Sofia", "BG"},        {"Europe/Stockholm", "SE"},
    {"Europe/Tallinn", "EE"},      {"Europe/Tirane", "AL"},
    {"Europe/Vaduz", "LI"},        {"Europe/Vatican", "VA"},
    {"Europe/Vienna", "AT"},       {"Europe/Vilnius", "LT"},
    {"Europe/Warsaw", "PL"},       {"Europe/Zagreb", "HR"},
    {"Europe/Zurich", "CH"},       {"Indian/Mayotte", "YT"},
    {"Indian/Reunion", "RE"},      {"Pacific/Auckland", "NZ"},
    {"Pacific/Honolulu", "US"},    {"Pacific/Noumea", "NC"},
    {"Pacific/Tahiti", "PF"},
};

struct slice zone_country(struct slice zone)
{
    size_t low = 0, high = sizeof ZONES / sizeof *ZONES;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(slice_of(ZONES[middle].zone), zone);
        if (order == 0)
            return slice_of(ZONES[middle].country);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SLICE_NONE;
}
