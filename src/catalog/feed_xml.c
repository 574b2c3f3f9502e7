#include "catalog/feed_xml.h"

#include "base/hash.h"
#include "catalog/feed.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>

enum {
    DEPTH_MAX = 32,
    NAME_BYTES_MAX = 100, /* of an element; longer ones are none of ours */
    NAMESPACE_END = '\n'  /* what expat puts between a namespace and a name: in neither */
};

/* A value of the item: name and value in xml->text, one after the other. */
struct value {
    uint32_t name, name_size, at, size;
    bool google;  /* wins over the same name of RSS or Atom */
    bool dropped; /* … which then is */
};

struct feed_xml {
    XML_Parser parser;
    struct feed_xml_source source;
    struct value *values; /* FEED_COLUMNS_MAX */
    size_t count, outer;  /* outer: the value that elements within it belong to */
    struct buf text;
    int depth, item_depth; /* item_depth 0: outside an item */
    int value_depth;       /* of the element whose text is gathered */
    bool gathering, item_ready, too_large, too_many, suspended, ended, broken;
    size_t quiet_bytes; /* given since expat last said anything */
    unsigned line, column;
    struct diag why; /* of what is broken */
};

/* --- what breaks ------------------------------------------------------------------------------ */

static enum status break_here(struct feed_xml *xml, const char *sentence)
{
    xml->broken = true;
    xml->why.line = (unsigned)XML_GetCurrentLineNumber(xml->parser);
    if (xml->why.line < xml->line) /* a reader is promised that lines never go back */
        xml->why.line = xml->line;
    xml->why.column = (unsigned)XML_GetCurrentColumnNumber(xml->parser) + 1;
    return diag_set(&xml->why, STATUS_INVALID, "", "%s", sentence);
}

static void stop(struct feed_xml *xml, const char *sentence)
{
    (void)break_here(xml, sentence);
    XML_StopParser(xml->parser, XML_FALSE);
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int has_internal)
{
    (void)name, (void)system, (void)public, (void)has_internal;
    stop(context, "the file has a document type (<!DOCTYPE): leave it out, feeds need none");
}

static void on_quiet(void *context, const XML_Char *data)
{
    (void)data;
    ((struct feed_xml *)context)->quiet_bytes = 0;
}

static void on_instruction(void *context, const XML_Char *target, const XML_Char *data)
{
    (void)target;
    on_quiet(context, data);
}

/* --- names ------------------------------------------------------------------------------------ */

enum origin { ORIGIN_PLAIN, ORIGIN_GOOGLE, ORIGIN_FOREIGN };

static struct slice local_name(const XML_Char *name, enum origin *out_origin)
{
    struct slice space, local, whole = slice_of(name);
    *out_origin = ORIGIN_PLAIN;
    if (!slice_cut(whole, NAMESPACE_END, &space, &local))
        return whole;
    if (slice_starts_with(space, SLICE("http://base.google.com/")) ||
        slice_starts_with(space, SLICE("https://base.google.com/")))
        *out_origin = ORIGIN_GOOGLE;
    else if (!slice_starts_with(space, SLICE("http://www.w3.org/2005/Atom")) &&
             !slice_starts_with(space, SLICE("http://purl.org/rss/1.0/")) &&
             !slice_starts_with(space, SLICE("http://purl.org/atom/")))
        *out_origin = ORIGIN_FOREIGN;
    return local;
}

static bool names_item(struct slice name)
{
    return slice_is(name, "item") || slice_is(name, "entry") || slice_is(name, "product");
}

/* --- an item's values ------------------------------------------------------------------------- */

static struct slice value_name(const struct feed_xml *xml, const struct value *value)
{
    return slice_make(xml->text.data + value->name, value->name_size);
}

static void append(struct feed_xml *xml, struct slice bytes)
{
    buf_add(&xml->text, bytes);
    xml->too_large |= xml->text.overflowed;
    xml->text.overflowed = false;
}

