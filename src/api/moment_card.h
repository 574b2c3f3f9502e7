/* The moment card: who, where, what was chosen, because …; for the live list and for the page of a
 * person. Borrows all that it names. */
#ifndef VISAVIS_API_MOMENT_CARD_H
#define VISAVIS_API_MOMENT_CARD_H

#include "catalog/catalog.h"
#include "decide/decide.h"

struct moment_card {
    const struct decide_input *input;
    const struct outcome *outcome;
    const struct catalog_snapshot *catalog;
    enum locale locale;
    struct uuid node; /* who asked; not told where nothing personal was read */
};
/* The members of the card of one decision, into an object that is open. */
void moment_card_write(const struct moment_card *card, size_t index, struct json_out *out);

#endif
