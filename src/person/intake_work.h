/* One message on its way through intake: what the files of intake share. Private to person/. */
#ifndef VISAVIS_PERSON_INTAKE_WORK_H
#define VISAVIS_PERSON_INTAKE_WORK_H

#include "base/limits.h"
#include "person/intake.h"

enum {
    PLACE_TEXT_BYTES_MAX = 64,
    CONTEXT_TEXT_BYTES_MAX = 512, /* a page's address */
    MERGED_MESSAGE_BYTES_MAX = 65536
};

struct intake_work {
    const struct intake *intake;
    const struct json *message;
    const struct json *context; /* the message's own; the batch's lies under it, member by member */
    const struct json *properties; /* NULL when absent */
    struct arena *arena;
    struct event *event;
    struct diag *diag;
    enum refusal refusal; /* why it is not taken */
    int64_t sent_ms;      /* INT64_MIN unknown */
};

/* Remembers why; answers false. */
bool intake_refuse(struct intake_work *work, enum refusal refusal, const char *field);

/* A member of the merged context. */
const struct json *intake_context(const struct intake_work *work, const char *name);
/* The first of the members (a NULL-ended list of names) that is text or a number and not empty. */
struct slice intake_first_text(const struct json *object, const char *const *names);
/* The first bytes of text, no more than most, cut between two UTF-8 characters. */
struct slice intake_cut(struct slice text, size_t most);
/* The credential vouches for what it carries: a secret key, an unbound write key, an import. */
bool intake_is_server(const struct intake *intake);

/* intake_identifiers.c: false when the message is refused. */
bool intake_identifiers(struct intake_work *work);
/* intake_time.c */
void intake_times(struct intake_work *work);
/* intake_commerce.c: what a track event means, and its products, order and money. */
enum act intake_act_of(struct slice event_name);
void intake_commerce(struct intake_work *work);
/* intake_context.c */
void intake_traits(struct intake_work *work);
void intake_page(struct intake_work *work);
void intake_device(struct intake_work *work);
void intake_place(struct intake_work *work);
void intake_preferences(struct intake_work *work);
/* zones.c: ISO 3166 country of an IANA zone, empty when not in the table. */
struct slice zone_country(struct slice zone);
/* intake_store.c: the message as it is kept, without address, user agent and signature. False
 * when it is too large. */
bool intake_stored(struct intake_work *work);

#endif
