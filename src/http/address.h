/* IP addresses as values: parsing, CIDR blocks, and who the client is behind trusted proxies.
 * Pure, any thread. */
#ifndef VISAVIS_HTTP_ADDRESS_H
#define VISAVIS_HTTP_ADDRESS_H

#include "base/slice.h"

struct sockaddr;

enum { ADDRESS_TEXT_SIZE = 46 };

struct address {
    uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d, so that one form compares */
    bool known;
};

struct address_block {
    struct address address;
    unsigned prefix_bits; /* of 128 */
};

struct address address_of_socket(const struct sockaddr *socket_address);
/* "192.0.2.1", "2001:db8::1", with brackets and a port too, as X-Forwarded-For may carry them. */
bool address_parse(struct slice text, struct address *out_address);
void address_format(struct address address, char out_text[ADDRESS_TEXT_SIZE]);

/* An address or a block: "10.0.0.0/8", "fd00::/8", "::1". */
bool address_block_parse(struct slice text, struct address_block *out_block);
bool address_in_block(struct address address, const struct address_block *block);

/* The right-most hop of an X-Forwarded-For value that is not a trusted proxy, starting from the
 * peer of the connection; whatever stands left of it could be made up. Something unreadable ends
 * the walk at the last trusted hop. Call from the last header line to the first. */
struct address address_forwarded(struct address peer, struct slice forwarded_for,
                                 const struct address_block *trusted, size_t trusted_count);

#endif
