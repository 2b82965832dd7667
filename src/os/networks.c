#include "os/networks.h"

#include <arpa/inet.h>
#include <string.h>

enum {
    IPV4_BITS = 32,
    IPV6_BITS = 128,
    MAPPED_BITS = IPV6_BITS - IPV4_BITS, /* of the prefix ::ffff:0:0/96 */
    MAPPED_BYTES = MAPPED_BITS / 8,
};

static bool is_unix_word(struct text text)
{
    return text_equal(text, TEXT("unix"));
}

/* `ret_bits` is how many of the address's last bits its own family gives. */
static bool parse_address(struct text text, unsigned char *ret_address, unsigned *ret_bits)
{
    static const unsigned char mapped[MAPPED_BYTES] = { [10] = 0xff, [11] = 0xff };
    unsigned char address[NETWORK_ADDRESS_SIZE];
    char string[INET6_ADDRSTRLEN];
    if (text.length == 0 || text.length >= sizeof string) {
        return false;
    }
    memcpy(string, text.data, text.length);
    string[text.length] = '\0';
    if (inet_pton(AF_INET, string, address + MAPPED_BYTES) == 1) {
        memcpy(address, mapped, sizeof mapped);
        *ret_bits = IPV4_BITS;
    } else if (inet_pton(AF_INET6, string, address) == 1) {
        *ret_bits = IPV6_BITS;
    } else {
        return false;
    }
    memcpy(ret_address, address, sizeof address);
    return true;
}

static bool bit_is_set(const unsigned char *address, unsigned bit)
{
    return (address[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

static bool prefix_equal(const unsigned char *a, const unsigned char *b, unsigned prefix)
{
    for (unsigned bit = 0; bit < prefix; bit++) {
        if (bit_is_set(a, bit) != bit_is_set(b, bit)) {
            return false;
        }
    }
    return true;
}

static bool is_clear_beyond(const unsigned char *address, unsigned prefix)
{
    for (unsigned bit = prefix; bit < IPV6_BITS; bit++) {
        if (bit_is_set(address, bit)) {
            return false;
        }
    }
    return true;
}

bool network_parse(struct text text, struct network *ret_network)
{
    struct network network = { .is_unix = is_unix_word(text) };
    struct text prefix = text;
    struct text address = text_cut(&prefix, '/');
    bool has_prefix = address.length < text.length;
    unsigned bits;
    int64_t length;
    if (network.is_unix) {
        *ret_network = network;
        return true;
    }
    if (!parse_address(address, network.address, &bits)) {
        return false;
    }
    length = bits;
    if (has_prefix && !text_to_integer(prefix, 0, bits, &length)) {
        return false;
    }
    network.prefix = IPV6_BITS - bits + (unsigned)length;
    if (!is_clear_beyond(network.address, network.prefix)) {
        return false;
    }
    *ret_network = network;
    return true;
}

bool networks_contain(const struct network *networks, size_t count, struct text address)
{
    unsigned char bytes[NETWORK_ADDRESS_SIZE] = { 0 };
    unsigned bits;
    bool is_unix = is_unix_word(address);
    if (!is_unix && !parse_address(address, bytes, &bits)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (networks[i].is_unix == is_unix &&
            prefix_equal(networks[i].address, bytes, networks[i].prefix)) {
            return true;
        }
    }
    return false;
}
