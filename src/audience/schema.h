/* What conditions may ask about: the fields, the events and their properties, with their types and
 * their names in words. Fixed tables of what the program knows by itself; a workspace's own traits
 * and events are names below `profile.` and names in quotes. Any thread. */
#ifndef VISAVIS_AUDIENCE_SCHEMA_H
#define VISAVIS_AUDIENCE_SCHEMA_H

#include "base/locale.h"

enum fact_type {
    TYPE_ANY, /* a trait or a property of the shop's own: whatever it was sent as */
    TYPE_TEXT,
    TYPE_NUMBER,
    TYPE_BOOLEAN,
    TYPE_DAY,
    TYPE_INSTANT,
    TYPE_CATEGORY, /* a path, "Chaussures > Randonnée" */
    TYPE_LIST,     /* of texts */
    TYPE_COUNT
};

struct schema_fact {
    const char *path; /* "place.city"; "profile.*" stands for any name there */
    enum fact_type type;
    /* "city", "la ville"; of what is true or false a clause, "it is a robot"; %s: the name where *
     * stands */
    const char *words[LOCALE_COUNT];
    const char *choices; /* of a text: the only values it has, spaces between */
};

struct schema_event {
    const char *name;
    /* 1 order, 2 orders; 1 commande, 2 commandes */
    const char *one[LOCALE_COUNT], *many[LOCALE_COUNT];
    bool feminine; /* in French */
    const struct schema_fact *properties;
    size_t property_count;
};

/* NULL: there is none of this name. */
const struct schema_fact *schema_fact(struct slice path);
const struct schema_event *schema_event(struct slice name);
const struct schema_fact *schema_property(const struct schema_event *event, struct slice path);

/* The known name that this one was most likely meant to be, NULL when none is near: few letters
 * away, or the same behind a point. Of a property: event says whose. */
const char *schema_nearest(struct slice path, const struct schema_event *event);
const char *schema_nearest_event(struct slice name);

/* A value of a text with choices, in words: "samedi". The value itself when it is none. */
struct slice schema_choice(struct slice value, enum locale locale);

const char *type_name(enum fact_type type); /* "a text", "a number" */

#endif
