/* One item after another out of an XML feed: the door to expat (feed_xml.c is its only user).
 *
 * RSS 2.0 and 1.0 (<item>), Atom (<entry>) and plain lists (<product>), streaming. An item becomes
 * an object of its elements: names without the prefix of Google's namespaces, which win over RSS's
 * and Atom's own of the same name; other namespaces are left out. An element in an element is
 * "shipping.price"; what comes several times is a list. Encodings: UTF-8, UTF-16, ISO-8859-1,
 * US-ASCII, windows-1252.
 *
 * Hostile input: a document type is refused at its first byte, so there is no entity to expand and
 * nothing to fetch; depth, elements of an item, an item's text and a single tag are bounded. XML
 * that is broken cannot be read on: the first such error is the last. One thread. */
#ifndef VISAVIS_CATALOG_FEED_XML_H
#define VISAVIS_CATALOG_FEED_XML_H

#include "base/json.h"

/* Gives the next bytes, which stay until the next call; empty at the end. */
struct feed_xml_source {
    enum status (*read)(void *context, struct slice *out_bytes, struct diag *diag);
    void *context;
};

struct feed_xml;

struct feed_xml *feed_xml_new(const struct feed_xml_source *source);
void feed_xml_free(struct feed_xml *xml);
/* The next item, in the arena; *out_line is where it begins, diag->line and column too.
 * STATUS_NOT_FOUND at the end. STATUS_INVALID: this item is refused, or (feed_xml_broken) the file
 * is not XML as we take it, from the place in diag on. Other statuses are the source's. */
enum status feed_xml_next(struct feed_xml *xml, struct arena *arena, const struct json **out_record,
                          unsigned *out_line, struct diag *diag) MUST_CHECK;
bool feed_xml_broken(const struct feed_xml *xml);

#endif
