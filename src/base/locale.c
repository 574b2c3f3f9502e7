#include "base/locale.h"

enum locale locale_from_text(struct slice text, enum locale fallback)
{
    static const char *const names[LOCALE_COUNT] = {"fr", "en"};
    bool bare = text.size == 2;
    bool tagged = text.size > 2 && (text.data[2] == '-' || text.data[2] == '_');
    if (!bare && !tagged)
        return fallback;
    for (int locale = 0; locale < LOCALE_COUNT; locale++)
        if (slice_equal_ignoring_case(slice_first(text, 2), slice_of(names[locale])))
            return (enum locale)locale;
    return fallback;
}

const char *locale_name(enum locale locale)
{
    return locale == LOCALE_FR ? "fr" : "en";
}
