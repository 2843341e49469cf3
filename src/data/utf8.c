/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/utf8.h"

#include <stdint.h>

/* Bytes of the character that starts with `lead`, and the smallest code that needs as many. */
static size_t character_bytes(unsigned char lead, uint32_t *smallest) {
    if (lead < 0x80) {
        *smallest = 0;
        return 1;
    }
    if (lead >= 0xC0 && lead < 0xE0) {
        *smallest = 0x80;
        return 2;
    }
    if (lead >= 0xE0 && lead < 0xF0) {
        *smallest = 0x800;
        return 3;
    }
    *smallest = 0x10000;
    return lead >= 0xF0 && lead < 0xF8 ? 4 : 0;
}

bool ri_utf8_valid(const char *bytes, size_t length) {
    for (size_t at = 0; at < length;) {
        unsigned char lead = (unsigned char)bytes[at];
        uint32_t smallest;
        size_t size = character_bytes(lead, &smallest);
        if (size == 0 || size > length - at)
            return false;
        uint32_t code = size == 1 ? lead : lead & (0x7Fu >> size);
        for (size_t k = 1; k < size; k++) {
            unsigned char next = (unsigned char)bytes[at + k];
            if ((next & 0xC0) != 0x80)
                return false;
            code = code << 6 | (next & 0x3F);
        }
        if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
            return false;
        at += size;
    }
    return true;
}
