#include "catalog/item_text.h"

#include "base/limits.h"

/* --- tags ------------------------------------------------------------------------------------- */

static bool is_letter(char byte)
{
    return (unsigned char)((byte | 0x20) - 'a') < 26;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_separator(char byte)
{
    return byte == '-' || byte == '_';
}

static struct slice language_of(struct slice tag)
{
    size_t size = 0;
    while (size < tag.size && !is_separator(tag.data[size]))
        size++;
    return slice_first(tag, size);
}

/* A language of 2 or 3 letters, then parts of 2 to 8 letters and digits. */
static bool is_tag(struct slice text)
{
    size_t part = 0;
    bool first = true;
    if (text.size > ITEM_LOCALE_BYTES_MAX)
        return false;
    for (size_t i = 0; i <= text.size; i++) {
        bool ends = i == text.size || is_separator(text.data[i]);
        if (ends && (part < 2 || part > (first ? 3 : 8)))
            return false;
        if (!ends && !is_letter(text.data[i]) && (first || !is_digit(text.data[i])))
            return false;
        first = first && !ends;
        part = ends ? 0 : part + 1;
    }
    return true;
}

bool locale_tag_read(struct slice text, struct arena *arena, struct slice *out_tag)
{
    text = slice_trim(text);
    if (!is_tag(text))
        return false;
    char *tag = arena_alloc(arena, text.size);
    size_t language = language_of(text).size;
    for (size_t i = 0; i < text.size; i++) {
        size_t end = i;
        while (end < text.size && !is_separator(text.data[end]))
            end++;
        bool region = end - i == 2 && i > language; /* two letters behind the language */
        for (; i < end; i++)
            tag[i] = is_digit(text.data[i])
                         ? text.data[i]
                         : (char)(region ? text.data[i] & ~0x20 : text.data[i] | 0x20);
        if (i < text.size)
            tag[i] = '-';
    }
    *out_tag = slice_make(tag, text.size);
    return true;
}

bool locale_same_language(struct slice left, struct slice right)
{
    return slice_equal_ignoring_case(language_of(left), language_of(right));
}

bool item_speaks_own(const struct item *item, struct slice locale, struct slice workspace)
{
    if (item->locale.size > 0 && locale.size > 0)
        return slice_equal(item->locale, locale);
    return locale_same_language(item->locale.size > 0 ? item->locale : workspace,
                                locale.size > 0 ? locale : workspace);
}

/* --- choosing --------------------------------------------------------------------------------- */

static struct item_text own_text(const struct item *item, struct slice workspace)
{
    return (struct item_text){.locale = item->locale.size > 0 ? item->locale : workspace,
                              .title = item->title,
                              .description = item->description,
                              .url = item->url,
                              .category = item->category};
}

static char fold(char byte)
{
    return (char)(is_separator(byte) ? '-' : is_letter(byte) ? byte | 0x20 : byte);
}

static bool same_tag(struct slice left, struct slice right)
{
    bool same = left.size == right.size;
    for (size_t i = 0; i < left.size && same; i++)
        same = fold(left.data[i]) == fold(right.data[i]);
    return same;
}

/* The very locale, else the first of its language, its own first; false when there is none. */
static bool find_text(const struct item *item, const struct item_text *own, struct slice locale,
                      struct item_text *out_text)
{
    const struct item_text *found = NULL;
    if (locale.size == 0)
        return false;
    for (size_t i = 0; i <= item->text_count && !found; i++) {
        const struct item_text *text = i == 0 ? own : &item->texts[i - 1];
        found = same_tag(text->locale, locale) ? text : NULL;
    }
    for (size_t i = 0; i <= item->text_count && !found; i++) {
        const struct item_text *text = i == 0 ? own : &item->texts[i - 1];
        found = locale_same_language(text->locale, locale) ? text : NULL;
    }
    if (found)
        *out_text = *found;
    return found != NULL;
}

struct item_text item_text_in(const struct item *item, const struct locale_wish *wish)
{
    struct item_text own = own_text(item, wish->workspace), text = own;
    if (item->text_count == 0)
        return own;
    if (!find_text(item, &own, wish->asked, &text))
        (void)find_text(item, &own, wish->workspace, &text);
    text.description = text.description.size > 0 ? text.description : own.description;
    text.url = text.url.size > 0 ? text.url : own.url;
    text.category = text.category.size > 0 ? text.category : own.category;
    return text;
}