/* The name of an element right in the item, or of one in it: "shipping.price". */
static void append_name(struct feed_xml *xml, struct slice name, bool inner)
{
    if (inner) {
        char parent[NAME_BYTES_MAX + 1]; /* a copy: the text may move while it grows */
        struct slice outer = value_name(xml, &xml->values[xml->outer]);
        memcpy(parent, outer.data, outer.size);
        parent[outer.size] = '.';
        append(xml, slice_make(parent, outer.size + 1));
    }
    append(xml, name);
}

static void begin_value(struct feed_xml *xml, struct slice name, enum origin origin)
{
    bool inner = xml->depth == xml->item_depth + 2;
    if (!inner)
        xml->outer = SIZE_MAX;
    bool has_room = xml->count < FEED_COLUMNS_MAX;
    size_t outer_size = inner && xml->outer != SIZE_MAX ? xml->values[xml->outer].name_size + 1 : 0;
    xml->too_many |= !has_room;
    xml->gathering = has_room && !xml->too_large && origin != ORIGIN_FOREIGN &&
                     name.size + outer_size <= NAME_BYTES_MAX &&
                     (inner ? xml->outer != SIZE_MAX : xml->depth == xml->item_depth + 1);
    if (!xml->gathering)
        return;
    struct value value = {.name = (uint32_t)xml->text.size, .google = origin == ORIGIN_GOOGLE};
    append_name(xml, name, inner);
    xml->gathering = !xml->too_large;
    if (xml->too_large)
        return;
    value.at = (uint32_t)xml->text.size;
    value.name_size = value.at - value.name;
    xml->outer = inner ? xml->outer : xml->count;
    xml->values[xml->count++] = value;
    xml->value_depth = xml->depth;
}

static void add_text(struct feed_xml *xml, struct slice text)
{
    struct value *value = &xml->values[xml->count - 1];
    append(xml, text);
    value->size = (uint32_t)(xml->text.size - value->at);
}

/* Atom: <link rel="alternate" href="…"/>; other relations are not the item's page. */
static void read_link(struct feed_xml *xml, const XML_Char **attributes)
{
    struct slice href = SLICE_NONE;
    bool alternate = true;
    for (; attributes[0]; attributes += 2) {
        if (slice_is(slice_of(attributes[0]), "href"))
            href = slice_of(attributes[1]);
        if (slice_is(slice_of(attributes[0]), "rel"))
            alternate = slice_is(slice_of(attributes[1]), "alternate");
    }
    if (href.size > 0 && alternate)
        add_text(xml, href);
    else if (!alternate)
        xml->values[xml->count - 1].dropped = true;
}

static void begin_item(struct feed_xml *xml)
{
    xml->item_depth = xml->depth;
    xml->value_depth = 0;
    xml->count = 0;
    xml->too_large = xml->too_many = xml->gathering = false;
    xml->line = (unsigned)XML_GetCurrentLineNumber(xml->parser);
    xml->column = (unsigned)XML_GetCurrentColumnNumber(xml->parser) + 1;
    buf_clear(&xml->text);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct feed_xml *xml = context;
    enum origin origin;
    struct slice local = local_name(name, &origin);
    xml->quiet_bytes = 0;
    if (++xml->depth > DEPTH_MAX) {
        stop(xml, "elements nest deeper than 32 levels: is this a feed?");
        return;
    }
    if (xml->item_depth == 0) {
        if (xml->depth > 1 && origin != ORIGIN_FOREIGN && names_item(local))
            begin_item(xml);
        return;
    }
    begin_value(xml, local, origin);
    if (xml->gathering && slice_is(local, "link") && xml->depth == xml->item_depth + 1)
        read_link(xml, attributes);
}

static void on_text(void *context, const XML_Char *text, int size)
{
    struct feed_xml *xml = context;
    xml->quiet_bytes = 0;
    if (xml->item_depth > 0 && xml->gathering && xml->depth == xml->value_depth)
        add_text(xml, slice_make(text, (size_t)size));
}

