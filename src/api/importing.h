/* What an import asks of the engine and of a workspace; both outlive it. */
#ifndef VISAVIS_API_IMPORTING_H
#define VISAVIS_API_IMPORTING_H

#include "api/engine.h"
#include "import/import.h"

static inline struct import_house engine_import_house(const struct engine *engine)
{
    return (struct import_house){.store = engine->store,
                                 .ledger = engine->ledger,
                                 .people = engine->people,
                                 .catalog = engine->catalog};
}

static inline struct import_shop workspace_import_shop(const struct workspace *workspace)
{
    return (struct import_shop){.id = workspace->id,
                                .timezone = workspace->timezone,
                                .currency = workspace->currency,
                                .locale = workspace->locale,
                                .categories = workspace->categories,
                                .category_count = workspace->category_count,
                                .category_map = &workspace->category_map};
}

#endif
