/* The door to libyaml: a YAML document as the same tree that JSON gives, so that nothing else
 * needs to know which it was.
 *
 * Core schema: plain true, false, null, ~, integers and decimals are typed, everything quoted is
 * text. Anchors and aliases are refused (a file of a few lines could unfold without end). Depth
 * JSON_DEPTH_MAX. What is made lives in the arena. Any thread. */
#ifndef VISAVIS_BASE_YAML_H
#define VISAVIS_BASE_YAML_H

#include "base/json.h"

/* One document. An empty text is JSON null. STATUS_INVALID with line and column. */
enum status yaml_parse(struct arena *arena, struct slice text, const struct json **out_root,
                       struct diag *diag) MUST_CHECK;

/* Where in a text that parses something stands, for whoever finds it wrong later: line and column
 * of the last segment of the JSON pointer that is there (a cut name finds its member; of two of one
 * name the last); of the text's begin when none is. */
void yaml_locate(struct slice text, struct slice pointer, struct diag *diag);

#endif