static void on_end(void *context, const XML_Char *name)
{
    (void)name;
    struct feed_xml *xml = context;
    xml->quiet_bytes = 0;
    if (xml->item_depth > 0 && xml->depth == xml->item_depth) {
        xml->item_depth = 0;
        xml->item_ready = true;
        XML_StopParser(xml->parser, XML_TRUE);
    }
    xml->depth--;
}

/* --- encodings -------------------------------------------------------------------------------- */

/* What windows-1252 has beyond ISO-8859-1 (WHATWG Encoding, index windows-1252). */
static const int cp1252[32] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                               0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                               0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                               0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

static int on_encoding(void *context, const XML_Char *name, XML_Encoding *out_encoding)
{
    (void)context;
    if (!slice_equal_ignoring_case(slice_of(name), SLICE("windows-1252")) &&
        !slice_equal_ignoring_case(slice_of(name), SLICE("cp1252")))
        return XML_STATUS_ERROR;
    for (int i = 0; i < 256; i++)
        out_encoding->map[i] = i >= 0x80 && i < 0xA0 ? cp1252[i - 0x80] : i;
    out_encoding->data = NULL;
    out_encoding->convert = NULL;
    out_encoding->release = NULL;
    return XML_STATUS_OK;
}

/* --- life ------------------------------------------------------------------------------------- */

struct feed_xml *feed_xml_new(const struct feed_xml_source *source)
{
    struct feed_xml *xml = must_alloc_zero(1, sizeof *xml);
    xml->source = *source;
    xml->line = 1;
    xml->values = must_alloc_zero(FEED_COLUMNS_MAX, sizeof *xml->values);
    buf_init(&xml->text, FEED_RECORD_BYTES_MAX);
    xml->parser = XML_ParserCreateNS(NULL, NAMESPACE_END);
    assert(xml->parser); /* only memory can fail */
    XML_SetUserData(xml->parser, xml);
    XML_SetElementHandler(xml->parser, on_start, on_end);
    XML_SetCharacterDataHandler(xml->parser, on_text);
    XML_SetCommentHandler(xml->parser, on_quiet);
    XML_SetProcessingInstructionHandler(xml->parser, on_instruction);
    XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
    XML_SetUnknownEncodingHandler(xml->parser, on_encoding, NULL);
    return xml;
}

void feed_xml_free(struct feed_xml *xml)
{
    if (!xml)
        return;
    XML_ParserFree(xml->parser);
    buf_done(&xml->text);
    free(xml->values);
    free(xml);
}

bool feed_xml_broken(const struct feed_xml *xml)
{
    return xml->broken;
}

/* --- the record ------------------------------------------------------------------------------- */

/* What Google's element of the same name says counts. */
static void drop_outdone(struct feed_xml *xml)
{
    for (size_t i = 0; i < xml->count; i++) {
        struct value *value = &xml->values[i];
        for (size_t k = 0; k < xml->count && !value->google && !value->dropped; k++)
            value->dropped = xml->values[k].google &&
                             slice_equal(value_name(xml, &xml->values[k]), value_name(xml, value));
    }
}

static void put_text(const struct feed_xml *xml, const struct value *value, struct arena *arena,
                     struct json *out)
{
    *out = (struct json){
        .kind = JSON_STRING,
        .text = arena_copy(arena, slice_trim(slice_make(xml->text.data + value->at, value->size)))};
}

/* All values of the name of values[first], which is the first of them. */
static void put_values(const struct feed_xml *xml, size_t first, struct arena *arena,
                       struct json *out)
{
    struct slice name = value_name(xml, &xml->values[first]);
    struct json *list = ARENA_ARRAY(arena, xml->count - first, struct json);
    size_t count = 0;
    for (size_t i = first; i < xml->count; i++)
        if (!xml->values[i].dropped && slice_equal(value_name(xml, &xml->values[i]), name))
            put_text(xml, &xml->values[i], arena, &list[count++]);
    *out =
        count == 1 ? list[0] : (struct json){.kind = JSON_ARRAY, .count = count, .elements = list};
}

