#include "api/sightings.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    WORD_SIZE = 64,
    KEY_SIZE = 16,
    DETAIL_SIZE = 240,
    ORIGIN_SIZE = 200,
    PAGES = 256, /* remembered for a second; a power of two */
    TWICE_MS = 1000
};

/* --- texts of fixed room, cut between characters ---------------------------------------------- */

static void take_text(char *room, size_t size, struct slice text)
{
    size_t kept = text.size < size ? text.size : size - 1;
    while (kept && kept < text.size && ((unsigned char)text.data[kept] & 0xc0) == 0x80)
        kept--;
    if (kept)
        memcpy(room, text.data, kept);
    room[kept] = '\0';
}

/* --- what is kept ----------------------------------------------------------------------------- */

struct row {
    int64_t at_ms;
    enum sighted_result result;
    bool consents, measure, personalise;
    unsigned items, known;
    char type[16], name[WORD_SIZE], library[WORD_SIZE], key[KEY_SIZE], field[WORD_SIZE],
        detail[DETAIL_SIZE];
};

/* A page view, for as long as another tag may tell it too. */
struct page {
    uint64_t page, message;
    int64_t time_ms;
};

struct page_type {
    char name[WORD_SIZE];
    uint64_t count;
    int64_t last_ms;
};

struct origin {
    char text[ORIGIN_SIZE], key[KEY_SIZE];
    uint64_t count;
    int64_t last_ms;
};

struct seen {
    uint32_t workspace;
    struct row rows[SIGHTINGS_KEPT];
    size_t row_count, next_row;
    uint64_t results[SIGHTED_REFUSED + 1];
    uint64_t items, known, consents, measure, personalise, without, twice;
    int64_t twice_ms;
    struct page pages[PAGES];
    struct page_type types[SIGHTINGS_PAGE_TYPES];
    size_t type_count;
    struct origin origins[SIGHTINGS_ORIGINS];
    size_t origin_count;
};

struct sightings {
    pthread_mutex_t mutex; /* guards what follows */
    struct seen *list[SIGHTINGS_WORKSPACES];
    size_t count;
    int64_t since_ms;
};

struct sightings *sightings_new(int64_t now_ms)
{
    struct sightings *sightings = must_alloc_zero(1, sizeof *sightings);
    pthread_mutex_init(&sightings->mutex, NULL);
    sightings->since_ms = now_ms;
    return sightings;
}

void sightings_free(struct sightings *sightings)
{
    if (!sightings)
        return;
    for (size_t i = 0; i < sightings->count; i++)
        free(sightings->list[i]);
    pthread_mutex_destroy(&sightings->mutex);
    free(sightings);
}

/* Under the mutex. make: begins one where there is room. NULL: there is none. */
static struct seen *find(struct sightings *sightings, uint32_t workspace, bool make)
{
    for (size_t i = 0; i < sightings->count; i++)
        if (sightings->list[i]->workspace == workspace)
            return sightings->list[i];
    if (!make || sightings->count == SIGHTINGS_WORKSPACES)
        return NULL;
    struct seen *seen = must_alloc_zero(1, sizeof *seen);
    seen->workspace = workspace;
    return sightings->list[sightings->count++] = seen;
}

/* --- messages --------------------------------------------------------------------------------- */

static bool grants(const struct event *event, enum purpose purpose)
{
    return event && stamp_get(event->preferences, purpose) == CONSENT_GRANTED;
}

static unsigned known_items(const struct event *event)
{
    unsigned known = 0;
    for (size_t i = 0; event && i < event->item_count; i++)
        known += event->items[i].known;
    return known;
}

static void keep_row(struct seen *seen, const struct sighted *sighted,
                     const struct sightings_call *call)
{
    const struct event *event = sighted->event;
    struct row *row = &seen->rows[seen->next_row];
    *row = (struct row){.at_ms = call->now_ms,
                        .result = sighted->result,
                        .consents = sighted->consents,
                        .measure = grants(event, PURPOSE_MEASURE),
                        .personalise = grants(event, PURPOSE_PERSONALISE),
                        .items = event ? (unsigned)event->item_count : 0,
                        .known = known_items(event)};
    take_text(row->type, sizeof row->type, sighted->type);
    take_text(row->name, sizeof row->name, sighted->name);
    take_text(row->library, sizeof row->library, sighted->library);
    take_text(row->key, sizeof row->key, call->key);
    take_text(row->field, sizeof row->field, sighted->field);
    take_text(row->detail, sizeof row->detail, sighted->detail);
    seen->next_row = (seen->next_row + 1) % SIGHTINGS_KEPT;
    if (seen->row_count < SIGHTINGS_KEPT)
        seen->row_count++;
}

