#include "app/settings.h"

#include "app/command.h"
#include "app/files.h"
#include "base/yaml.h"

#include <stddef.h>
#include <stdlib.h>

#define TEXT(name, fallback, help)                                                                 \
    {                                                                                              \
#name, help, offsetof(struct settings, name), true, fallback, 0, 0, 0                      \
    }
#define NUMBER(name, fallback, min, max, help)                                                     \
    {                                                                                              \
#name, help, offsetof(struct settings, name), false, NULL, fallback, min, max              \
    }

static const struct setting table[] = {
    TEXT(data, "visavis-data", "the data directory"),
    TEXT(listen, "127.0.0.1:8080", "address and port; TLS belongs to a proxy in front"),
    TEXT(places, "", "a MaxMind DB file (.mmdb) for places by IP address; empty: none"),
    TEXT(trusted_proxies, "",
         "addresses or CIDR blocks whose X-Forwarded-For is believed, comma-separated"),
    TEXT(feed_hosts, "",
         "hosts (name or name:port) that feeds may be pulled from although they are private, "
         "comma-separated"),
    TEXT(backups, "",
         "the folder for backups that the console starts; empty: the data directory's path with "
         "-backups behind it"),
    NUMBER(threads, 2, 1, 64, "HTTP threads"),
    NUMBER(memory_mb, 512, 64, 1 << 20, "memory for the store's caches and for profiles, in MiB"),
    NUMBER(rate_per_second, 50000, 0, 10000000,
           "requests a second of one key, or of one address without a key; 0: no limit"),
    NUMBER(connections, 10000, 16, 1000000, "connections a thread"),
};

enum {
    SETTING_COUNT = sizeof table / sizeof table[0],
    FILE_BYTES_MAX = 1 << 20,
    NAME_LETTERS_MAX = 48
};

extern char **environ;

const struct setting *setting_at(size_t index)
{
    return index < SETTING_COUNT ? &table[index] : NULL;
}

static struct slice *text_of(const struct settings *settings, const struct setting *setting)
{
    return (struct slice *)((const char *)settings + setting->offset);
}

static int64_t *number_of(const struct settings *settings, const struct setting *setting)
{
    return (int64_t *)((const char *)settings + setting->offset);
}

void settings_init(struct settings *settings)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (table[i].is_text)
            *text_of(settings, &table[i]) = slice_of(table[i].fallback_text);
        else
            *number_of(settings, &table[i]) = table[i].fallback;
    }
}

static bool same_name(const char *name, struct slice text)
{
    if (strlen(name) != text.size)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (name[i] != (text.data[i] == '-' ? '_' : text.data[i]))
            return false;
    return true;
}

/* --- names that are none ---------------------------------------------------------------------- */

/* As settings are written: lower case, with underscores. Cut at NAME_LETTERS_MAX. */
static struct slice plain_name(struct slice name, char room[NAME_LETTERS_MAX])
{
    size_t size = name.size < NAME_LETTERS_MAX ? name.size : NAME_LETTERS_MAX;
    for (size_t i = 0; i < size; i++) {
        char byte = name.data[i];
        room[i] = (char)(byte == '-' ? '_' : byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
    }
    return slice_make(room, size);
}

/* How many letters to put in, take out or change (Levenshtein 1966), both within
 * NAME_LETTERS_MAX. */
static size_t distance(struct slice from, struct slice to)
{
    size_t
        row[NAME_LETTERS_MAX + 1]; /* from the letters of `from` so far to each beginning of `to` */
    for (size_t j = 0; j <= to.size; j++)
        row[j] = j;
    for (size_t i = 0; i < from.size; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < to.size; j++) {
            size_t change = corner + (from.data[i] != to.data[j]), above = row[j + 1] + 1;
            size_t least = above < row[j] + 1 ? above : row[j] + 1;
            corner = row[j + 1];
            row[j + 1] = change < least ? change : least;
        }
    }
    return row[to.size];
}

/* The setting that was meant: begun the same, or a third of its letters wrong at most; or NULL. */
static const struct setting *nearest(struct slice name)
{
    char room[NAME_LETTERS_MAX];
    const struct setting *best = NULL;
    struct slice plain = plain_name(name, room);
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        struct slice known = slice_of(table[i].name);
        size_t off = distance(plain, known);
        bool begun = plain.size > 2 && slice_starts_with(known, plain);
        if (off < least && (begun || 3 * off <= known.size)) {
            best = &table[i];
            least = off;
        }
    }
    return best;
}

static enum status set(struct settings *settings, struct slice name, struct slice value,
                       struct diag *diag)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &table[i];
        if (!same_name(setting->name, name))
            continue;
        if (!value.data)
            return diag_set(diag, STATUS_INVALID, setting->name, "%s is one value", setting->name);
        if (setting->is_text) {
            *text_of(settings, setting) = value;
            return STATUS_OK;
        }
        int64_t number;
        if (!slice_to_int64(value, &number) || number < setting->min || number > setting->max)
            return diag_set(diag, STATUS_INVALID, setting->name, "%s is a number from %lld to %lld",
                            setting->name, (long long)setting->min, (long long)setting->max);
        *number_of(settings, setting) = number;
        return STATUS_OK;
    }
    const struct setting *meant = nearest(name);
    return diag_set(diag, STATUS_INVALID, "", "There is no setting \"%.*s\"; %s%s", SLICE_ARG(name),
                    meant ? "did you mean " : "see visavis help serve", meant ? meant->name : "");
}