static struct json *make_record(struct feed_xml *xml, struct arena *arena)
{
    struct json *record = ARENA_NEW(arena, struct json);
    record->kind = JSON_OBJECT;
    record->members = ARENA_ARRAY(arena, xml->count, struct json_member);
    drop_outdone(xml);
    for (size_t i = 0; i < xml->count; i++) {
        struct slice name = value_name(xml, &xml->values[i]);
        bool told = xml->values[i].dropped;
        for (size_t k = 0; k < record->count && !told; k++)
            told = slice_equal(record->members[k].name, name);
        if (told)
            continue;
        struct json_member *member = &record->members[record->count++];
        member->name = arena_copy(arena, name);
        put_values(xml, i, arena, &member->value);
    }
    return record;
}

/* --- pulling ---------------------------------------------------------------------------------- */

static const char *sentence_of(enum XML_Error error)
{
    switch ((int)error) {
    case XML_ERROR_INVALID_TOKEN:
        return "the file is not XML here: look for a NUL, a bare & (write &amp;) or <, or bytes "
               "that are not in the encoding the first line names";
    case XML_ERROR_UNDEFINED_ENTITY:
        return "only &amp; &lt; &gt; &quot; &apos; and numbers such as &#160; are known: write "
               "the letter itself";
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
        return "the encoding the first line names is not known, or not what the bytes are: save "
               "the file as UTF-8";
    case XML_ERROR_UNBOUND_PREFIX:
        return "a prefix is not declared: write xmlns:g=\"http://base.google.com/ns/1.0\" in the "
               "first element";
    case XML_ERROR_NO_ELEMENTS:
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
        return "the file ends in its middle: fetch or write it again";
    case XML_ERROR_TAG_MISMATCH:
        return "this tag closes another element than the one that is open";
    default:
        return XML_ErrorString(error);
    }
}

static enum status parse_more(struct feed_xml *xml, struct diag *diag)
{
    enum XML_Status result;
    if (xml->suspended) {
        xml->suspended = false;
        result = XML_ResumeParser(xml->parser);
    } else {
        struct slice bytes;
        enum status status = xml->source.read(xml->source.context, &bytes, diag);
        if (status != STATUS_OK)
            return status;
        xml->quiet_bytes += bytes.size;
        xml->ended = bytes.size == 0;
        result = XML_Parse(xml->parser, bytes.data, (int)bytes.size, xml->ended);
    }
    xml->suspended = result == XML_STATUS_SUSPENDED;
    if (result == XML_STATUS_ERROR && !xml->broken)
        return break_here(xml, sentence_of(XML_GetErrorCode(xml->parser)));
    if (xml->quiet_bytes > FEED_RECORD_BYTES_MAX)
        return break_here(xml, "a tag or a comment has over a million bytes: is this a feed?");
    return STATUS_OK;
}

static enum status check_item(const struct feed_xml *xml, struct diag *diag)
{
    if (xml->too_large)
        return diag_set(diag, STATUS_INVALID, "", "this item is over %d bytes: shorten it",
                        (int)FEED_RECORD_BYTES_MAX);
    if (xml->too_many)
        return diag_set(diag, STATUS_INVALID, "", "this item has over %d elements",
                        (int)FEED_COLUMNS_MAX);
    return STATUS_OK;
}

enum status feed_xml_next(struct feed_xml *xml, struct arena *arena, const struct json **out_record,
                          unsigned *out_line, struct diag *diag)
{
    bool told = xml->broken;
    enum status status = STATUS_OK;
    xml->item_ready = false;
    while (status == STATUS_OK && !xml->broken && !xml->item_ready &&
           !(xml->ended && !xml->suspended))
        status = parse_more(xml, diag);
    if (xml->broken && !told)
        *diag = xml->why;
    *out_line = xml->broken ? xml->why.line : xml->line;
    if (xml->broken)
        return told ? STATUS_NOT_FOUND : STATUS_INVALID;
    if (status != STATUS_OK)
        return status;
    if (!xml->item_ready)
        return STATUS_NOT_FOUND;
    diag->line = xml->line;
    diag->column = xml->column;
    status = check_item(xml, diag);
    if (status == STATUS_OK)
        *out_record = make_record(xml, arena);
    return status;
}