/* Who is where, as a number that tells neither. 0: no page of a visitor. */
static uint64_t name_of_page(const struct event *event)
{
    uint64_t name = 0;
    if (event->type != EVENT_PAGE || event->url.size == 0)
        return 0;
    for (size_t i = 0; i < event->identifier_count; i++)
        if (event->identifiers[i].type == IDENTIFIER_ANONYMOUS)
            name = hash64(event->identifiers[i].value) ^ hash64(event->url);
    return name;
}

static void look_for_double(struct seen *seen, const struct event *event)
{
    uint64_t name = name_of_page(event), message;
    memcpy(&message, event->order.message.bytes, sizeof message);
    struct page *page = &seen->pages[name % PAGES];
    int64_t apart_ms = event->order.time_ms - page->time_ms;
    if (name == 0)
        return;
    if (page->page == name && page->message != message && apart_ms < TWICE_MS &&
        apart_ms > -TWICE_MS) {
        seen->twice++;
        seen->twice_ms = event->received_ms;
    }
    *page = (struct page){name, message, event->order.time_ms};
}

static void tally(struct seen *seen, const struct sighted *sighted)
{
    const struct event *event = sighted->event;
    seen->results[sighted->result]++;
    if (sighted->result == SIGHTED_KEPT || sighted->result == SIGHTED_COUNTED) {
        seen->consents += sighted->consents;
        seen->without += !sighted->consents;
        seen->measure += grants(event, PURPOSE_MEASURE);
        seen->personalise += grants(event, PURPOSE_PERSONALISE);
    }
    if (!event || sighted->result != SIGHTED_KEPT)
        return;
    seen->items += event->item_count;
    seen->known += known_items(event);
    look_for_double(seen, event);
}

void sightings_note(struct sightings *sightings, const struct sightings_call *call)
{
    pthread_mutex_lock(&sightings->mutex);
    struct seen *seen = find(sightings, call->workspace, true);
    for (size_t i = 0; seen && i < call->count; i++) {
        tally(seen, &call->list[i]);
        if (i + SIGHTINGS_A_CALL >= call->count)
            keep_row(seen, &call->list[i], call);
    }
    pthread_mutex_unlock(&sightings->mutex);
}

/* --- pages and origins ------------------------------------------------------------------------ */

void sightings_page(struct sightings *sightings, uint32_t workspace, struct slice type,
                    int64_t now_ms)
{
    char name[WORD_SIZE];
    take_text(name, sizeof name, type);
    pthread_mutex_lock(&sightings->mutex);
    struct seen *seen = find(sightings, workspace, true);
    size_t i = 0;
    while (seen && i < seen->type_count && strcmp(seen->types[i].name, name) != 0)
        i++;
    if (seen && i == seen->type_count && i < SIGHTINGS_PAGE_TYPES) {
        memcpy(seen->types[i].name, name, sizeof name);
        seen->type_count++;
    }
    if (seen && i < seen->type_count) {
        seen->types[i].count++;
        seen->types[i].last_ms = now_ms;
    }
    pthread_mutex_unlock(&sightings->mutex);
}

/* Of too many the one that was not met for longest leaves. */
static struct origin *place_of_origin(struct seen *seen, const char *text)
{
    struct origin *oldest = &seen->origins[0];
    for (size_t i = 0; i < seen->origin_count; i++) {
        if (strcmp(seen->origins[i].text, text) == 0)
            return &seen->origins[i];
        if (seen->origins[i].last_ms < oldest->last_ms)
            oldest = &seen->origins[i];
    }
    struct origin *place =
        seen->origin_count < SIGHTINGS_ORIGINS ? &seen->origins[seen->origin_count++] : oldest;
    *place = (struct origin){.count = 0};
    take_text(place->text, sizeof place->text, slice_of(text));
    return place;
}

void sightings_origin(struct sightings *sightings, uint32_t workspace, struct slice key,
                      struct slice origin, int64_t now_ms)
{
    char text[ORIGIN_SIZE];
    if (origin.size >= sizeof text)
        return;
    take_text(text, sizeof text, origin);
    pthread_mutex_lock(&sightings->mutex);
    struct seen *seen = find(sightings, workspace, true);
    struct origin *place = seen ? place_of_origin(seen, text) : NULL;
    if (place) {
        place->count++;
        place->last_ms = now_ms;
        take_text(place->key, sizeof place->key, key);
    }
    pthread_mutex_unlock(&sightings->mutex);
}

