#include "os/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/secret.h"

struct result random_fill(void *memory, size_t size)
{
    unsigned char *bytes = memory;
    size_t filled = 0;
    while (filled < size) {
        ssize_t count = getrandom(bytes + filled, size - filled, 0);
        if (count < 0 && errno != EINTR) {
            int error = errno;
            secret_wipe(memory, filled);
            return fault(ERROR_INTERNAL, "getrandom failed: %s", strerror(error));
        }
        filled += count > 0 ? (size_t)count : 0;
    }
    return RESULT_OK;
}