/* The place in front of what is wrong, as editors and people read it. */
static enum status wrong_in_file(const char *path, struct diag *diag)
{
    const struct diag found = *diag;
    return diag_set(diag, STATUS_INVALID, found.field, "%s:%u:%u: %s", path, found.line,
                    found.column, found.sentence);
}

/* One value of a file; an object or a list has no bytes. */
static struct slice value_of(const struct json *json)
{
    bool is_one = !json_is(json, JSON_OBJECT) && !json_is(json, JSON_ARRAY);
    return !is_one ? SLICE_NONE : json_is(json, JSON_NULL) ? SLICE("") : json_scalar_text(json);
}

/* Text lives in the arena. */
static enum status read_file(struct settings *settings, const char *path, struct arena *arena,
                             struct diag *diag)
{
    struct slice text;
    const struct json *root;
    enum status status = file_read(path, FILE_BYTES_MAX, arena, &text, diag);
    if (status != STATUS_OK)
        return status;
    if (yaml_parse(arena, text, &root, diag) != STATUS_OK)
        return wrong_in_file(path, diag);
    if (json_is(root, JSON_NULL))
        return STATUS_OK;
    if (!json_is(root, JSON_OBJECT))
        return diag_set(diag, STATUS_INVALID, "", "%s: Settings are written as name: value", path);
    for (size_t i = 0; i < root->count; i++) {
        const struct json_member *member = &root->members[i];
        if (set(settings, member->name, value_of(&member->value), diag) == STATUS_OK)
            continue;
        yaml_locate(text, arena_format(arena, "/%.*s", SLICE_ARG(member->name)), diag);
        return wrong_in_file(path, diag);
    }
    return STATUS_OK;
}

/* VISAVIS_NAME of a setting. */
static const char *variable_of(const struct setting *setting, char room[64])
{
    size_t size = 8;
    memcpy(room, "VISAVIS_", size);
    for (const char *from = setting->name; *from && size < 63; from++) {
        bool lower = *from >= 'a' && *from <= 'z';
        room[size++] = (char)(lower ? *from - 'a' + 'A' : *from);
    }
    room[size] = 0;
    return getenv(room);
}

static enum status read_environment(struct settings *settings, struct diag *diag)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        char room[64];
        const char *value = variable_of(&table[i], room);
        enum status status =
            value ? set(settings, slice_of(table[i].name), slice_of(value), diag) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* Options on their way: one (name, value) after the other. */
struct options {
    const char *const *arguments;
    int count, at;
};

static enum status read_pair(struct options *options, struct slice *out_name,
                             struct slice *out_value, struct diag *diag)
{
    struct slice text = slice_of(options->arguments[options->at++]);
    if (!slice_starts_with(text, SLICE("--")))
        return diag_set(diag, STATUS_INVALID, "",
                        "\"%.*s\" is not an option; see visavis help serve", SLICE_ARG(text));
    text = slice_from(text, 2);
    if (slice_cut(text, '=', out_name, out_value))
        return STATUS_OK;
    if (options->at == options->count)
        return diag_set(diag, STATUS_INVALID, "", "--%.*s needs a value", SLICE_ARG(text));
    *out_name = text;
    *out_value = slice_of(options->arguments[options->at++]);
    return STATUS_OK;
}

/* files: reads the files named by --config, else sets what all other options say. */
static enum status read_pass(struct settings *settings, struct options options, bool files,
                             struct arena *arena, struct diag *diag)
{
    while (options.at < options.count) {
        struct slice name = SLICE_NONE, value = SLICE_NONE;
        enum status status = read_pair(&options, &name, &value, diag);
        bool is_file = status == STATUS_OK && slice_is(name, "config");
        if (is_file && files)
            status = read_file(settings, value.data, arena, diag);
        else if (status == STATUS_OK && !is_file && !files)
            status = set(settings, name, value, diag);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status settings_read_options(struct settings *settings, int count,
                                  const char *const *arguments, struct arena *arena,
                                  struct diag *diag)
{
    const struct options options = {arguments, count, 0};
    enum status status = read_pass(settings, options, true, arena, diag);
    if (status == STATUS_OK)
        status = read_environment(settings, diag);
    return status == STATUS_OK ? read_pass(settings, options, false, arena, diag) : status;
}

static bool is_read(struct slice variable)
{
    char room[64];
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        (void)variable_of(&table[i], room);
        if (slice_is(variable, room))
            return true;
    }
    return false;
}

void settings_tell_unknown(void (*tell)(struct slice variable, const char *meant))
{
    for (char **at = environ; *at; at++) {
        struct slice name, value, head = SLICE("VISAVIS_");
        if (!slice_starts_with(slice_of(*at), head) ||
            !slice_cut(slice_of(*at), '=', &name, &value) || is_read(name))
            continue;
        const struct setting *meant = nearest(slice_from(name, head.size));
        tell(name, meant ? meant->name : NULL);
    }
}

void settings_print(const struct settings *settings, struct output *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (table[i].is_text)
            output_format(out, "%s: \"%.*s\"\n", table[i].name,
                          SLICE_ARG(*text_of(settings, &table[i])));
        else
            output_format(out, "%s: %lld\n", table[i].name,
                          (long long)*number_of(settings, &table[i]));
    }
}
