/* See refusal.h. */
#include "person/refusal.h"

#include "base/limits.h"
#include "person/intake_work.h"

#include <assert.h>

/* {} is the field. The numbers are those of base/limits.h, held to them below. */
static const struct {
    const char *text[LOCALE_COUNT];
} reasons[REFUSAL_COUNT] = {
    [REFUSAL_NOT_JSON] = {{"ce n'est pas du JSON valide", "this is not valid JSON"}},
    [REFUSAL_LONG_MESSAGE] = {{"le message dépasse 32768 octets",
                               "the message is larger than 32768 bytes"}},
    [REFUSAL_NOT_OBJECT] = {{"un message doit être un objet JSON",
                             "a message must be a JSON object"}},
    [REFUSAL_MEMBER_NOT_OBJECT] = {{"{} doit être un objet", "{} must be an object"}},
    [REFUSAL_TYPE] = {{"type doit être track, identify, page, screen, group ou alias",
                       "type must be track, identify, page, screen, group or alias"}},
    [REFUSAL_NO_EVENT] = {{"un message track doit porter le nom de son événement, en texte",
                           "a track message needs the name of its event, as text"}},
    [REFUSAL_LONG_EVENT] = {{"le nom de l'événement dépasse 200 octets",
                             "the event's name is longer than 200 bytes"}},
    [REFUSAL_LONG_MESSAGE_ID] = {{"messageId dépasse 100 octets",
                                  "messageId is longer than 100 bytes"}},
    [REFUSAL_MESSAGE_ID_KIND] = {{"messageId doit être un texte", "messageId must be a text"}},
    [REFUSAL_ID_KIND] = {{"{} doit être un texte ou un nombre", "{} must be a text or a number"}},
    [REFUSAL_LONG_ID] = {{"{} dépasse 256 octets", "{} is longer than 256 bytes"}},
    [REFUSAL_NOBODY] = {{"un message doit porter un userId ou un anonymousId (des valeurs comme 0, "
                         "null, undefined ou anonymous ne désignent personne)",
                         "a message needs a userId or an anonymousId (values such as 0, null, "
                         "undefined or anonymous name nobody)"}},
    [REFUSAL_ALIAS_OF_NOBODY] = {{"un alias doit porter un userId et un previousId (des valeurs "
                                  "comme 0, null, undefined ou anonymous ne désignent personne)",
                                  "an alias needs a userId and a previousId (values such as 0, "
                                  "null, undefined or anonymous name nobody)"}},
    [REFUSAL_NO_GROUP] = {{"un message group doit porter un groupId",
                           "a group message needs a groupId"}},
    [REFUSAL_LONG_CONTEXT] = {{"avec le contexte du lot, le message dépasse 65536 octets",
                               "with the batch's context the message is over 65536 bytes"}},
};

static_assert(EVENT_BYTES_MAX == 32768 && EVENT_NAME_BYTES_MAX == 200 &&
                  MESSAGE_ID_BYTES_MAX == 100 && IDENTIFIER_BYTES_MAX == 256 &&
                  MERGED_MESSAGE_BYTES_MAX == 65536,
              "the reasons name these limits");

static void add_reason(enum refusal refusal, const char *field, enum locale locale, struct buf *buf)
{
    const char *text = reasons[refusal].text[locale], *mark = strstr(text, "{}");
    buf_add(buf, slice_make(text, mark ? (size_t)(mark - text) : strlen(text)));
    if (!mark)
        return;
    buf_add_text(buf, field);
    buf_add_text(buf, mark + 2);
}

bool refusal_set(struct diag *diag, enum refusal refusal, const char *field)
{
    struct buf text;
    buf_init(&text, sizeof diag->sentence);
    add_reason(refusal, field, LOCALE_EN, &text);
    enum status status = diag_set(diag, STATUS_INVALID, field, "%.*s", SLICE_ARG(buf_slice(&text)));
    buf_done(&text);
    return status == STATUS_OK;
}

void refusal_say(enum refusal refusal, const struct diag *diag, enum locale locale,
                 struct buf *out_text)
{
    bool said = refusal == REFUSAL_NOT_JSON && locale == LOCALE_EN && diag->sentence[0];
    if (refusal == REFUSAL_OTHER || said)
        buf_add_text(out_text, diag->sentence);
    else
        add_reason(refusal, diag->field, locale, out_text);
    if (refusal == REFUSAL_NOT_JSON && diag->line > 0)
        buf_format(out_text, " (%s %u, %s %u)", locale == LOCALE_FR ? "ligne" : "line", diag->line,
                   locale == LOCALE_FR ? "colonne" : "column", diag->column);
}
