#include "base/yaml.h"

#include "base/limits.h"

#include <stdlib.h>
#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct diag *diag;
};

static enum status fail_at(struct reader *reader, yaml_mark_t mark, const char *sentence)
{
    if (reader->diag) {
        reader->diag->line = (unsigned)mark.line + 1;
        reader->diag->column = (unsigned)mark.column + 1;
    }
    return diag_set(reader->diag, STATUS_INVALID, "", "%s", sentence);
}

static enum status next_event(struct reader *reader, yaml_event_t *out_event)
{
    if (yaml_parser_parse(&reader->parser, out_event))
        return STATUS_OK;
    const char *problem = reader->parser.problem;
    return fail_at(reader, reader->parser.problem_mark,
                   problem ? problem : "This is not YAML; check indentation and quotes");
}

static bool is_number(struct slice text)
{
    char *end;
    char copy[64];
    bool starts = text.size && strchr("-+.0123456789", text.data[0]);
    if (!starts || text.size >= sizeof copy)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!strchr("+-.0123456789eE", text.data[i]))
            return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
    (void)strtod(copy, &end);
    return *end == 0 && end != copy;
}

/* A plain scalar by the core schema. A number keeps its text, as JSON's do. */
static void type_scalar(struct slice text, struct json *out)
{
    if (text.size == 0 || slice_is(text, "null") || slice_is(text, "~")) {
        out->kind = JSON_NULL;
    } else if (slice_is(text, "true") || slice_is(text, "false")) {
        out->kind = JSON_BOOL;
        out->boolean = slice_is(text, "true");
    } else if (slice_to_int64(text, &out->integer)) {
        out->kind = JSON_INTEGER;
        out->number = (double)out->integer;
    } else if (is_number(text)) {
        out->kind = JSON_NUMBER;
        out->number = strtod(text.data, NULL); /* NUL-terminated by arena_copy */
    } else {
        out->kind = JSON_STRING;
    }
}

static void read_scalar(struct reader *reader, const yaml_event_t *event, struct json *out)
{
    struct slice text =
        arena_copy(reader->arena, slice_make(event->data.scalar.value, event->data.scalar.length));
    *out = (struct json){.kind = JSON_STRING, .text = text};
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        type_scalar(text, out);
}

static enum status read_node(struct reader *reader, const yaml_event_t *event, unsigned depth,
                             struct json *out);

/* Room for one more of count elements of size bytes. */
static void *grown(struct reader *reader, void *list, size_t count, size_t size)
{
    bool full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);
    if (!full)
        return list;
    void *wider = arena_alloc_array(reader->arena, count ? 2 * count : 4, size);
    return count ? memcpy(wider, list, count * size) : wider;
}

static enum status read_sequence(struct reader *reader, unsigned depth, struct json *out)
{
    *out = (struct json){.kind = JSON_ARRAY};
    for (;;) {
        yaml_event_t event;
        enum status status = next_event(reader, &event);
        if (status != STATUS_OK)
            return status;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        if (!end) {
            out->elements = grown(reader, out->elements, out->count, sizeof *out->elements);
            status = read_node(reader, &event, depth + 1, &out->elements[out->count++]);
        }
        yaml_event_delete(&event);
        if (end || status != STATUS_OK)
            return status;
    }
}

static enum status read_member(struct reader *reader, const yaml_event_t *key, unsigned depth,
                               struct json_member *out)
{
    if (key->type != YAML_SCALAR_EVENT)
        return fail_at(reader, key->start_mark, "A key is a word; write it before the colon");
    out->name =
        arena_copy(reader->arena, slice_make(key->data.scalar.value, key->data.scalar.length));
    yaml_event_t event;
    enum status status = next_event(reader, &event);
    if (status != STATUS_OK)
        return status;
    status = read_node(reader, &event, depth + 1, &out->value);
    yaml_event_delete(&event);
    return status;
}

static enum status read_mapping(struct reader *reader, unsigned depth, struct json *out)
{
    *out = (struct json){.kind = JSON_OBJECT};
    for (;;) {
        yaml_event_t event;
        enum status status = next_event(reader, &event);
        if (status != STATUS_OK)
            return status;
        bool end = event.type == YAML_MAPPING_END_EVENT;
        if (!end) {
            out->members = grown(reader, out->members, out->count, sizeof *out->members);
            status = read_member(reader, &event, depth, &out->members[out->count++]);
        }
        yaml_event_delete(&event);
        if (end || status != STATUS_OK)
            return status;
    }
}

static enum status read_node(struct reader *reader, const yaml_event_t *event, unsigned depth,
                             struct json *out)
{
    if (depth > JSON_DEPTH_MAX)
        return fail_at(reader, event->start_mark, "This nests too deeply; 64 levels are read");
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        read_scalar(reader, event, out);
        return STATUS_OK;
    case YAML_SEQUENCE_START_EVENT:
        return read_sequence(reader, depth, out);
    case YAML_MAPPING_START_EVENT:
        return read_mapping(reader, depth, out);
    default:
        return fail_at(reader, event->start_mark,
                       "Anchors and aliases are not read; write the value out");
    }
}

