/* Addresses; see address.h. No name is ever resolved here. */
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool is_ipv4(const struct address *address)
{
    return memcmp(address->bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

static struct address from_ipv4(const void *bytes)
{
    struct address address = {.known = true};
    memcpy(address.bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(address.bytes + 12, bytes, 4);
    return address;
}

struct address address_of_socket(const struct sockaddr *socket_address)
{
    struct address address = {.known = false};
    if (socket_address->sa_family == AF_INET)
        return from_ipv4(&((const struct sockaddr_in *)(const void *)socket_address)->sin_addr);
    if (socket_address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)socket_address;
        memcpy(address.bytes, &six->sin6_addr, sizeof address.bytes);
        address.known = true;
    }
    return address;
}

/* Strips "[...]" with or without ":port", and ":port" after an IPv4 address. */
static struct slice without_port(struct slice text)
{
    if (text.size > 0 && text.data[0] == '[') {
        size_t end = slice_find(text, ']');
        return end == SIZE_MAX ? SLICE_NONE : slice_make(text.data + 1, end - 1);
    }
    size_t colon = slice_find(text, ':');
    bool one_colon = colon != SIZE_MAX && slice_find(slice_from(text, colon + 1), ':') == SIZE_MAX;
    return one_colon ? slice_first(text, colon) : text;
}

bool address_parse(struct slice text, struct address *out_address)
{
    char copy[ADDRESS_TEXT_SIZE];
    uint8_t bytes[16];
    struct slice bare = without_port(slice_trim(text));
    if (bare.size == 0 || bare.size >= sizeof copy)
        return false;
    memcpy(copy, bare.data, bare.size);
    copy[bare.size] = '\0';
    if (inet_pton(AF_INET, copy, bytes) == 1) {
        *out_address = from_ipv4(bytes);
        return true;
    }
    if (inet_pton(AF_INET6, copy, bytes) != 1)
        return false;
    memcpy(out_address->bytes, bytes, sizeof bytes);
    out_address->known = true;
    return true;
}

void address_format(struct address address, char out_text[ADDRESS_TEXT_SIZE])
{
    out_text[0] = '\0';
    if (!address.known)
        return;
    if (is_ipv4(&address))
        inet_ntop(AF_INET, address.bytes + 12, out_text, ADDRESS_TEXT_SIZE);
    else
        inet_ntop(AF_INET6, address.bytes, out_text, ADDRESS_TEXT_SIZE);
}

bool address_block_parse(struct slice text, struct address_block *out_block)
{
    struct slice host = text, bits = SLICE_NONE;
    struct address_block block = {.prefix_bits = 128};
    bool has_bits = slice_cut(text, '/', &host, &bits);
    if (!address_parse(host, &block.address))
        return false;
    if (has_bits) {
        int64_t count;
        int64_t most = is_ipv4(&block.address) ? 32 : 128;
        if (!slice_to_int64(bits, &count) || count < 0 || count > most)
            return false;
        block.prefix_bits = (unsigned)(128 - most + count);
    }
    *out_block = block;
    return true;
}

bool address_in_block(struct address address, const struct address_block *block)
{
    unsigned whole = block->prefix_bits / 8, rest = block->prefix_bits % 8;
    if (!address.known || memcmp(address.bytes, block->address.bytes, whole) != 0)
        return false;
    if (rest == 0)
        return true;
    unsigned mask = (0xff00u >> rest) & 0xffu;
    return (address.bytes[whole] & mask) == (block->address.bytes[whole] & mask);
}

static bool is_trusted(struct address address, const struct address_block *trusted,
                       size_t trusted_count)
{
    for (size_t i = 0; i < trusted_count; i++)
        if (address_in_block(address, &trusted[i]))
            return true;
    return false;
}

struct address address_forwarded(struct address peer, struct slice forwarded_for,
                                 const struct address_block *trusted, size_t trusted_count)
{
    while (forwarded_for.size > 0 && is_trusted(peer, trusted, trusted_count)) {
        size_t start = forwarded_for.size;
        while (start > 0 && forwarded_for.data[start - 1] != ',')
            start--;
        struct address hop = {.known = false};
        if (!address_parse(slice_from(forwarded_for, start), &hop))
            break;
        peer = hop;
        forwarded_for = slice_first(forwarded_for, start > 0 ? start - 1 : 0);
    }
    return peer;
}
