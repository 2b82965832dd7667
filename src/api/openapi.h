#ifndef ORGKEYS_API_OPENAPI_H
#define ORGKEYS_API_OPENAPI_H

#include "base/result.h"
#include "base/text.h"

/*
 * The OpenAPI 3.1 document, made from the routes and the tables of the model. ret_document's memory
 * is malloc's, for the caller to free.
 */
struct result openapi_write(struct text *ret_document);

#endif