static enum status read_document(struct reader *reader, struct json *out)
{
    for (;;) {
        yaml_event_t event;
        enum status status = next_event(reader, &event);
        if (status != STATUS_OK)
            return status;
        bool start =
            event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT;
        bool end = event.type == YAML_STREAM_END_EVENT;
        if (!start && !end)
            status = read_node(reader, &event, 1, out);
        yaml_event_delete(&event);
        if (!start)
            return status;
    }
}

enum status yaml_parse(struct arena *arena, struct slice text, const struct json **out_root,
                       struct diag *diag)
{
    struct reader reader = {.arena = arena, .diag = diag};
    if (!json_utf8_valid(text))
        return diag_set(diag, STATUS_INVALID, "", "The text is not valid UTF-8; save it as UTF-8");
    if (!yaml_parser_initialize(&reader.parser))
        abort();
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.data, text.size);
    struct json *root = ARENA_NEW(arena, struct json);
    enum status status = read_document(&reader, root);
    yaml_parser_delete(&reader.parser);
    if (status == STATUS_OK)
        *out_root = root;
    return status;
}

/* --- places ----------------------------------------------------------------------------------- */

/* Leaves the mark of the deepest thing found; false at the end of a text that breaks off. */
static bool seek(struct reader *reader, const yaml_event_t *event, struct slice path,
                 yaml_mark_t *mark);

/* The next thing; sought in when it is on the path. */
static bool seek_next(struct reader *reader, struct slice path, bool on_path, yaml_mark_t *mark)
{
    yaml_event_t event;
    yaml_mark_t passed;
    if (next_event(reader, &event) != STATUS_OK)
        return false;
    bool good = seek(reader, &event, on_path ? path : SLICE_NONE, on_path ? mark : &passed);
    yaml_event_delete(&event);
    return good;
}

/* "/rules/0" is "rules" and "/0". */
static struct slice first_of(struct slice path, struct slice *out_rest)
{
    struct slice name = path.size > 0 ? slice_from(path, 1) : SLICE_NONE;
    *out_rest = SLICE_NONE;
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] == '/') {
            *out_rest = slice_from(name, i);
            return slice_first(name, i);
        }
    return name;
}

static bool seek_members(struct reader *reader, struct slice path, yaml_mark_t *mark)
{
    struct slice rest, wanted = first_of(path, &rest);
    for (;;) {
        yaml_event_t key;
        if (next_event(reader, &key) != STATUS_OK)
            return false;
        bool end = key.type == YAML_MAPPING_END_EVENT, found = false;
        if (key.type == YAML_SCALAR_EVENT)
            found = wanted.size > 0 &&
                    slice_starts_with(slice_make(key.data.scalar.value, key.data.scalar.length),
                                      wanted);
        yaml_mark_t at = key.start_mark;
        yaml_event_delete(&key);
        if (end)
            return true;
        if (found)
            *mark = at;
        yaml_mark_t value = at;
        if (!seek_next(reader, rest, found, &value))
            return false;
        if (found && rest.size > 0)
            *mark = value;
    }
}

static bool seek_elements(struct reader *reader, struct slice path, yaml_mark_t *mark)
{
    struct slice rest, wanted = first_of(path, &rest);
    int64_t index = -1;
    (void)slice_to_int64(wanted, &index);
    for (int64_t i = 0;; i++) {
        yaml_event_t event;
        yaml_mark_t passed;
        if (next_event(reader, &event) != STATUS_OK)
            return false;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        bool good = end || seek(reader, &event, i == index ? rest : SLICE_NONE,
                                i == index ? mark : &passed);
        yaml_event_delete(&event);
        if (end || !good)
            return good;
    }
}

static bool seek(struct reader *reader, const yaml_event_t *event, struct slice path,
                 yaml_mark_t *mark)
{
    *mark = event->start_mark;
    if (event->type == YAML_MAPPING_START_EVENT)
        return seek_members(reader, path, mark);
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return seek_elements(reader, path, mark);
    return true;
}

void yaml_locate(struct slice text, struct slice pointer, struct diag *diag)
{
    struct reader reader = {0};
    yaml_mark_t mark = {0};
    if (!yaml_parser_initialize(&reader.parser))
        abort();
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.data, text.size);
    for (bool more = true; more;) {
        yaml_event_t event;
        more = next_event(&reader, &event) == STATUS_OK;
        if (!more)
            break;
        bool start =
            event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT;
        if (!start && event.type != YAML_STREAM_END_EVENT)
            (void)seek(&reader, &event, pointer, &mark);
        more = start;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&reader.parser);
    diag->line = (unsigned)mark.line + 1;
    diag->column = (unsigned)mark.column + 1;
}