void sightings_forget_origin(struct sightings *sightings, uint32_t workspace, struct slice origin)
{
    pthread_mutex_lock(&sightings->mutex);
    struct seen *seen = find(sightings, workspace, false);
    for (size_t i = 0; seen && i < seen->origin_count; i++)
        if (slice_is(origin, seen->origins[i].text)) {
            seen->origins[i] = seen->origins[--seen->origin_count];
            break;
        }
    pthread_mutex_unlock(&sightings->mutex);
}

/* --- told ------------------------------------------------------------------------------------- */

static const char *const result_names[] = {"kept", "again", "counted", "refused"};

static void write_row(const struct row *row, struct json_out *out)
{
    json_object(out);
    JSON_TIME_MEMBER(out, "at", row->at_ms);
    JSON_STRING_MEMBER(out, "result", slice_of(result_names[row->result]));
    JSON_STRING_MEMBER(out, "type", slice_of(row->type));
    JSON_STRING_MEMBER(out, "name", slice_of(row->name));
    JSON_STRING_MEMBER(out, "key", slice_of(row->key));
    json_text_member(out, "library", slice_of(row->library));
    json_text_member(out, "field", slice_of(row->field));
    json_text_member(out, "detail", slice_of(row->detail));
    JSON_STRING_MEMBER(out, "consent",
                       !row->consents     ? SLICE("unsaid")
                       : row->personalise ? SLICE("personalise")
                       : row->measure     ? SLICE("measure")
                                          : SLICE("refused"));
    JSON_INT_MEMBER(out, "items", row->items);
    JSON_INT_MEMBER(out, "known", row->known);
    json_end(out);
}

static void write_rows(const struct seen *seen, struct json_out *out)
{
    json_name(out, "recent");
    json_array(out);
    for (size_t i = 1; i <= seen->row_count; i++)
        write_row(&seen->rows[(seen->next_row + SIGHTINGS_KEPT - i) % SIGHTINGS_KEPT], out);
    json_end(out);
}

static void write_counts(const struct seen *seen, struct json_out *out)
{
    json_name(out, "results");
    json_object(out);
    for (int i = 0; i <= SIGHTED_REFUSED; i++)
        JSON_INT_MEMBER(out, result_names[i], (int64_t)seen->results[i]);
    json_end(out);
    json_name(out, "items");
    json_object(out);
    JSON_INT_MEMBER(out, "named", (int64_t)seen->items);
    JSON_INT_MEMBER(out, "known", (int64_t)seen->known);
    json_end(out);
    json_name(out, "consent");
    json_object(out);
    JSON_INT_MEMBER(out, "said", (int64_t)seen->consents);
    JSON_INT_MEMBER(out, "unsaid", (int64_t)seen->without);
    JSON_INT_MEMBER(out, "measure", (int64_t)seen->measure);
    JSON_INT_MEMBER(out, "personalise", (int64_t)seen->personalise);
    json_end(out);
    json_name(out, "doubles");
    json_object(out);
    JSON_INT_MEMBER(out, "count", (int64_t)seen->twice);
    if (seen->twice_ms)
        JSON_TIME_MEMBER(out, "last", seen->twice_ms);
    json_end(out);
}

static void write_types(const struct seen *seen, struct json_out *out)
{
    json_name(out, "pageTypes");
    json_array(out);
    for (size_t i = 0; i < seen->type_count; i++) {
        json_object(out);
        JSON_STRING_MEMBER(out, "type", slice_of(seen->types[i].name));
        JSON_INT_MEMBER(out, "count", (int64_t)seen->types[i].count);
        JSON_TIME_MEMBER(out, "last", seen->types[i].last_ms);
        json_end(out);
    }
    json_end(out);
}

static void write_origins(const struct seen *seen, struct json_out *out)
{
    json_name(out, "origins");
    json_array(out);
    for (size_t i = 0; i < seen->origin_count; i++) {
        json_object(out);
        JSON_STRING_MEMBER(out, "origin", slice_of(seen->origins[i].text));
        JSON_STRING_MEMBER(out, "key", slice_of(seen->origins[i].key));
        JSON_INT_MEMBER(out, "count", (int64_t)seen->origins[i].count);
        JSON_TIME_MEMBER(out, "last", seen->origins[i].last_ms);
        json_end(out);
    }
    json_end(out);
}

void sightings_write(struct sightings *sightings, uint32_t workspace, struct json_out *out)
{
    static const struct seen nothing;
    pthread_mutex_lock(&sightings->mutex);
    const struct seen *found = find(sightings, workspace, false), *seen = found ? found : &nothing;
    JSON_TIME_MEMBER(out, "since", sightings->since_ms);
    write_counts(seen, out);
    write_types(seen, out);
    write_origins(seen, out);
    write_rows(seen, out);
    pthread_mutex_unlock(&sightings->mutex);
}
