/* Money as shops write it to minor units, exactly: never through a double. Pure. */
#ifndef VISAVIS_CATALOG_MONEY_H
#define VISAVIS_CATALOG_MONEY_H

#include "base/diag.h"
#include "base/json_out.h"
#include "base/slice.h"

/* Three capital letters. Whether such a currency exists is not asked. */
bool currency_valid(struct slice currency);
/* Digits after the point: JPY 0, EUR 2, KWD 3 (ISO 4217). */
unsigned currency_digits(struct slice currency);

/* "12.5", "12,50" (a comma before one or two digits), "15.00 EUR", "EUR 15": minor units, at
 * most 9e15, a surplus digit rounds half up. The text's own currency, when it has one, goes to
 * out_currency, which otherwise stays. STATUS_INVALID with how to mend it. */
enum status money_parse(struct slice text, struct slice *inout_currency, int64_t *out_minor,
                        struct diag *diag) MUST_CHECK;
/* Does the text name its own currency? */
bool money_names_currency(struct slice text);
/* "12.50" */
void money_format(int64_t minor, struct slice currency, char out_text[32]);
/* The same as a text of JSON; none below zero, where the price is unknown. */
void money_member(struct json_out *out, const char *name, int64_t minor, struct slice currency);
/* The band of a price on a scale that grows with it, "20-50"; a hundred times as wide without
 * minor units. Empty for an unknown price (-1). */
struct slice money_band(int64_t minor, struct slice currency);

#endif
