#ifndef ORGKEYS_ORGKEYS_H
#define ORGKEYS_ORGKEYS_H

/* The whole library. */
#include <orgkeys/client.h>
#include <orgkeys/project_api_keys.h>

#endif
